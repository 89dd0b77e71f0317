"""One bay of the rack: what stands in it, its connector, contactor and charging modules."""

from __future__ import annotations

from dataclasses import dataclass, field

from swapstation.config.settings import Bay as BaySettings
from swapstation.simulation.plant.battery import Battery

EFFICIENCY = 0.95
STANDBY_KW = 0.05
RAMP_UP_A_PER_S = 60.0
RAMP_DOWN_A_PER_S = 4000.0
OPEN_BELOW_A = 5.0
BAY_HEAT_K_PER_KW = 0.03
BAY_TIME_CONSTANT_S = 600.0


@dataclass(slots=True)
class ChargingModules:
    """Charging modules of one bay: they ramp to the set current and stop at the set voltage. Efficiency 95 %.

    `given_a` is what they draw out of the battery instead, where the charger can do that.
    """

    max_current_a: float
    max_voltage_v: float
    max_power_kw: float
    enabled: bool = False
    set_voltage_v: float = 0.0
    set_current_a: float = 0.0
    voltage_v: float = 0.0
    current_a: float = 0.0
    energy_kwh: float = 0.0
    returned_kwh: float = 0.0
    grid_kwh: float = 0.0
    stuck: bool = False
    given_a: float = 0.0

    def set(self, voltage_v: float, current_a: float) -> None:
        """Switch on towards a voltage in V and a current in A, within the ratings."""
        if self.stuck and self.enabled:
            return
        self.enabled = True
        self.set_voltage_v = min(max(voltage_v, 0.0), self.max_voltage_v)
        self.set_current_a = min(max(current_a, 0.0), self.max_current_a)

    def shut(self) -> None:
        if not self.stuck:
            self.lose_power()

    def lose_power(self) -> None:
        self.enabled = False
        self.set_voltage_v = self.set_current_a = self.given_a = 0.0

    def advance(self, dt_s: float, battery: Battery | None) -> None:
        """Drive the connected battery (None: the output is open) for `dt_s` plant seconds."""
        if battery is None:
            self.current_a = 0.0
            self.voltage_v = self.set_voltage_v if self.enabled else 0.0
            return
        wanted_a = self._wanted_a(battery) if self.enabled else 0.0
        step_a = (RAMP_UP_A_PER_S if abs(wanted_a) > abs(self.current_a) else RAMP_DOWN_A_PER_S) * dt_s
        self.current_a = min(max(wanted_a, self.current_a - step_a), self.current_a + step_a)
        battery.current_a = self.current_a
        self.voltage_v = battery.voltage_v
        self.energy_kwh += self.voltage_v * max(self.current_a, 0.0) * dt_s / 3.6e6
        self.returned_kwh += self.voltage_v * max(-self.current_a, 0.0) * dt_s / 3.6e6

    def _wanted_a(self, battery: Battery) -> float:
        if self.given_a > 0.0:
            return -min(self.given_a, self.max_current_a)
        at_voltage_a = (self.set_voltage_v - battery.ocv_v) / battery.resistance_ohm
        at_power_a = self.max_power_kw * 1000.0 / battery.voltage_v
        return max(min(self.set_current_a, at_voltage_a, at_power_a), 0.0)

    @property
    def grid_kw(self) -> float:
        """Power drawn from the grid in kW."""
        if not self.enabled and self.current_a == 0.0:
            return 0.0
        if self.current_a < 0.0:
            return self.voltage_v * self.current_a / 1000.0 * EFFICIENCY + STANDBY_KW
        return self.voltage_v * self.current_a / 1000.0 / EFFICIENCY + STANDBY_KW


@dataclass(slots=True)
class Bay:
    """One place of the rack, in truth. The connector mates by itself when a battery is set down, where there is one."""

    settings: BaySettings
    modules: ChargingModules = field(init=False)
    contactor_closed: bool = False
    temperature_c: float = 25.0
    tripped: bool = False
    fed: bool = True

    def __post_init__(self) -> None:
        bay = self.settings
        self.modules = ChargingModules(bay.max_current_a, bay.max_voltage_v, bay.max_power_kw)

    @property
    def number(self) -> int:
        return self.settings.number

    def open_contactor(self) -> bool:
        """Open the contactor unless it carries more than 5 A; tell whether it is open."""
        if abs(self.modules.current_a) <= OPEN_BELOW_A:
            self.contactor_closed = False
        return not self.contactor_closed

    @property
    def supplied(self) -> bool:
        """Whether the modules have mains: the feeder is on and the supply contactor of the bay was not tripped."""
        return self.fed and not self.tripped

    def advance(self, dt_s: float, battery: Battery | None, ambient_c: float) -> None:
        """`battery` is the one connected through bay and battery contactors, or None."""
        if not self.supplied:
            self.modules.lose_power()
            self.contactor_closed = False
        self.modules.advance(dt_s, battery)
        self.modules.grid_kwh += self.modules.grid_kw * dt_s / 3600.0
        settled_c = ambient_c + BAY_HEAT_K_PER_KW * self.modules.grid_kw
        self.temperature_c += (settled_c - self.temperature_c) * min(dt_s / BAY_TIME_CONSTANT_S, 1.0)
