"""The two ends of an slcan line as byte nodes: the client that uses an adapter, and the adapter itself.

Source: Lawicel CAN232 manual. The client does not need answers; the adapter answers every command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

from swapstation.protocol.node import CanNode, Frame, Malformed, WireCounts
from swapstation.protocol.slcan import BEL, BIT_RATE_COMMANDS, CR, Control, SlcanDecoder, encode_frame

_STAMP_WRAP_MS = 60_000
_REFUSAL = "\a"
_UNHEARD_S = 5.0
"""An adapter answers its opening: one that is silent so long is shut, or on a segment where nobody speaks."""
_REOPEN_PAUSE_S = 1.0
"""An adapter that is shut already refuses the closing command of the opening sequence."""

FrameTap = Callable[[Frame, bool], None]
"""Told of every frame on a segment; the second argument is True for a frame we sent."""


class SlcanClient:
    """Runs a CAN node at the client end of an slcan line; opens the adapter each time the wire opens.

    An adapter that refuses is opened again, at most once a second: it may have been switched off behind its gateway.
    So is one that has said nothing for five seconds: a node that only listens would never be refused.
    With `listen_only` the adapter is opened so that it drives the bus with nothing, not even acknowledgements, and what
    the node would send is dropped.
    """

    wants_reopen = False

    def __init__(
        self, node: CanNode, bitrate: int = 250_000, tap: FrameTap | None = None, listen_only: bool = False
    ) -> None:
        self.counts = WireCounts()
        self._listen_only = listen_only
        self._node = node
        self._tap = tap
        # The first CR ends what an adapter may still hold of a line that broke off.
        self._open_sequence = b"\rC\r" + BIT_RATE_COMMANDS[bitrate] + (b"\rL\r" if listen_only else b"\rO\r")
        self._decoder = SlcanDecoder()
        self._adapter_open = False
        self._refusal_counts_s = inf
        self._unheard_until_s = inf

    def opened(self, now_s: float) -> None:
        self._decoder = SlcanDecoder()
        self._adapter_open = False

    def closed(self, now_s: float) -> None:
        self._adapter_open = False

    def receive(self, data: bytes, now_s: float) -> None:
        self._unheard_until_s = now_s + _UNHEARD_S
        for item in self._decoder.feed(data):
            if isinstance(item, Frame):
                self.counts.rx += 1
                if self._tap:
                    self._tap(item, False)
                self._node.receive(item, now_s)
            elif isinstance(item, Malformed):
                self.counts.malformed += 1
            elif item.text == _REFUSAL and now_s >= self._refusal_counts_s:
                self._adapter_open = False

    def due(self, now_s: float) -> Iterable[bytes]:
        if not self._adapter_open or now_s >= self._unheard_until_s:
            # A turn of its own: a full queue of frames behind it would push it out, and the adapter would stay shut.
            self._adapter_open, self._refusal_counts_s = True, now_s + _REOPEN_PAUSE_S
            self._unheard_until_s = now_s + _UNHEARD_S
            yield self._open_sequence
            return
        for frame in self._node.due(now_s):
            if self._listen_only:
                continue
            self.counts.tx += 1
            if self._tap:
                self._tap(frame, True)
            yield encode_frame(frame)

    def next_deadline(self) -> float:
        return min(self._node.next_deadline(), self._unheard_until_s) if self._adapter_open else -inf


class SlcanAdapter:
    """The adapter's end of a line: frames of the client go to `to_bus`, those given to `send` go to it."""

    wants_reopen = False

    def __init__(self, to_bus: Callable[[Frame, float], None]) -> None:
        self.counts = WireCounts()
        self._to_bus = to_bus
        self._decoder = SlcanDecoder()
        self._out: list[bytes] = []
        self._reset()

    def _reset(self) -> None:
        self._open = False
        self._listen_only = False
        self._stamps = False

    def opened(self, now_s: float) -> None:
        self._decoder = SlcanDecoder()
        self._out.clear()
        self._reset()

    def closed(self, now_s: float) -> None:
        self._out.clear()
        self._reset()

    def send(self, frame: Frame, now_s: float) -> None:
        """Pass one frame of the bus to the client; a closed channel drops it, as a real adapter does."""
        if self._open:
            self.counts.tx += 1
            self._out.append(encode_frame(frame, int(now_s * 1000) % _STAMP_WRAP_MS if self._stamps else None))

    def receive(self, data: bytes, now_s: float) -> None:
        for item in self._decoder.feed(data):
            if isinstance(item, Frame):
                self._out.append(self._transmit(item, now_s))
            elif isinstance(item, Control):
                self._out.append(self._answer(item.text))
            else:
                self.counts.malformed += 1
                self._out.append(BEL)

    def due(self, now_s: float) -> Iterable[bytes]:
        out, self._out = self._out, []
        return out

    def next_deadline(self) -> float:
        return inf

    def _may_transmit(self) -> bool:
        return self._open and not self._listen_only

    def _transmit(self, frame: Frame, now_s: float) -> bytes:
        if not self._may_transmit():
            return BEL
        self.counts.rx += 1
        self._to_bus(frame, now_s)
        return b"Z\r" if frame.extended else b"z\r"

    def _answer(self, command: str) -> bytes:
        match command:
            case "O" | "L":
                self._open, self._listen_only = True, command == "L"
                return CR
            case "C":
                self._reset()
                return CR
            case "Z0" | "Z1":
                self._stamps = command == "Z1"
                return CR
            case "F":
                return b"F00\r" if self._open else BEL
            case "V":
                return b"V1013\r"
            case "N":
                return b"N0001\r"
        if command[0] in "rR" and self._may_transmit():
            return b"Z\r" if command[0] == "R" else b"z\r"
        if command[0] == "S" and not self._open:
            return CR
        return BEL
