"""The station's end of all AA F5 chargers: one listening port, many connections, chargers told apart by their sign-in.

A charger that lost its connection signs in on a new one while the old may still look open: the newest counts. When an
older one speaks after that, two devices use one id; then nothing is known of either, and only a stop goes out, to both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from swapstation.protocol.aaf5_connection import StationConnection
from swapstation.protocol.aaf5_layout import Aaf5Layouts
from swapstation.protocol.aaf5_messages import (
    POWER_LIMIT_ADDRESS,
    POWER_LIMIT_STEPS_PER_KW,
    STOP_ADDRESS,
    STOP_VALUE,
    Control,
    Record,
    Start,
    Strategy,
)
from swapstation.protocol.aaf5_orders import Purpose
from swapstation.protocol.node import ByteServer

_MOST_RECORDS = 64
_VALUE_BYTES = 4


class Aaf5Station(ByteServer):
    """The server of the chargers with these ids; its counts are those of all connections together."""

    def __init__(self, charger_ids: Collection[str]) -> None:
        super().__init__()
        self._layouts = Aaf5Layouts.load()
        self._known = frozenset(charger_ids)
        self._peers: list[StationConnection] = []
        self._records: dict[Record, float] = {}
        self._taken_over: deque[Record] = deque(maxlen=_MOST_RECORDS)

    def connection(self) -> StationConnection:
        return StationConnection(self._layouts, self._known, self.counts, self._keep, self._peers)

    def charger(self, charger_id: str) -> StationConnection | None:
        """The connection of a charger; None while it has none, or while two devices use its id."""
        peers = self._signed_in(charger_id)
        newest = max(peers, key=lambda peer: peer.signed_in_s, default=None)
        return None if newest is None or self._contested(newest, peers) else newest

    def contested(self, charger_id: str) -> bool:
        """Whether two devices use an id now."""
        return bool(self._signed_in(charger_id)) and self.charger(charger_id) is None

    def start(self, charger_id: str, order_id: str, target_soc_pct: float, power_limit_kw: float, now_s: float) -> bool:
        """Begin a charge up to a SOC; False when the charger cannot be reached. InputError for what cannot be said."""
        peer = self.charger(charger_id)
        if peer is None:
            return False
        start = Start(peer.view.connector or 0, Strategy.SOC, target_soc_pct, order_id, power_limit_kw)
        peer.order(Purpose.START, start, now_s)
        return True

    def stop(self, charger_id: str, now_s: float) -> bool:
        """End the charge of every device with this id; False when there is none."""
        peers = self._signed_in(charger_id)
        for peer in peers:
            peer.order(Purpose.STOP, _control(peer, STOP_ADDRESS, STOP_VALUE), now_s)
        return bool(peers)

    def limit(self, charger_id: str, power_limit_kw: float, now_s: float) -> bool:
        """Limit the power of the running charge from now on; False when the charger cannot be reached."""
        peer = self.charger(charger_id)
        if peer is None:
            return False
        steps = round(power_limit_kw * POWER_LIMIT_STEPS_PER_KW)
        peer.order(Purpose.LIMIT, _control(peer, POWER_LIMIT_ADDRESS, steps), now_s)
        return True

    @property
    def records(self) -> tuple[tuple[Record, float], ...]:
        """Charge records that wait to be taken over, oldest first, and when each came first."""
        return tuple(self._records.items())

    def take_over(self, record: Record) -> None:
        """Answer a record: it is kept here from now on, and the charger may forget it."""
        del self._records[record]
        self._taken_over.append(record)
        peer = self.charger(record.charger_id)
        if peer is not None:
            peer.answer_record(record)

    def _keep(self, record: Record, now_s: float) -> bool:
        """A repeated record is one and the same in every field: numbers alone may begin again in a charger."""
        if record in self._taken_over:
            return True
        if len(self._records) < _MOST_RECORDS:
            self._records.setdefault(record, now_s)
        return False

    def _signed_in(self, charger_id: str) -> list[StationConnection]:
        return [peer for peer in self._peers if peer.charger_id == charger_id]

    def _contested(self, newest: StationConnection, peers: list[StationConnection]) -> bool:
        return any(peer is not newest and peer.heard_s > newest.signed_in_s for peer in peers)


def _control(peer: StationConnection, address: int, value: int) -> Control:
    return Control(peer.view.connector or 0, address, 1, _VALUE_BYTES, value)
