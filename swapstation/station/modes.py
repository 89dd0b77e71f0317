"""The station's state: PackML (ISA-TR88.00.02) states and the only ways between them.

One table; the machine is built once from it. `transition` is pure from outside: it loads the state, triggers once and
reads the state back. A trigger that the table does not allow leaves the state as it is. After every start the state is
ABORTED; only a person's confirmation leaves it.
"""

from __future__ import annotations

from enum import StrEnum

from transitions import Machine

from swapstation.model.snapshot import StationState


class Trigger(StrEnum):
    """What can change the state of the station."""

    CONFIRM = "confirm"
    CONFIRM_INTO_HOLD = "confirm_into_hold"
    START = "start"
    COMPLETE = "complete"
    HOLD = "hold"
    STANDS_STILL = "stands_still"
    RESUME = "resume"
    GO_ON = "go_on"
    GO_IDLE = "go_idle"


TRANSITIONS: tuple[tuple[Trigger, tuple[StationState, ...], StationState], ...] = (
    (Trigger.CONFIRM, (StationState.ABORTED,), StationState.IDLE),
    (Trigger.CONFIRM_INTO_HOLD, (StationState.ABORTED,), StationState.HELD),
    (Trigger.START, (StationState.IDLE,), StationState.EXECUTE),
    (Trigger.COMPLETE, (StationState.EXECUTE,), StationState.IDLE),
    (
        Trigger.HOLD,
        (StationState.IDLE, StationState.EXECUTE, StationState.UNHOLDING, StationState.HELD),
        StationState.HOLDING,
    ),
    (Trigger.STANDS_STILL, (StationState.HOLDING,), StationState.HELD),
    (Trigger.RESUME, (StationState.HELD,), StationState.UNHOLDING),
    (Trigger.GO_ON, (StationState.UNHOLDING,), StationState.EXECUTE),
    (Trigger.GO_IDLE, (StationState.UNHOLDING, StationState.HELD), StationState.IDLE),
)


class _Station:
    state: StationState

    def trigger(self, _: str) -> bool:
        raise AssertionError("replaced by the machine")


_STATION = _Station()
_MACHINE = Machine(
    model=_STATION,
    states=StationState,
    initial=StationState.ABORTED,
    auto_transitions=False,
    model_override=True,
    transitions=[
        {"trigger": trigger.value, "source": list(sources), "dest": target} for trigger, sources, target in TRANSITIONS
    ],
)


def transition(state: StationState, trigger: Trigger) -> StationState:
    """Return the state after `trigger`; unchanged when the table has no such way."""
    _MACHINE.set_state(state)
    if trigger.value in _MACHINE.get_triggers(state):
        _STATION.trigger(trigger.value)
    return _STATION.state
