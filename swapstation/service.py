"""What a process says to the system that started it: ready, alive, what it does (sd_notify of systemd; else nothing).

`WATCHDOG=1` is only sent by the loop that does the work, so that one that hangs is ended and started anew.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

_PINGS_PER_PERIOD = 4
_MICROSECONDS = 1_000_000


class Service:
    """The end of one process; it says nothing where nobody listens. Told of life often, it passes on what is needed."""

    def __init__(
        self, environment: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.monotonic
    ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._period_s = _watchdog_s(environment) / _PINGS_PER_PERIOD
        self._clock = clock
        self._ready = False
        self._pinged_s = float("-inf")

    def alive(self) -> None:
        """The work goes on. The first time it also means that the process is ready."""
        if not self._address:
            return
        now_s = self._clock()
        if not self._ready:
            self._ready = True
            self._say("READY=1\nWATCHDOG=1")
        elif self._period_s and now_s - self._pinged_s >= self._period_s:
            self._say("WATCHDOG=1")
        else:
            return
        self._pinged_s = now_s

    def ending(self) -> None:
        """The process ends because it was asked to."""
        if self._address:
            self._say("STOPPING=1")

    def _say(self, text: str) -> None:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as told:
            told.setblocking(False)
            told.sendto(text.encode(), self._address)


def _watchdog_s(environment: Mapping[str, str]) -> float:
    """Seconds after which silence counts as death; 0: nobody watches this process."""
    period, pid = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not period.isdigit() or (pid and pid != str(os.getpid())):
        return 0.0
    return int(period) / _MICROSECONDS
