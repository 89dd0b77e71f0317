"""Who listens to the batteries' own CAN: one reader per charging bay and DBC of a battery model."""

from __future__ import annotations

from pathlib import Path

from swapstation.config.settings import Config
from swapstation.devices.bay_can import ListeningBattery
from swapstation.errors import ConfigurationError
from swapstation.protocol.battery_can import BatteryCan


def listening_batteries(config: Config) -> tuple[ListeningBattery, ...]:
    """The readers of all bays; none without a `can_dbc`.

    Raises ConfigurationError for a DBC that does not fit, and for two that share an identifier: any model may stand in
    any bay, so a frame must tell by its identifier how it is read.
    """
    paths = tuple(dict.fromkeys(model.can_dbc for model in config.battery_models if model.can_dbc is not None))
    told: dict[int, Path] = {}
    for path in paths:
        for can_id in BatteryCan.load(path).can_ids:
            if can_id in told:
                text = f"{path}: {can_id:08X} 也在 {told[can_id]} 里 | {can_id:08X} is in {told[can_id]} too"
                raise ConfigurationError([text])
            told[can_id] = path
    bays = [bay.number for bay in config.charging_bays]
    return tuple(ListeningBattery(bay, BatteryCan.load(path)) for bay in bays for path in paths)
