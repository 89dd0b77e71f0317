"""One restartable timer of the event loop, for owners that ask a node for its next deadline after every turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from math import inf

_SHORTEST_SLEEP_S = 0.001
_LOOP_EARLY_S = time.get_clock_info("monotonic").resolution
"""An event loop calls so much too early, when a node has nothing due yet and would have to be asked again."""


class DeadlineTimer:
    """Calls back at the monotonic second last given to `set`, never sooner than 1 ms from now; inf means not at all."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._callback = callback
        self._handle: asyncio.TimerHandle | None = None
        self._at_s = inf

    def set(self, at_s: float) -> None:
        if at_s == self._at_s:
            return
        self.cancel()
        self._at_s = at_s
        if at_s != inf:
            soonest_s = self._loop.time() + _SHORTEST_SLEEP_S
            self._handle = self._loop.call_at(max(at_s, soonest_s) + _LOOP_EARLY_S, self._fire)

    def cancel(self) -> None:
        if self._handle:
            self._handle.cancel()
        self._handle = None
        self._at_s = inf

    def _fire(self) -> None:
        self.cancel()
        self._callback()
