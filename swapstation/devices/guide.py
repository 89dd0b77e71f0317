"""Sign and voice for drivers over lines (own design, docs/integrator.md).

$GDS number word stop say zh en    ours: show this; stop 1: as a stop sign, say 1: speak it once; renewed every 2 s
$GDA number word fault             every second and at each change: what it shows, fault code 0: none

A sign that hears nothing for 5 s shows the word `lane_unsafe` by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.devices.adapter import (
    NOT_CONNECTED,
    OUT_OF_RANGE,
    AdapterKind,
    AdapterSettings,
    Refusal,
    Role,
    Update,
    refuse_unknown,
)
from swapstation.errors import InputError
from swapstation.model.command import Command, ShowSign
from swapstation.model.yard import Guide
from swapstation.protocol.yard_node import LineNode
from swapstation.wire_address import WireProtocol


class LineGuide:
    """Shows what it is told to; what it says that it shows is its state."""

    role = Role.GUIDE
    orders: frozenset[type[Command]] = frozenset({ShowSign})
    bays: frozenset[int] = frozenset()

    def __init__(self) -> None:
        self.node = LineNode(self._take)
        self._number = 0
        self._latest: Update | None = None

    @property
    def malformed(self) -> int:
        return self.node.counts.malformed

    def updates(self, now_s: float) -> Iterator[Update]:
        if self._latest is not None:
            yield self._latest

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        if not isinstance(command, ShowSign):
            return refuse_unknown(command, self.orders)
        if not self.node.connected:
            return Refusal(NOT_CONNECTED, "a sign whose wire is open")
        self._number += 1
        flags = ["1" if flag else "0" for flag in (command.stop, command.say)]
        try:
            self.node.put("GDS", str(self._number), command.word, *flags, command.zh, command.en)
        except InputError as error:
            return Refusal(OUT_OF_RANGE, error.allowed)
        return None

    def cycle(self, now_s: float) -> None:
        """Nothing: the decisions renew the sign."""

    def _take(self, line: tuple[str, ...], now_s: float) -> str:
        match line:
            case ("GDA", number, word, fault) if number.isdecimal() and fault.isdecimal():
                self._latest = Update(Guide(word, int(fault)), now_s)
                return ""
        return "no such line"


def _make(_: AdapterSettings) -> LineGuide:
    return LineGuide()


ADAPTER = AdapterKind(_make, frozenset({WireProtocol.BYTES}))
