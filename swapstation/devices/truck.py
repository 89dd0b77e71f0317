"""The truck in the lane, put together from the messages of its on-board swap controller."""

from __future__ import annotations

from swapstation.model.device import Truck
from swapstation.model.device import TruckPosition as Position
from swapstation.protocol.station_can import (
    BATTERY_CODE_PARTS,
    VIN_PARTS,
    TruckBatteryCode,
    TruckPosition,
    TruckState,
    TruckVin,
)

GONE_S = 2.0
"""After this silence the next message is from a truck that has to identify itself anew."""


class TruckAssembly:
    """Collects VIN and battery codes until complete; forgets them when the truck or its battery goes."""

    def __init__(
        self, gone_s: float = GONE_S, vin_parts: int = VIN_PARTS, code_parts: int = BATTERY_CODE_PARTS
    ) -> None:
        self._gone_s = gone_s
        self._vin_parts = vin_parts
        self._code_parts = code_parts
        self._state: TruckState | None = None
        self._received_s: float | None = None
        self._vin: dict[int, str] = {}
        self._codes: dict[tuple[int, int], dict[int, str]] = {}
        self._further: dict[int, tuple[TruckPosition, float]] = {}

    def take_state(self, message: TruckState, now_s: float) -> None:
        if self._received_s is None or now_s - self._received_s > self._gone_s:
            self._vin.clear()
            self._codes.clear()
            self._further.clear()
        if not message.battery_present:
            self._forget_codes(1)
        self._state, self._received_s = message, now_s

    def take_position(self, message: TruckPosition, now_s: float) -> None:
        if self._state is not None:
            self._further[message.position] = message, now_s
            if not message.battery_present:
                self._forget_codes(message.position)

    def _forget_codes(self, position: int) -> None:
        self._codes = {place: parts for place, parts in self._codes.items() if place[0] != position}

    def take_vin(self, message: TruckVin) -> None:
        self._vin[message.part] = message.text

    def take_code(self, message: TruckBatteryCode) -> None:
        position = message.position or 1
        there = self._further[position][0] if position in self._further else self._state if position == 1 else None
        if there is not None and there.battery_present:
            self._codes.setdefault((position, message.battery), {})[message.part] = message.text

    def _codes_at(self, position: int) -> tuple[str, ...]:
        return tuple(
            "".join(parts[part] for part in sorted(parts))
            for place, parts in sorted(self._codes.items())
            if place[0] == position and len(parts) == self._code_parts
        )

    def state(self) -> tuple[Truck, float] | None:
        """The truck and when the oldest part of its state arrived; a signal it does not have counts as not safe.

        A position that the truck once told of stays part of it: it is not gone because its messages are.
        """
        message = self._state
        if message is None or self._received_s is None:
            return None
        complete = len(self._vin) == self._vin_parts
        truck = Truck(
            vin="".join(self._vin[part] for part in sorted(self._vin)) if complete else None,
            codes=self._codes_at(1),
            lock=message.lock,
            parking_brake_set=message.parking_brake_set is True,
            key_off=message.key_off is True,
            gear_neutral=message.gear_neutral is True,
            hv_powered_down=message.hv_powered_down is True,
            connector_mated=message.connector_mated is True,
            battery_present=message.battery_present is True,
            soc_pct=message.soc_pct,
            receipt_id=message.receipt_id,
            protocol_version=message.protocol_version,
            further=tuple(self._position(number) for number in self._numbers),
        )
        return truck, min([self._received_s, *(told_s for _, told_s in self._further.values())])

    @property
    def _numbers(self) -> list[int]:
        """The further positions, as far as none is missing in between."""
        return [number for number in sorted(self._further) if all(each in self._further for each in range(2, number))]

    def _position(self, number: int) -> Position:
        message, _ = self._further[number]
        return Position(
            lock=message.lock,
            connector_mated=message.connector_mated is True,
            battery_present=message.battery_present is True,
            codes=self._codes_at(number),
            soc_pct=message.soc_pct,
        )
