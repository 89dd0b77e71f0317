"""A charger in miniature behind the charger's end of AA F5, and a wire to a station. Test equipment."""

from __future__ import annotations

from dataclasses import replace

from swapstation.protocol.aaf5 import encode_frame
from swapstation.protocol.aaf5_charger import ChargerEnd
from swapstation.protocol.aaf5_connection import StationConnection
from swapstation.protocol.aaf5_layout import Aaf5Layouts
from swapstation.protocol.aaf5_messages import Message, PileState, Record, SignIn, Start, Status, Strategy
from swapstation.protocol.aaf5_station import Aaf5Station
from swapstation.simulation.memory import VirtualTime

FIRST_ID, OTHER_ID = "CHARGER-1", "CHARGER-2"
LAYOUTS = Aaf5Layouts.load()


def wire(message: Message, sequence: int = 0) -> bytes:
    return encode_frame(LAYOUTS.encode(message, sequence))


def start(order_id: str) -> Start:
    return Start(0, Strategy.SOC, 95.0, order_id, 180.0)


def sign_in(charger_id: str) -> SignIn:
    return SignIn(charger_id, 0x010203, 1, 1, 2, 3, 0, "2026-01-01T08:00:00", 0x1234, 34)


def status(charger_id: str) -> Status:
    """An idle charger with nothing plugged in."""
    return Status(
        charger_id=charger_id,
        connectors=1,
        connector=0,
        connector_type=1,
        state=PileState.IDLE,
        soc_pct=None,
        alarm_code=0,
        connection=0,
        voltage_v=0.0,
        current_a=0.0,
        wanted_voltage_v=0.0,
        wanted_current_a=0.0,
        remaining_min=0,
        elapsed_s=0,
        energy_kwh=0.0,
        meter_start_kwh=1000.0,
        meter_kwh=1000.0,
        order_id="",
        power_kw=0.0,
    )


def record(charger_id: str = FIRST_ID, number: int = 1, order_id: str = "17") -> Record:
    return Record(
        charger_id=charger_id,
        connector_type=1,
        connector=0,
        order_id=order_id,
        started="2026-01-01T08:00:00",
        ended="2026-01-01T09:00:00",
        duration_s=3600,
        soc_start_pct=20,
        soc_end_pct=95,
        end_reason=0,
        energy_kwh=153.41,
        meter_start_kwh=1000.0,
        meter_end_kwh=1153.41,
        record_number=number,
        records=number,
        vin="",
    )


class Pile:
    """Does what it is told at once and keeps what it was told."""

    def __init__(self, charger_id: str) -> None:
        self.shown = status(charger_id)
        self.acts: list[object] = []
        self.refuses = 0
        self.end = ChargerEnd(sign_in(charger_id), self)

    def status(self) -> Status:
        return self.shown

    def start(self, order: Start, now_s: float) -> int:
        self.acts.append(order)
        if not self.refuses:
            self.shown = replace(self.shown, state=PileState.STARTING, connection=2)
        return self.refuses

    def stop(self, now_s: float) -> int:
        self.acts.append("stop")
        self.shown = replace(self.shown, state=PileState.IDLE)
        return 0

    def limit(self, power_limit_kw: float) -> int:
        self.acts.append(power_limit_kw)
        return 0


class Cable:
    """A TCP connection in memory: each way can be cut without either end being told, and closed with both told.

    `lost` are commands (low byte) of the station that do not arrive.
    """

    def __init__(self, charger: ChargerEnd, station: StationConnection) -> None:
        self.charger = charger
        self.station = station
        self.up = self.down = True
        self.lost: set[int] = set()
        self.sent_up: list[bytes] = []
        self.sent_down: list[bytes] = []
        self._open = False

    def is_open(self) -> bool:
        return self._open

    def open(self, now_s: float) -> None:
        self._open = True
        self.station.opened(now_s)
        self.charger.opened(now_s)

    def close(self, now_s: float) -> None:
        self._open = False
        self.station.closed(now_s)
        self.charger.closed(now_s)

    def move(self, now_s: float) -> bool:
        if not self._open:
            return False
        up, down = list(self.charger.due(now_s)), list(self.station.due(now_s))
        self.sent_up += up
        self.sent_down += down
        for data in up if self.up else ():
            self.station.receive(data, now_s)
        for data in down if self.down else ():
            if data[6] not in self.lost:
                self.charger.receive(data, now_s)
        if self.station.wants_reopen or self.charger.wants_reopen:
            for data in self.station.due(now_s) if self.down else ():
                self.charger.receive(data, now_s)
            self.close(now_s)
        return bool(up or down)

    def next_deadline(self) -> float:
        ends = (self.charger.next_deadline(), self.station.next_deadline())
        return min(ends) if self._open else float("inf")


class Yard:
    """A station that knows two chargers, and as many cables to it as a test lays."""

    def __init__(self) -> None:
        self.time = VirtualTime()
        self.station = Aaf5Station((FIRST_ID, OTHER_ID))

    def plug(self, pile: Pile) -> Cable:
        cable = Cable(pile.end, self.station.connection())
        self.time.join(cable)
        return cable

    def run(self, seconds: float) -> None:
        self.time.run(seconds)
