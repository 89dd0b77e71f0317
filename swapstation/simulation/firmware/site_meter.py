"""The site energy meter: DL/T 645-2007 over the plant's energy counter and power."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from swapstation.errors import InputError
from swapstation.protocol.dlt645_ends import DltMeter
from swapstation.protocol.dlt645_items import (
    COMBINED_ENERGY,
    FORWARD_ENERGY,
    FREQUENCY,
    POWER,
    POWER_FACTOR,
    Value,
    encode_value,
)
from swapstation.simulation.plant.plant import Plant

PHASE_V = 230.0
FREQUENCY_HZ = 50.0
COS_PHI = 0.95
PHASES = (1, 2, 3)
PHASE_VOLTAGE, PHASE_CURRENT, PHASE_POWER = 0x0201_0000, 0x0202_0000, 0x0203_0000


class MeterValues(Mapping[int, Value]):
    """What the meter shows now, by data identifier; a value too great for its digits is left out.

    It measures behind current transformers: currents, power and energy are the site's divided by `ratio`.
    """

    def __init__(self, plant: Plant, ratio: float) -> None:
        self._plant = plant
        self._ratio = ratio

    def __getitem__(self, identifier: int) -> Value:
        return self._shown()[identifier]

    def __iter__(self) -> Iterator[int]:
        return iter(self._shown())

    def __len__(self) -> int:
        return len(self._shown())

    def _shown(self) -> dict[int, Value]:
        power_kw = self._plant.power_kw / self._ratio
        energy_kwh = self._plant.meter_kwh / self._ratio
        phase_a = power_kw * 1000.0 / (len(PHASES) * PHASE_V * COS_PHI)
        values: dict[int, Value] = {
            COMBINED_ENERGY: energy_kwh,
            FORWARD_ENERGY: energy_kwh,
            POWER: power_kw,
            POWER_FACTOR: COS_PHI,
            FREQUENCY: FREQUENCY_HZ,
        }
        for phase in PHASES:
            values[PHASE_VOLTAGE | phase << 8] = PHASE_V
            values[PHASE_CURRENT | phase << 8] = phase_a
            values[PHASE_POWER | phase << 8] = power_kw / len(PHASES)
        return {identifier: value for identifier, value in values.items() if _fits(identifier, value)}


class SiteMeter(DltMeter):
    """The meter on its line; a fault knob takes it off."""

    def __init__(self, plant: Plant, address: str, ratio: float = 1.0) -> None:
        super().__init__(address, MeterValues(plant, ratio))
        self._plant = plant

    def receive(self, data: bytes, now_s: float) -> None:
        if not self._plant.faults.active("meter_silent"):
            super().receive(data, now_s)


def _fits(identifier: int, value: Value) -> bool:
    try:
        encode_value(identifier, value)
    except InputError:
        return False
    return True
