"""What is done to a station: one row per kind of attack, with the catalogue row it belongs to and how it ends.

The rows are those of the failure catalogue; `alarms` are the codes of which one at least has to come, empty where the
attack may pass unnoticed by rights (a lost message is repeated, a crash shows as a new boot). `steps` are those at
which it bites; most of the attacks begin there, the others anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from swapstation.model.device import LockState, RobotResult
from swapstation.model.request import HoldStation, QuarantineBattery
from swapstation.simulation.firmware.robot_words import Command, Order
from swapstation.simulation.plant.battery import Battery
from swapstation.twin.disturbance import CUT, FLOODED
from swapstation.twin.level import Level
from swapstation.twin.station import TwinStation

ISOLATION_BAY = 5
COOLED_C = 40.0
ANY_TIME_S = 600.0
"""An attack that begins so late may meet the next swap, or a station at rest."""


class Target(Enum):
    """What an attack is aimed at."""

    STATION = "station"
    ANY_BAY = "any bay"
    TO_BAY = "the bay that gets the returned battery"
    FROM_BAY = "the bay of the fresh battery"
    SAFETY = "a safety input"
    INTENT = "the next intent that is written down"
    SEGMENT = "a CAN segment"
    STREAM = "a byte stream"
    LINE = "a serial line"


Act = Callable[[TwinStation, str], None]


@dataclass(frozen=True, slots=True)
class Attack:
    """One kind: begin and end it; `levels` are those that know it.

    `longest_s` is how long it lasts at most, `latest_s` how long after its step it begins at the latest (virtual s).
    """

    row: int
    targets: tuple[Target, ...]
    begin: Act
    end: Act
    longest_s: float = 120.0
    alarms: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    latest_s: float = 20.0
    restarts: bool = False
    levels: frozenset[Level] = frozenset(Level)


def _nothing(_: TwinStation, __: str) -> None:
    """The attack is over at once."""


def _knob(name: str) -> tuple[Act, Act]:
    def on(twin: TwinStation, target: str) -> None:
        twin.world.plant.faults.on.add((name, target))

    def off(twin: TwinStation, target: str) -> None:
        twin.world.plant.faults.on.discard((name, target))

    return on, off


def _knob_attack(
    row: int, name: str, targets: tuple[Target, ...], *alarms: str, longest_s: float = 120.0, steps: str = ""
) -> Attack:
    begin, end = _knob(name)
    return Attack(row, targets, begin, end, longest_s, frozenset(alarms), frozenset(steps.split()))


def _on_wire(row: int, name: str, *alarms: str, targets: tuple[Target, ...], longest_s: float) -> Attack:
    begin, end = _knob(name)
    return Attack(row, targets, begin, end, longest_s, frozenset(alarms), levels=frozenset({Level.BYTE}))


def _crash(twin: TwinStation, _: str) -> None:
    twin.crash()


def _restart(twin: TwinStation, _: str) -> None:
    if twin.core is None:
        twin.start()


def _power_cut(twin: TwinStation, _: str) -> None:
    twin.crash()
    twin.world.lose_power()


def _swapped_by_hand(twin: TwinStation, _: str) -> None:
    """While the controller is down, somebody exchanges two batteries of the rack."""
    twin.crash()
    racks = {twin.world.plant.place_of(bay): bay for bay in twin.world.plant.bays}
    busy = twin.world.plant.robot.battery
    there = [battery for battery in twin.world.plant.batteries.values() if battery.place in racks]
    there = [battery for battery in there if battery.battery != busy]
    if len(there) >= 2:
        one, other = there[0], there[-1]
        one.place, other.place = other.place, one.place
        twin.hand_moved |= {one.battery, other.battery}


def _carried_by_hand(twin: TwinStation, _: str) -> None:
    """While the controller is down, somebody carries a battery of the rack to an empty bay."""
    twin.crash()
    plant = twin.world.plant
    taken = {battery.place for battery in plant.batteries.values()}
    empty = [plant.place_of(bay) for bay in plant.bays if plant.place_of(bay) not in taken and bay != ISOLATION_BAY]
    loose = [battery for battery in _idle(twin) if battery.place in plant.bay_seats]
    if empty and loose:
        loose[-1].place = empty[-1]
        twin.hand_moved.add(loose[-1].battery)


def _idle(twin: TwinStation) -> list[Battery]:
    """Batteries that the robot has nothing to do with, and no open swap."""
    swap = twin.inventory.swap if twin.inventory else None
    used = {twin.world.plant.robot.battery, *((swap.fresh, swap.returned) if swap else ())}
    return [battery for battery in twin.world.plant.batteries.values() if battery.battery not in used]


def _filled(twin: TwinStation, target: str) -> None:
    """Somebody sets another battery of the rack down in the bay that was kept free."""
    plant = twin.world.plant
    place = plant.place_of(int(target))
    loose = [battery for battery in _idle(twin) if battery.place in plant.bay_seats]
    if loose and plant.at(place) is None:
        twin.carried[loose[-1].battery] = loose[-1].place
        loose[-1].contactor_closed = False
        loose[-1].place = place
        twin.hand_moved.add(loose[-1].battery)


def _emptied(twin: TwinStation, _: str) -> None:
    plant = twin.world.plant
    for battery, place in twin.carried.items():
        if plant.at(place) is None and plant.batteries[battery].place in plant.bay_seats:
            plant.batteries[battery].place = place
            twin.hand_moved.add(battery)
    twin.carried = {}


def _cooled(twin: TwinStation, target: str) -> None:
    """The fire service has cooled the bay."""
    plant = twin.world.plant
    plant.faults.on.discard(("thermal_runaway", target))
    for battery in plant.batteries.values():
        battery.temperature_c = min(battery.temperature_c, COOLED_C)


def _lock_slips(twin: TwinStation, _: str) -> None:
    """A lock of the standing truck leaves its end position."""
    truck = twin.world.plant.truck
    if truck is not None and truck.standing and truck.lock in (LockState.LOCKED, LockState.UNLOCKED):
        twin.slipped = truck.vin, truck.lock
        truck.locks[0].state = LockState.FAULT


def _lock_back(twin: TwinStation, _: str) -> None:
    if twin.slipped is not None:
        vin, state = twin.slipped
        locks = twin.world.plant.trucks[vin].locks[0]
        locks.state = state if locks.state is LockState.FAULT else locks.state
        twin.slipped = None


def _too_early(twin: TwinStation, _: str) -> None:
    """The robot PLC calls a single move done that it has not made."""
    kept, robot = twin.world.plc.kept, twin.world.plant.robot
    if kept.running is not None and kept.running.command != Command.EXCHANGE:
        robot.stop()
        kept.done_id, kept.result = kept.running.order_id, RobotResult.DONE
        kept.running, kept.action = None, 0


def _hangs(twin: TwinStation, target: str) -> None:
    twin.disk_hangs, twin.hangs_at_intents = True, bool(target)


def _writes(twin: TwinStation, _: str) -> None:
    twin.disk_hangs = False


def _impatient(twin: TwinStation, _: str) -> None:
    twin.asked_twice = True


def _asked_later(twin: TwinStation, _: str) -> None:
    twin.asked_twice = False
    twin.ask_again()


def _held_by_somebody(twin: TwinStation, _: str) -> None:
    """Somebody presses hold, whatever the station is at, and once more when it is about to go on."""
    twin.holds_again = True
    twin.submit(HoldStation("visitor"), "visitor", lambda answer: None)


def _let_go_at_the_cabinet(twin: TwinStation, _: str) -> None:
    """Somebody lets the robot go on with its own button, held station or not."""
    twin.holds_again = False
    twin.world.plc.press_resume()


def _quarantined(twin: TwinStation, target: str) -> None:
    """A visitor has a battery of the rack quarantined: it smells."""
    battery = twin.inventory.at(twin.world.plant.place_of(int(target))) if twin.inventory else None
    if battery is not None:
        twin.submit(QuarantineBattery(battery.battery, "smells"), "visitor", lambda answer: None)


def _cloned(twin: TwinStation, _: str) -> None:
    """Two batteries of the rack tell one identity."""
    batteries = sorted(twin.world.plant.batteries.values(), key=lambda battery: battery.battery)
    twin.kept_codes = twin.kept_codes or {battery.battery: battery.codes for battery in batteries}
    batteries[1].codes = batteries[0].codes


def _told_apart(twin: TwinStation, _: str) -> None:
    for asset, codes in twin.kept_codes.items():
        twin.world.plant.batteries[asset].codes = codes
    twin.kept_codes = {}


def _old_controller(twin: TwinStation, _: str) -> None:
    """A controller of an earlier boot that nobody switched off still sends an order."""
    plc = twin.world.plc
    plc.write_order(Order(Command.HOME, 0, 0, 0, 4_000_000_000), plc.kept.epoch - 1)


def _clock(offset_s: float) -> Act:
    def jump(twin: TwinStation, _: str) -> None:
        twin.label_offset_s += offset_s

    return jump


def _lossy(twin: TwinStation, _: str) -> None:
    twin.noise.lost, twin.noise.doubled = 0.2, 0.2


def _clean(twin: TwinStation, _: str) -> None:
    twin.noise.lost = twin.noise.doubled = 0.0


def _full(twin: TwinStation, _: str) -> None:
    twin.disk_full = True


def _free(twin: TwinStation, _: str) -> None:
    twin.disk_full = False


_BAYS = (Target.ANY_BAY, Target.TO_BAY, Target.FROM_BAY)
_STATION = (Target.STATION,)
_AT_TRUCK = "exchange locate grip unlock lift put pick place lock ungrip"
_CARRYING = "exchange lift put pick place"
ATTACKS: Mapping[str, Attack] = {
    "presence_stuck": _knob_attack(1, "presence_stuck", _BAYS, "BAY_MISMATCH", "ROBOT_FAULT", steps=_CARRYING),
    "truck_moves": _knob_attack(2, "truck_moves", _STATION, "TRUCK_MOVED", "ROBOT_FAULT", steps=_AT_TRUCK),
    "brake_released": _knob_attack(2, "brake_not_set", _STATION, "TRUCK_MOVED", steps=_AT_TRUCK),
    "hv_stays_on": _knob_attack(2, "hv_stays_on", _STATION, "TRUCK_MOVED", "TRUCK_NOT_SAFE", steps=_AT_TRUCK),
    "truck_silent": _knob_attack(2, "truck_silent", _STATION, "TRUCK_LINK_LOST", steps=_AT_TRUCK),
    "lock_no_confirm": _knob_attack(
        3, "lock_no_confirm", _STATION, "LOCK_NOT_OPEN", "LOCK_NOT_CLOSED", "ROBOT_FAULT", steps="unlock lock"
    ),
    "robot_fault": _knob_attack(4, "robot_fault", _STATION, "ROBOT_FAULT", steps=_CARRYING),
    "grip_no_confirm": _knob_attack(
        4, "grip_no_confirm", _STATION, "ROBOT_FAULT", "ROBOT_STEP_FAILED", steps="exchange grip pick"
    ),
    "overweight": _knob_attack(
        4, "overweight", _STATION, "ROBOT_FAULT", "ROBOT_STEP_FAILED", "BATTERY_DOUBTFUL", steps="exchange lift"
    ),
    "power_cut": Attack(5, _STATION, _power_cut, _restart, 60.0, steps=frozenset(_CARRYING.split()), restarts=True),
    "bms_silent": _knob_attack(6, "bms_silent", _BAYS, "BMS_SILENT", "CHARGE_FAILED"),
    "bay_link_cut": _knob_attack(6, "bay_link_cut", _BAYS, "BAY_LINK_LOST", "CHARGE_FAILED", "BMS_SILENT"),
    "thermal_runaway": Attack(
        7,
        _BAYS,
        _knob("thermal_runaway")[0],
        _cooled,
        120.0,
        frozenset({"BATTERY_HOT", "BATTERY_HEATING", "BMS_OVER_TEMPERATURE", "BAY_SMOKE"}),
    ),
    "smoke": _knob_attack(7, "smoke", _BAYS, "BAY_SMOKE"),
    "fire_alarm": replace(_knob_attack(7, "fire_alarm", _STATION, "FIRE_CONFIRMED"), latest_s=ANY_TIME_S),
    "fire_panel_silent": _knob_attack(7, "fire_panel_silent", _STATION, "FIRE_PANEL_SILENT"),
    "module_fault": _knob_attack(8, "module_fault", _BAYS, "CHARGE_FAILED"),
    "stays_live": _knob_attack(8, "stays_live", _BAYS, longest_s=300.0),
    "meter_silent": _knob_attack(8, "meter_silent", _STATION, "METER_SILENT"),
    "swapped_by_hand": Attack(9, _STATION, _swapped_by_hand, _restart, 60.0, restarts=True),
    "cloned": Attack(10, _STATION, _cloned, _told_apart, 120.0),
    "station_link_cut": _knob_attack(11, "station_link_cut", _STATION, "STATION_LINK_LOST"),
    "lossy": Attack(13, _STATION, _lossy, _clean, 300.0, levels=frozenset({Level.MESSAGE})),
    "plc_heartbeat_frozen": _knob_attack(14, "plc_heartbeat_frozen", _STATION, "ROBOT_LINK_LOST"),
    "crash": Attack(15, _STATION, _crash, _restart, 60.0, restarts=True),
    "clock_back": Attack(18, _STATION, _clock(-3600.0), _nothing),
    "clock_forward": Attack(18, _STATION, _clock(86_400.0), _nothing),
    "carried_by_hand": Attack(9, _STATION, _carried_by_hand, _restart, 60.0, restarts=True),
    "bay_filled": Attack(9, (Target.TO_BAY,), _filled, _emptied, 60.0, steps=frozenset({"put", "exchange", "lift"})),
    "lock_slips": Attack(
        3,
        _STATION,
        _lock_slips,
        _lock_back,
        60.0,
        frozenset({"LOCK_NOT_OPEN", "LOCK_NOT_CLOSED", "ROBOT_FAULT"}),
        frozenset(["lift", "place", "ungrip", "release"]),
    ),
    "done_too_early": Attack(4, _STATION, _too_early, _nothing, steps=frozenset(["lift", "put", "pick", "place"])),
    "disk_hangs": Attack(
        19, (Target.STATION, Target.INTENT), _hangs, _writes, 30.0, steps=frozenset(_AT_TRUCK.split())
    ),
    "asked_twice": Attack(17, _STATION, _impatient, _asked_later, 120.0),
    "hold_pressed": Attack(
        16, _STATION, _held_by_somebody, _let_go_at_the_cabinet, 60.0, steps=frozenset(_CARRYING.split())
    ),
    "quarantined": Attack(7, _BAYS, _quarantined, _nothing, steps=frozenset(["identify", "exchange", "put", "pick"])),
    "disk_full": Attack(19, _STATION, _full, _free, 60.0, frozenset({"DATABASE_WRITE_FAILED"})),
    "old_controller": Attack(21, _STATION, _old_controller, _nothing),
    "cut_in_message": _on_wire(11, CUT, targets=(Target.SEGMENT, Target.STREAM), longest_s=60.0),
    "wire_flooded": _on_wire(12, FLOODED, "WIRE_BABBLING", targets=(Target.SEGMENT,), longest_s=20.0),
    "wire_garbage": _on_wire(
        13, "wire_garbage", "WIRE_GARBAGE", targets=(Target.SEGMENT, Target.STREAM, Target.LINE), longest_s=60.0
    ),
    "bits_flipped": _on_wire(13, "bits_flipped", targets=(Target.LINE,), longest_s=60.0),
    "frames_lost": _on_wire(13, "frames_lost", targets=(Target.SEGMENT, Target.LINE), longest_s=60.0),
    "frames_doubled": _on_wire(13, "frames_doubled", targets=(Target.SEGMENT, Target.LINE), longest_s=60.0),
    "safety_open": _knob_attack(26, "safety_open", (Target.SAFETY,), "SAFETY_CHAIN_OPEN"),
}

NOT_YET: Mapping[int, str] = {
    12: "a flooded wire has bytes: attacked at byte level and by tests/transport",
    20: "a corrupt database: tests/inventory",
    22: "the supervision platform is not connected yet",
    23: "a wrong configuration never starts: tests/config",
    24: "a stale page: tests/ui",
    25: "bypasses: tests/station",
}
"""Rows of the catalogue that schedules do not attack, at one level or at both, and where they are tested or why not."""
INSTEAD: Mapping[str, str] = {
    "lossy": "an order on a wire is answered or given again by its protocol: frames are lost and doubled there instead",
}
"""Attacks that have no meaning at byte level, and what stands for them there."""


def attacks_at(level: Level) -> Mapping[str, Attack]:
    """The rows that have a meaning at a level."""
    return {name: attack for name, attack in ATTACKS.items() if level in attack.levels}


def not_yet(level: Level) -> Mapping[int, str]:
    """Rows of the catalogue that no schedule attacks at a level."""
    attacked = {attack.row for attack in attacks_at(level).values()}
    return {row: why for row, why in NOT_YET.items() if row not in attacked}
