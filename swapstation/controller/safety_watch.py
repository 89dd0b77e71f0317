"""Looks at what the wires brought between two cycles, and wakes the next cycle when it bears on safety.

Nothing acts from here: the cycle decides. However much a wire says, it is looked at no more often than a cycle may run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any


class SafetyWatch:
    """`picture(wire, now_s)` is compared with the last one of that wire, at most every `period_s`."""

    def __init__(self, picture: Callable[[str, float], Hashable], wake: Callable[[], None], period_s: float) -> None:
        self._picture = picture
        self._wake = wake
        self._period_s = period_s
        self._loop = asyncio.get_running_loop()
        self._heard: set[str] = set()
        self._pictures: dict[str, Hashable] = {}
        self._next_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def tap(self, wire: str) -> Callable[[Any, bool], None]:
        """Told of every frame or read of a wire, also of what we sent; the look comes after it was taken in."""

        def heard(_: Any, sent: bool) -> None:
            if sent:
                return
            self._heard.add(wire)
            if self._timer is None:
                self._timer = self._loop.call_at(max(self._next_s, self._loop.time()), self._look)

        return heard

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        now_s = self._loop.time()
        self._next_s = now_s + self._period_s
        changed = False
        for wire in self._heard:
            picture = self._picture(wire, now_s)
            changed = changed or self._pictures.get(wire) != picture
            self._pictures[wire] = picture
        self._heard.clear()
        if changed:
            self._wake()
