"""What the station expects of an adapter of each role: states, fields without which they are of no use, and orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from swapstation.config.limits import Limits
from swapstation.config.settings import Exchange
from swapstation.devices.adapter import Adapter, DeviceState, Role
from swapstation.model.climate import Climate
from swapstation.model.command import (
    AnswerRobot,
    CirculateCoolant,
    CloseGate,
    Command,
    CoolBattery,
    ExchangeBattery,
    GripBattery,
    HeatBattery,
    HoldRobot,
    HomeRobot,
    LiftBattery,
    LimitCharge,
    LocateTruck,
    LockTruck,
    MoveBattery,
    OpenGate,
    ParkRobot,
    PickBattery,
    PlaceBattery,
    PutBattery,
    ReleaseTruck,
    ResetRobot,
    ResumeRobot,
    SetModules,
    SetStorePower,
    ShowSign,
    ShutModules,
    StartCharge,
    StopCharge,
    StopClimate,
    StopRobot,
    StopStore,
    UngripBattery,
    UnlockTruck,
)
from swapstation.model.device import AcMeter, Charger, ChargingModule, DcMeter, Meter, RackIo, Robot, Safety, Truck
from swapstation.model.store import Store
from swapstation.model.yard import Gate, Guide, Identifier, Weigher

_LIMITS = Limits()
AGE_LIMITS_S: Mapping[type[DeviceState], float] = {
    Robot: _LIMITS.robot_age_s,
    Safety: _LIMITS.robot_age_s,
    Truck: _LIMITS.truck_age_s,
    Charger: _LIMITS.charger_age_s,
    Meter: _LIMITS.meter_age_s,
    AcMeter: _LIMITS.meter_age_s,
    DcMeter: _LIMITS.meter_age_s,
    RackIo: _LIMITS.rack_io_age_s,
    ChargingModule: _LIMITS.module_age_s,
    Climate: _LIMITS.climate_age_s,
    Store: _LIMITS.store_age_s,
    Identifier: _LIMITS.yard_age_s,
    Weigher: _LIMITS.yard_age_s,
    Gate: _LIMITS.yard_age_s,
    Guide: _LIMITS.yard_age_s,
}
"""How old a state may become before the station takes it for unknown; the defaults of `[limits]`."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """`states` must appear, their `fields` with a value at least once, and `orders` be taken."""

    states: tuple[type[DeviceState], ...]
    fields: tuple[str, ...] = ()
    orders: tuple[type[Command], ...] = ()


EXPECTED: Mapping[Role, Expectation] = {
    Role.EXCHANGER: Expectation((Robot, Safety), orders=(HoldRobot, StopRobot, ResumeRobot, ResetRobot, HomeRobot)),
    Role.CHARGER: Expectation((Charger,), orders=(StartCharge, StopCharge)),
    Role.RACK: Expectation((RackIo,), orders=(SetModules, ShutModules)),
    Role.TRUCK_LINK: Expectation((Truck,), ("Truck.vin", "Truck.codes"), (UnlockTruck, LockTruck, ReleaseTruck)),
    Role.METER: Expectation((Meter,)),
    Role.CLIMATE: Expectation((Climate,), orders=(StopClimate, CirculateCoolant, HeatBattery, CoolBattery)),
    Role.STORE: Expectation((Store,), orders=(StopStore, SetStorePower)),
    Role.BAY_METER: Expectation(()),
    Role.IDENTIFIER: Expectation((Identifier,), ("Identifier.reads",)),
    Role.WEIGHER: Expectation((Weigher,), ("Weigher.gross_kg",)),
    Role.GATE: Expectation((Gate,), orders=(OpenGate, CloseGate)),
    Role.GUIDE: Expectation((Guide,), ("Guide.word",), (ShowSign,)),
}
EXCHANGES: Mapping[Exchange, tuple[type[Command], ...]] = {
    Exchange.PLC: (ExchangeBattery, AnswerRobot),
    Exchange.STATION: (
        LocateTruck,
        GripBattery,
        LiftBattery,
        PutBattery,
        PickBattery,
        PlaceBattery,
        UngripBattery,
        ParkRobot,
    ),
}
"""What an exchanger must take for each arrangement; one of them is enough, the station file says which is used."""


def missing_orders(
    adapter: Adapter, exchange: Exchange, stores: bool = False, limits: bool = False
) -> list[type[Command]]:
    """Kinds of command that the station would give a device of this role and its adapter does not take.

    `stores`: a battery is carried on from the transit place after a swap. `limits`: the site has a power limit.
    """
    expected = EXPECTED[adapter.role].orders if adapter.role in EXPECTED else ()
    expected = (*expected, LimitCharge) if limits and adapter.role is Role.CHARGER else expected
    moves = (*EXCHANGES[exchange], *((MoveBattery,) if stores else ()))
    needed = (*expected, *moves) if adapter.role is Role.EXCHANGER else expected
    return [kind for kind in needed if kind not in adapter.orders]


def truck_positions(adapter: Adapter) -> int:
    """How many battery positions of a truck an adapter can tell apart; one that does not say knows the first only."""
    known: int = getattr(adapter, "truck_positions", 1)
    return known


def takes_seat_offsets(adapter: Adapter) -> bool:
    """Whether an exchanger's orders can say how far a truck's battery seat is off; one that does not say cannot."""
    takes: bool = getattr(adapter, "seat_offsets", False)
    return takes


_PARAMETERS: Mapping[str, object] = {
    "to_bay": 2,
    "voltage_v": 600.0,
    "current_a": 100.0,
    "target_soc_pct": 90.0,
    "power_limit_kw": 120.0,
    "supply_c": 25.0,
}
_ORDINARY: Mapping[str, object] = {"int": 1, "float": 1.0, "bool": True, "str": ""}


def example(kind: type[Command], bay: int) -> Command:
    """A command of a kind with ordinary parameters, for a bay if it has one."""
    parameters = {"bay": bay, "from_bay": bay, **_PARAMETERS}
    values: dict[str, Any] = {
        entry.name: parameters.get(entry.name, _ORDINARY[str(entry.type)]) for entry in fields(kind)
    }
    return kind(**values)
