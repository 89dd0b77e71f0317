"""Failed log-ins: a delay per account and address that grows with each; it never concerns who is logged in already.

Pure: the instant is an argument (monotonic seconds).
"""

from __future__ import annotations

from dataclasses import dataclass, field

FREE_FAILURES = 4
FIRST_DELAY_S, LONGEST_DELAY_S = 5.0, 900.0
FORGOTTEN_AFTER_S = 86_400.0
MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    last_s: float


@dataclass(slots=True)
class Lockout:
    """Failures since the last success, by account and address; forgotten a day after the last one."""

    failures: dict[tuple[str, str], _Failures] = field(default_factory=dict)

    def wait_s(self, account: str, address: str, now_s: float) -> float:
        """How long this pair must wait before its next try counts, 0 if it need not."""
        known = self.failures.get((account, address))
        if known is None or now_s - known.last_s >= FORGOTTEN_AFTER_S:
            return 0.0
        return max(known.last_s + _delay_s(known.count) - now_s, 0.0)

    def failed(self, account: str, address: str, now_s: float) -> float:
        """Note a failure; returns the delay until the next try."""
        known = self.failures.pop((account, address), None)
        if known is None or now_s - known.last_s >= FORGOTTEN_AFTER_S:
            known = _Failures(0, now_s)
        known.count, known.last_s = known.count + 1, now_s
        while len(self.failures) >= MOST_REMEMBERED:
            del self.failures[next(iter(self.failures))]  # the one that failed longest ago
        self.failures[account, address] = known
        return _delay_s(known.count)

    def succeeded(self, account: str, address: str) -> None:
        self.failures.pop((account, address), None)


def _delay_s(failures: int) -> float:
    over = failures - FREE_FAILURES
    return 0.0 if over <= 0 else min(FIRST_DELAY_S * 2.0 ** min(over - 1, 20), LONGEST_DELAY_S)
