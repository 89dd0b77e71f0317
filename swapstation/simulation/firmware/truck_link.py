"""On-board swap controller of the truck in the lane, over its radio gateway on the station segment."""

from __future__ import annotations

from collections.abc import Iterable

from swapstation.model.device import PROTOCOL_VERSION, LockState
from swapstation.protocol.node import Frame
from swapstation.protocol.station_can import (
    ALIVE_COUNTER_MODULUS,
    Received,
    StationCan,
    StationCodec,
    StationMessage,
    TruckBatteryCode,
    TruckCommand,
    TruckOrder,
    TruckPosition,
    TruckState,
    TruckVin,
)
from swapstation.simulation.firmware.cycle import Cycle
from swapstation.simulation.plant.plant import Plant
from swapstation.simulation.plant.truck import Truck

STATE_PERIOD_S = 0.1
IDENTITY_PERIOD_S = 0.5
VIN_PART_CHARACTERS = 7
CODE_PART_CHARACTERS = 6


class TruckLink:
    """Reports the truck in the lane and acts on orders once per command id; silent when the lane is empty.

    It moves the locks only with the truck secured, and lets it leave only with every battery locked on.
    """

    def __init__(self, plant: Plant, can: StationCodec | None = None) -> None:
        self._plant = plant
        self._can = can or StationCan.load()
        self._state_cycle = Cycle(STATE_PERIOD_S)
        self._identity_cycle = Cycle(IDENTITY_PERIOD_S)
        self._alive = 0

    def receive(self, frame: Frame, now_s: float) -> None:
        received = self._can.decode(frame)
        truck = self._truck
        if truck is None or not isinstance(received, Received) or not isinstance(received.message, TruckCommand):
            return
        order = received.message
        if order.protocol_version == PROTOCOL_VERSION and order.command_id != truck.receipt_id:
            self._carry_out(order, truck)

    def due(self, now_s: float) -> Iterable[Frame]:
        truck = self._truck
        send_state, send_identity = self._state_cycle.due(now_s), self._identity_cycle.due(now_s)
        if truck is None:
            return
        if send_state:
            yield self._can.encode(self._report(truck))
            yield from (self._can.encode(self._position(truck, number)) for number in truck.positions[1:])
        if send_identity:
            yield from (self._can.encode(message) for message in self._identity(truck))

    def next_deadline(self) -> float:
        return min(self._state_cycle.next_s, self._identity_cycle.next_s)

    @property
    def _truck(self) -> Truck | None:
        return None if self._plant.faults.active("truck_silent") else self._plant.truck

    def _carry_out(self, order: TruckCommand, truck: Truck) -> None:
        position = order.position or 1
        if position not in truck.positions:
            return
        loaded = self._plant.on_truck(truck, position) is not None
        match order.command:
            case TruckOrder.UNLOCK if self._secured(truck):
                truck.move_locks(LockState.UNLOCKED, position)
            case TruckOrder.LOCK if self._secured(truck) and loaded:
                truck.move_locks(LockState.LOCKED, position)
            case TruckOrder.MAY_LEAVE if self._plant.may_drive(truck):
                truck.leave()
            case _:
                return
        truck.receipt_id = order.command_id

    def _secured(self, truck: Truck) -> bool:
        return truck.standing and truck.secured and self._brake_set(truck) and self._hv_down(truck)

    def _brake_set(self, truck: Truck) -> bool:
        return truck.parking_brake_set and not self._plant.faults.active("brake_not_set")

    def _hv_down(self, truck: Truck) -> bool:
        return truck.hv_powered_down and not self._plant.faults.active("hv_stays_on")

    def _mated(self, truck: Truck, position: int) -> bool:
        return truck.lock_at(position) is LockState.LOCKED and self._plant.on_truck(truck, position) is not None

    def _report(self, truck: Truck) -> TruckState:
        self._alive = (self._alive + 1) % ALIVE_COUNTER_MODULUS
        battery = self._plant.on_truck(truck)
        mated = self._mated(truck, 1)
        return TruckState(
            lock=truck.lock,
            parking_brake_set=self._brake_set(truck),
            key_off=truck.key_off,
            gear_neutral=truck.gear_neutral,
            hv_powered_down=self._hv_down(truck),
            connector_mated=mated,
            battery_present=battery is not None,
            soc_pct=battery.soc_pct if battery is not None and mated else None,
            receipt_id=truck.receipt_id,
            protocol_version=self._plant.protocol_version("truck"),
            alive_counter=self._alive,
        )

    def _position(self, truck: Truck, position: int) -> TruckPosition:
        battery = self._plant.on_truck(truck, position)
        mated = self._mated(truck, position)
        return TruckPosition(
            position=position,
            lock=truck.lock_at(position),
            connector_mated=mated,
            battery_present=battery is not None,
            soc_pct=battery.soc_pct if battery is not None and mated else None,
            alive_counter=self._alive,
        )

    def _identity(self, truck: Truck) -> Iterable[StationMessage]:
        for part, text in _parts(truck.vin, VIN_PART_CHARACTERS):
            yield TruckVin(part, text)
        for position in truck.positions:
            battery = self._plant.on_truck(truck, position)
            if battery is None or not self._mated(truck, position):
                continue
            for number, code in enumerate(battery.codes, start=1):
                for part, text in _parts(code, CODE_PART_CHARACTERS):
                    yield TruckBatteryCode(number, part, text, position if position > 1 else None)


def _parts(text: str, size: int) -> Iterable[tuple[int, str]]:
    return enumerate((text[start : start + size] for start in range(0, len(text), size)), start=1)
