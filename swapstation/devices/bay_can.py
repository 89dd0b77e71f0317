"""A charging bay's own CAN segment: we are the charger side of GB/T 27930 (`direct`) or only listen (`charger`).

Either way we also listen to what the battery says beside GB/T 27930, when its model has a DBC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from math import inf, isfinite

from swapstation.devices.adapter import Refusal, Role, Update, refuse_unknown
from swapstation.model.command import Command, LimitCharge, PauseCharge, ResumeCharge, StartCharge, StopCharge
from swapstation.model.device import BatteryCells
from swapstation.model.snapshot import ModuleDemand
from swapstation.protocol.battery_can import BatteryCan
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.listener import Listener
from swapstation.protocol.gbt27930.words import ChargerStop


class DirectCharging:
    """Drives the charging process of one bay; what the process asks of the modules is an update like any other.

    `local_time` is what the battery is told (CTS) when a process begins; without it, that it is not available.
    """

    role = Role.CHARGER
    orders: frozenset[type[Command]] = frozenset({StartCharge, LimitCharge, PauseCharge, ResumeCharge, StopCharge})

    def __init__(
        self, bay: int, session: ChargerSession, local_time: Callable[[], datetime | None] = lambda: None
    ) -> None:
        self.node = session
        self.bays = frozenset({bay})
        self._bay = bay
        self._local_time = local_time
        self._limit_kw = inf

    @property
    def malformed(self) -> int:
        return self.node.malformed

    def updates(self, now_s: float) -> Iterator[Update]:
        """Battery and demand as of now: the session ages what the battery said by itself (`bms_age_s`)."""
        charge = self.node.battery_charge(now_s)
        yield Update(charge, now_s, self._bay)
        self.node.limit(self._limit_kw * 1000.0 / charge.voltage_v if charge.voltage_v else 0.0)
        demand = self.node.demand
        limit_kw = 0.0 if self.node.held else self._limit_kw if isfinite(self._limit_kw) else None
        told = ModuleDemand(demand.enabled, demand.voltage_v, demand.current_a, limit_kw)
        yield Update(told, now_s, self._bay)
        yield from _cells(self.node.battery_cells, self._bay)

    def plugged(self, mated: bool, now_s: float) -> None:
        """Out of its connector a battery ends its process, and another may begin."""
        self.node.plugged(mated, now_s)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        match command:
            case StartCharge(power_limit_kw=power_limit_kw):
                self._limit_kw = power_limit_kw
                self.node.start(now_s, self._local_time())
            case LimitCharge(power_limit_kw=power_limit_kw):
                self._limit_kw = power_limit_kw
            case PauseCharge():
                self.node.hold(True)
            case ResumeCharge(power_limit_kw=power_limit_kw):
                self._limit_kw = power_limit_kw
                self.node.hold(False)
            case StopCharge(reached=reached):
                self.node.stop(now_s, ChargerStop.CONDITION_REACHED if reached else ChargerStop.MANUAL)
            case _:
                return refuse_unknown(command, self.orders)
        return None

    def cycle(self, now_s: float) -> None:
        """Nothing: the session keeps its own periods."""


class ListeningBay:
    """Reads both sides of a charging process that a charger controller leads; never sends."""

    role = Role.CHARGER
    orders: frozenset[type[Command]] = frozenset()

    def __init__(self, bay: int) -> None:
        self.node = Listener()
        self.bays = frozenset({bay})
        self._bay = bay

    @property
    def malformed(self) -> int:
        return self.node.malformed

    def updates(self, now_s: float) -> Iterator[Update]:
        """The battery as of now, once it was heard; before that the charger's own word on it stands, if it has one."""
        charge = self.node.battery_charge(now_s)
        if charge.bms_age_s is not None:
            yield Update(charge, now_s, self._bay)
        yield from _cells(self.node.battery_cells, self._bay)

    def plugged(self, mated: bool, now_s: float) -> None:
        """What a battery has said ends with its connector: the next one in the bay is another."""
        if not mated:
            self.node.unplugged()

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        return refuse_unknown(command, self.orders)

    def cycle(self, now_s: float) -> None:
        """Nothing is ever sent."""


class ListeningBattery:
    """Reads what the battery of a bay says on its own CAN, where the bay's segment carries that too; never sends."""

    role = Role.CHARGER
    orders: frozenset[type[Command]] = frozenset()

    def __init__(self, bay: int, node: BatteryCan) -> None:
        self.node = node
        self.bays = frozenset({bay})
        self._bay = bay

    @property
    def malformed(self) -> int:
        return self.node.malformed

    def updates(self, now_s: float) -> Iterator[Update]:
        """Each as old as it is, so that what a charging process says of the same battery goes first."""
        charge = self.node.battery_charge(now_s)
        if charge is not None and charge.bms_age_s is not None:
            yield Update(charge, now_s - charge.bms_age_s, self._bay)
        yield from _cells(self.node.battery_cells, self._bay)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        return refuse_unknown(command, self.orders)

    def cycle(self, now_s: float) -> None:
        """Nothing is ever sent."""


def _cells(told: tuple[BatteryCells, float] | None, bay: int) -> Iterator[Update]:
    if told is not None:
        yield Update(told[0], told[1], bay)
