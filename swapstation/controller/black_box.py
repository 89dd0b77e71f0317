"""The black box beside the cycle: a thread takes what each cycle leaves and writes it; the cycle never waits for it."""

from __future__ import annotations

import queue
import threading

import structlog

from swapstation.records.recorder import Recorder
from swapstation.records.trace import Moment

MOST_WAITING = 600
"""Cycles that may wait for a slow disk: a minute. What comes beyond is counted as lost."""

log = structlog.get_logger("black_box")


class BlackBox:
    """Hands moments to a recorder in a thread of its own; `error` says why nothing is recorded, "" while it is."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._moments: queue.SimpleQueue[tuple[tuple[Moment, int] | None, Moment] | None] = queue.SimpleQueue()
        self._lost: tuple[Moment, int] | None = None
        self._bug = ""
        self._thread = threading.Thread(target=self._run, name="black box", daemon=True)
        self._thread.start()

    @property
    def error(self) -> str:
        return self._bug or self._recorder.error

    def take(self, moment: Moment) -> None:
        if self._bug or self._moments.qsize() >= MOST_WAITING:
            first, count = self._lost or (moment, 0)
            self._lost = first, count + 1
        else:
            self._moments.put((self._lost, moment))
            self._lost = None

    def close(self) -> None:
        """Write what waits, then end."""
        self._moments.put(None)
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        try:
            while (item := self._moments.get()) is not None:
                lost, moment = item
                if lost is not None:
                    self._recorder.lose(*lost)
                self._recorder.take(moment)
            self._recorder.close()
        except Exception as bug:  # the station goes on without its black box, and says so
            self._bug = f"bug: {bug!r}"
            log.exception("black box ended")
