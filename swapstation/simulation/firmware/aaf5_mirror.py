"""What a charger hears from its battery, made ready for the station: mirrored messages, cell voltages, temperatures."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from swapstation.protocol.aaf5_messages import BmsData, CellVoltages, Temperatures
from swapstation.protocol.gbt27930.decoder import Decoder
from swapstation.protocol.gbt27930.messages import Bcl, Bcp, Bcs, Bem, Bmt, Bmv, Brm, Bsd, Bsm, Bst
from swapstation.protocol.gbt27930.table import Heard, encode, type_of
from swapstation.protocol.gbt27930.words import Edition
from swapstation.protocol.node import Frame

MIRRORED = (Brm, Bcp, Bcl, Bcs, Bsm, Bst, Bsd, Bem)


class BmsMirror:
    """A CAN node that only listens; keeps the newest of each kind until it is taken."""

    def __init__(self, charger_id: str) -> None:
        self._charger_id = charger_id
        self._decoder = Decoder()
        self._newest: dict[str, BmsData | CellVoltages | Temperatures] = {}
        self._fresh: dict[str, BmsData | CellVoltages | Temperatures] = {}

    def take(self) -> Iterator[BmsData | CellVoltages | Temperatures]:
        """What came since the last call, the newest of each kind."""
        fresh, self._fresh = self._fresh, {}
        yield from fresh.values()

    def repeat(self) -> None:
        """Give the newest of each kind once more: a station that has just learned of us knows none of it."""
        self._fresh = dict(self._newest)

    def forget(self) -> None:
        """Another charge begins: what the battery of the last one said is of no use."""
        self._newest.clear()
        self._fresh.clear()

    def receive(self, frame: Frame, now_s: float) -> None:
        heard = self._decoder.take(frame)
        if not isinstance(heard, Heard):
            return
        message, row = heard.message, type_of(heard.message)
        shown: BmsData | CellVoltages | Temperatures
        if isinstance(message, Bmv):
            shown = CellVoltages(self._charger_id, 0, message.voltages_v)
        elif isinstance(message, Bmt):
            shown = Temperatures(self._charger_id, 0, message.temperatures_c)
        elif isinstance(message, MIRRORED):
            shown = BmsData(self._charger_id, 0, row.pgn, _as_heard(heard))
        else:
            return
        self._newest[row.name] = self._fresh[row.name] = shown

    def due(self, now_s: float) -> tuple[Frame, ...]:
        return ()

    def next_deadline(self) -> float:
        return inf


def _as_heard(heard: Heard) -> bytes:
    """The bytes of a message in the edition that has its length."""
    content = encode(heard.message, Edition.GB2023)
    return content if len(content) == heard.length else encode(heard.message, Edition.GB2011)
