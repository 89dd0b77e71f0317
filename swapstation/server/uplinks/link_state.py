"""Whether a peer can be reached, and when to try again: waits that grow, and a long one where only people can help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from swapstation.supervision.reactions import SUSPENDED, wait


class LinkCondition(StrEnum):
    """How the link is. `suspended`: the peer refuses our signature, so the secrets differ."""

    UNTRIED = "untried"
    UP = "up"
    WAITING = "waiting"
    SUSPENDED = "suspended"


@dataclass(slots=True)
class LinkState:
    """The state of one link; nothing is sent before `open_at`."""

    condition: LinkCondition = LinkCondition.UNTRIED
    since: datetime | None = None
    reason: str = ""
    failures: int = 0
    open_at: datetime | None = None

    def wait_s(self, now: datetime) -> float:
        """Seconds until something may be sent."""
        return 0.0 if self.open_at is None else max((self.open_at - now).total_seconds(), 0.0)

    def worked(self, now: datetime) -> None:
        self._turn(LinkCondition.UP, "", now)
        self.failures, self.open_at = 0, None

    def failed(self, reason: str, now: datetime) -> None:
        """No answer that can be trusted, or a peer that is busy."""
        self.failures += 1
        self._turn(LinkCondition.WAITING, reason, now)
        self.open_at = now + wait(self.failures)

    def suspend(self, reason: str, now: datetime) -> None:
        """The peer refuses our signature: asking again at once changes nothing."""
        self._turn(LinkCondition.SUSPENDED, reason, now)
        self.open_at = now + SUSPENDED

    def open(self) -> None:
        """A person wants to try at once."""
        self.open_at = None

    def _turn(self, condition: LinkCondition, reason: str, now: datetime) -> None:
        if condition is not self.condition:
            self.since = now
        self.condition, self.reason = condition, reason
