"""Charging of one bay at message level: the phases of GB/T 27930 with their usual lengths, without its frames.

It plays both ends: the battery, and whoever leads the process (our own session in a `direct` bay, the charger
controller in a `charger` bay). Electricity flows in the plant alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

from swapstation.config.settings import Charging
from swapstation.model.device import BatteryCharge, ChargePhase, Charger, ChargerState
from swapstation.model.identity import PackCode
from swapstation.model.snapshot import ModuleDemand
from swapstation.simulation.firmware.bms import FAULT_ABOVE_C, FORBID_ABOVE_C, wanted_current_a
from swapstation.simulation.firmware.charger import STATES, FaultCode
from swapstation.simulation.plant.battery import Battery
from swapstation.simulation.plant.plant import Plant

PHASE_S = {
    ChargePhase.HANDSHAKE: 4.0,
    ChargePhase.RECOGNITION: 3.0,
    ChargePhase.CONFIG: 3.0,
    ChargePhase.STOP: 1.0,
}
_NEXT = {
    ChargePhase.HANDSHAKE: ChargePhase.RECOGNITION,
    ChargePhase.RECOGNITION: ChargePhase.CONFIG,
    ChargePhase.CONFIG: ChargePhase.CHARGING,
    ChargePhase.STOP: ChargePhase.END,
}
RESTING = (ChargePhase.IDLE, ChargePhase.END, ChargePhase.ERROR)
SILENCE_S = 1.0
"""A process ends when the battery says nothing for so long (BCL, BCS and BSM: GB/T 27930)."""
STILL_A = 5.0


@dataclass(slots=True)
class ChargeProcess:
    """One bay. `heard_s` is when the battery was last heard, None while it never was."""

    plant: Plant
    bay: int
    phase: ChargePhase = ChargePhase.IDLE
    since_s: float = 0.0
    target_soc_pct: float = 100.0
    limit_kw: float = 0.0
    held: bool = False
    fault: FaultCode = FaultCode.NONE
    heard_s: float | None = None
    battery: Battery | None = None
    started_kwh: float = 0.0

    @property
    def by_charger(self) -> bool:
        return self.plant.bays[self.bay].settings.charging is Charging.CHARGER

    def start(self, now_s: float, target_soc_pct: float, limit_kw: float) -> None:
        """Begin; while a process runs this changes nothing."""
        if self.phase not in RESTING:
            return
        self.target_soc_pct, self.limit_kw, self.fault = target_soc_pct, limit_kw, self._obstacle()
        self.held = False
        if self.fault is FaultCode.NONE:
            self._enter(ChargePhase.HANDSHAKE, now_s)
            self.started_kwh = self.battery.energy_in_kwh if self.battery else 0.0

    def stop(self, now_s: float) -> None:
        """End: current to zero, then the contactors open."""
        self.fault = FaultCode.NONE
        if self.phase not in (*RESTING, ChargePhase.STOP):
            self._enter(ChargePhase.STOP, now_s)
        elif self.phase is ChargePhase.ERROR:
            self._enter(ChargePhase.IDLE, now_s)

    def scan(self, now_s: float) -> None:
        """Follow the bay up to now: another battery, silence, a phase that is over; drive modules and contactors."""
        plugged = self.plant.in_bay(self.bay) if self.plant.mated(self.bay) else None
        if plugged is not self.battery:
            if self.battery is not None:
                self.battery.contactor_closed = False
            self.battery, self.heard_s = plugged, None
            self._enter(ChargePhase.IDLE, now_s)
        if self.battery is not None and not self._silent and self.phase is not ChargePhase.IDLE:
            self.heard_s = now_s
        self._supervise(now_s)
        self._drive()

    @property
    def next_change_s(self) -> float:
        """When the present phase is over by itself; infinity while it has no end of its own."""
        length_s = PHASE_S.get(self.phase)
        return float("inf") if length_s is None else self.since_s + length_s

    @property
    def demand(self) -> ModuleDemand:
        """What the process asks of the modules of a `direct` bay."""
        if self.phase is not ChargePhase.CHARGING or self.battery is None or self.by_charger:
            return ModuleDemand(power_limit_kw=self.obeyed_kw)
        return ModuleDemand(True, self.battery.model.max_voltage_v, self._current_a(self.battery), self.obeyed_kw)

    @property
    def obeyed_kw(self) -> float:
        """The power limit that is obeyed now."""
        return 0.0 if self.held else self.limit_kw

    def charge(self, now_s: float) -> BatteryCharge:
        """What is known of the battery."""
        battery = self.battery
        if battery is None or self.heard_s is None:
            return BatteryCharge(self.phase)
        maker, serial = _says(battery.codes)
        hot = battery.temperature_c > FAULT_ABOVE_C
        return BatteryCharge(
            phase=self.phase,
            bms_age_s=now_s - self.heard_s,
            maker=maker,
            serial=serial,
            soc_pct=battery.soc_pct,
            voltage_v=battery.voltage_v,
            current_a=battery.current_a,
            wanted_voltage_v=battery.model.max_voltage_v,
            wanted_current_a=wanted_current_a(battery),
            max_temperature_c=battery.temperature_c,
            charge_permitted=self._permitted,
            faults=("over_temperature",) if hot else (),
            session_energy_kwh=battery.energy_in_kwh - self.started_kwh,
        )

    def charger(self) -> Charger:
        """What the charger controller of the bay shows."""
        modules, battery = self.plant.bays[self.bay].modules, self.battery
        return Charger(
            state=self._charger_state,
            voltage_v=modules.voltage_v,
            current_a=modules.current_a,
            energy_kwh=battery.energy_in_kwh - self.started_kwh if battery else 0.0,
            soc_pct=battery.soc_pct if battery else None,
            fault_code=self.fault,
            contactor_closed=self.plant.bays[self.bay].contactor_closed,
            power_limit_kw=self.obeyed_kw,
            protocol_version=self.plant.protocol_version(self.bay),
        )

    @property
    def _charger_state(self) -> ChargerState:
        if self.fault is not FaultCode.NONE:
            return ChargerState.FAULT
        paused = self.phase is ChargePhase.CHARGING and (self.held or not self._permitted)
        return ChargerState.PAUSED if paused else STATES[self.phase]

    def _current_a(self, battery: Battery) -> float:
        """What the battery wants, within the power limit: I (ocv + I R) = P."""
        ocv_v, ohm = battery.ocv_v, battery.resistance_ohm
        limit_a = (sqrt(ocv_v**2 + 4000.0 * ohm * self.limit_kw) - ocv_v) / (2.0 * ohm)
        return min(wanted_current_a(battery), limit_a) if self._permitted and not self.held else 0.0

    def _enter(self, phase: ChargePhase, now_s: float) -> None:
        self.phase, self.since_s = phase, now_s

    @property
    def _silent(self) -> bool:
        faults = self.plant.faults
        return faults.active("bms_silent", self.bay) or faults.active("bay_link_cut", self.bay)

    @property
    def _permitted(self) -> bool:
        return self.battery is not None and self.battery.temperature_c <= FORBID_ABOVE_C

    def _obstacle(self) -> FaultCode:
        if not self.by_charger:
            return FaultCode.NONE
        if self.plant.smokes(self.bay):
            return FaultCode.SMOKE
        if self.plant.faults.active("module_fault", self.bay) or not self.plant.bays[self.bay].supplied:
            return FaultCode.MODULES
        return FaultCode.NONE if self.plant.mated(self.bay) else FaultCode.NO_BATTERY

    def _supervise(self, now_s: float) -> None:
        if self.phase in RESTING:
            return
        heard_s = self.since_s if self.heard_s is None else self.heard_s
        obstacle = self._obstacle()
        if obstacle is not FaultCode.NONE:
            self.fault = obstacle
            self._enter(ChargePhase.STOP, now_s)
        elif self._silent and now_s - heard_s >= SILENCE_S:
            self._enter(ChargePhase.ERROR, now_s)
        elif self.battery is None:
            self._enter(ChargePhase.IDLE, now_s)
        elif now_s >= self.next_change_s and (self.phase is not ChargePhase.STOP or self._still):
            self._enter(_NEXT[self.phase], now_s)
        elif self.phase is ChargePhase.CHARGING and self.by_charger and self.battery.soc_pct >= self.target_soc_pct:
            self._enter(ChargePhase.STOP, now_s)

    @property
    def _still(self) -> bool:
        return self.plant.bays[self.bay].modules.current_a < STILL_A

    def _drive(self) -> None:
        bay, charging = self.plant.bays[self.bay], self.phase is ChargePhase.CHARGING
        welded = self.plant.faults.active("stays_live", self.bay)
        if self.battery is not None:
            closed = charging or (self.phase is ChargePhase.STOP and not self._still)
            self.battery.contactor_closed = closed or (welded and self.battery.contactor_closed)
        if not self.by_charger:
            return
        if charging and self.fault is FaultCode.NONE and self.battery is not None:
            bay.modules.set(self.battery.model.max_voltage_v, self._current_a(self.battery))
            bay.contactor_closed = True
        else:
            bay.modules.shut()
            bay.open_contactor()


@lru_cache
def _says(codes: tuple[str, ...]) -> tuple[str | None, int | None]:
    """Maker and serial that a BMS tells: those of its first code, as `identify` takes them."""
    code = PackCode(codes[0]) if codes else None
    return (code.maker, code.serial) if code else (None, None)
