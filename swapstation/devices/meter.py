"""The site energy meter over DL/T 645-2007: forward energy and power every second, voltages and currents beside."""

from __future__ import annotations

from swapstation.model.device import Meter
from swapstation.protocol.dlt645_ends import DltClient
from swapstation.protocol.dlt645_items import CURRENTS, FORWARD_ENERGY, POWER, VOLTAGES, Value

_READ = (FORWARD_ENERGY, POWER, VOLTAGES, CURRENTS)


class SiteMeter:
    """Our end of the meter's line; `client` is its byte node. `ratio` stands for the transformers before the meter."""

    def __init__(self, address: str, ratio: float = 1.0) -> None:
        self.client = DltClient(address, _READ)
        self._address = address
        self._ratio = ratio

    def state(self) -> tuple[Meter, float] | None:
        """The meter and when its energy register was last read; without that register there is no state."""
        energy = self.client.latest(FORWARD_ENERGY)
        if energy is None or not isinstance(energy[0], float):
            return None
        power = self.client.latest(POWER)
        meter = Meter(
            address=self.client.meter_address or self._address,
            energy_kwh=energy[0] * self._ratio,
            power_kw=power[0] * self._ratio if power is not None and isinstance(power[0], float) else None,
            voltages_v=_phases(self.client.latest(VOLTAGES)),
            currents_a=tuple(each * self._ratio for each in _phases(self.client.latest(CURRENTS))),
        )
        return meter, energy[1]


def _phases(latest: tuple[Value, float] | None) -> tuple[float, ...]:
    if latest is None or not isinstance(latest[0], tuple):
        return ()
    return tuple(value for value in latest[0] if isinstance(value, float))
