"""Watches every charge for what it shows of the battery's health, and says one observation when it has ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from swapstation.config.energy_settings import Ledger
from swapstation.energy.uncertainty import counted_kwh
from swapstation.model.device import BatteryCharge
from swapstation.model.energy import ChargeSettled, Counter, Settlement
from swapstation.model.health import BatteryObserved, Observation
from swapstation.model.journal import ChargeStarted, Record
from swapstation.model.snapshot import BayState, Snapshot

STEP_A = 40.0
"""So much the current must change for a resistance to be read from it."""
STEP_S = 3.0
"""Within so long: later the voltage follows the charge, not the step."""
_LEAST_MOHM, _MOST_MOHM = 1.0, 1000.0


@dataclass(frozen=True, slots=True)
class _Sample:
    """Voltage and current of a bay's output at one time."""

    now_s: float
    voltage_v: float
    current_a: float


@dataclass(slots=True)
class _Watched:
    """What a running charge showed so far."""

    battery: str
    samples: deque[_Sample] = field(default_factory=deque)
    resistances: list[tuple[float, float | None]] = field(default_factory=list)
    max_cell_v: float | None = None
    min_cell_v: float | None = None
    max_temperature_c: float | None = None
    temperature_spread_c: float | None = None
    faults: dict[str, None] = field(default_factory=dict)
    charge_count: int | None = None
    production_date: str | None = None


class HealthWatch:
    """The running charges of a station, by bay."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._watched: dict[int, _Watched] = {}

    def follow(self, snapshot: Snapshot, records: Sequence[Record]) -> list[Record]:
        """Look at one cycle; `records` are those of it, settlements among them. Returns the observations."""
        told: list[Record] = []
        for record in records:
            if isinstance(record, ChargeStarted):
                self._watched[record.bay] = _Watched(record.battery)
        for number, watched in self._watched.items():
            _look(watched, snapshot.bay(number), snapshot.now_s)
        for record in records:
            if isinstance(record, ChargeSettled):
                settlement = record.settlement
                seen = self._watched.get(settlement.bay)
                if seen is not None and seen.battery == settlement.battery:
                    del self._watched[settlement.bay]
                    told.append(BatteryObserved(settlement.battery, self._observation(settlement, seen)))
        return told

    def _observation(self, settlement: Settlement, watched: _Watched) -> Observation:
        resistance = median(mohm for mohm, _ in watched.resistances) if watched.resistances else None
        warm = [celsius for _, celsius in watched.resistances if celsius is not None]
        dc_kwh = settlement.dc_kwh
        return Observation(
            at=settlement.ended_at,
            bay=settlement.bay,
            start_soc_pct=settlement.start_soc_pct,
            end_soc_pct=settlement.end_soc_pct,
            dc_kwh=dc_kwh,
            dc_uncertainty_kwh=counted_kwh(self._ledger, Counter.CHARGER, dc_kwh) if dc_kwh is not None else 0.0,
            resistance_mohm=resistance,
            resistance_temperature_c=median(warm) if warm else None,
            max_cell_v=watched.max_cell_v,
            min_cell_v=watched.min_cell_v,
            max_temperature_c=watched.max_temperature_c,
            temperature_spread_c=watched.temperature_spread_c,
            faults=tuple(watched.faults),
            charge_count=watched.charge_count,
            production_date=watched.production_date,
        )


def _look(watched: _Watched, bay: BayState, now_s: float) -> None:
    charge = bay.charge.good
    if charge is not None:
        _look_at_battery(watched, charge)
    cells = [volts for volts in bay.cells.good.voltages_v if volts is not None] if bay.cells.good else []
    if cells:
        watched.max_cell_v, watched.min_cell_v = max(cells), min(cells)
    output = bay.modules.good or bay.charger.good
    if output is not None:
        _step(watched, _Sample(now_s, output.voltage_v, output.current_a), charge.max_temperature_c if charge else None)


def _look_at_battery(watched: _Watched, charge: BatteryCharge) -> None:
    watched.faults |= dict.fromkeys(charge.faults)
    watched.charge_count = watched.charge_count if charge.charge_count is None else charge.charge_count
    watched.production_date = charge.production_date or watched.production_date
    if charge.max_cell_v is not None and (charge.min_cell_v is not None or charge.cell_spread_v is not None):
        lowest_v = charge.min_cell_v
        watched.max_cell_v = charge.max_cell_v
        watched.min_cell_v = charge.max_cell_v - (charge.cell_spread_v or 0.0) if lowest_v is None else lowest_v
    if charge.max_temperature_c is not None:
        watched.max_temperature_c = max(charge.max_temperature_c, watched.max_temperature_c or charge.max_temperature_c)
        if charge.min_temperature_c is not None:
            spread_c = charge.max_temperature_c - charge.min_temperature_c
            watched.temperature_spread_c = max(spread_c, watched.temperature_spread_c or 0.0)


def _step(watched: _Watched, sample: _Sample, temperature_c: float | None) -> None:
    """A resistance wherever the current changed far enough in a short time, from the nearest sample before that."""
    samples = watched.samples
    while samples and samples[0].now_s < sample.now_s - STEP_S:
        samples.popleft()
    before = next((each for each in reversed(samples) if abs(sample.current_a - each.current_a) >= STEP_A), None)
    samples.append(sample)
    if before is None:
        return
    mohm = 1000.0 * (sample.voltage_v - before.voltage_v) / (sample.current_a - before.current_a)
    if min(sample.voltage_v, before.voltage_v) > 0.0 and _LEAST_MOHM <= mohm <= _MOST_MOHM:
        watched.resistances.append((mohm, temperature_c))
    samples.clear()
