"""Confirmations: what a person was shown before a step away from safety, checked again when they confirm it.

The page asks for one when it opens its sheet; the order brings it back. When the station has changed meanwhile in
anything that the sheet shows, the order is refused and says what changed.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus

from swapstation.model.snapshot import Snapshot
from swapstation.server.problems import Problem

LIFE_S = 60.0
MOST = 256


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody was shown: of which action, to whose session, when (monotonic s), the facts that count."""

    action: str
    session: str
    at_s: float
    facts: dict[str, str]


class Confirmations:
    """Confirmations that were given out and not used yet, the newest `MOST`."""

    def __init__(self) -> None:
        self._shown: OrderedDict[str, Shown] = OrderedDict()

    def show(self, session: str, action: str, now: Snapshot) -> tuple[str, dict[str, str]]:
        """A token for what the station says now of an action, and those facts; `session` is that of who is shown it."""
        token, facts = secrets.token_urlsafe(12), facts_of(now, action)
        self._shown[token] = Shown(action, session, time.monotonic(), facts)
        while len(self._shown) > MOST:
            self._shown.popitem(last=False)
        return token, facts

    def check(self, session: str, token: str, now: Snapshot) -> None:
        """Use a token up. Raises Problem: it is too old or somebody else's, or the station has changed since."""
        shown = self._shown.pop(token, None)
        if shown is None or shown.session != session or time.monotonic() - shown.at_s > LIFE_S:
            raise Problem(HTTPStatus.CONFLICT, "confirmation_over")
        facts = facts_of(now, shown.action)
        changed = {
            name: f"{shown.facts.get(name, '-')} -> {facts.get(name, '-')}"
            for name in {**shown.facts, **facts}
            if facts.get(name) != shown.facts.get(name)
        }
        if changed:
            detail = ", ".join(f"{name}: {change}" for name, change in changed.items())
            raise Problem(HTTPStatus.CONFLICT, "state_changed", detail, facts=changed)


def facts_of(now: Snapshot, action: str) -> dict[str, str]:
    """What a decision about an action rests on, as text by name; "-" where there is none.

    Of an action that the snapshot does not offer only the station itself counts: a step of a swap that runs meanwhile
    changes nothing about the bay that is put back into use.
    """
    safety = now.safety.good
    facts = {
        "boot": str(now.boot),
        "state": now.state.value,
        "mode": now.inventory.mode.mode.value,
        "held": ", ".join(now.hold_reasons) or "-",
        "safety": "-" if safety is None else "closed" if safety.ok else "open",
    }
    offered = next((each for each in now.actions if each.action == action), None)
    return facts if offered is None else facts | _of_the_swap(now) | {"reasons": ", ".join(offered.reasons) or "-"}


def _of_the_swap(now: Snapshot) -> dict[str, str]:
    swap, truck = now.swap, now.truck.good
    return {
        "swap": swap.swap if swap else "-",
        "step": f"{swap.step} ({swap.attempt})" if swap else "-",
        "truck": (truck.vin if truck else None) or "-",
    }
