"""Control node of one bay's charging modules: set-points are a lease of 500 ms (firmware_proto/dbc/station.dbc)."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from swapstation.model.device import ModuleState
from swapstation.protocol.node import Frame
from swapstation.protocol.station_can import (
    ALIVE_COUNTER_MODULUS,
    ModuleFeedback,
    ModuleSetpoint,
    Received,
    StationCan,
    StationCodec,
)
from swapstation.simulation.firmware.cycle import Cycle
from swapstation.simulation.plant.plant import Plant

PERIOD_S = 0.1
LEASE_S = 0.5
IDLE_C = 30.0
HEAT_K_PER_A = 0.05
OVERHEATED_K = 40.0


def equipment_c(plant: Plant, bay: int) -> float:
    """Temperature of the power electronics of a bay, °C."""
    overheated_k = OVERHEATED_K if plant.faults.active("equipment_hot", bay) else 0.0
    return IDLE_C + HEAT_K_PER_A * plant.bays[bay].modules.current_a + overheated_k


class ModuleNode:
    """Drives the modules and the contactor of a `direct` bay; without a fresh set-point it goes to 0 A by itself."""

    def __init__(self, plant: Plant, bay: int, can: StationCodec | None = None) -> None:
        self._plant = plant
        self._bay = plant.bays[bay]
        self._can = can or StationCan.load()
        self._cycle = Cycle(PERIOD_S)
        self._alive = 0
        self._heard_alive: int | None = None
        self._lease_until_s = inf
        self._state = ModuleState.OFF

    def receive(self, frame: Frame, now_s: float) -> None:
        received = self._can.decode(frame)
        if not isinstance(received, Received) or received.node != self._bay.number:
            return
        setpoint = received.message
        if not isinstance(setpoint, ModuleSetpoint) or setpoint.alive_counter == self._heard_alive:
            return
        self._heard_alive = setpoint.alive_counter
        if setpoint.enable and not self._faulty:
            self._state = ModuleState.ON
            self._lease_until_s = now_s + LEASE_S
            self._bay.modules.set(setpoint.voltage_v, setpoint.current_a)
            self._bay.contactor_closed = self._plant.mated(self._bay.number)
        else:
            self._shut(ModuleState.OFF)

    def due(self, now_s: float) -> Iterable[Frame]:
        self.supervise(now_s)
        if not self._cycle.due(now_s):
            return
        self._alive = (self._alive + 1) % ALIVE_COUNTER_MODULUS
        modules = self._bay.modules
        measured = ModuleFeedback(
            voltage_v=modules.voltage_v,
            current_a=modules.current_a,
            state=self._state,
            temperature_c=equipment_c(self._plant, self._bay.number),
            protocol_version=self._plant.protocol_version(self._bay.number),
            alive_counter=self._alive,
        )
        yield self._can.encode(measured, self._bay.number)

    def next_deadline(self) -> float:
        return min(self._cycle.next_s, self._lease_until_s)

    @property
    def _faulty(self) -> bool:
        faults, number = self._plant.faults, self._bay.number
        return faults.active("module_fault", number) or self._plant.smokes(number) or not self._bay.supplied

    def supervise(self, now_s: float) -> None:
        """Let the lease run out, and a fault shut the modules."""
        if self._faulty:
            self._shut(ModuleState.FAULT)
        elif self._state is ModuleState.FAULT:
            self._state = ModuleState.OFF
        elif now_s >= self._lease_until_s:
            self._shut(ModuleState.WATCHDOG)
        if self._state in (ModuleState.OFF, ModuleState.FAULT):
            self._bay.open_contactor()

    def _shut(self, state: ModuleState) -> None:
        self._state = state
        self._lease_until_s = inf
        self._bay.modules.shut()
