"""The liquid-cooling unit of a bay: pump, heater and chiller, and the coolant that carries heat into the battery."""

from __future__ import annotations

from dataclasses import dataclass

from swapstation.model.climate import ClimateMode
from swapstation.simulation.plant.battery import Battery

COUPLING_W_PER_K = 1800.0
"""Heat that passes between coolant and battery at full flow."""
HEATER_W, CHILLER_W = 18_000.0, 22_000.0
HEATER_EFFICIENCY, CHILLER_COP = 0.95, 2.6
PUMP_KW = 0.6
COOLANT_J_PER_K = 60_000.0
"""Heat capacity of the coolant in the loop."""
FLOW_LPM = 40.0
LOSS_W_PER_K = 15.0


@dataclass(slots=True)
class ClimateUnit:
    """The unit of one bay. Temperatures in °C; it holds the supply at its set-point as far as its power goes."""

    coolant_c: float
    mode: ClimateMode = ClimateMode.OFF
    supply_setpoint_c: float = 20.0
    to_battery_w: float = 0.0
    power_kw: float = 0.0

    @property
    def runs(self) -> bool:
        return self.mode is not ClimateMode.OFF

    @property
    def supply_c(self) -> float:
        return self.coolant_c

    @property
    def return_c(self) -> float:
        """What comes back has left its heat in the battery (coolant of 3.6 kJ per litre and K)."""
        flow_w_per_k = FLOW_LPM / 60.0 * 3600.0
        return self.coolant_c - self.to_battery_w / flow_w_per_k if self.runs else self.coolant_c

    def advance(self, dt_s: float, battery: Battery | None, ambient_c: float) -> None:
        """Let `dt_s` plant seconds pass; `battery` is the one that stands coupled, or None."""
        self.to_battery_w = 0.0
        made_w = self._made_w(dt_s) if self.runs else 0.0
        if self.runs and battery is not None:
            self.to_battery_w = COUPLING_W_PER_K * (self.coolant_c - battery.temperature_c)
        if battery is not None:
            battery.coolant_w = self.to_battery_w
        lost_w = LOSS_W_PER_K * (self.coolant_c - ambient_c)
        self.coolant_c += (made_w - self.to_battery_w - lost_w) * dt_s / COOLANT_J_PER_K
        self.power_kw = self._power_kw(made_w)

    def _made_w(self, dt_s: float) -> float:
        """Heat that heater or chiller gives to the coolant, toward the set-point within this step."""
        wanted_w = self.to_battery_w + (self.supply_setpoint_c - self.coolant_c) * COOLANT_J_PER_K / max(dt_s, 1.0)
        if self.mode is ClimateMode.HEAT:
            return min(max(wanted_w, 0.0), HEATER_W)
        if self.mode is ClimateMode.COOL:
            return max(min(wanted_w, 0.0), -CHILLER_W)
        return 0.0

    def _power_kw(self, made_w: float) -> float:
        if not self.runs:
            return 0.0
        heated_kw = max(made_w, 0.0) / 1000.0 / HEATER_EFFICIENCY
        return PUMP_KW + heated_kw + max(-made_w, 0.0) / 1000.0 / CHILLER_COP
