"""Starting and giving up jobs: who may, what they hold, and where the battery is recorded afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from swapstation.errors import InputError
from swapstation.model import journal
from swapstation.model.command import StopRobot
from swapstation.model.inventory import ROBOT, TRANSIT, truck_place
from swapstation.model.job import Job, JobKind, JobResult
from swapstation.model.journal import JobClosed, JobOpened
from swapstation.model.request import AbandonJob, Accepted, Request, StartJob
from swapstation.model.snapshot import StationState
from swapstation.station.alarms import blocking_alarms, standing_alarms
from swapstation.station.draft import Draft
from swapstation.station.job_places import bay_at, holds_of, proven_place, whereabouts
from swapstation.station.job_steps import STEPS
from swapstation.station.jobs import after_job, open_seconds
from swapstation.station.modes import Trigger, transition
from swapstation.station.operating_mode import forbidding_mode, work_of
from swapstation.station.order_tracking import SLOTS, resolve
from swapstation.station.outcome import Outcome, Reasons, refused
from swapstation.station.stock_check import differences, silent_bays
from swapstation.station.storing import storage_place


@dataclass(frozen=True, slots=True)
class _Carries:
    """From where to where a kind of job carries a battery: `bay` and `to_bay` of the request, the robot, the truck.

    `transit` is the transit place, `storage` the bay that the station chooses for its battery.
    """

    origin: str = ""
    destination: str = ""
    at_truck: bool = False


_CARRIES: Mapping[JobKind, _Carries] = {
    JobKind.MOVE: _Carries("bay", "to_bay"),
    JobKind.STORE: _Carries("transit", "storage"),
    JobKind.PICK: _Carries("bay", "robot"),
    JobKind.PUT: _Carries("robot", "to_bay"),
    JobKind.LIFT: _Carries("truck", "robot", at_truck=True),
    JobKind.PLACE: _Carries("robot", "truck", at_truck=True),
    **{
        kind: _Carries(at_truck=True)
        for kind in (JobKind.LOCATE, JobKind.GRIP, JobKind.UNGRIP, JobKind.UNLOCK, JobKind.LOCK)
    },
}


def job_reasons(draft: Draft, kind: JobKind) -> Reasons:
    """Why no job of this kind can begin now, whatever it carries."""
    if kind is JobKind.ISOLATE:
        return ("not_by_hand",)
    if kind is JobKind.STOCK_CHECK:
        return ("survey_incomplete",) if silent_bays(draft.now) else _no_job(draft)
    if draft.swap is not None and draft.job is None and draft.memory.state is StationState.HELD:
        return (*_in_swap(draft, kind), *forbidding_mode(draft.mode, work_of(kind)), *standing_alarms(draft))
    idle = draft.memory.state is StationState.IDLE and draft.work is None
    unmet = (*(() if idle else ("not_idle",)), *(_unstorable(draft) if kind is JobKind.STORE else ()))
    return (*unmet, *forbidding_mode(draft.mode, work_of(kind)), *blocking_alarms(draft))


def _unstorable(draft: Draft) -> Reasons:
    """Why nothing can be carried out of the transit place."""
    if draft.snapshot.inventory.at(TRANSIT) is None:
        return ("transit_empty",)
    return () if storage_place(draft.now) else ("storage_free",)


def _in_swap(draft: Draft, kind: JobKind) -> Reasons:
    """Why a held swap cannot be suspended for a job: batteries move by its ways out, the PLC is in one exchange."""
    robot, order = draft.snapshot.robot.good, draft.memory.robot_order
    in_exchange = draft.now.by_plc and robot is not None and order is not None and robot.running_id == order.command_id
    carries = kind in _CARRIES and bool(_CARRIES[kind].destination)
    return (*(("swap_moves_batteries",) if carries else ()), *(("exchange_under_way",) if in_exchange else ()))


def _no_job(draft: Draft) -> Reasons:
    return ("job_open",) if draft.job is not None else ()


def abandon_job_reasons(draft: Draft) -> Reasons:
    """Why the open job cannot be given up: its battery must be in one proven place."""
    job = draft.job
    if job is None:
        return ("no_job",)
    held = draft.memory.state is StationState.HELD
    proven = job.battery is None or proven_place(draft.now, job) is not None
    return (*(() if held else ("not_held",)), *(() if proven else ("place_unproven",)))


def start_job(draft: Draft, request: Request, payload: StartJob) -> Outcome:
    reasons = job_reasons(draft, payload.job)
    if reasons:
        return refused(request, reasons)
    name = f"J{draft.snapshot.boot:04d}-{draft.snapshot.sequence:08d}"
    if payload.job is JobKind.STOCK_CHECK:
        return _checked_stock(draft, request, name)
    try:
        job = _job(draft, request, payload, name)
    except InputError as error:
        return refused(request, ("bad_input",), str(error))
    reasons = (*_truck_reasons(draft, payload.job), *_place_reasons(draft, job))
    if reasons:
        return refused(request, reasons)
    _begin(draft, job)
    return Accepted(request.key, {"job": name}), (JobOpened(job, holds_of(draft.now, job)),)


def _begin(draft: Draft, job: Job) -> None:
    """From idle, or out of a held swap: its orders are given up, afterwards the sensors say how far it is."""
    if draft.swap is None:
        draft.remember(state=transition(draft.memory.state, Trigger.START), step="", begun=job.job)
        return
    for slot in SLOTS:
        resolve(draft, slot, journal.Outcome.DROPPED)
    state = transition(draft.memory.state, Trigger.RESUME)
    draft.remember(state=state, state_since_s=draft.now_s, step="", step_fault=None, hold_reasons=(), begun=job.job)


def _checked_stock(draft: Draft, request: Request, name: str) -> Outcome:
    """It only reads, so it is over in the cycle in which it began."""
    found = differences(draft.now)
    job = Job(name, JobKind.STOCK_CHECK, "read", person=request.person, opened_at=draft.snapshot.at)
    closed = JobClosed(name, JobResult.COMPLETED, "", 0.0, found)
    told = {each.place: f"recorded {each.recorded or 'empty'}, sensed {each.sensed}" for each in found}
    return Accepted(request.key, {"job": name, **told}), (JobOpened(job, ()), closed)


def _job(draft: Draft, request: Request, payload: StartJob, name: str) -> Job:
    carries, truck = _CARRIES.get(payload.job, _Carries()), draft.snapshot.truck.good
    vin = truck.vin if truck is not None and carries.at_truck else None
    places = {
        "": None,
        "robot": ROBOT,
        "transit": TRANSIT,
        "storage": storage_place(draft.now),
        "truck": truck_place(vin) if vin else None,
        "bay": _bay(draft, "bay", payload.bay) if carries.origin == "bay" else None,
        "to_bay": _bay(draft, "to_bay", payload.to_bay) if carries.destination == "to_bay" else None,
    }
    origin = places[carries.origin]
    carried = draft.snapshot.inventory.at(origin) if origin else None
    return Job(
        job=name,
        kind=payload.job,
        step=STEPS[payload.job][0].name,
        battery=carried.battery if carried else None,
        origin=origin,
        destination=places[carries.destination],
        vin=vin,
        person=request.person,
        opened_at=draft.snapshot.at,
    )


def _bay(draft: Draft, field: str, number: int | None) -> str:
    bay = draft.now.bay(number)
    if bay is None:
        raise InputError(field, number, f"one of {', '.join(str(bay.number) for bay in draft.snapshot.bays)}")
    return bay.place


def _truck_reasons(draft: Draft, kind: JobKind) -> Reasons:
    if not _CARRIES.get(kind, _Carries()).at_truck:
        return ()
    truck = draft.snapshot.truck.good
    if truck is None or truck.vin is None:
        return ("truck_link",)
    if draft.swap is not None and draft.swap.vin != truck.vin:
        return ("vin_matches",)
    return () if draft.snapshot.inventory.truck_model(truck.vin) else ("truck_registered",)


def _place_reasons(draft: Draft, job: Job) -> Reasons:
    inventory = draft.snapshot.inventory
    if job.origin is None or job.destination is None:
        return ()
    checks = {
        "unknown_battery": job.battery is not None,
        "battery_held": inventory.held(battery=job.battery) is None,
        "place_held": all(inventory.held(place=place) is None for place in (job.origin, job.destination)),
        "place_occupied": job.destination != job.origin and inventory.at(job.destination) is None,
        **_isolation(draft, job),
    }
    return tuple(reason for reason, met in checks.items() if not met)


def _isolation(draft: Draft, job: Job) -> dict[str, bool]:
    """The isolation place is for batteries that are not trusted; a quarantined one is carried nowhere else."""
    battery = draft.snapshot.inventory.battery(job.battery) if job.battery else None
    to = bay_at(draft.now, job.destination)
    if battery is None or to is None:
        return {}
    carried = battery.quarantined and job.kind is JobKind.MOVE
    return {
        "isolation_for_doubt": not (to.isolation and battery.sound),
        "only_to_isolation": to.isolation or not carried,
    }


def abandon_job(draft: Draft, request: Request, payload: AbandonJob) -> Outcome:
    """Give the open job up: the robot drops its order, the record says where the sensors prove the battery to be."""
    reasons, job = abandon_job_reasons(draft), draft.job
    if job is not None and job.job != payload.job:
        reasons = ("job_not_open",)
    if reasons or job is None:
        return refused(request, reasons)
    fact = whereabouts(draft.now, job)
    for slot in SLOTS:
        resolve(draft, slot, journal.Outcome.DROPPED)
    draft.send(StopRobot())
    after_job(draft, Trigger.GO_IDLE)
    closed = JobClosed(job.job, JobResult.FAILED, payload.reason, open_seconds(draft, job))
    return Accepted(request.key), (*((fact,) if fact else ()), closed)
