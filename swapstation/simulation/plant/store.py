"""The stationary battery store of the site: an energy balance with losses; it follows its set-point along a ramp."""

from __future__ import annotations

from dataclasses import dataclass, field

from swapstation.config.site_settings import SiteStore

RAMP_S = 0.5
"""From rest to full power."""
FIRST_SOC = 0.5
TAPER_FROM, TAPER_TO = 0.9, 0.1
"""Above this share of its energy it takes less and less, down to the second share of its power when it is full."""


@dataclass(slots=True)
class Store:
    """The truth of the store: kWh that it holds, kW AC, positive into it. Losses fall on the way in."""

    settings: SiteStore
    setpoint_kw: float = 0.0
    power_kw: float = 0.0
    held_kwh: float = field(init=False)

    def __post_init__(self) -> None:
        self.held_kwh = FIRST_SOC * self.settings.energy_kwh

    @property
    def soc_pct(self) -> float:
        return 100.0 * self.held_kwh / self.settings.energy_kwh

    @property
    def charge_limit_kw(self) -> float:
        """Most that it takes now."""
        share = self.held_kwh / self.settings.energy_kwh
        if share >= 1.0:
            return 0.0
        over = max(share - TAPER_FROM, 0.0) / (1.0 - TAPER_FROM)
        return self.settings.charge_kw * (1.0 - over * (1.0 - TAPER_TO))

    @property
    def discharge_limit_kw(self) -> float:
        """Most that it gives now."""
        return self.settings.discharge_kw if self.held_kwh > 0.0 else 0.0

    def stop(self) -> None:
        """Its contactors open."""
        self.setpoint_kw = self.power_kw = 0.0

    def advance(self, dt_s: float) -> None:
        """Let `dt_s` plant seconds pass."""
        goal_kw = min(max(self.setpoint_kw, -self.discharge_limit_kw), self.charge_limit_kw)
        step_kw = dt_s / RAMP_S * max(self.settings.charge_kw, self.settings.discharge_kw)
        power_kw = self.power_kw + min(max(goal_kw - self.power_kw, -step_kw), step_kw)
        per_h, efficiency = 3600.0 / max(dt_s, 1e-6), self.settings.efficiency
        room_kw = (self.settings.energy_kwh - self.held_kwh) * per_h / efficiency
        self.power_kw = min(max(power_kw, -self.held_kwh * per_h), room_kw)
        stored_kw = self.power_kw * (efficiency if self.power_kw > 0.0 else 1.0)
        self.held_kwh = min(max(self.held_kwh + stored_kw / per_h, 0.0), self.settings.energy_kwh)
