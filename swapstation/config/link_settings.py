"""Settings of the shared wires and of the adapters on them; `swapstation.config.settings` holds them in the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of the shared wires, as URLs (see docs/integrator.md).

    station_can, Bay.can: slcan+tcp://HOST:PORT, slcan+serial:///dev/PATH?baud=N, can+socketcan://can0?bitrate=250000
    robot: modbus-tcp://HOST:PORT?unit=1, modbus-rtu:///dev/PATH?baud=115200&parity=E&unit=1
    chargers: modbus-tcp://HOST:PORT (unit id = bay number), empty when no bay is `charger`
    meter: dlt645:///dev/PATH?baud=9600&parity=E&address=000000000161
    meter_ratio: what the meter's readings are multiplied by (its current and voltage transformers)
    climate: modbus-tcp://HOST:PORT (unit id = bay number), empty when no bay has a climate unit
    bay_meters: modbus-tcp://HOST:PORT (unit id = bay number), the energy meters of the bays; empty when they have none
    store: modbus-tcp://HOST:PORT?unit=1, the site's stationary battery store, empty when it has none
    gate, weigher: modbus-tcp://HOST:PORT?unit=1, barrier and weighbridge before the lane, empty when there is none
    identifier, guide: tcp://HOST:PORT, plate camera and tag reader, sign and voice, empty when there is none
    """

    station_can: str
    robot: str
    meter: str
    chargers: str = ""
    meter_ratio: float = 1.0
    climate: str = ""
    bay_meters: str = ""
    store: str = ""
    gate: str = ""
    weigher: str = ""
    identifier: str = ""
    guide: str = ""


@dataclass(frozen=True, slots=True)
class Adapters:
    """Which installed adapter (entry point `ROLE.NAME` of the group `swapstation.adapters`) drives each role's devices.

    A map is the vendor's file for an adapter that needs one: registers of a polled device, signals of a CAN device.
    `charger_ids` tell the bay of each charger that connects by itself and gives its id.
    """

    exchanger: str = "reference_plc"
    charger: str = "reference_charger"
    rack: str = "reference_rack"
    truck_link: str = "reference_dbc"
    meter: str = "dlt645"
    climate: str = "reference_climate"
    bay_meter: str = "modbus_map"
    store: str = "reference_store"
    gate: str = "reference_gate"
    weigher: str = "reference_weigher"
    identifier: str = "reference_identifier"
    guide: str = "reference_guide"
    exchanger_map: Path | None = None
    charger_map: Path | None = None
    rack_map: Path | None = None
    truck_link_map: Path | None = None
    meter_map: Path | None = None
    climate_map: Path | None = None
    bay_meter_map: Path | None = None
    store_map: Path | None = None
    gate_map: Path | None = None
    weigher_map: Path | None = None
    identifier_map: Path | None = None
    guide_map: Path | None = None
    charger_ids: Mapping[str, int] = field(default_factory=dict)
