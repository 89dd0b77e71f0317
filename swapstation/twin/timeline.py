"""When the attacks of a schedule begin and end, and when a controller that died is started again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from swapstation.model.inventory import Swap
from swapstation.twin.attacks import ATTACKS
from swapstation.twin.schedule import FROM_BAY, TO_BAY, Planned, Schedule
from swapstation.twin.station import TwinStation

RESTART_S = 5.0
"""A controller that died at a crash point is started again after this time."""
GIVE_UP_S = 2400.0
"""An attack whose step has not come by then never comes: that swap went another way."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An attack that has begun: at what, and until when."""

    planned: Planned
    target: str
    until_s: float

    @property
    def attack(self) -> str:
        return self.planned.attack

    @property
    def restarts(self) -> bool:
        """Its end starts the controller again."""
        return ATTACKS[self.attack].restarts


class Timeline:
    """Follows a station; `tell` is told in words what was done to it."""

    def __init__(self, twin: TwinStation, schedule: Schedule, tell: Callable[[str], None]) -> None:
        self.under_way: list[UnderWay] = []
        self._twin = twin
        self._tell = tell
        self._waiting = list(schedule.attacks)
        self._armed: list[tuple[float, Planned]] = []
        self._swaps: list[str] = []
        self._restart_s: float | None = None

    @property
    def over(self) -> bool:
        """Nothing is done to the station any more."""
        return not (self._waiting or self._armed or self.under_way or self._twin.core is None)

    @property
    def next_s(self) -> float:
        """When the next attack begins or ends, or a controller is started (monotonic s)."""
        soonest = [at_s for at_s, _ in self._armed] + [each.until_s for each in self.under_way]
        return min([*soonest, *([] if self._restart_s is None else [self._restart_s])], default=float("inf"))

    def advance(self) -> None:
        """Do what is due now."""
        twin = self._twin
        if twin.now_s > GIVE_UP_S:
            self._waiting.clear()
        swap = twin.inventory.swap if twin.inventory else None
        if swap is not None:
            self._arm(swap)
        for due in [each for each in self._armed if each[0] <= twin.now_s]:
            self._armed.remove(due)
            self._begin(due[1], swap)
        for over in [each for each in self.under_way if each.until_s <= twin.now_s]:
            self.under_way.remove(over)
            ATTACKS[over.attack].end(twin, over.target)
            twin.stir()
            self._tell(f"ends: {over.attack} {over.target}".rstrip())
        self._restart()

    def _arm(self, swap: Swap) -> None:
        if swap.swap not in self._swaps:
            self._swaps.append(swap.swap)
        number = len(self._swaps)
        come = [each for each in self._waiting if (each.swap, each.step) == (number, swap.step) or each.swap < number]
        for planned in come:
            self._waiting.remove(planned)
            self._armed.append((self._twin.now_s + planned.delay_s, planned))

    def _begin(self, planned: Planned, swap: Swap | None) -> None:
        target = planned.target
        if target in (TO_BAY, FROM_BAY):
            number = None if swap is None else swap.to_bay if target == TO_BAY else swap.from_bay
            target = str(number or 1)
        self.under_way.append(UnderWay(planned, target, self._twin.now_s + planned.lasts_s))
        ATTACKS[planned.attack].begin(self._twin, target)
        self._twin.stir()
        self._tell(f"begins: {planned}")

    def _restart(self) -> None:
        twin = self._twin
        if twin.core is not None or any(each.restarts for each in self.under_way):
            self._restart_s = None
        elif self._restart_s is None:
            self._restart_s = twin.now_s + RESTART_S
        elif twin.now_s >= self._restart_s:
            self._restart_s = None
            twin.start()
