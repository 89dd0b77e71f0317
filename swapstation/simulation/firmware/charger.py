"""Charger controller of a `charger` bay: GB/T 27930 to the battery, its own contactor, orders by register.

Once started it goes on when the station is silent (firmware_proto/registers/charger.toml).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from swapstation.model.device import ChargePhase, ChargerState
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.charger_settings import ChargerSettings
from swapstation.protocol.gbt27930.words import ChargerStop
from swapstation.protocol.node import Frame
from swapstation.simulation.firmware.cycle import Cycle
from swapstation.simulation.firmware.module_node import equipment_c
from swapstation.simulation.plant.plant import Plant

PERIOD_S = 0.05
LEASE_S = 60.0
"""A discharge that is not renewed ends by itself."""

STATES = {
    ChargePhase.IDLE: ChargerState.IDLE,
    ChargePhase.HANDSHAKE: ChargerState.STARTING,
    ChargePhase.RECOGNITION: ChargerState.STARTING,
    ChargePhase.CONFIG: ChargerState.STARTING,
    ChargePhase.CHARGING: ChargerState.CHARGING,
    ChargePhase.STOP: ChargerState.STOPPING,
    ChargePhase.END: ChargerState.FINISHED,
    ChargePhase.ERROR: ChargerState.FAULT,
}


COUNTS_WRONG = 0.7
"""What a counter that is wrong shows of the truth."""


RESTING = (ChargePhase.IDLE, ChargePhase.END, ChargePhase.ERROR)


class FaultCode(IntEnum):
    """Fault code register."""

    NONE = 0
    NO_BATTERY = 1
    BATTERY_LINK = 2
    MODULES = 3
    SMOKE = 4


class Charger:
    """One charger controller: a CAN node towards its battery, with orders and state for its registers."""

    def __init__(self, plant: Plant, bay: int) -> None:
        self.bay = plant.bays[bay]
        self.power_limit_kw = self.bay.settings.max_power_kw
        self.target_soc_pct = 100.0
        self.fault = FaultCode.NONE
        self._plant = plant
        settings = self.bay.settings
        self.session = ChargerSession(
            ChargerSettings(
                charger_number=bay,
                max_voltage_v=settings.max_voltage_v,
                min_voltage_v=settings.min_voltage_v,
                max_current_a=settings.max_current_a,
            )
        )
        self._cycle = Cycle(PERIOD_S)
        self._released = False
        self._lease_until_s: float | None = None
        self._permitted = False
        self.soc_pct: float | None = None
        self.energy_kwh = 0.0
        self._returned_kwh = 0.0

    @property
    def protocol_version(self) -> int:
        return self._plant.protocol_version(self.bay.number)

    @property
    def temperature_c(self) -> float:
        """Of its electronics."""
        return equipment_c(self._plant, self.bay.number)

    @property
    def lies(self) -> bool:
        """It shows rest and 0 A to the station, whatever it does."""
        return self._plant.faults.active("charger_lies", self.bay.number)

    @property
    def fault_code(self) -> FaultCode:
        failed = self.state is ChargerState.FAULT and self.fault is FaultCode.NONE
        return FaultCode.BATTERY_LINK if failed else self.fault

    @property
    def state(self) -> ChargerState:
        if self.fault is not FaultCode.NONE:
            return ChargerState.FAULT
        state = STATES[self.session.phase]
        if self._released and state in (ChargerState.FINISHED, ChargerState.FAULT):
            return ChargerState.IDLE
        if state in (ChargerState.STARTING, ChargerState.CHARGING) and self._lease_until_s is not None:
            return ChargerState.DISCHARGING
        if state is ChargerState.CHARGING and self.session.demand.current_a <= 0.0:
            return ChargerState.PAUSED
        return state

    def start(self, now_s: float) -> None:
        """Begin to charge; a bay without a battery is a fault, cleared by the next order."""
        self.fault = self._obstacle()
        self._released, self._lease_until_s = False, None
        if self.fault is FaultCode.NONE:
            self.session.start(now_s)

    def discharge(self, now_s: float) -> None:
        """Give `power_limit_kw` back down to `target_soc_pct`; to be renewed. Nothing while a charge runs."""
        if self._lease_until_s is None and self.session.phase not in RESTING:
            return
        if self._lease_until_s is None:
            self.start(now_s)
            self._returned_kwh = self.bay.modules.returned_kwh
        self._lease_until_s = now_s + LEASE_S
        self.session.hold(True)

    def pause(self, held: bool) -> None:
        """Hold a charge at no current with the contactor closed, or let it go on."""
        self.session.hold(held)

    def stop(self, now_s: float) -> None:
        self.fault = FaultCode.NONE
        self._released = True
        self.session.stop(now_s)

    def receive(self, frame: Frame, now_s: float) -> None:
        self.session.receive(frame, now_s)

    def due(self, now_s: float) -> Iterable[Frame]:
        if self._cycle.due(now_s):
            self._scan(now_s)
        return self.session.due(now_s)

    def next_deadline(self) -> float:
        return min(self._cycle.next_s, self.session.next_deadline())

    def _scan(self, now_s: float) -> None:
        modules = self.bay.modules
        self.session.measured(modules.voltage_v, modules.current_a, now_s, modules.energy_kwh)
        self._supervise(now_s)
        demand = self.session.demand
        if demand.enabled and self.fault is FaultCode.NONE:
            modules.set(demand.voltage_v, demand.current_a)
            modules.given_a = self._given_a()
            self.bay.contactor_closed = self._plant.mated(self.bay.number)
        else:
            modules.shut()
            self.bay.open_contactor()

    def _supervise(self, now_s: float) -> None:
        battery = self.session.battery_charge(now_s)
        self._permitted = battery.charge_permitted is True
        self.soc_pct = battery.soc_pct if self._plant.mated(self.bay.number) else None
        wrong = self._plant.faults.active("charger_counts_wrong", self.bay.number)
        modules = self.bay.modules
        gives_back = self._lease_until_s is not None
        counted = modules.returned_kwh - self._returned_kwh if gives_back else battery.session_energy_kwh or 0.0
        self.energy_kwh = counted * (COUNTS_WRONG if wrong else 1.0)
        voltage_v = max(self.bay.modules.voltage_v, self.bay.settings.min_voltage_v)
        self.session.limit(self.power_limit_kw * 1000.0 / voltage_v)
        obstacle = self._obstacle()
        if self.session.phase in RESTING:
            self._lease_until_s = None
            if obstacle is FaultCode.NO_BATTERY:
                self._released = True
            return
        if obstacle is not FaultCode.NONE:
            self.fault = obstacle
            self.session.stop(now_s, ChargerStop.FAULT, ChargerStop.OTHER_FAULT)
        elif self._lease_until_s is not None:
            over = battery.soc_pct is not None and battery.soc_pct <= self.target_soc_pct
            if over or now_s >= self._lease_until_s:
                self.session.stop(now_s, ChargerStop.CONDITION_REACHED)
        elif battery.soc_pct is not None and battery.soc_pct >= self.target_soc_pct:
            self.session.stop(now_s, ChargerStop.CONDITION_REACHED)

    def _given_a(self) -> float:
        """Current drawn out of the battery now, while it has told all that a charge would need."""
        if self._lease_until_s is None or self.session.phase is not ChargePhase.CHARGING or not self._permitted:
            return 0.0
        return self.power_limit_kw * 1000.0 / max(self.bay.modules.voltage_v, self.bay.settings.min_voltage_v)

    def _obstacle(self) -> FaultCode:
        faults, number = self._plant.faults, self.bay.number
        if self._plant.smokes(number):
            return FaultCode.SMOKE
        if faults.active("module_fault", number) or not self.bay.supplied:
            return FaultCode.MODULES
        return FaultCode.NONE if self._plant.mated(number) else FaultCode.NO_BATTERY
