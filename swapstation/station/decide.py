"""decide: the whole station as one pure function, snapshot and memory in, commands and records out.

It is called every scan cycle. It reads no clock and opens nothing, so a simulated day takes seconds and a fault
schedule replays exactly.
"""

from __future__ import annotations

from swapstation.model.command import HoldRobot, ResetRobot, ResumeRobot, StopRobot
from swapstation.model.device import Robot, RobotState
from swapstation.model.job import Job
from swapstation.model.journal import Outcome, StateChanged
from swapstation.model.request import Request
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.alarms import holding_alarms, must_finish, must_hold, run_alarms
from swapstation.station.bypass import end_void_bypass
from swapstation.station.calibration import run_calibration
from swapstation.station.charging import run_charging
from swapstation.station.climate import run_climate
from swapstation.station.discharge import run_discharge
from swapstation.station.draft import Draft, Rules
from swapstation.station.evidence import doubt_contradicted
from swapstation.station.finishing import note_finishing
from swapstation.station.fire_plan import note_traces, run_fire
from swapstation.station.gate import run_gate
from swapstation.station.guide import run_guide
from swapstation.station.inspection import inspect_batteries
from swapstation.station.job_steps import EVERY_CONDITION
from swapstation.station.jobs import SUSPENDED, run_job
from swapstation.station.memory import Decision, Memory
from swapstation.station.modes import Trigger, transition
from swapstation.station.order_tracking import RESEND_S, resolve, track
from swapstation.station.power import run_power
from swapstation.station.promise_watch import end_void_bookings, run_promises, watch_promises
from swapstation.station.requests import run_requests
from swapstation.station.sequence import fail, run_swap
from swapstation.station.situation import OrderPhase
from swapstation.station.store import run_store
from swapstation.station.transfer import run_transfer

UNHOLD_LIMIT_S = 10.0
"""Time the robot may take to go on after a resume before the station is held again."""


def decide(rules: Rules, snapshot: Snapshot, memory: Memory, requests: tuple[Request, ...]) -> Decision:
    """Return what happens in this cycle. Pure: equal arguments give equal decisions."""
    draft = Draft(rules, snapshot, memory)
    before = memory.state
    note_traces(draft)
    run_alarms(draft)
    doubt_contradicted(draft)
    inspect_batteries(draft)
    run_fire(draft)
    _leave_what_did_not_open(draft)
    end_void_bypass(draft)
    run_requests(draft, requests)
    run_transfer(draft)
    _run_state(draft)
    track(draft)
    run_swap(draft)
    run_job(draft)
    watch_promises(draft)
    run_power(draft)
    run_calibration(draft)
    run_charging(draft)
    run_discharge(draft)
    run_climate(draft)
    run_store(draft)
    run_gate(draft)
    run_guide(draft)
    end_void_bookings(draft)
    run_promises(draft)
    if draft.memory.state is not before:
        reason = ", ".join(draft.memory.hold_reasons)
        draft.record(StateChanged(before.value, draft.memory.state.value, reason))
        draft.remember(state_since_s=draft.now_s)
    return draft.decision()


def _leave_what_did_not_open(draft: Draft) -> None:
    """Work that the database refused to open leaves nothing to execute; a swap it was to suspend stays held."""
    memory, work = draft.memory, draft.work
    if draft.snapshot.journal_pending:
        return
    if work is None and memory.state is StationState.EXECUTE:
        draft.remember(state=transition(memory.state, Trigger.COMPLETE))
    elif work is not None and memory.begun not in ("", work.job if isinstance(work, Job) else work.swap):
        draft.remember(state=transition(memory.state, Trigger.HOLD), hold_reasons=(SUSPENDED,))
    draft.remember(begun="")


def _run_state(draft: Draft) -> None:
    robot = draft.snapshot.robot.good
    moves_by_itself = draft.memory.state is StationState.HELD and robot is not None and robot.state is RobotState.BUSY
    fire = draft.memory.state is StationState.IDLE and draft.snapshot.fire.reaction.confirmed
    note_finishing(draft, must_finish(draft))
    begins = must_hold(draft) or moves_by_itself or fire
    if begins:
        _enter_hold(draft)
    if draft.memory.state is StationState.HOLDING:
        _stand_still(draft, begins)
    elif draft.memory.state is StationState.UNHOLDING:
        _go_on(draft)


def _enter_hold(draft: Draft) -> None:
    reasons = tuple(dict.fromkeys((*draft.memory.hold_reasons, *holding_alarms(draft))))
    draft.remember(state=transition(draft.memory.state, Trigger.HOLD), hold_reasons=reasons)


def _stand_still(draft: Draft, begins: bool) -> None:
    """Stop the robot and wait until it says that it stands; without its word the station stays HOLDING.

    An order just sent may start after the robot's last word, so its idleness says nothing yet. One that paused by
    itself is told too as the hold begins: it must not go on by itself when its own reason is gone.
    """
    robot, order = draft.snapshot.robot.good, draft.memory.robot_order
    starting = order is not None and order.phase is OrderPhase.SENT and draft.now_s - order.since_s < RESEND_S
    paused = begins and robot is not None and robot.state is RobotState.PAUSED
    if robot is None or robot.state is RobotState.BUSY or starting or paused:
        draft.send(HoldRobot())
    else:
        draft.remember(state=transition(draft.memory.state, Trigger.STANDS_STILL))


def _try_again(draft: Draft) -> None:
    """An order that the robot calls done while the sensors do not agree is given again, under a new id."""
    order, work = draft.memory.robot_order, draft.work
    if order is None or work is None or order.phase is not OrderPhase.DONE or draft.now.by_plc:
        return
    if EVERY_CONDITION[draft.recipe.step(work.step).done](draft.now):
        resolve(draft, "robot_order", Outcome.FAILED)


def _dropped(draft: Draft, robot: Robot) -> bool:
    """The robot still has an order that this swap or job has given up: it must not go on with it."""
    order = draft.memory.robot_order
    ours = order is not None and order.command_id == robot.running_id
    return draft.work is not None and robot.running_id != 0 and not ours


def _go_on(draft: Draft) -> None:
    """Let the robot go on from where it stands, then the sequence."""
    robot = draft.snapshot.robot.good
    if robot is not None and robot.state is RobotState.FAULT:
        draft.send(ResetRobot())
    elif robot is not None and robot.state is RobotState.PAUSED:
        draft.send(StopRobot() if _dropped(draft, robot) else ResumeRobot())
    elif robot is not None and robot.state in (RobotState.IDLE, RobotState.BUSY):
        _try_again(draft)
        trigger = Trigger.GO_ON if draft.work is not None else Trigger.GO_IDLE
        draft.remember(state=transition(draft.memory.state, trigger), step_since_s=draft.now_s)
        return
    if draft.now_s - draft.memory.state_since_s > UNHOLD_LIMIT_S:
        fail(draft, "ROBOT_STEP_FAILED", f"robot does not go on: {robot.state.value if robot else 'no data'}")
