"""A bay whose rack node, module node and BMS are a program of their own, for example the C node in firmware_proto/node.

Its truth is shared. The simulation owns the mechanics: which battery stands where, what the sensors see, the fault
knobs, how fast plant time runs. The program owns the electricity of the bay: charge, current, contactors, heat. Ten
times a second it reports them in one line of the control socket and learns the mechanics from the answer, so the robot
may put and pick here as everywhere. Between two reports the last current flows on; without one for 1 s the bay is dead.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

from swapstation.config.settings import Charging, Config
from swapstation.errors import InputError
from swapstation.model.identity import PackCode
from swapstation.simulation.plant.battery import Battery
from swapstation.simulation.plant.bay import ChargingModules
from swapstation.simulation.plant.plant import Plant

SILENT_S = 1.0


@dataclass(frozen=True, slots=True)
class BayReport:
    """What the program measures; charging current positive. What it says of a battery holds for the named one only."""

    battery: str
    soc_pct: float
    temperature_c: float
    enabled: bool
    voltage_v: float
    current_a: float
    contactor_closed: bool
    battery_contactor_closed: bool


class ReportedModules(ChargingModules):
    """Charging modules that give what was last reported of them."""

    def advance(self, dt_s: float, battery: Battery | None) -> None:
        if battery is None:
            self.current_a = 0.0
            return
        battery.current_a = self.current_a
        self.energy_kwh += self.voltage_v * self.current_a * dt_s / 3.6e6


class ExternalBay:
    """The simulation's side of one such bay."""

    def __init__(self, plant: Plant, number: int) -> None:
        self.number = number
        self._plant = plant
        self._bay = plant.bays[number]
        modules = self._bay.modules
        self._modules = ReportedModules(modules.max_current_a, modules.max_voltage_v, modules.max_power_kw)
        self._bay.modules = self._modules
        self._fresh = False
        self._dead_at_s = inf

    def exchange(self, report: BayReport, speed: float) -> dict[str, Any]:
        """Take a report and answer with the mechanics; numbers in the units that the names say."""
        self._fresh = True
        battery = self._plant.in_bay(self.number)
        self._bay.contactor_closed = report.contactor_closed
        self._modules.enabled, self._modules.voltage_v = report.enabled, report.voltage_v
        if battery is not None and battery.battery == report.battery:
            battery.set_soc(report.soc_pct)
            battery.temperature_c = report.temperature_c
            battery.contactor_closed = report.battery_contactor_closed
            self._modules.current_a = report.current_a
        return {"speed": speed, **self._sensed(), **_described(battery)}

    def supervise(self, now_s: float) -> None:
        """Take the bay for dead when its program has been silent for 1 s."""
        if self._fresh:
            self._fresh, self._dead_at_s = False, now_s + SILENT_S
        elif now_s >= self._dead_at_s:
            self._dead_at_s = inf
            self._bay.contactor_closed = False
            self._modules.shut()
            self._modules.current_a = 0.0
            if (battery := self._plant.in_bay(self.number)) is not None:
                battery.contactor_closed = False
                battery.current_a = 0.0

    def _sensed(self) -> dict[str, Any]:
        faults, number = self._plant.faults, self.number
        presence_a, presence_b = self._plant.presence(number)
        return {
            "presence_a": presence_a,
            "presence_b": presence_b,
            "mated": self._plant.mated(number),
            "smoke": faults.active("smoke", number),
            "module_fault": faults.active("module_fault", number) or not self._bay.supplied,
            "bms_silent": faults.active("bms_silent", number),
            "bay_temperature_c": self._bay.temperature_c,
        }


def check_external_bay(config: Config, number: int) -> None:
    """Refuse a bay whose modules or wire are not there to be played from outside (InputError)."""
    bays = [bay.number for bay in config.charging_bays if bay.charging is Charging.DIRECT and bay.can]
    if number not in bays:
        allowed = ", ".join(str(bay) for bay in bays) or "none here"
        raise InputError("external bay", number, f'a bay with charging = "direct" and a CAN wire: {allowed}')


def _described(battery: Battery | None) -> dict[str, Any]:
    if battery is None:
        return {"battery": None}
    code = PackCode(battery.codes[0]) if battery.codes else None
    return {
        "battery": battery.battery,
        "soc_pct": battery.soc_pct,
        "temperature_c": battery.temperature_c,
        "energy_kwh": battery.model.energy_kwh,
        "max_voltage_v": battery.model.max_voltage_v,
        "max_current_a": battery.model.max_current_a,
        "maker": code.maker if code else None,
        "serial": code.serial if code else 0,
    }
