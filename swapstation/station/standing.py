"""What is wrong in this cycle, before it is an alarm: one small generator per group of conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil, isfinite

from swapstation.errors import InputError
from swapstation.model.device import (
    PROTOCOL_VERSION,
    ChargePhase,
    Charger,
    ChargingModule,
    Presence,
    RackIo,
    Robot,
    RobotState,
    Truck,
)
from swapstation.model.disk import DiskLevel
from swapstation.model.identity import vin_check_digit_matches
from swapstation.model.inventory import HoldKind, PlaceKind, Swap, place_kind
from swapstation.model.job import Job, JobKind
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import StationState, Verdict
from swapstation.model.vendor_alarm import Grade
from swapstation.station.charge_state import charge_is_active
from swapstation.station.charging import MAX_FAILURES
from swapstation.station.concerns import concern_complaints
from swapstation.station.conditions import CONDITIONS
from swapstation.station.draft import Draft
from swapstation.station.fire import detections
from swapstation.station.fire_plan import confirmed_by, cut_off_missing, live_after_stop
from swapstation.station.identity import duplicates, named
from swapstation.station.interlocks import identity_contradiction
from swapstation.station.lock_watch import LOST_S, lost_lock
from swapstation.station.planning import PLAN_VALID_S, plan_is_late
from swapstation.station.power_watch import power_complaints
from swapstation.station.promise_watch import kept
from swapstation.station.recipe import Recipe
from swapstation.station.stock_requests import waits_for_set
from swapstation.station.store import store_complaints
from swapstation.station.swap_course import off_course
from swapstation.station.transfer_interlocks import transfer_forbidden
from swapstation.station.uplinks import uplink_complaints
from swapstation.station.yard_watch import yard_complaints

ROBOT_LINK_LIMIT_S = 3.0
TRUCK_PATIENCE_S = 2.0
"""So long a truck that was never heard may take to speak after a start."""
BMS_SILENT_LIMIT_S = 1.0
GARBAGE_MEMORY_S = 10.0
GARBAGE_COUNTED_S = 0.9
"""So long bad data is counted before it is told, so that the alarm can say its rate."""
CUT_OFF_PATIENCE_S = 5.0
MOST_CASES_TOLD = 3
COMPLAINT_STANDS_S = 1.0
"""So long a complaint stands before it is told: devices show several words while they stop."""
PROMISE_LOST_S = 30.0
"""So long a promise is late before it is told: readings pass, a charge begins."""
BUSY_BUS_PCT = 80.0
IMPOSSIBLE_BUS_PCT = 112.0
"""No bus carries more than its bit rate; the rest is the error of estimated stuff bits (see the link's bus load)."""
_NOT_READY = (RobotState.OFFLINE, RobotState.ESTOP)
"""States in which a robot carries out nothing, whatever it was ordered."""
STEP_SOURCE = "swap"
"""Source of the running step's own alarm: it stands as long as the step fault, which a resume clears."""

_DEVICES: Mapping[str, str] = {"exchanger": "robot", "truck_link": "truck"}
"""Devices that other alarms know by another name than their adapter's role."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A condition that holds in this cycle; it becomes an alarm after `delay_s` without a break."""

    code: str
    source: str
    detail: str = ""
    delay_s: float = 0.0

    @property
    def alarm(self) -> str:
        return f"{self.code}@{self.source}"


def _links(draft: Draft) -> Iterator[Standing]:
    now = draft.snapshot
    if (now.robot.age_s or 0.0) > ROBOT_LINK_LIMIT_S:
        yield Standing("ROBOT_LINK_LOST", "robot")
    elif now.robot.quality is Quality.NEVER:
        yield Standing("ROBOT_LINK_LOST", "robot", delay_s=ROBOT_LINK_LIMIT_S)
    if now.bays and all(_silent(bay.io) for bay in now.bays):
        yield Standing("STATION_LINK_LOST", "station", delay_s=1.0)
    else:
        for bay in now.bays:
            if _silent(bay.io):
                yield Standing("BAY_LINK_LOST", bay.place, "rack I/O", delay_s=1.0)
    for bay in now.bays:
        if bay.io.good is not None and bay.io.good.smoke is None:
            yield Standing("BAY_LINK_LOST", bay.place, "smoke detector", delay_s=3.0)
    names = {bay.place for bay in now.bays}
    for link in now.links:
        if link.name in names and not link.connected:
            yield Standing("BAY_LINK_LOST", link.name, "CAN", delay_s=2.0)
    for bay in now.bays:
        if bay.charging == "charger" and bay.charges and _silent(bay.charger):
            yield Standing("BAY_LINK_LOST", bay.place, "charger", delay_s=3.0)
        if bay.charging == "direct" and bay.charges and _silent(bay.modules):
            yield Standing("BAY_LINK_LOST", bay.place, "charging modules", delay_s=3.0)
    if now.meter.good is None:
        yield Standing("METER_SILENT", "meter", delay_s=20.0)
    yield from _babbling(draft)


def _disk(draft: Draft) -> Iterator[Standing]:
    now = draft.snapshot
    if now.journal_error:
        yield Standing("DATABASE_WRITE_FAILED", "database", now.journal_error)
    if now.black_box_error:
        yield Standing("BLACK_BOX_FAILED", "black_box", now.black_box_error)
    elif now.disk.good is None:
        yield Standing("DATABASE_WRITE_FAILED", "database", "the disk does not answer", delay_s=2.0)
    space = now.disk.good
    if space is None or space.level is DiskLevel.ENOUGH:
        return
    detail = "read-only" if space.read_only else f"{space.free_pct:.1f} %"
    if space.level is DiskLevel.STOP:
        yield Standing("DISK_FULL", "disk", detail)
    else:
        yield Standing("DISK_SPACE_LOW", "disk", f"{detail}, recordings stopped" if space.sheds else detail)


def _silent(device: Seen[RackIo] | Seen[Charger] | Seen[ChargingModule]) -> bool:
    """A device of another version does speak; it has an alarm of its own."""
    return device.good is None and device.quality is not Quality.REFUSED


def _versions(draft: Draft) -> Iterator[Standing]:
    """Devices of another version: nothing they say is used, so all that rests on them is refused."""
    now = draft.snapshot
    if other := _other_versions(("robot PLC", now.robot)):
        yield Standing("ROBOT_VERSION_MISMATCH", "robot", other)
    if other := _other_versions(("truck link", now.truck)):
        yield Standing("PROTOCOL_VERSION_MISMATCH", "truck", other)
    for bay in now.bays:
        devices = ("rack I/O", bay.io), ("charging modules", bay.modules), ("charger", bay.charger)
        if other := _other_versions(*devices):
            yield Standing("PROTOCOL_VERSION_MISMATCH", bay.place, other)


_Versioned = Seen[Robot] | Seen[Truck] | Seen[RackIo] | Seen[ChargingModule] | Seen[Charger]


def _other_versions(*devices: tuple[str, _Versioned]) -> str:
    """Which of the devices speak which version, and ours; empty when none speaks another."""
    found = [
        f"{name} {device.value.protocol_version}"
        for name, device in devices
        if device.quality is Quality.REFUSED and device.value is not None
    ]
    return f"{', '.join(found)}; station {PROTOCOL_VERSION}" if found else ""


def _babbling(draft: Draft) -> Iterator[Standing]:
    links = {link.name: link for link in draft.snapshot.links}
    for name, _, since_s in draft.memory.malformed:
        if draft.now_s - since_s < GARBAGE_MEMORY_S and name in links:
            rate = links[name].malformed_per_s
            yield Standing("WIRE_GARBAGE", name, f"{rate:.0f}/s" if rate >= 1.0 else "", GARBAGE_COUNTED_S)
    for link in links.values():
        load_pct = link.bus_load_pct or 0.0
        if link.unread_bytes_per_s:
            yield Standing("WIRE_BABBLING", link.name, f"{link.unread_bytes_per_s:.0f} bytes/s", delay_s=1.0)
        elif load_pct > BUSY_BUS_PCT:
            delay_s = 1.0 if load_pct > IMPOSSIBLE_BUS_PCT else 5.0
            yield Standing("WIRE_BABBLING", link.name, f"{load_pct:.0f} %", delay_s)


def _robot(draft: Draft) -> Iterator[Standing]:
    robot, safety = draft.snapshot.robot.good, draft.snapshot.safety.good
    if robot is not None and robot.state is RobotState.FAULT:
        yield Standing("ROBOT_FAULT", "robot", f"fault words {robot.fault_words}")
    elif robot is not None and robot.state in _NOT_READY and draft.memory.state is StationState.EXECUTE:
        yield Standing("ROBOT_FAULT", "robot", f"{robot.state.value}, fault words {robot.fault_words}")
    elif robot is not None and robot.state is RobotState.PAUSED and draft.memory.state is StationState.EXECUTE:
        yield Standing("ROBOT_FAULT", "robot", f"paused, fault words {robot.fault_words}", delay_s=1.0)
    if safety is not None and not safety.ok:
        yield Standing("SAFETY_CHAIN_OPEN", "robot", ", ".join(CONDITIONS["zone_clear"](draft.now)))


def _bays(draft: Draft) -> Iterator[Standing]:
    twice = {place for places in duplicates(draft.now).values() for place in places}
    for bay in draft.snapshot.bays:
        io, charge = bay.io.good, bay.charge.good
        if io is not None and io.presence is Presence.CONTRADICTION:
            yield Standing("BAY_MISMATCH", bay.place, "presence A and B differ", delay_s=1.0)
        contradiction = identity_contradiction(draft.now, bay)
        if contradiction and bay.place not in twice:
            yield Standing("BATTERY_IDENTITY_MISMATCH", bay.place, contradiction)
        driven = bay.charging == "direct" and charge is not None and charge.phase is ChargePhase.CHARGING
        if driven and charge is not None and (charge.bms_age_s or 0.0) > BMS_SILENT_LIMIT_S:
            yield Standing("BMS_SILENT", bay.place)
        elif driven and charge is not None and charge.max_temperature_c is None:
            yield Standing("BMS_SILENT", bay.place, "no temperature (BSM)", delay_s=2.0)
        if draft.memory.charge(bay.number).failures >= MAX_FAILURES and not charge_is_active(bay):
            yield Standing("CHARGE_FAILED", bay.place)


def _identities(draft: Draft) -> Iterator[Standing]:
    for identity, places in duplicates(draft.now).items():
        yield Standing("BATTERY_IDENTITY_DUPLICATE", places[0], f"{named(identity)}: {', '.join(places)}")
    for battery in draft.snapshot.inventory.batteries:
        if battery.doubtful and place_kind(battery.place) is not PlaceKind.AWAY:
            yield Standing("BATTERY_DOUBTFUL", battery.battery, f"{battery.place}: {battery.doubt_reason}")


def _fire(draft: Draft) -> Iterator[Standing]:
    fire, panel = draft.memory.fire, draft.snapshot.fire_panel
    signs = tuple(detections(draft.snapshot, fire.traces, draft.rules.config.limits))
    for found in signs:
        yield Standing(found.code, found.bay.place, found.detail)
    if words := confirmed_by(draft, signs):
        yield Standing("FIRE_CONFIRMED", "station", ", ".join(words))
    for bay in live_after_stop(draft):
        yield Standing("BAY_STILL_LIVE", bay.place)
    if cut_off_missing(draft):
        yield Standing("FEEDER_NOT_CUT_OFF", "fire_panel", delay_s=CUT_OFF_PATIENCE_S)
    if panel.quality is Quality.STALE:
        yield Standing("FIRE_PANEL_SILENT", "fire_panel", delay_s=2.0)
    if draft.job is not None and draft.job.kind is JobKind.ISOLATE and (forbidden := transfer_forbidden(draft.now)):
        yield Standing("TRANSFER_STOPPED", "robot", forbidden)
    if fire.drill is not None:
        yield Standing("FIRE_DRILL_RUNNING", "station", f"bay {fire.drill.bay}, {fire.drill.person}")


def _record(draft: Draft) -> Iterator[Standing]:
    for finding in draft.snapshot.survey.findings:
        if finding.verdict is Verdict.CONTRADICTS and not finding.place.startswith("truck:"):
            detail = f"{finding.recorded or 'empty'} / {finding.sensed}"
            yield Standing("BAY_MISMATCH", finding.place, detail, delay_s=2.0)
    if draft.swap is not None and (strayed := off_course(draft.now, draft.swap_recipe)):
        yield Standing("SWAP_OFF_COURSE", draft.swap.swap, strayed)


def _devices(draft: Draft) -> Iterator[Standing]:
    """What devices complain of, one alarm per fault: its source is the device and the maker's code."""
    for each in draft.snapshot.complaints:
        bay = draft.now.bay(each.bay)
        source = f"{bay.place if bay is not None else _DEVICES.get(each.role, each.role)}:{each.alarm.code}"
        words = f"{each.alarm.zh} / {each.alarm.en}"
        match each.alarm.grade:
            case Grade.STOP:
                yield Standing("DEVICE_FAULT", source, words, COMPLAINT_STANDS_S)
            case Grade.MAINTENANCE:
                yield Standing("DEVICE_NEEDS_SERVICE", source, words, COMPLAINT_STANDS_S)
            case Grade.INFORMATION:
                yield Standing("DEVICE_NOTICE", source, words, COMPLAINT_STANDS_S)


def _genuine(vin: str) -> bool:
    """What a truck sends may be no VIN at all."""
    try:
        return vin_check_digit_matches(vin)
    except InputError:
        return False


def _transit(draft: Draft) -> Iterator[Standing]:
    """A battery in the transit place that no swap or job will carry on."""
    works = (HoldKind.SWAP, HoldKind.JOB)
    for bay in draft.snapshot.bays:
        hold = draft.snapshot.inventory.held(place=bay.place)
        present = bay.io.good is not None and bay.io.good.presence is not Presence.EMPTY
        if bay.transit and (bay.battery or present) and (hold is None or hold.kind not in works):
            yield Standing("TRANSIT_OCCUPIED", bay.place, bay.battery or "", delay_s=2.0)


def _open_work(draft: Draft) -> Iterator[tuple[Recipe, Swap | Job]]:
    """The open job, and the swap whether it runs or the job suspends it."""
    if draft.job is not None:
        yield draft.recipe, draft.job
    if draft.swap is not None:
        yield draft.swap_recipe, draft.swap


def _truck(draft: Draft) -> Iterator[Standing]:
    truck = draft.snapshot.truck.good
    if truck is not None and truck.vin is not None and not _genuine(truck.vin):
        yield Standing("VIN_CHECK_DIGIT", truck.vin)
    if draft.swap is not None and waits_for_set(draft):
        yield Standing("BATTERY_SET_UNEVEN", draft.swap.vin, f"position {draft.swap.position} of {draft.now.positions}")
    if not any(recipe.step(each.step).watch_truck for recipe, each in _open_work(draft)):
        return
    if truck is None:
        unheard = draft.snapshot.truck.quality is Quality.NEVER
        yield Standing("TRUCK_LINK_LOST", "truck", delay_s=TRUCK_PATIENCE_S if unheard else 0.0)
    else:
        moved = (*CONDITIONS["truck_safe"](draft.now), *CONDITIONS["truck_positioned"](draft.now))
        changed = [reason for reason in moved if reason != "robot_link"]
        if changed:
            yield Standing("TRUCK_MOVED", "truck", ", ".join(changed))
        if lost := lost_lock(draft):
            yield Standing(lost, "truck", delay_s=LOST_S)


def _bypass(draft: Draft) -> Iterator[Standing]:
    bypass = draft.snapshot.bypass
    if bypass is not None:
        left_min = ceil((bypass.left_s or 0.0) / 60.0)
        yield Standing("BYPASS_ACTIVE", bypass.subject, f"{bypass.person}: {bypass.reason}, {left_min} min")


def _plan(draft: Draft) -> Iterator[Standing]:
    """No plan in time; after a start the first one may take as long."""
    planning = draft.memory.planning
    if plan_is_late(draft):
        delay_s = PLAN_VALID_S if planning.plan is None else 0.0
        yield Standing("CHARGE_PLAN_LATE", "planner", planning.refusal, delay_s)


def _promises(draft: Draft) -> Iterator[Standing]:
    """A promise that even full power cannot keep in time."""
    for each in kept(draft):
        if not each.in_time:
            late_min = -min(each.own_s, each.shared_s) / 60.0
            detail = f"{late_min:.0f} min" if isfinite(late_min) else each.promise.model
            yield Standing("PROMISE_AT_RISK", each.promise.booking, detail, PROMISE_LOST_S)


def _energy(draft: Draft) -> Iterator[Standing]:
    """What the energy ledger and the batteries' check-ups found; the alarm of a suspect battery is the proposal."""
    energy = draft.snapshot.energy
    if energy.open_cases:
        yield Standing("ENERGY_CASE_OPEN", "ledger", ", ".join(energy.open_cases[-MOST_CASES_TOLD:]))
    for suspect in energy.suspects:
        yield Standing("BATTERY_SUSPECT", suspect.battery, ", ".join(suspect.reasons))


def _climate(draft: Draft) -> Iterator[Standing]:
    """Climate units that do not answer, or whose coolant runs low; their own fault codes are complaints."""
    for bay in draft.snapshot.bays:
        if draft.rules.config.bay(bay.number).climate:
            unit = bay.climate.good
            if unit is None:
                yield Standing("CLIMATE_SILENT", bay.place, delay_s=10.0)
            elif unit.pressure_kpa is not None and unit.pressure_kpa < draft.rules.config.limits.min_coolant_kpa:
                yield Standing("COOLANT_PRESSURE_LOW", bay.place, f"{unit.pressure_kpa:.0f} kPa", delay_s=5.0)


def _site(draft: Draft) -> Iterator[Standing]:
    of_site = (power_complaints, store_complaints, uplink_complaints, concern_complaints, yard_complaints)
    for each in (complaint for complaints in of_site for complaint in complaints(draft)):
        yield Standing(each.code, each.source, each.detail, each.delay_s)


def _step(draft: Draft) -> Iterator[Standing]:
    fault = draft.memory.step_fault
    if fault is not None:
        yield Standing(fault.alarm, STEP_SOURCE, fault.detail)


CONDITION_GROUPS: tuple[Callable[[Draft], Iterator[Standing]], ...] = (
    _links,
    _disk,
    _versions,
    _robot,
    _bays,
    _identities,
    _fire,
    _record,
    _devices,
    _transit,
    _truck,
    _bypass,
    _site,
    _plan,
    _promises,
    _energy,
    _climate,
    _step,
)


def note_garbage(draft: Draft) -> None:
    """Remember when the malformed count of a link last grew."""
    before = {name: (count, since_s) for name, count, since_s in draft.memory.malformed}
    noted = []
    for link in draft.snapshot.links:
        count, since_s = before.get(link.name, (link.malformed, float("-inf")))
        grew = link.malformed > count
        noted.append((link.name, link.malformed, draft.now_s if grew else since_s))
    draft.remember(malformed=tuple(noted))


def standing_now(draft: Draft) -> dict[str, Standing]:
    """Every condition that holds in this cycle, by the name its alarm would have."""
    return {one.alarm: one for group in CONDITION_GROUPS for one in group(draft)}
