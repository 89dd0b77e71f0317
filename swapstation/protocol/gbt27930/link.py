"""One side's link: its messages to frames and the peer's frames to messages, long ones through the transport."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from swapstation.protocol import j1939, j1939_ends
from swapstation.protocol.gbt27930.messages import Message
from swapstation.protocol.gbt27930.table import Heard, hear, hear_frame, type_of
from swapstation.protocol.gbt27930.words import Edition, Party
from swapstation.protocol.node import Frame, Malformed

_FRAME_BYTES = 8


class Link:
    """Talks to the one peer of this segment; every other frame on it is ignored."""

    def __init__(self, own: Party) -> None:
        self._own = own
        self._addressed = own << 8 | own.peer
        self._sender = j1939_ends.Sender(own, own.peer)
        self._receiver = j1939_ends.Receiver(own, own.peer)
        self._frames: list[Frame] = []
        self._waiting: dict[int, bytes] = {}
        self.malformed = 0

    def receive(self, frame: Frame, now_s: float) -> Heard | None:
        """Take a frame; returns the peer's message when one is whole and can be read."""
        if not frame.extended or frame.can_id & 0xFFFF != self._addressed:
            return None
        heard = hear_frame(frame) or self._transported(frame, now_s)
        if isinstance(heard, Malformed):
            self.malformed += 1
            return None
        return heard

    def send(self, message: Message, now_s: float, edition: Edition = Edition.GB2015) -> None:
        """Queue a message; a long one waits until the transport is free, where a newer one of its kind replaces it."""
        row = type_of(message)
        data = row.encode(message, edition)
        if len(data) <= _FRAME_BYTES:
            self._frames.append(Frame(row.can_id, data))
        else:
            self._waiting[row.pgn] = data

    def due(self, now_s: float) -> list[Frame]:
        frames, self._frames = self._frames, []
        frames += self._receiver.due(now_s)
        frames += self._sender.due(now_s)
        if self._waiting and not self._sender.busy:
            pgn = next(iter(self._waiting))
            self._sender.send(pgn, self._waiting.pop(pgn), now_s)
            frames += self._sender.due(now_s)
        return frames

    def next_deadline(self) -> float:
        return min(self._receiver.next_deadline(), self._sender.next_deadline())

    def drop_waiting(self) -> None:
        """Forget long messages that have not begun: the step they belong to is over."""
        self._waiting = {}

    def cancel(self) -> None:
        """Forget everything that has not left yet: the process starts again."""
        self._frames, self._waiting = [], {}
        self._sender.cancel()

    def _transported(self, frame: Frame, now_s: float) -> Heard | Malformed | None:
        """Take a frame of the transport; returns a long message once whole."""
        pgn, data = j1939.split(frame.can_id).pgn, frame.data
        if pgn not in (j1939.TP_CM_PGN, j1939.TP_DT_PGN):
            return None
        if len(data) != _FRAME_BYTES:
            return Malformed("TP", f"{len(data)} bytes", data)
        if pgn == j1939.TP_CM_PGN:
            refused = self._sender.control(data, now_s)
            return self._receiver.control(data, now_s) or refused
        whole = self._receiver.packet(data, now_s)
        return hear(whole.pgn, self._own, self._own.peer, whole.data) if whole else None


class Cyclic:
    """When each message of the present step is due: at once when the step begins, then every period.

    Periods are kept from the planned time, so that a late call does not shift them; a call later than a whole period
    does not send twice.
    """

    def __init__(self) -> None:
        self._kinds: Sequence[type[Message]] = ()
        self._next_s: dict[type[Message], float] = {}
        self._soonest_s = inf

    def due(self, kinds: Sequence[type[Message]], now_s: float) -> Sequence[type[Message]]:
        """Which of the kinds to send now; kinds no longer named are forgotten."""
        if now_s < self._soonest_s and kinds == self._kinds:
            return ()
        planned = {kind: self._next_s.get(kind, now_s) for kind in kinds}
        due = [kind for kind, next_s in planned.items() if now_s >= next_s]
        for kind in due:
            period_s = type_of(kind).period_s
            on_time_s = planned[kind] + period_s
            planned[kind] = on_time_s if on_time_s > now_s else now_s + period_s
        self._kinds, self._next_s, self._soonest_s = kinds, planned, min(planned.values(), default=inf)
        return due

    def next_deadline(self) -> float:
        return self._soonest_s

    def restart(self) -> None:
        """Everything is due at once again."""
        self._kinds, self._next_s, self._soonest_s = (), {}, inf
