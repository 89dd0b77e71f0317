"""Setting a bypass and ending it: outside automatic mode, by two named people, one at a time."""

from __future__ import annotations

from swapstation.errors import InputError
from swapstation.model.bypass import MAX_BYPASS_MINUTES, Bypass, BypassInput, BypassResult
from swapstation.model.bypass_request import EndBypass, SetBypass
from swapstation.model.journal import BypassEnded, BypassSet
from swapstation.model.person import is_named
from swapstation.model.request import Accepted, Request
from swapstation.station.bypass import BYPASSABLE
from swapstation.station.draft import Draft
from swapstation.station.memory import BypassClock
from swapstation.station.mode_requests import MOVING
from swapstation.station.operating_mode import Work, forbidding_mode
from swapstation.station.outcome import Outcome, Reasons, refused
from swapstation.station.two_people import two_say


def set_reasons(draft: Draft, name: str) -> Reasons:
    """Why an input cannot be bypassed now; any name may be asked for."""
    if name not in BYPASSABLE:
        return ("never_bypassed",)
    checks = {
        "still_moving": draft.memory.state not in MOVING,
        "bypass_active": draft.memory.bypass is None and draft.snapshot.inventory.bypass is None,
    }
    unmet = tuple(reason for reason, met in checks.items() if not met)
    return (*forbidding_mode(draft.mode, Work.BYPASS), *unmet)


def end_reasons(draft: Draft) -> Reasons:
    """Why there is no bypass to end."""
    clock = draft.memory.bypass
    return () if clock is not None and draft.now_s < clock.until_s else ("no_bypass",)


def set_bypass(draft: Draft, request: Request, payload: SetBypass) -> Outcome:
    reasons = set_reasons(draft, payload.input)
    if reasons:
        return refused(request, reasons, payload.input)
    name = BypassInput(payload.input)
    try:
        _check(draft, request, payload, name)
    except InputError as error:
        return refused(request, ("bad_input",), str(error))
    subject = name if payload.bay is None else f"{name} bay-{payload.bay}"
    both = two_say(draft, request, f"{subject} {payload.minutes} min", payload.reason)
    if not isinstance(both, str):
        return both
    bypass = Bypass(
        bypass=f"Y{draft.snapshot.boot:04d}-{draft.snapshot.sequence:08d}",
        input=name,
        bay=payload.bay,
        minutes=payload.minutes,
        person=both,
        reason=payload.reason,
        set_at=draft.snapshot.at,
    )
    draft.remember(bypass=BypassClock(bypass.bypass, draft.now_s + 60.0 * payload.minutes))
    return Accepted(request.key, {"bypass": bypass.bypass, "decides": BYPASSABLE[name].twin}), (BypassSet(bypass),)


def _check(draft: Draft, request: Request, payload: SetBypass, name: BypassInput) -> None:
    bays = [bay.number for bay in draft.snapshot.bays if not bay.isolation] if BYPASSABLE[name].in_bay else [None]
    if payload.bay not in bays:
        raise InputError("bay", payload.bay, f"for {name}: {', '.join(map(str, bays))}")
    if not 1 <= payload.minutes <= MAX_BYPASS_MINUTES:
        raise InputError("minutes", payload.minutes, f"1 to {MAX_BYPASS_MINUTES}")
    if not payload.reason.strip():
        raise InputError("reason", payload.reason, "a reason in words")
    if not is_named(request.person):
        raise InputError("person", request.person, "a name")


def end_bypass(draft: Draft, request: Request, _: EndBypass) -> Outcome:
    """Toward safety: accepted from anybody, also while the bypass is not durable yet."""
    clock = draft.memory.bypass
    reasons = end_reasons(draft)
    if reasons or clock is None:
        return refused(request, reasons)
    draft.remember(bypass=None)
    return Accepted(request.key, {"bypass": clock.bypass}), (
        BypassEnded(clock.bypass, BypassResult.ENDED, request.person),
    )
