"""A small station in which everything is safe, and the ways to make one thing of it unsafe, stale or unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from swapstation.config.battery_care import Discharge
from swapstation.config.link_settings import Links
from swapstation.config.rule_kinds import needs_transit, recipe_names
from swapstation.config.settings import BatteryModel, Bay, Charging, Config, Disk, Exchange, TruckModel
from swapstation.config.site_settings import SiteStore
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.model.climate import Climate, ClimateMode
from swapstation.model.device import (
    BatteryCharge,
    ChargePhase,
    Charger,
    ChargerState,
    ChargingModule,
    LockState,
    Meter,
    ModuleState,
    Presence,
    RackIo,
    Robot,
    RobotRequest,
    RobotResult,
    RobotState,
    RobotStep,
    Safety,
    Truck,
)
from swapstation.model.disk import DiskLevel, DiskSpace
from swapstation.model.fire import FireReaction, FireState
from swapstation.model.inventory import ROBOT, Battery, Hold, HoldKind, Inventory, Swap, truck_place
from swapstation.model.job import Job, JobKind
from swapstation.model.mode import Mode, ModeState
from swapstation.model.seen import Quality, Seen, seen
from swapstation.model.snapshot import BayState, ChargerAbilities, ModuleDemand, Snapshot, StationState
from swapstation.model.store import Store, StoreState
from swapstation.station.draft import Draft, Rules
from swapstation.station.memory import Memory
from swapstation.station.recipe import load_recipe
from swapstation.station.situation import Situation

AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
VIN = "LGAX5DEC4N3000001"
OTHER_VIN = "LZZ5BLSJ4MA000123"
MODEL, TRUCK_MODEL = "LFP-282", "tractor-6x4"
MASS_KG = 3100.0
FRESH_BAY, CHARGER_BAY, EMPTY_BAY, ISOLATION_BAY = 1, 2, 3, 9
TRANSIT_BAY = 10
TRANSIT_PLACE = Bay(TRANSIT_BAY, transit=True)

RECIPES = tuple(name for name in recipe_names() if not needs_transit(name))
"""The shipped recipes that put the returned battery straight into its bay."""

T = TypeVar("T")


@cache
def config(exchange: Exchange = Exchange.STATION, data: Path = Path("data"), recipe: str = "top_lift") -> Config:
    """Bays 1 and 3 `direct`, bay 2 `charger`, isolation place 9; with a recipe that needs it, transit place 10."""
    transit = (TRANSIT_PLACE,) if needs_transit(recipe) else ()
    return Config(
        name="test",
        data=data,
        exchange=exchange,
        recipe=recipe,
        links=Links(station_can="", robot="", meter=""),
        bays=(Bay(1), Bay(2, charging=Charging.CHARGER), Bay(3), Bay(9, isolation=True), *transit),
        battery_models=(BatteryModel(MODEL, 282.0, MASS_KG, 150.0, 750.0, 350.0, discharge=Discharge(40.0, 1, 100.0)),),
        truck_models=(TruckModel(TRUCK_MODEL, 1, MODEL),),
        disk=Disk(ballast_mb=0),
        store=SiteStore(400.0, 100.0, 100.0),
    )


def rules(exchange: Exchange = Exchange.STATION, recipe: str = "top_lift") -> Rules:
    """Settings, shipped recipe and shipped alarms."""
    alarms = alarm_catalogue()
    return Rules(config(exchange, recipe=recipe), load_recipe(recipe, exchange.value, alarms), alarms)


def pack_code(serial: int) -> str:
    return f"999PB0A0000001E6K{serial:07d}"


def fresh(value: T) -> Seen[T]:
    return Seen(value, 0.05, Quality.GOOD)


def stale(seen: Seen[T]) -> Seen[T]:
    """The same value, too old to be used."""
    return Seen(seen.value, 60.0, Quality.STALE)


def robot(**changes: Any) -> Robot:
    """A robot that is homed and idle at standby, with a truck measured in position."""
    idle = Robot(
        state=RobotState.IDLE,
        step=RobotStep.STANDBY,
        homed=True,
        payload=False,
        gripped=False,
        seated=False,
        load_kg=0,
        weighed_kg=0,
        x_mm=0,
        y_mm=0,
        z_mm=4000,
        accepted_id=0,
        refusal_code="ACCEPTED",
        running_id=0,
        done_id=0,
        result=RobotResult.NONE,
        request=RobotRequest.NONE,
        request_id=0,
        request_bay=0,
        truck_in_position=True,
        clear_of_truck=True,
        pose_x_mm=10,
        pose_y_mm=-20,
        pose_yaw_mrad=5,
        epoch=1,
        fault_words=(0, 0),
    )
    return replace(idle, **changes)


def truck(**changes: Any) -> Truck:
    """A parked truck without high voltage, its battery B3 locked."""
    parked = Truck(
        vin=VIN,
        codes=(pack_code(3),),
        lock=LockState.LOCKED,
        parking_brake_set=True,
        key_off=True,
        gear_neutral=True,
        hv_powered_down=True,
        connector_mated=True,
        battery_present=True,
        soc_pct=12.0,
        receipt_id=0,
    )
    return replace(parked, **changes)


SAFE = Safety(estop_ok=True, doors_closed=True, light_curtain_clear=True, overtravel_ok=True, fire_ok=True)


def rack(occupied: bool) -> RackIo:
    presence = Presence.PRESENT if occupied else Presence.EMPTY
    return RackIo(
        presence, connector_mated=occupied, contactor_closed=False, smoke=False, temperature_c=25.0, protocol_version=1
    )


def bay(number: int, battery: str | None) -> BayState:
    """A quiet bay whose devices all answer; the BMS of a battery in it is fresh and says who it is."""
    settings = TRANSIT_PLACE if number == TRANSIT_BAY else config().bay(number)
    serial = int(battery[1:]) if battery and not settings.transit else None
    charge = BatteryCharge(
        bms_age_s=None if serial is None else 0.1,
        serial=serial,
        maker="999",
        max_temperature_c=30.0,
        min_temperature_c=25.0,
    )
    return BayState(
        number=number,
        place=settings.place,
        isolation=settings.isolation,
        charging=settings.charging.value,
        battery=battery,
        io=fresh(rack(battery is not None)),
        modules=fresh(ChargingModule(ModuleState.OFF, 0.0, 0.0, 25.0)),
        charger=fresh(Charger(ChargerState.IDLE, 0.0, 0.0, 0.0, None, 0, contactor_closed=False)),
        charge=fresh(charge),
        climate=fresh(Climate(ClimateMode.OFF, 25.0, 25.0, 0, pressure_kpa=120.0)),
        transit=settings.transit,
    )


def battery(number: int, place: str, soc_pct: float | None = 98.0, model: str = MODEL) -> Battery:
    return Battery(f"B{number}", model, (pack_code(number),), place, soc_pct)


def swap(step: str = "identify", allocated: bool = True) -> Swap:
    """The open swap S1: B1 of bay 1 goes onto the truck, B3 into bay 3."""
    opened = Swap("S1", VIN, TRUCK_MODEL, "top_lift", "hash", step, person="li", opened_at=AT)
    if not allocated:
        return opened
    return replace(opened, fresh="B1", returned="B3", from_bay=FRESH_BAY, to_bay=EMPTY_BAY)


SWAP_HOLDS = (
    Hold("S1:fresh", HoldKind.SWAP, battery="B1", vin=VIN),
    Hold("S1:to", HoldKind.SWAP, place="bay-3", vin=VIN),
)


def inventory(**changes: Any) -> Inventory:
    """B1 in bay 1, B2 in bay 2, B3 on the truck; all full, so that nothing charges by itself."""
    stock = Inventory(
        batteries=(battery(1, "bay-1"), battery(2, "bay-2"), battery(3, truck_place(VIN))),
        places=("bay-1", "bay-2", "bay-3", "isolation", ROBOT, truck_place(VIN)),
        trucks=((VIN, TRUCK_MODEL),),
        next_command_id=1,
    )
    return replace(stock, **changes)


def snapshot(**changes: Any) -> Snapshot:
    """Everything fresh and safe, idle, confirmed, no swap."""
    safe = Snapshot(
        sequence=1,
        boot=1,
        now_s=100.0,
        at=AT,
        name="test",
        exchange="station",
        state=StationState.IDLE,
        robot=fresh(robot()),
        safety=fresh(SAFE),
        truck=fresh(truck()),
        meter=fresh(Meter("000000000161", 100.0, 0.0)),
        store=fresh(Store(StoreState.READY, 0.0, 50.0, 0, 200.0, 100.0, 100.0, 0.0)),
        disk=fresh(DiskSpace(DiskLevel.ENOUGH, 60.0)),
        bays=(bay(1, "B1"), bay(2, "B2"), bay(3, None), bay(9, None)),
        inventory=inventory(),
        confirmed=True,
    )
    return replace(safe, **changes)


def swapping(step: str = "identify", **changes: Any) -> Snapshot:
    """The safe station while swap S1 is at `step`."""
    open_swap = inventory(swap=swap(step), holds=SWAP_HOLDS)
    return snapshot(**{"state": StationState.EXECUTE, "inventory": open_swap, **changes})


def isolating(**changes: Any) -> Snapshot:
    """A transfer of B1, in whose bay there is smoke, to isolation; the safety PLC permits it."""
    job = Job("J1", JobKind.ISOLATE, "isolate", battery="B1", origin="bay-1", destination="isolation")
    places = tuple(Hold(f"J1:{place}", HoldKind.JOB, place=place) for place in ("bay-1", "isolation"))
    now = snapshot(state=StationState.EXECUTE, **changes)
    now = with_value(now, "safety", lambda safety: replace(safety, transfer_permitted=True))
    now = with_value(now, "1.io", lambda io: replace(io, smoke=True))
    stock = replace(now.inventory, job=job, holds=(*now.inventory.holds, *places))
    return replace(now, inventory=stock, fire=FireState(FireReaction(("BAY_SMOKE@bay-1",), (1, 2))))


def _giving(charger: Charger) -> Charger:
    return replace(charger, state=ChargerState.DISCHARGING, voltage_v=600.0, current_a=-80.0)


def discharging() -> Snapshot:
    """Bay 1 while its charger discharges the battery, in a site that still takes 200 kW."""
    now = with_value(snapshot(), "meter", lambda meter: replace(meter, power_kw=200.0))
    now = with_value(now, "1.charger", _giving)
    return with_bay(now, FRESH_BAY, charging="charger", abilities=ChargerAbilities(discharges=True))


def situation(now: Snapshot) -> Situation:
    return Situation(now, config())


def draft(now: Snapshot, exchange: Exchange = Exchange.STATION, **memory: Any) -> Draft:
    """A cycle about to be decided; the memory agrees with the snapshot's state."""
    known = Memory(next_command_id=now.inventory.next_command_id, state=now.state, confirmed=now.confirmed)
    return Draft(rules(exchange), now, replace(known, **memory))


def device(now: Snapshot, path: str) -> Seen[Any]:
    """The device at a path: `robot`, `safety`, `truck`, `meter`, `store`, or `N.io`, `N.modules`, `N.charger`..."""
    number, _, name = path.rpartition(".")
    seen: Seen[Any] = getattr(now.bay(int(number)) if number else now, name)
    return seen


def with_device(now: Snapshot, path: str, seen: Seen[Any]) -> Snapshot:
    number, _, name = path.rpartition(".")
    changed: dict[str, Any] = {name: seen}
    return with_bay(now, int(number), **changed) if number else replace(now, **changed)


def with_value(now: Snapshot, path: str, change: Callable[[Any], Any]) -> Snapshot:
    """The snapshot with a device's value changed, still fresh."""
    return with_device(now, path, fresh(change(device(now, path).value)))


def foreign(path: str, now: Snapshot | None = None) -> Snapshot:
    """The snapshot with a device that speaks another version of the wire contract."""
    start = now or snapshot()
    state: Any = device(start, path).value
    return with_device(start, path, seen(replace(state, protocol_version=2), 0.0, 0.1, 1.0))


def with_bay(now: Snapshot, number: int, **changes: Any) -> Snapshot:
    bays = tuple(replace(each, **changes) if each.number == number else each for each in now.bays)
    return replace(now, bays=bays)


def with_battery(now: Snapshot, asset: str, **changes: Any) -> Snapshot:
    """The snapshot with a battery's record changed."""
    batteries = tuple(replace(each, **changes) if each.battery == asset else each for each in now.inventory.batteries)
    return replace(now, inventory=replace(now.inventory, batteries=batteries))


def with_mode(now: Snapshot, mode: Mode) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, mode=ModeState(mode, "li", "tried", AT)))


BAY_DEVICES = ("io", "modules", "charger", "charge", "climate")


def all_devices(now: Snapshot) -> list[str]:
    bays = [f"{each.number}.{name}" for each in now.bays for name in BAY_DEVICES]
    return ["robot", "safety", "truck", "meter", "store", *bays]


def blind(now: Snapshot, quality: Quality) -> Snapshot:
    """The same station with every device stale or never seen."""
    for path in all_devices(now):
        now = with_device(now, path, stale(device(now, path)) if quality is Quality.STALE else Seen())
    return now


def low(now: Snapshot, soc_pct: float = 50.0) -> Snapshot:
    """The battery of bay 1 (`direct`) has this SOC on record and by its BMS."""
    now = with_battery(now, "B1", soc_pct=soc_pct)
    return with_value(now, "1.charge", lambda charge: replace(charge, soc_pct=soc_pct))


def charging(soc_pct: float = 50.0, current_a: float = 200.0) -> Snapshot:
    """Bay 1 while it charges."""
    now = with_value(low(snapshot(), soc_pct), "1.charge", lambda charge: replace(charge, phase=ChargePhase.CHARGING))
    now = with_value(now, "1.modules", lambda each: replace(each, state=ModuleState.ON, current_a=current_a))
    return with_bay(now, 1, demand=ModuleDemand(True, 600.0, current_a))
