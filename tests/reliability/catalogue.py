"""The failure catalogue as data: its rows, and for each the failures that are tried at every step of a swap."""

from __future__ import annotations

from dataclasses import dataclass

from swapstation.config.settings import Exchange
from swapstation.model.device import LockState, Presence
from tests.reliability import failing
from tests.reliability.failing import Failure, says, silent
from tests.station.situations import pack_code

STEPS = {
    Exchange.STATION: (
        "identify", "allocate", "position", "handshake", "clear_zone", "deaden_bay", "locate", "grip", "unlock", "lift",
        "put", "pick", "place", "lock", "ungrip", "park", "verify", "release",
    ),
    Exchange.PLC: (
        "identify", "allocate", "position", "handshake", "clear_zone", "deaden_bay", "exchange", "grip", "unlock",
        "lift", "put", "pick", "place", "lock", "ungrip", "finish", "verify", "release",
    ),
}  # fmt: skip
"""The steps at which a failure can happen; the last one, `close`, only writes the swap down."""
AT_ONCE_S = 0.1
BY_STEP = None
ROOT_LIMITS_S = {"TRUCK_MOVED": 0.2}
"""Alarms that tell of a failure at once wherever they come, also where it is found by a step at other times."""


@dataclass(frozen=True, slots=True)
class Case:
    """One failure, tried from the beginning of every step on.

    It holds the station when it comes at `until` or before ((station, plc); "" = never), else the swap ends as it
    should. `roots` are the alarms of which exactly one is the root. `limit_s` runs from the failure to the hold; None
    where only the step that meets it can notice: then it runs from the end of that step's patience.
    """

    row: int
    name: str
    failure: Failure
    until: tuple[str, str]
    roots: tuple[str, ...]
    limit_s: float | None = BY_STEP
    since: str = "identify"

    def holds_at(self, exchange: Exchange, step: str) -> bool:
        """Whether the failure has to hold a swap when it comes at this step."""
        steps, last = STEPS[exchange], self.until[0 if exchange is Exchange.STATION else 1]
        return bool(last) and steps.index(self.since) <= steps.index(step) <= steps.index(last)

    def tried_at(self, exchange: Exchange) -> tuple[str, ...]:
        """Every step; what never holds and never ends is tried once, from the first step on through all of them."""
        return STEPS[exchange] if any(self.until) else STEPS[exchange][:1]

    def may_hold(self, step: str) -> bool:
        """Before `since` the swap may still be arranged otherwise, or be held for want of that."""
        steps = STEPS[Exchange.STATION]
        return self.since in steps and step in steps and steps.index(step) < steps.index(self.since)


def _everywhere(row: int, name: str, failure: Failure, root: str, limit_s: float | None = AT_ONCE_S) -> Case:
    return Case(row, name, failure, ("release", "release"), (root,), limit_s)


STEP, STEPS_OR_BAY = ("ROBOT_STEP_FAILED",), ("ROBOT_STEP_FAILED", "BAY_MISMATCH")
PARKED = ("TRUCK_MOVED", "TRUCK_NOT_SAFE")
POSITION = ("TRUCK_MOVED", "TRUCK_NOT_IN_POSITION")
OPENING, CLOSING = "LOCK_NOT_OPEN", "LOCK_NOT_CLOSED"
LOCKS = (*STEP, OPENING, CLOSING, "TRUCK_BATTERY_MISMATCH", "TRUCK_NOT_RELEASED")
UNLOCKED, LOCKED = LockState.UNLOCKED, LockState.LOCKED
RELEASE = ("release", "release")
RADIO = ("TRUCK_LINK_LOST", "TRUCK_NOT_SAFE", "TRUCK_NOT_IDENTIFIED", "TRUCK_NOT_RELEASED")
RACK = ("truck", "1.io", "1.modules", "2.io", "3.io", "3.modules", "9.io")

CASES = (
    Case(
        1,
        "bay of the old battery: both sensors stuck empty",
        says("3.io", presence=Presence.EMPTY),
        ("put", "put"),
        STEP,
    ),
    Case(
        1,
        "bay of the old battery: both sensors stuck occupied",
        says("3.io", presence=Presence.PRESENT),
        ("put", "exchange"),
        (*STEPS_OR_BAY, "NO_BATTERY_READY"),
    ),
    Case(
        1,
        "bay of the old battery: sensors disagree",
        says("3.io", presence=Presence.CONTRADICTION),
        ("park", "finish"),
        ("BAY_MISMATCH",),
        2.1,
    ),
    Case(
        1,
        "bay of the fresh battery: both sensors stuck occupied",
        says("1.io", presence=Presence.PRESENT),
        ("pick", "pick"),
        STEP,
    ),
    Case(
        1,
        "bay of the fresh battery: both sensors stuck empty",
        says("1.io", presence=Presence.EMPTY),
        ("pick", "exchange"),
        STEPS_OR_BAY,
    ),
    Case(1, "load sensor stuck loaded", says("robot", payload=True), ("park", "ungrip"), STEP),
    Case(1, "load sensor stuck empty", says("robot", payload=False), ("place", ""), STEP),
    Case(1, "grip sensor stuck closed", says("robot", gripped=True), ("park", "ungrip"), STEP),
    Case(1, "grip sensor stuck open", says("robot", gripped=False), ("ungrip", "lock"), (*STEP, OPENING, CLOSING)),
    Case(1, "seat sensor stuck open", says("robot", seated=False), ("ungrip", "lock"), (*STEP, OPENING, CLOSING)),
    Case(1, "clear-of-truck sensor stuck", says("robot", clear_of_truck=False), RELEASE, (*STEP, "TRUCK_NOT_RELEASED")),
    Case(1, "load cells stuck at 0 kg", says("robot", weighed_kg=0), ("lift", "lift"), STEP),
    Case(1, "truck's battery sensor stuck occupied", says("truck", battery_present=True), ("place", "lift"), STEP),
    Case(
        1,
        "truck's battery sensor stuck empty",
        says("truck", battery_present=False),
        RELEASE,
        (*LOCKS, "TRUCK_NOT_IDENTIFIED"),
    ),
    Case(
        1,
        "truck's connector sensor stuck open",
        says("truck", connector_mated=False),
        ("verify", "verify"),
        ("TRUCK_BATTERY_MISMATCH",),
    ),
    Case(2, "driver releases the parking brake", says("truck", parking_brake_set=False), ("verify", "verify"), PARKED),
    Case(2, "driver switches on", says("truck", key_off=False), ("verify", "verify"), PARKED),
    Case(2, "gear engaged", says("truck", gear_neutral=False), ("verify", "verify"), PARKED),
    Case(2, "high voltage comes back", says("truck", hv_powered_down=False), ("verify", "verify"), PARKED),
    Case(2, "truck leaves its position", says("robot", truck_in_position=False), ("verify", "verify"), POSITION),
    Case(2, "truck rolls by 400 mm", says("robot", pose_x_mm=400), ("verify", "verify"), POSITION),
    Case(3, "locks never reach an end", says("truck", lock=LockState.MOVING), RELEASE, LOCKS),
    Case(3, "lock sensors say open and closed, or neither", says("truck", lock=LockState.FAULT), RELEASE, LOCKS),
    Case(3, "lock sensors stuck closed", says("truck", lock=LOCKED), ("place", "pick"), LOCKS),
    Case(3, "lock sensors stuck open", says("truck", lock=UNLOCKED), RELEASE, LOCKS),
    Case(4, "drive fault", failing.robot_faults, RELEASE, ("ROBOT_FAULT",), AT_ONCE_S),
    Case(4, "drives go off line", failing.drives_off, RELEASE, ("ROBOT_FAULT",), AT_ONCE_S),
    Case(
        7,
        "smoke in the bay of the fresh battery",
        says("1.io", smoke=True),
        ("pick", "pick"),
        ("BAY_SMOKE",),
        AT_ONCE_S,
        "position",
    ),
    Case(
        7,
        "smoke in the bay of the old battery",
        says("3.io", smoke=True),
        ("put", "put"),
        ("BAY_SMOKE",),
        AT_ONCE_S,
        "position",
    ),
    Case(
        7, "smoke beside both bays", says("2.io", smoke=True), ("pick", "pick"), ("BAY_SMOKE",), AT_ONCE_S, "position"
    ),
    Case(
        7,
        "the fresh battery is hot in its bay",
        says("1.charge", max_temperature_c=70.0),
        ("pick", "pick"),
        ("BATTERY_HOT",),
        AT_ONCE_S,
        "position",
    ),
    _everywhere(7, "the fire panel alarms", failing.fire_panel_alarms, "FIRE_CONFIRMED"),
    Case(
        8,
        "charging modules of the fresh battery say nothing",
        silent("1.modules"),
        ("put", "pick"),
        ("BAY_LINK_LOST",),
        BY_STEP,
        "position",
    ),
    Case(
        8,
        "charging modules go on giving current",
        says("1.modules", current_a=40.0),
        ("pick", "pick"),
        ("BAY_NOT_DEAD", *STEP),
    ),
    Case(
        9,
        "another BMS in the bay of the fresh battery",
        says("1.charge", serial=77),
        ("pick", "pick"),
        ("BATTERY_IDENTITY_MISMATCH",),
        0.2,
        "position",
    ),
    Case(
        9,
        "another battery on the truck",
        says("truck", codes=(pack_code(99),)),
        ("verify", "verify"),
        ("TRUCK_BATTERY_MISMATCH", "TRUCK_NOT_IDENTIFIED", "BATTERY_DOUBTFUL"),
    ),
    Case(
        9,
        "the old battery weighs too little",
        says("robot", weighed_kg=1500),
        ("lift", "lift"),
        ("BATTERY_DOUBTFUL", *STEP),
    ),
    _everywhere(10, "one identity in two places", says("2.charge", serial=1), "BATTERY_IDENTITY_DUPLICATE", 1.0),
    Case(11, "rack node of the old battery's bay silent", silent("3.io"), ("put", "put"), ("BAY_LINK_LOST",)),
    Case(
        11,
        "rack node of the fresh battery's bay silent",
        silent("1.io", "1.modules"),
        ("pick", "pick"),
        ("BAY_LINK_LOST",),
        BY_STEP,
        "position",
    ),
    _everywhere(11, "the station's bus is off", silent(*RACK), "STATION_LINK_LOST", 2.1),
    Case(12, "a bay's bus is flooded", failing.flooded, ("", ""), ("WIRE_BABBLING",)),
    Case(13, "garbage on a bay's bus", failing.garbled, ("", ""), ("WIRE_GARBAGE",)),
    Case(
        14, "the PLC's heartbeat stands still", silent("robot", "safety"), ("park", "finish"), ("ROBOT_LINK_LOST",), 3.1
    ),
    Case(18, "the clock jumps back by an hour", failing.clock_jumps(-1.0), ("", ""), ()),
    Case(18, "the clock jumps by a day", failing.clock_jumps(24.0), ("", ""), ()),
    _everywhere(19, "the disk is full", failing.database_full, "DATABASE_WRITE_FAILED", 2.0),
    Case(21, "the truck's radio is cut", silent("truck"), RELEASE, RADIO),
    _everywhere(26, "an emergency stop", says("safety", estop_ok=False), "SAFETY_CHAIN_OPEN"),
    _everywhere(
        26,
        "a light curtain broken for half a second",
        failing.for_a_while("safety", 0.5, light_curtain_clear=False),
        "SAFETY_CHAIN_OPEN",
    ),
    Case(
        26,
        "a truck's brake released for half a second",
        failing.for_a_while("truck", 0.5, parking_brake_set=False),
        ("verify", "verify"),
        ("TRUCK_MOVED",),
        AT_ONCE_S,
        "clear_zone",
    ),
)
