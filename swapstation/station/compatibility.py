"""Whether a truck, its battery and the station fit together: asked when a swap is requested (own design).

Which battery model fits which recipe is checked when the configuration is read; here the truck itself is looked at.
"""

from __future__ import annotations

from swapstation.config.settings import Config, TruckModel
from swapstation.model.inventory import Inventory, truck_place


def truck_model_of(config: Config, inventory: Inventory, vin: str) -> TruckModel | None:
    """The configured model of a registered truck."""
    name = inventory.truck_model(vin)
    return next((model for model in config.truck_models if model.name == name), None)


def mismatches(config: Config, inventory: Inventory, vin: str) -> tuple[str, ...]:
    """Why this truck cannot be swapped here (reason codes); () when it can.

    A truck with several batteries is refused: a swap exchanges one.
    """
    if inventory.truck_model(vin) is None:
        return ("truck_registered",)
    model = truck_model_of(config, inventory, vin)
    if model is None:
        return ("truck_model_known",)
    carried = inventory.at(truck_place(vin))
    checks = {
        "one_battery_per_truck": len(model.positions) == 1,
        "battery_model_fits": carried is None or carried.model == model.battery_model,
    }
    return tuple(reason for reason, met in checks.items() if not met)
