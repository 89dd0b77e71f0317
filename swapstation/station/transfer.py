"""The automatic transfer of an abnormal battery to isolation (GB/T 51077-2024 12.4.5, 12.4.7): off unless set.

It is a job as any other, with a command and a permit row of its own: begun by the station in automatic mode, from idle,
at a single credible sign that stands in one bay, never for a truck's battery. A confirmed fire stops it where the PLC
holds, and so does the PLC's word. Whatever forbids it is shown and recorded; then people decide.
"""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.command import IsolateBattery
from swapstation.model.device import Presence
from swapstation.model.fire import TransferState
from swapstation.model.fire_record import TransferRefused
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.job import Job, JobKind
from swapstation.model.journal import BatteryQuarantined, JobOpened
from swapstation.model.snapshot import BayState, StationState
from swapstation.station.alarms import blocking_alarms
from swapstation.station.draft import Draft
from swapstation.station.fire import detections
from swapstation.station.job_steps import STEPS
from swapstation.station.modes import Trigger, transition
from swapstation.station.operating_mode import Work, forbidding_mode
from swapstation.station.permit import permit

COMES_WITH_THE_JOB = frozenset(
    {
        "executing",
        "mode_permits_work",
        "transfer_open",
        "origin_bay_dead",
        "origin_bay_allocated",
        "destination_bay_reserved",
    }
)
"""Of the permit row only these may be missing before the job is open; its first step makes the bay dead."""


def run_transfer(draft: Draft) -> None:
    """Begin a transfer where one is needed and everything allows it; else say what forbids it."""
    if not draft.rules.config.fire.automatic_transfer or draft.job is not None:
        return
    bay = _needs_transfer(draft)
    if bay is None:
        _show(draft, None)
        return
    command = IsolateBattery(bay.number, _isolation_number(draft))
    reasons = _reasons(draft, command, bay)
    _quarantine(draft, bay)
    _show(draft, TransferState(bay.number, bay.battery, reasons))
    if not reasons and not draft.snapshot.journal_pending:
        _begin(draft, command, bay)


def _needs_transfer(draft: Draft) -> BayState | None:
    """The first bay with a battery in which a sign of fire stands now; each is tried once while its signs last."""
    limits, traces = draft.rules.config.limits, draft.memory.fire.traces
    signs = {found.bay.number: found.bay for found in detections(draft.snapshot, traces, limits)}
    tried = draft.memory.fire.transferred
    if tried is not None and tried not in [bay.battery for bay in signs.values()]:
        draft.remember(fire=replace(draft.memory.fire, transferred=None))
    for _, bay in sorted(signs.items()):
        empty = bay.battery is None and bay.io.good is not None and bay.io.good.presence is Presence.EMPTY
        if not bay.isolation and not empty and (bay.battery is None or bay.battery != tried):
            return bay
    return None


def _isolation_number(draft: Draft) -> int:
    return next((bay.number for bay in draft.snapshot.bays if bay.isolation), 0)


def _reasons(draft: Draft, command: IsolateBattery, bay: BayState) -> tuple[str, ...]:
    """Why the transfer cannot begin: its own permit row, and what forbids any job."""
    inventory = draft.snapshot.inventory
    places = [each.place for each in draft.snapshot.bays if each.number in (command.bay, command.to_bay)]
    checks = {
        "not_idle": draft.memory.state is StationState.IDLE and draft.work is None,
        "battery_held": bay.battery is None or inventory.held(battery=bay.battery) is None,
        "place_held": all(inventory.held(place=place) is None for place in places),
        "place_occupied": inventory.at("isolation") is None,
    }
    unmet = [reason for reason, met in checks.items() if not met]
    row = [name for name in permit(command, draft.now) if name not in COMES_WITH_THE_JOB]
    mode = forbidding_mode(draft.mode, Work.TRANSFER)
    return tuple(dict.fromkeys((*unmet, *mode, *row, *blocking_alarms(draft))))


def _show(draft: Draft, state: TransferState | None) -> None:
    """Keep it for people; what forbids a transfer is written down each time it changes."""
    before = draft.memory.fire.transfer
    if state is not None and state.reasons and state != before:
        draft.record(TransferRefused(state.bay, state.battery, state.reasons))
    if state != before:
        draft.remember(fire=replace(draft.memory.fire, transfer=state))


def _quarantine(draft: Draft, bay: BayState) -> None:
    """It is not charged and goes onto no truck, wherever it ends up; a booking of it ends, so that it is free to go."""
    battery = draft.snapshot.inventory.battery(bay.battery) if bay.battery else None
    reaction = draft.snapshot.fire.reaction
    if (
        battery is not None
        and not battery.quarantined
        and draft.memory.fire.transfer is None
        and not reaction.confirmed
    ):
        causes = tuple(cause for cause in reaction.causes if cause.endswith(f"@{bay.place}"))
        draft.record(BatteryQuarantined(battery.battery, "sign of fire", evidence=causes))


def _begin(draft: Draft, command: IsolateBattery, bay: BayState) -> None:
    isolation = draft.snapshot.bay(command.to_bay)
    name = f"J{draft.snapshot.boot:04d}-{draft.snapshot.sequence:08d}"
    job = Job(
        job=name,
        kind=JobKind.ISOLATE,
        step=STEPS[JobKind.ISOLATE][0].name,
        battery=bay.battery,
        origin=bay.place,
        destination=isolation.place,
        opened_at=draft.snapshot.at,
    )
    holds = (
        *(Hold(f"{name}:{place}", HoldKind.JOB, place=place) for place in (bay.place, isolation.place)),
        Hold(f"{name}:battery", HoldKind.JOB, battery=bay.battery),
    )
    draft.record(JobOpened(job, holds))
    draft.remember(
        state=transition(draft.memory.state, Trigger.START),
        step="",
        begun=name,
        fire=replace(draft.memory.fire, transferred=bay.battery),
    )
