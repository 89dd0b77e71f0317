"""From where the station is moved: from the cabin, or by one person at a distance to whom the cabin gave control.

The cabin beats the distance: whoever stands at the machine takes control back by acting. At a distance control is taken
where nobody is logged in in the cabin and nobody else has it, or where it was handed over. What stops or only tells
needs no control.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus

from swapstation.business.audit import Entry
from swapstation.model.people import Session, SessionKind
from swapstation.server.book import Business
from swapstation.server.log_ins import LogIns
from swapstation.server.problems import Problem

WAIT_S = 120.0
"""So long control that was handed over waits to be taken, and a wish for it to be heard."""


class Reach(StrEnum):
    """From where a route may be called."""

    CONTROL = "control"
    CABIN = "cabin"


REACH: Mapping[str, Reach] = {
    **dict.fromkeys(
        (
            "POST /station/resume",
            "POST /station/confirm-start-up",
            "POST /swaps",
            "POST /swaps/{swap}/divert",
            "POST /swaps/{swap}/abandon",
            "POST /jobs",
            "POST /jobs/{job}/abandon",
            "POST /batteries/{asset}/transfer",
            "POST /bays/{number}/charge",
            "POST /bays/{number}/reset-charge",
        ),
        Reach.CONTROL,
    ),
    **dict.fromkeys(
        ("POST /station/mode", "POST /bypasses", "POST /bays/{number}/end-lock-out", "POST /fire/release"), Reach.CABIN
    ),
}
"""Method and path -> from where. What is not here may be called from anywhere: it stops, tells or writes down."""


@dataclass(frozen=True, slots=True)
class ControlState:
    """Where control is; `person` has it at a distance, "" in the cabin.

    `offered_to` may take it now, `asked_by` asked for it in vain.
    """

    place: SessionKind
    person: str
    since: datetime
    offered_to: str = ""
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An account that waits for control, or for which control waits."""

    account: str = ""
    until_s: float = 0.0

    @property
    def who(self) -> str:
        """The account, "" once the time is over."""
        return self.account if time.monotonic() < self.until_s else ""


def _waits(account: str) -> _Waiting:
    return _Waiting(account, time.monotonic() + WAIT_S)


class Control:
    """Where control is now. Kept in memory: after a restart of the server it is in the cabin."""

    def __init__(self, log_ins: LogIns, business: Business) -> None:
        self._log_ins, self._business = log_ins, business
        self._token: str | None = None
        self._offered = self._asked = _Waiting()
        self._since = datetime.now(UTC)

    @property
    def state(self) -> ControlState:
        """Where control is; it goes back to the cabin with the end of the session that had it."""
        session = self._holder()
        place, person = (SessionKind.REMOTE, session.account) if session else (SessionKind.CABIN, "")
        return ControlState(place, person, self._since, self._offered.who, self._asked.who)

    def has(self, token: str, session: Session | None) -> bool:
        """Whether a session may move the station now."""
        holder = self._holder()
        if session is None:
            return False
        return holder is None if session.kind is SessionKind.CABIN else holder is not None and token == self._token

    def check(self, route: str, token: str, session: Session) -> None:
        """Let a session call a route from where it is. In the cabin control comes back by it. Raises Problem."""
        reach, holder = REACH.get(route), self._holder()
        if reach is None:
            return
        if session.kind is SessionKind.CABIN:
            if holder is not None and reach is Reach.CONTROL:
                self._give(None, session, "acted in the cabin")
        elif reach is Reach.CABIN:
            raise Problem(HTTPStatus.CONFLICT, "only_in_the_cabin", route)
        elif holder is None or token != self._token:
            raise Problem(HTTPStatus.CONFLICT, "control_elsewhere", holder.account if holder else "")

    def take(self, token: str, session: Session) -> ControlState:
        """Take control. Where somebody else has it, or the cabin is manned and did not hand it over, raises Problem.

        Whoever has it sees then that it was asked for.
        """
        if session.kind is SessionKind.CABIN:
            self._give(None, session, "taken in the cabin")
        elif token != self._token or self._holder() is None:
            offered = self._offered.who == session.account
            if not offered and (self._holder() is not None or self._log_ins.cabin_is_manned):
                if self._asked.who != session.account:
                    self._record("control_asked", session, self.state.person)
                self._asked = _waits(session.account)
                raise Problem(HTTPStatus.CONFLICT, "control_not_free", self.state.person)
            self._give(token, session, "handed over" if offered else "nobody in the cabin")
        return self.state

    def hand_over(self, account: str, token: str, session: Session) -> ControlState:
        """Offer control to an account for two minutes; to "": give it back to the cabin. Raises Problem."""
        if not self.has(token, session):
            raise Problem(HTTPStatus.CONFLICT, "control_elsewhere", self.state.person)
        if account:
            self._offered, self._asked = _waits(account), _Waiting()
            self._record("control_offered", session, account)
        else:
            self._give(None, session, "given back")
        return self.state

    def _holder(self) -> Session | None:
        return None if self._token is None else self._log_ins.session(self._token)

    def _give(self, token: str | None, session: Session, why: str) -> None:
        if token != self._token:
            self._token, self._since = token, datetime.now(UTC)
            self._record("control_taken", session, why)
        self._offered = self._asked = _Waiting()

    def _record(self, kind: str, session: Session, subject: str) -> None:
        self._business.record_soon(Entry(kind, session.account, session.role, session.address, subject))
