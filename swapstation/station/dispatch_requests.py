"""Dispatch records from any channel: taken whole or refused by name, once for each version of a record."""

from __future__ import annotations

from dataclasses import replace

from swapstation.errors import InputError
from swapstation.model.dispatch import MOST_DISPATCHES, SITE, Dispatch, DispatchSource, check_dispatch
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.person import is_named
from swapstation.model.power_record import DispatchEnded, DispatchPut
from swapstation.model.request import Accepted, Request
from swapstation.station.draft import Draft
from swapstation.station.outcome import Outcome, refused
from swapstation.station.power import dispatches_now
from swapstation.station.power_memory import Heard

TOWARD_SAFETY = (DispatchSource.SAFETY, DispatchSource.GRID_EMERGENCY)


def put_dispatch(draft: Draft, request: Request, payload: PutDispatch) -> Outcome:
    """Take a record; it counts in this cycle, before it is durable. The same one again only renews it."""
    record = payload.record(draft.snapshot.at)
    try:
        check_dispatch(record)
        _check_node(draft, record)
    except InputError as error:
        return refused(request, ("bad_input",), str(error))
    standing = dispatches_now(draft)
    known = next((each for each in standing if each.dispatch == record.dispatch), None)
    if known is not None and replace(known, received_at=record.received_at) == record:
        _heard(draft, record)
        return Accepted(request.key, {"dispatch": record.dispatch, "state": "renewed"}), ()
    if record.ends_at <= draft.snapshot.at:
        return refused(request, ("dispatch_over",), str(InputError("ends_at", record.ends_at.isoformat(), "to come")))
    if known is None and len(standing) >= MOST_DISPATCHES:
        return refused(request, ("too_many_dispatches",), f"{len(standing)} stand, at most {MOST_DISPATCHES}")
    if known is not None and _older(record, known):
        return refused(request, ("dispatch_older",), f"issued_at = {record.issued_at}: after {known.issued_at}")
    _heard(draft, record)
    memory = draft.memory.power
    others = tuple(each for each in memory.accepted if each.dispatch != record.dispatch)
    draft.remember(power=replace(memory, accepted=(*others, record)))
    state = "put" if known is None else "replaced"
    return Accepted(request.key, {"dispatch": record.dispatch, "state": state}), (DispatchPut(record, request.person),)


def end_dispatch(draft: Draft, request: Request, payload: EndDispatch) -> Outcome:
    """End a record. What was asked for safety or by the grid is ended by a person with a name only."""
    stored = {each.dispatch: each for each in draft.snapshot.inventory.dispatches}
    known = stored.get(payload.dispatch)
    if known is None:
        return refused(request, ("no_such_dispatch",), payload.dispatch)
    try:
        if not payload.reason.strip():
            raise InputError("reason", payload.reason, "a reason in words")
        if known.source in TOWARD_SAFETY and not is_named(request.person):
            raise InputError("person", request.person, f"a name, to end a record of {known.source.value}")
    except InputError as error:
        return refused(request, ("bad_input",), str(error))
    ended = DispatchEnded(payload.dispatch, payload.reason, request.person)
    return Accepted(request.key, {"dispatch": payload.dispatch, "state": "ended"}), (ended,)


def _check_node(draft: Draft, record: Dispatch) -> None:
    config = draft.rules.config
    bays = (f"bay-{bay.number}" for bay in config.charging_bays)
    nodes = (SITE, *(feeder.name for feeder in config.feeders), *bays)
    if record.node not in nodes:
        raise InputError("node", record.node, f"one of {', '.join(nodes)}")


def _older(record: Dispatch, known: Dispatch) -> bool:
    """A version from before the one that counts, or one that does not say; it may have been long on its way."""
    if known.issued_at is None:
        return False
    return record.issued_at is None or record.issued_at <= known.issued_at


def _heard(draft: Draft, record: Dispatch) -> None:
    memory = draft.memory.power
    others = tuple(each for each in memory.heard if each.dispatch != record.dispatch)
    draft.remember(power=replace(memory, heard=(*others, Heard(record.dispatch, draft.now_s))))
