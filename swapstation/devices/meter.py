"""The site energy meter over DL/T 645-2007: forward energy and power every second, voltages and currents beside."""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.devices.adapter import AdapterKind, AdapterSettings, Refusal, Role, Update, refuse_unknown
from swapstation.model.command import Command
from swapstation.model.device import Meter
from swapstation.protocol.dlt645_client import DltClient
from swapstation.protocol.dlt645_items import CURRENTS, FORWARD_ENERGY, POWER, VOLTAGES, Formats, Value, formats_of
from swapstation.wire_address import METER_WIRES

_READ = (FORWARD_ENERGY, POWER, VOLTAGES, CURRENTS)


class SiteMeter:
    """Our end of the meter's line; `node` is its DL/T 645 client. `ratio` stands for the transformers before it."""

    role = Role.METER
    orders: frozenset[type[Command]] = frozenset()
    bays: frozenset[int] = frozenset()

    def __init__(self, address: str, ratio: float = 1.0, formats: Formats | None = None) -> None:
        self.node = DltClient(address, _READ, formats=formats)
        self._address = address
        self._ratio = ratio

    @property
    def malformed(self) -> int:
        return self.node.counts.malformed

    def updates(self, now_s: float) -> Iterator[Update]:
        """The meter, as old as the last reading of its energy; without that register there is no state."""
        energy = self.node.latest(FORWARD_ENERGY)
        if energy is None or not isinstance(energy[0], float):
            return
        power = self.node.latest(POWER)
        meter = Meter(
            address=self.node.meter_address or self._address,
            energy_kwh=energy[0] * self._ratio,
            power_kw=power[0] * self._ratio if power is not None and isinstance(power[0], float) else None,
            voltages_v=_phases(self.node.latest(VOLTAGES)),
            currents_a=tuple(each * self._ratio for each in _phases(self.node.latest(CURRENTS))),
        )
        yield Update(meter, energy[1])

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        return refuse_unknown(command, self.orders)

    def cycle(self, now_s: float) -> None:
        """Nothing: the meter is only read."""


def _phases(latest: tuple[Value, float] | None) -> tuple[float, ...]:
    if latest is None or not isinstance(latest[0], tuple):
        return ()
    return tuple(value for value in latest[0] if isinstance(value, float))


def _make(settings: AdapterSettings) -> SiteMeter:
    return SiteMeter(settings.wire.address, settings.ratio, formats_of(settings.wire.digits))


ADAPTER = AdapterKind(_make, METER_WIRES)
