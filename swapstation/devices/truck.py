"""The truck in the lane, put together from the messages of its on-board swap controller."""

from __future__ import annotations

from swapstation.model.device import Truck
from swapstation.protocol.station_can import BATTERY_CODE_PARTS, VIN_PARTS, TruckBatteryCode, TruckState, TruckVin

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
        self._codes: dict[int, dict[int, str]] = {}

    def take_state(self, message: TruckState, now_s: float) -> None:
        if self._received_s is None or now_s - self._received_s > self._gone_s:
            self._vin.clear()
            self._codes.clear()
        if not message.battery_present:
            self._codes.clear()
        self._state, self._received_s = message, now_s

    def take_vin(self, message: TruckVin) -> None:
        self._vin[message.part] = message.text

    def take_code(self, message: TruckBatteryCode) -> None:
        if self._state is not None and self._state.battery_present:
            self._codes.setdefault(message.battery, {})[message.part] = message.text

    def state(self) -> tuple[Truck, float] | None:
        """The truck and when its state arrived; a signal it does not have counts as not safe."""
        message = self._state
        if message is None or self._received_s is None:
            return None
        complete = len(self._vin) == self._vin_parts
        truck = Truck(
            vin="".join(self._vin[part] for part in sorted(self._vin)) if complete else None,
            codes=tuple(
                "".join(parts[part] for part in sorted(parts))
                for _, parts in sorted(self._codes.items())
                if len(parts) == self._code_parts
            ),
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
        )
        return truck, self._received_s
