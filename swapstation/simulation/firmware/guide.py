"""Sign and voice before the lane: shows what it is told, speaks when asked, and falls back to its own word."""

from __future__ import annotations

from collections.abc import Iterable

from swapstation.model.lane_sign import UNSAFE, LaneText, lane_signs
from swapstation.protocol.node import ByteNode
from swapstation.protocol.yard_node import LineNode
from swapstation.simulation.faults import Faults
from swapstation.simulation.firmware.yard_wire import Unsound

SAY_S = 1.0
SILENCE_S = 5.0
PANEL_FAULT = 1


class GuideDevice:
    """What the sign shows (`word`, `text`) and has `spoken` in this order; a stuck one keeps what it showed."""

    def __init__(self, faults: Faults) -> None:
        self.number = 0
        self.word = UNSAFE.word
        self.text: LaneText = lane_signs()[self.word]
        self.spoken: list[str] = []
        self._faults = faults
        self._heard_s = float("-inf")

    def take(self, now_s: float) -> None:
        """Show its own word when nobody has spoken for a while."""
        if now_s - self._heard_s >= SILENCE_S and not self._faults.active("yard_stuck", "guide"):
            self.number, self.word, self.text = 0, UNSAFE.word, lane_signs()[UNSAFE.word]

    def show(self, number: int, word: str, text: LaneText, say: bool, now_s: float) -> None:
        self._heard_s = now_s
        if self._faults.active("yard_stuck", "guide"):
            return
        if say and word != self.word:
            self.spoken.append(word)
        self.number, self.word, self.text = number, word, text

    @property
    def fault_code(self) -> int:
        return PANEL_FAULT if self._faults.active("yard_fault", "guide") else 0

    def node(self) -> ByteNode:
        """The sign's end of a new connection; fault knobs spoil it."""
        return Unsound(_Node(self), self._faults, "guide")


class _Node(LineNode):
    """Says what it shows once a second and at each change."""

    def __init__(self, device: GuideDevice) -> None:
        super().__init__(self._hear)
        self._device = device
        self._said_s = float("-inf")
        self._said = ""

    def due(self, now_s: float) -> Iterable[bytes]:
        device = self._device
        if self.connected and (now_s - self._said_s >= SAY_S or self._said != device.word):
            self._said_s, self._said = now_s, device.word
            self.put("GDA", str(device.number), device.word, str(device.fault_code))
        return super().due(now_s)

    def next_deadline(self) -> float:
        return self._said_s + SAY_S

    def _hear(self, line: tuple[str, ...], now_s: float) -> str:
        match line:
            case ("GDS", number, word, stop, say, zh, en) if number.isdecimal():
                self._device.show(int(number), word, LaneText(stop == "1", zh, en), say == "1", now_s)
                return ""
        return "no such line"
