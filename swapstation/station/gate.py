"""The barrier before the lane: open for one truck that was called, closed again once it has passed. Own design.

It opens only into a free lane, and is told to close only when its own loop has been free for a while; the device looks
at the loop as well. A call counts for some minutes, is not kept over a restart, and ends when the truck is in.
"""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.command import CloseGate, Command, OpenGate
from swapstation.model.request import Accepted, Request
from swapstation.model.yard import GateState
from swapstation.model.yard_request import AdmitTruck
from swapstation.station.draft import Draft
from swapstation.station.memory import GateMemory
from swapstation.station.outcome import Outcome, refused
from swapstation.station.permit import permit

REPEAT_S = 2.0


def admit(draft: Draft, request: Request, payload: AdmitTruck) -> Outcome:
    """A truck is called in; an empty VIN takes the call back."""
    if not draft.rules.config.links.gate:
        return refused(request, ("no_gate",))
    if payload.vin and draft.snapshot.inventory.truck_model(payload.vin) is None:
        return refused(request, ("truck_registered",))
    memory = draft.memory.gate
    if payload.vin != memory.admitted:
        draft.remember(gate=replace(memory, admitted=payload.vin, since_s=draft.now_s, passed=False))
    return Accepted(request.key), ()


def run_gate(draft: Draft) -> None:
    """Decide for the barrier, where there is one."""
    if not draft.rules.config.links.gate:
        return
    memory = _followed(draft, draft.memory.gate)
    draft.remember(gate=_told(draft, memory, _order(draft, memory)))


def _followed(draft: Draft, memory: GateMemory) -> GateMemory:
    """The memory with what the loop shows: a truck that has passed, since when nobody is there, a call that is over."""
    gate, yard, now_s = draft.snapshot.gate.good, draft.rules.config.yard, draft.now_s
    occupied = gate is None or gate.loop_occupied
    passed = memory.passed or (bool(memory.admitted) and gate is not None and gate.loop_occupied)
    free_since_s = None if occupied else now_s if memory.free_since_s is None else memory.free_since_s
    memory = replace(memory, passed=passed, free_since_s=free_since_s)
    truck = draft.snapshot.truck.good
    inside = truck is not None and truck.vin == memory.admitted
    over = passed and free_since_s is not None and now_s - free_since_s >= yard.gate_clear_s
    if memory.admitted and (over or inside or now_s - memory.since_s >= yard.admission_s):
        return replace(memory, admitted="", passed=False)
    return memory


def _order(draft: Draft, memory: GateMemory) -> Command | None:
    """What the barrier is to do now and does not do yet."""
    gate, clear_s = draft.snapshot.gate.good, draft.rules.config.yard.gate_clear_s
    if gate is None:
        return None
    if memory.admitted and not memory.passed:
        return OpenGate(memory.admitted) if gate.state is not GateState.OPEN else None
    clear = memory.free_since_s is not None and draft.now_s - memory.free_since_s >= clear_s
    return CloseGate() if clear and not memory.admitted and gate.state is not GateState.CLOSED else None


def _told(draft: Draft, memory: GateMemory, command: Command | None) -> GateMemory:
    """Say it again while it is not done."""
    if command is None or permit(command, draft.now):
        return replace(memory, asked=False)
    memory = replace(memory, asked=True)
    if draft.now_s - memory.told_s < REPEAT_S or not draft.send(command):
        return memory
    return replace(memory, told_s=draft.now_s)
