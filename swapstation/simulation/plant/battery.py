"""A lithium iron phosphate battery: open-circuit voltage, resistance, heat, cells and an energy counter."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import pairwise

from swapstation.config.settings import BatteryModel

CELL_MAX_V = 3.65
CELL_NOMINAL_V = 3.22
CELL_RESISTANCE_OHM = 0.00025
CELL_SPREAD_V = 0.003
MASS_SPREAD = 0.004
HEAT_CAPACITY_J_PER_KG_K = 700.0
COOLING_W_PER_K = 400.0
CHILLED_ABOVE_C = 32.0
CHILLER_W_PER_K = 2500.0

# Open-circuit voltage of one cell against SOC; the long plateau is what makes LFP hard to gauge.
_OCV = (
    (0.0, 2.80),
    (5.0, 3.10),
    (10.0, 3.20),
    (20.0, 3.25),
    (40.0, 3.29),
    (60.0, 3.30),
    (80.0, 3.33),
    (95.0, 3.36),
    (98.0, 3.42),
    (100.0, 3.55),
)


def cell_ocv_v(soc_pct: float) -> float:
    """Open-circuit voltage of one LFP cell in V at a SOC in percent (own design after common data sheets)."""
    for (low_pct, low_v), (high_pct, high_v) in pairwise(_OCV):
        if soc_pct <= high_pct:
            return low_v + (high_v - low_v) * (max(soc_pct, low_pct) - low_pct) / (high_pct - low_pct)
    return _OCV[-1][1]


@dataclass(slots=True)
class Battery:
    """One battery of the plant. `place` is the truth of where it is; current in A is positive into the battery.

    `coolant_w` is the heat that the coolant of its bay's climate unit brings; None: its own small chiller works.
    """

    battery: str
    model: BatteryModel
    codes: tuple[str, ...]
    place: str
    charge_ah: float
    mass_kg: float
    cell_offsets_v: tuple[float, ...]
    temperature_c: float = 25.0
    energy_in_kwh: float = 0.0
    current_a: float = 0.0
    coolant_w: float | None = None
    contactor_closed: bool = False
    capacity_ah: float = field(init=False)

    def __post_init__(self) -> None:
        self.capacity_ah = capacity_ah(self.model)

    @property
    def cells(self) -> int:
        return len(self.cell_offsets_v)

    @property
    def soc_pct(self) -> float:
        return 100.0 * self.charge_ah / self.capacity_ah

    @property
    def resistance_ohm(self) -> float:
        return self.cells * CELL_RESISTANCE_OHM

    @property
    def ocv_v(self) -> float:
        return self.cells * cell_ocv_v(self.soc_pct)

    @property
    def voltage_v(self) -> float:
        """Terminal voltage in V at the present current."""
        return self.ocv_v + self.current_a * self.resistance_ohm

    @property
    def highest_cell(self) -> tuple[int, float]:
        """Index from 0 and voltage in V of the highest cell."""
        return self._cell(max(range(self.cells), key=self.cell_offsets_v.__getitem__))

    @property
    def lowest_cell(self) -> tuple[int, float]:
        """Index from 0 and voltage in V of the lowest cell."""
        return self._cell(min(range(self.cells), key=self.cell_offsets_v.__getitem__))

    @property
    def cell_voltages_v(self) -> tuple[float, ...]:
        mean_v = self.voltage_v / self.cells
        return tuple(mean_v + offset_v for offset_v in self.cell_offsets_v)

    def _cell(self, index: int) -> tuple[int, float]:
        return index, self.voltage_v / self.cells + self.cell_offsets_v[index]

    def set_soc(self, soc_pct: float) -> None:
        self.charge_ah = self.capacity_ah * soc_pct / 100.0

    def advance(self, dt_s: float, ambient_c: float) -> None:
        """Let the present current flow for `dt_s` plant seconds; the cell heats by its resistance."""
        hours = dt_s / 3600.0
        self.energy_in_kwh += self.voltage_v * self.current_a * hours / 1000.0
        self.charge_ah = min(max(self.charge_ah + self.current_a * hours, 0.0), self.capacity_ah)
        heat_w = self.current_a**2 * self.resistance_ohm - COOLING_W_PER_K * (self.temperature_c - ambient_c)
        if self.coolant_w is None:
            heat_w -= CHILLER_W_PER_K * max(self.temperature_c - CHILLED_ABOVE_C, 0.0)
        else:
            heat_w += self.coolant_w
        self.temperature_c += heat_w * dt_s / (self.mass_kg * HEAT_CAPACITY_J_PER_KG_K)


def capacity_ah(model: BatteryModel) -> float:
    """Capacity of a battery model in Ah, from its energy and its number of cells in series."""
    return model.energy_kwh * 1000.0 / (_cells(model) * CELL_NOMINAL_V)


def _cells(model: BatteryModel) -> int:
    return max(round(model.max_voltage_v / CELL_MAX_V), 1)


def new_battery(
    asset: str, model: BatteryModel, codes: tuple[str, ...], place: str, soc_pct: float, chance: random.Random
) -> Battery:
    """A battery with its own small spread of mass and cell voltages, drawn from `chance`."""
    return Battery(
        battery=asset,
        model=model,
        codes=codes,
        place=place,
        charge_ah=capacity_ah(model) * soc_pct / 100.0,
        mass_kg=model.mass_kg * (1.0 + chance.uniform(-MASS_SPREAD, MASS_SPREAD)),
        cell_offsets_v=tuple(chance.gauss(0.0, CELL_SPREAD_V) for _ in range(_cells(model))),
    )
