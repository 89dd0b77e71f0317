"""The site energy meter: DL/T 645-2007 over the plant's energy counter and power."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from math import acos, tan

from swapstation.errors import InputError
from swapstation.protocol.dlt645_items import (
    APPARENT_POWER,
    COMBINED_ENERGY,
    DATE,
    FORWARD_ENERGY,
    FREQUENCY,
    MAX_DEMAND,
    POWER,
    POWER_FACTOR,
    REACTIVE_POWER,
    REVERSE_ENERGY,
    REVERSE_MAX_DEMAND,
    TIME,
    Demand,
    Value,
    encode_value,
)
from swapstation.protocol.dlt645_meter import DltMeter
from swapstation.simulation.plant.plant import Plant

PHASE_V = 230.0
FREQUENCY_HZ = 50.0
COS_PHI = 0.95
PHASES = (1, 2, 3)
TARIFFS, FLAT = (1, 2, 3, 4), 3
SETTLEMENTS = range(1, 13)
PHASE_VOLTAGE, PHASE_CURRENT = 0x0201_0000, 0x0202_0000
MADE_AT = datetime(2026, 1, 1)  # noqa: DTZ001 - a meter's clock knows no zone


class MeterValues(Mapping[int, Value]):
    """What the meter shows now, by data identifier; a value too great for its digits is left out.

    It measures behind current transformers: currents, power and energy are the site's divided by `ratio`. All energy is
    of the flat tariff, no settlement has been made, and the demand is the highest power it showed when it was asked.
    """

    def __init__(self, plant: Plant, ratio: float) -> None:
        self._plant = plant
        self._ratio = ratio
        self._now_s = 0.0
        self._clock_zero = MADE_AT
        self._highest = Demand(0.0, f"{MADE_AT:%y%m%d%H%M}")

    def asked(self, now_s: float) -> None:
        """Somebody talks to the meter at this second."""
        self._now_s = now_s
        power_kw = self._plant.power_kw / self._ratio
        if power_kw > self._highest.power_kw:
            self._highest = Demand(power_kw, f"{self._clock:%y%m%d%H%M}")

    def set_clock(self, digits: str) -> None:
        """Take the time of a broadcast, digits YYMMDDhhmmss; one that is no time is ignored."""
        try:
            told = datetime.strptime(digits, "%y%m%d%H%M%S")  # noqa: DTZ007
        except ValueError:
            return
        self._clock_zero = told - timedelta(seconds=self._now_s)

    def __getitem__(self, identifier: int) -> Value:
        value = self._measured()[identifier]
        if not _fits(identifier, value):
            raise KeyError(identifier)
        return value

    def __iter__(self) -> Iterator[int]:
        return iter(self._shown())

    def __len__(self) -> int:
        return len(self._shown())

    @property
    def _clock(self) -> datetime:
        return self._clock_zero + timedelta(seconds=self._now_s)

    def _shown(self) -> dict[int, Value]:
        return {identifier: value for identifier, value in self._measured().items() if _fits(identifier, value)}

    def _measured(self) -> dict[int, Value]:
        values = self._energies() | self._powers()
        values |= {FREQUENCY: FREQUENCY_HZ, MAX_DEMAND: self._highest, REVERSE_MAX_DEMAND: Demand(0.0, "0" * 10)}
        return values | {DATE: f"{self._clock:%y%m%d}0{self._clock:%w}", TIME: f"{self._clock:%H%M%S}"}

    def _energies(self) -> dict[int, Value]:
        energy_kwh = self._plant.meter_kwh / self._ratio
        values: dict[int, Value] = {}
        for item, total_kwh in ((COMBINED_ENERGY, energy_kwh), (FORWARD_ENERGY, energy_kwh), (REVERSE_ENERGY, 0.0)):
            values[item] = total_kwh
            values |= {item | tariff << 8: total_kwh if tariff == FLAT else 0.0 for tariff in TARIFFS}
            values |= {item | settlement: 0.0 for settlement in SETTLEMENTS}
        return values

    def _powers(self) -> dict[int, Value]:
        power_kw = self._plant.power_kw / self._ratio
        values: dict[int, Value] = {}
        for part, share in ((0, 1), *((phase, len(PHASES)) for phase in PHASES)):
            values[POWER | part << 8] = power_kw / share
            values[REACTIVE_POWER | part << 8] = power_kw / share * tan(acos(COS_PHI))
            values[APPARENT_POWER | part << 8] = power_kw / share / COS_PHI
            values[POWER_FACTOR | part << 8] = COS_PHI
        for phase in PHASES:
            values[PHASE_VOLTAGE | phase << 8] = PHASE_V
            values[PHASE_CURRENT | phase << 8] = power_kw * 1000.0 / (len(PHASES) * PHASE_V * COS_PHI)
        return values


class SiteMeter(DltMeter):
    """The meter on its line; a fault knob takes it off."""

    def __init__(self, plant: Plant, address: str, ratio: float = 1.0) -> None:
        self._plant = plant
        self._shown_values = MeterValues(plant, ratio)
        super().__init__(address, self._shown_values, set_clock=self._shown_values.set_clock)

    def receive(self, data: bytes, now_s: float) -> None:
        if not self._plant.faults.active("meter_silent"):
            self._shown_values.asked(now_s)
            super().receive(data, now_s)


def _fits(identifier: int, value: Value) -> bool:
    try:
        encode_value(identifier, value)
    except InputError:
        return False
    return True
