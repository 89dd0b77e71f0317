"""Whether a truck, its battery and the station fit together: asked when a swap is requested (own design).

Which battery model fits which recipe is checked when the configuration is read; here the truck itself is looked at.
"""

from __future__ import annotations

from swapstation.config.settings import Config, TruckModel
from swapstation.model.inventory import Inventory, truck_places


def truck_model_of(config: Config, inventory: Inventory, vin: str) -> TruckModel | None:
    """The configured model of a registered truck."""
    name = inventory.truck_model(vin)
    return next((model for model in config.truck_models if model.name == name), None)


def mismatches(config: Config, inventory: Inventory, vin: str) -> tuple[str, ...]:
    """Why this truck cannot be swapped here (reason codes); () when it can."""
    if inventory.truck_model(vin) is None:
        return ("truck_registered",)
    model = truck_model_of(config, inventory, vin)
    if model is None:
        return ("truck_model_known",)
    places = truck_places(vin, len(model.positions))
    carried = [battery for place in places if (battery := inventory.at(place)) is not None]
    fits = all(battery.model == model.battery_model for battery in carried)
    return () if fits else ("battery_model_fits",)
