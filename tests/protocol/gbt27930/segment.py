"""A CAN segment in virtual time with a charger, a battery and ideal charging modules between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from swapstation.protocol.gbt27930.bms import BmsSession
from swapstation.protocol.gbt27930.bms_facts import BmsFacts, BmsStatus
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.charger_settings import ChargerSettings
from swapstation.protocol.gbt27930.words import Edition
from swapstation.protocol.node import Frame

PLANT_STEP_S = 0.05

FACTS = BmsFacts(
    max_voltage_v=733.6,
    max_current_a=350.0,
    max_cell_v=3.65,
    nominal_energy_kwh=282.0,
    rated_capacity_ah=436.0,
    rated_voltage_v=646.8,
    target_soc_pct=95.0,
    maker="CATL",
    serial=123456,
    vin="LZZ1CLSB7RA000001",
)
STATUS = BmsStatus(
    voltage_v=640.2,
    current_a=0.0,
    soc_pct=40.5,
    max_cell_v=3.34,
    min_cell_v=3.31,
    max_temperature_c=31,
    min_temperature_c=27,
    wanted_voltage_v=733.0,
    wanted_current_a=240.0,
)
SETTINGS = ChargerSettings(
    charger_number=1002, location="010", max_voltage_v=750.0, min_voltage_v=200.0, max_current_a=250.0
)


@dataclass
class Segment:
    """Both sides, their wires and the plant. `lost` drops frames by a test on them.

    The battery's contactors take `closing_s`. With `aux_switched` its auxiliary supply follows what the charger wants;
    else it is always on.
    """

    charger: ChargerSession
    bms: BmsSession
    status: BmsStatus = STATUS
    now_s: float = 100.0
    soc_per_s: float = 0.0
    energy_kwh: float = 7.0
    log: list[tuple[float, Frame]] = field(default_factory=list)
    lost: Callable[[Frame], bool] = lambda frame: False
    modules_work: bool = True
    aux_switched: bool = False
    closing_s: float = 0.0
    opened_under_load: bool = False
    _plant_s: float = 0.0
    _current_a: float = 0.0
    _wanted_s: float | None = None

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> float:
        """Let time pass; returns the seconds it took until the condition held (or all of them)."""
        begun_s, end_s = self.now_s, self.now_s + seconds
        self._plant_s = max(self._plant_s, self.now_s)
        while self.now_s < end_s and not until():
            if self.aux_switched:
                self.bms.power(self.charger.aux_power, self.now_s)
            self._exchange()
            next_s = min(self.charger.next_deadline(), self.bms.next_deadline(), self._plant_s)
            assert next_s > self.now_s - 1e-9, "a node asks for the past again and again"
            self.now_s = min(max(next_s, self.now_s), end_s)
            if self.now_s >= self._plant_s:
                self._plant()
        return self.now_s - begun_s

    def sent(self, can_id: int) -> list[tuple[float, bytes]]:
        return [(at_s, frame.data) for at_s, frame in self.log if frame.can_id == can_id]

    def _exchange(self) -> None:
        for _ in range(100):
            from_charger, from_bms = list(self.charger.due(self.now_s)), list(self.bms.due(self.now_s))
            if not from_charger and not from_bms:
                return
            for frame in from_charger + from_bms:
                self.log.append((self.now_s, frame))
            for frame in from_charger:
                if not self.lost(frame):
                    self.bms.receive(frame, self.now_s)
            for frame in from_bms:
                if not self.lost(frame):
                    self.charger.receive(frame, self.now_s)
        raise AssertionError("the two never stop answering each other")

    def _plant(self) -> None:
        self._plant_s = self.now_s + PLANT_STEP_S
        demand = self.charger.demand
        if self._current_a > 5 and not (demand.enabled and self.bms.contactors_wanted):
            self.opened_under_load = True
        self._current_a = demand.current_a if self.modules_work and demand.enabled else 0.0
        self.energy_kwh += self._current_a * 0.00001
        self.status = replace(
            self.status,
            current_a=self._current_a,
            soc_pct=self.status.soc_pct + self.soc_per_s * PLANT_STEP_S * (self._current_a > 0),
            contactors_closed=self._closed(),
        )
        self.bms.battery(self.status, self.now_s)
        voltage_v = demand.voltage_v if self.modules_work else 0.0
        self.charger.measured(voltage_v, self._current_a, self.now_s, self.energy_kwh)

    def _closed(self) -> bool:
        self._wanted_s = (self._wanted_s or self.now_s) if self.bms.contactors_wanted else None
        return self._wanted_s is not None and self.now_s - self._wanted_s >= self.closing_s


def segment(facts: BmsFacts = FACTS, status: BmsStatus = STATUS, settings: ChargerSettings = SETTINGS) -> Segment:
    return Segment(ChargerSession(settings), BmsSession(facts, status), status)


def edition_2011() -> Segment:
    return segment(replace(FACTS, edition=Edition.GB2011))
