"""How the bugs get into the product: each function patches it, the caller undoes the patch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from swapstation.controller import core, journal
from swapstation.controller.core import Core
from swapstation.controller.journal import DirectJournal
from swapstation.inventory import apply, changes, queries, tables
from swapstation.inventory.database import DatabaseError
from swapstation.inventory.effect import Effect
from swapstation.inventory.journal import start_boot
from swapstation.inventory.queries import load_inventory
from swapstation.model.alarm import AlarmState
from swapstation.model.inventory import SwapResult
from swapstation.model.journal import AlarmChanged, SwapClosed
from swapstation.model.request import Accepted, HoldStation, ReleaseQuarantine
from swapstation.model.snapshot import StationState, Survey, Verdict
from swapstation.station import (
    alarms,
    bays_needed,
    charging,
    conditions,
    decide,
    evidence,
    facts,
    interlocks,
    order_tracking,
    requests,
    selection,
    sequence,
    standing,
)
from swapstation.station.draft import Draft
from swapstation.station.modes import Trigger, transition
from swapstation.station.sensing import missing
from swapstation.station.situation import Order, OrderPhase
from swapstation.station.survey import survey

Patch = pytest.MonkeyPatch
TWIN = "swapstation.twin.station"
"""Where the twin binds functions of the product; they are replaced there as well."""


def table(mapping: Mapping[Any, Any]) -> Any:
    """Tables of the product are read-only to the product alone."""
    return mapping


def met(*names: str) -> Callable[[Patch], None]:
    """Interlocks that are always met."""

    def plant(patch: Patch) -> None:
        for name in names:
            patch.setitem(table(interlocks.INTERLOCKS), name, lambda now, command: True)

    return plant


def unlooked(*names: str) -> Callable[[Patch], None]:
    """Conditions that are always met."""

    def plant(patch: Patch) -> None:
        for name in names:
            patch.setitem(table(conditions.CONDITIONS), name, lambda now: ())

    return plant


def without_group(name: str) -> Callable[[Patch], None]:
    """A group of conditions that raises no alarm."""

    def plant(patch: Patch) -> None:
        groups = tuple(group for group in standing.CONDITION_GROUPS if group.__name__ != name)
        assert len(groups) < len(standing.CONDITION_GROUPS)
        patch.setattr(standing, "CONDITION_GROUPS", groups)

    return plant


def instead(where: Any, name: str, value: Any) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(where, name, value)


def live_is_dead(patch: Patch) -> None:
    for module in (interlocks, conditions):
        patch.setattr(module, "bay_is_dead", lambda bay: True)


def identity_not_compared(patch: Patch) -> None:
    for module in (interlocks, evidence, standing, bays_needed, selection):
        patch.setattr(module, "identity_contradiction", lambda now, bay: None)


def hold_without_stop(draft: Draft, *_: object) -> None:
    robot = draft.snapshot.robot.good
    if robot is not None and robot.state.value != "busy":
        draft.remember(state=transition(draft.memory.state, Trigger.STANDS_STILL))


def held_at_once(draft: Draft, *_: object) -> None:
    draft.remember(state=transition(draft.memory.state, Trigger.STANDS_STILL))


def forgets_latched(patch: Patch) -> None:
    continued = alarms._continued

    def forgetful(draft: Draft, alarm: Any, found: Any) -> Any:
        if found is None and draft.rules.alarms[alarm.code].latching:
            draft.record(AlarmChanged(replace(alarm, state=AlarmState.ACKNOWLEDGED), gone=True))
            return None
        return continued(draft, alarm, found)

    patch.setattr(alarms, "_continued", forgetful)


def ids_from_one(patch: Patch) -> None:
    patch.setattr(f"{TWIN}.load_inventory", lambda connection: replace(load_inventory(connection), next_command_id=1))


def orders_forgotten(patch: Patch) -> None:
    patch.setitem(queries._PARTS, "open_intents", lambda connection: ())


def new_id_when_resent(patch: Patch) -> None:
    sent = order_tracking._sent_if_due

    def renamed(draft: Draft, order: Order) -> Order:
        overdue = order.phase is OrderPhase.SENT and draft.now_s - order.since_s >= order_tracking.RESEND_S
        return sent(draft, replace(order, command_id=order.command_id + 1) if overdue else order)

    patch.setattr(order_tracking, "_sent_if_due", renamed)


def sent_in_any_state(patch: Patch) -> None:
    def sent(draft: Draft, order: Order) -> Order:
        waiting = order.phase is OrderPhase.JOURNALLING and draft.durable(order.command_id)
        overdue = order.phase is OrderPhase.SENT and draft.now_s - order.since_s >= order_tracking.RESEND_S
        if (waiting or overdue) and draft.send(order.command, order.command_id):
            return replace(order, phase=OrderPhase.SENT, since_s=draft.now_s)
        return order

    met("executing", "confirmed")(patch)
    patch.setattr(order_tracking, "_sent_if_due", sent)


def lost_on_full_disk(patch: Patch) -> None:
    def write_waiting(self: Any) -> None:
        while self._waiting:
            batch, at = self._waiting.popleft()
            try:
                self._finished.append(journal._written(self._write, batch, at))
            except DatabaseError as error:
                self.error = str(error)
                return

    patch.setattr(DirectJournal, "_write_waiting", write_waiting)


def answered_too_early(patch: Patch) -> None:
    submit = Core._submit

    def eager(self: Core, batch: Any, at: Any) -> None:
        self._reply(batch)
        submit(self, batch, at)

    patch.setattr(Core, "_submit", eager)


def nobody_confirms(patch: Patch) -> None:
    begin = Core.__init__

    def ready(self: Core, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        work = self.inventory.swap or self.inventory.job
        self._memory = replace(
            self._memory, confirmed=True, state=StationState.HELD if work is not None else StationState.IDLE
        )

    patch.setattr(Core, "__init__", ready)


def confirmed_blindly(patch: Patch) -> None:
    patch.setattr(
        requests,
        "confirm_reasons",
        lambda draft: () if draft.memory.state is StationState.ABORTED else ("already_confirmed",),
    )


def resumes_by_itself(patch: Patch) -> None:
    run_state = decide._run_state

    def eager(draft: Draft) -> None:
        run_state(draft)
        if draft.memory.state is StationState.HELD and draft.swap and not alarms.holding_alarms(draft):
            draft.remember(
                state=transition(draft.memory.state, Trigger.RESUME), state_since_s=draft.now_s, hold_reasons=()
            )

    patch.setattr(decide, "_run_state", eager)


def believes_the_record(patch: Patch) -> None:
    def believing(snapshot: Any) -> Survey:
        found = survey(snapshot)
        return replace(found, findings=tuple(replace(each, verdict=Verdict.AGREES) for each in found.findings))

    patch.setattr(core, "survey", believing)


def only_pauses(patch: Patch) -> None:
    supervise = charging._supervise

    def pausing(draft: Draft, bay: Any, sound: bool, memory: Any) -> Any:
        return supervise(draft, bay, sound, memory) if sound else memory

    patch.setattr(charging, "_supervise", pausing)


def by_order_alone(patch: Patch) -> None:
    for name in ("returned_lifted", "returned_in_bay", "fresh_on_robot", "fresh_seated"):
        done = lambda now: missing(robot_order_done=now.robot_order_done)  # noqa: E731
        patch.setitem(table(conditions.CONDITIONS), name, done)


def wrong_bay(patch: Patch) -> None:
    fact = facts._returned(facts._from_bay, facts._IN_BAY)
    patch.setitem(table(facts.FACTS), "returned_in_bay", fact)


def always_completed(patch: Patch) -> None:
    def closed(swap: str, result: SwapResult, reason: str, seconds: float) -> SwapClosed:
        return SwapClosed(swap, SwapResult.COMPLETED, reason, seconds)

    patch.setattr(requests, "SwapClosed", closed)
    patch.setattr(sequence, "SwapClosed", closed)


def keeps_holds(patch: Patch) -> None:
    close = apply._EFFECTS[SwapClosed]

    def closed(entry: Any, record: SwapClosed) -> tuple[str, ...]:
        about = close(entry, record)
        own = sa.update(tables.holds).where(tables.holds.c.swap == record.swap, tables.holds.c.place.is_not(None))
        entry.connection.execute(own.values(ended_at=None, end_reason=""))
        return about

    patch.setitem(table(apply._EFFECTS), SwapClosed, closed)


def same_boot_again(patch: Patch) -> None:
    def started(engine: Any, version: str, configuration_hash: str, at: Any) -> int:
        with engine.connect() as connection:
            last = connection.scalar(sa.select(sa.func.max(tables.boots.c.boot)))
        return last or start_boot(engine, version, configuration_hash, at)

    patch.setattr(f"{TWIN}.start_boot", started)


def acts_twice(patch: Patch) -> None:
    def submit(self: Core, request: Any, reply: Any) -> None:
        self._under_way[request.key] = core._UnderWay(request.payload, [reply])
        self._inbox.append(request)

    patch.setattr(Core, "submit", submit)


def one_releases(patch: Patch) -> None:
    def release(change: ReleaseQuarantine, inventory: Any, _: Any) -> Effect:
        battery = inventory.battery(change.battery)
        return Effect(batteries=(replace(battery, quarantined=False, quarantine_reason=""),))

    rows = next(each for each in vars(changes).values() if isinstance(each, dict) and ReleaseQuarantine in each)
    patch.setitem(rows, ReleaseQuarantine, release)


def hold_ignored(patch: Patch) -> None:
    answer = lambda draft, request, payload: (Accepted(request.key), ())  # noqa: E731
    patch.setitem(table(requests.HANDLERS), HoldStation, answer)
