"""The two ends of a socketcand connection as byte nodes: the client of a bus far away, and the server that offers one.

Source: socketcand, protocol.md. Dialogue: `< hi >`, `< open can0 >`, `< ok >`, `< rawmode >`, `< ok >`, then frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

from swapstation.protocol.node import CanNode, Frame, Malformed, WireCounts
from swapstation.protocol.slcan_ends import FrameTap
from swapstation.protocol.socketcand import (
    SocketcandDecoder,
    Words,
    decode_frame,
    decode_send,
    encode_frame,
    encode_send,
    message,
)

_HANDSHAKE_S = 3.0
_QUIET_S = 0.1
"""No frame this long after the last answer, or until the client's first: it wants each answer in a read of its own."""

_HI, _OK = ("hi",), ("ok",)


class SocketcandClient:
    """Runs a CAN node on the `channel` of a socketcand server; asks for a new connection when the dialogue fails."""

    def __init__(self, node: CanNode, channel: str, tap: FrameTap | None = None) -> None:
        self.counts = WireCounts()
        self.wants_reopen = False
        self._node = node
        self._tap = tap
        self._dialogue = ((_HI, message("open", channel)), (_OK, message("rawmode")), (_OK, b""))
        self._decoder = SocketcandDecoder()
        self._step = 0
        self._deadline_s = inf
        self._out: list[bytes] = []

    @property
    def _raw(self) -> bool:
        return self._step == len(self._dialogue)

    def opened(self, now_s: float) -> None:
        self._decoder = SocketcandDecoder()
        self._step, self._deadline_s = 0, now_s + _HANDSHAKE_S
        self._out.clear()
        self.wants_reopen = False

    def closed(self, now_s: float) -> None:
        self._step, self._deadline_s = 0, inf
        self._out.clear()

    def receive(self, data: bytes, now_s: float) -> None:
        for words in self._decoder.feed(data):
            if isinstance(words, Malformed):
                self.counts.malformed += 1
            elif not self._raw:
                self._answered(words)
            elif words[:1] == ("frame",):
                self._take(decode_frame(words), now_s)
            elif words[:1] != ("error",):  # an error frame of the bus is no message to anybody
                self.counts.malformed += 1

    def due(self, now_s: float) -> Iterable[bytes]:
        if now_s >= self._deadline_s:
            self.counts.timeouts += 1
            self.wants_reopen = True
        out, self._out = self._out, []
        yield from out
        if not self._raw:
            return
        for frame in self._node.due(now_s):
            self.counts.tx += 1
            if self._tap:
                self._tap(frame, True)
            yield encode_send(frame)

    def next_deadline(self) -> float:
        if self.wants_reopen:
            return inf
        return self._node.next_deadline() if self._raw else self._deadline_s

    def _answered(self, words: Words) -> None:
        wanted, answer = self._dialogue[self._step]
        if words != wanted:
            self.counts.malformed += 1
            self.wants_reopen = True
            return
        self._step += 1
        if answer:
            self._out.append(answer)
        else:
            self._deadline_s = inf

    def _take(self, frame: Frame | Malformed, now_s: float) -> None:
        if isinstance(frame, Malformed):
            self.counts.malformed += 1
            return
        self.counts.rx += 1
        if self._tap:
            self._tap(frame, False)
        self._node.receive(frame, now_s)


class SocketcandServer:
    """Offers a bus as `channel` to one client: its frames go to `to_bus`, those given to `send` go to it."""

    wants_reopen = False

    def __init__(self, to_bus: Callable[[Frame, float], None], channel: str) -> None:
        self.counts = WireCounts()
        self._to_bus = to_bus
        self._channel = channel
        self._decoder = SocketcandDecoder()
        self._out: list[bytes] = []
        self._reset()

    def _reset(self) -> None:
        self._open = False
        self._frames_from_s = inf

    def opened(self, now_s: float) -> None:
        self._decoder = SocketcandDecoder()
        self._reset()
        self._out = [message("hi")]

    def closed(self, now_s: float) -> None:
        self._out.clear()
        self._reset()

    def send(self, frame: Frame, now_s: float) -> None:
        """Pass one frame of the bus to the client; before its raw mode it is dropped."""
        if now_s >= self._frames_from_s:
            self.counts.tx += 1
            self._out.append(encode_frame(frame, now_s))

    def receive(self, data: bytes, now_s: float) -> None:
        for words in self._decoder.feed(data):
            if isinstance(words, Malformed):
                self.counts.malformed += 1
            else:
                self._take(words, now_s)

    def due(self, now_s: float) -> Iterable[bytes]:
        out, self._out = self._out, []
        return out

    def next_deadline(self) -> float:
        return inf

    def _take(self, words: Words, now_s: float) -> None:
        match words:
            case ("open", channel) if channel == self._channel:
                self._open = True
                self._out.append(message("ok"))
            case ("open", _):
                self._out.append(message("error", "could", "not", "open", "bus"))
            case ("rawmode",) if self._open:
                self._frames_from_s = now_s + _QUIET_S
                self._out.append(message("ok"))
            case ("echo",):
                self._out.append(message("echo"))
            case ("send", *_) if self._open:
                self._transmit(decode_send(words), now_s)
            case _:
                self.counts.malformed += 1
                self._out.append(message("error", "unknown", "command"))

    def _transmit(self, frame: Frame | Malformed, now_s: float) -> None:
        if isinstance(frame, Malformed):
            self.counts.malformed += 1
            self._out.append(message("error", "could", "not", "send", "frame"))
        else:
            self.counts.rx += 1
            if self._frames_from_s < inf:
                self._frames_from_s = min(self._frames_from_s, now_s)
            self._to_bus(frame, now_s)
