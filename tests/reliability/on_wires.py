"""Failures that live on the wires: carried out in a whole station over all wire codecs, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from swapstation.config.settings import Charging, Exchange
from swapstation.model.device import LockState
from swapstation.model.request import RequestSwap
from swapstation.model.snapshot import StationState
from tests.reliability.invariants import Instant, Sent, Truth, Violation, violations
from tests.scenarios.test_fire import all_charge, current_a, fault
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in
from tests.scenarios.virtual_station import VirtualStation, virtual_station

__all__ = ["SETTLED_S", "Watch", "charging", "current_a", "fault", "held", "swapping", "until"]

STOPPED = (StationState.HOLDING, StationState.HELD)
SETTLED_S = 3.0
"""Current dies away within this time after its stop."""


class Watch:
    """Judges every cycle of a station by the invariants, from the plant's own truth."""

    def __init__(self, station: VirtualStation) -> None:
        self.broken: list[Violation] = []
        self._station, self._sent = station, list[Sent]()
        core, equipment = station.core, station.core._equipment
        send, end_cycle = equipment.send, equipment.end_cycle

        def noting(command: object, command_id: int, now_s: float) -> None:
            memory = core._memory
            self._sent.append(Sent(command, command_id, memory.state, memory.confirmed))  # type: ignore[arg-type]
            send(command, command_id, now_s)  # type: ignore[arg-type]

        def judging(now_s: float) -> None:
            end_cycle(now_s)
            instant = Instant(truth_of(station), core._inventory, tuple(self._sent))
            self.broken += violations(instant, leave_out=frozenset({3, 14}))
            self._sent.clear()

        equipment.send, equipment.end_cycle = noting, judging  # type: ignore[method-assign]


def truth_of(station: VirtualStation) -> Truth:
    """The plant as it is."""
    plant = station.simulation.plant
    truck = plant.truck
    return Truth(
        places={battery.battery: battery.place for battery in plant.batteries.values()},
        vin=truck.vin if truck else None,
        truck_locked=truck is not None and truck.locks[0].state is LockState.LOCKED,
        gripped=plant.robot.battery,
        robot_clear=station.snapshot.robot.good is not None and station.snapshot.robot.good.clear_of_truck,
        current_a={number: bay.modules.current_a for number, bay in plant.bays.items()},
        running_id=station.simulation.plc.running_id,
    )


@contextmanager
def charging(folder: Path, charging: Charging) -> Iterator[VirtualStation]:
    """A station whose bays 5, 6 and 7 charge."""
    with virtual_station(folder, Exchange.STATION, charging) as station:
        all_charge(station)
        yield station


@contextmanager
def swapping(folder: Path, exchange: Exchange, step: str) -> Iterator[tuple[VirtualStation, Watch]]:
    """A station at the beginning of a step of a swap, watched from its request on."""
    with virtual_station(folder, exchange, Charging.DIRECT, SPEED) as station:
        station.start_up()
        drive_in(station)
        watch = Watch(station)
        assert station.ask(RequestSwap(VIN)).status == "accepted"
        until(station, lambda: station.snapshot.swap is not None and station.snapshot.swap.step == step, LIMIT_S)
        yield station, watch


def until(station: VirtualStation, what: Callable[[], bool], limit_s: float) -> float:
    """Run until something is so; the virtual seconds that it took."""
    began_s = station.time.now_s
    assert station.time.run(limit_s, what), (station.snapshot.swap, station.snapshot.alarms)
    return round(station.time.now_s - began_s, 2)


def held(station: VirtualStation) -> bool:
    return station.snapshot.state in STOPPED


def roots(station: VirtualStation) -> set[str]:
    return {alarm.code for alarm in station.snapshot.alarms if not alarm.root}
