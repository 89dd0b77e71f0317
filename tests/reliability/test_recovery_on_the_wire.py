"""Crashes, doubled orders, lost replies and an old controller that still sends: over all wire codecs and the plant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.command import Command, HomeRobot, ParkRobot, RobotOrder, TruckOrder
from swapstation.model.inventory import truck_place
from swapstation.model.request import RequestSwap, ResumeStation
from swapstation.model.snapshot import OrderVerdict, StationState
from swapstation.simulation.memory import ByteWire
from tests.scenarios.test_whole_swap import VIN, drive_in
from tests.scenarios.virtual_station import VirtualStation, virtual_station

SPEED = 16.0
LIMIT_S = 120.0
CHOSEN = 5
"""Crashes that are tried per arrangement, evenly spread over all that were counted."""
ENDS = {"LFP-001": truck_place(VIN), "LFP-008": "bay-8"}


class Died(Exception):
    """The controller is gone in the middle of a cycle."""


class Instants:
    """Counts what a controller commits and sends; dies at one of these instants, before or after it.

    What was sent before leaves on the wire; what the cycle had not yet committed is lost.
    """

    def __init__(self, station: VirtualStation, fatal: int = 0) -> None:
        self.count, self._fatal, self._dead = 0, fatal, False
        core = station.core
        send, submit, cycle = core._equipment.send, core._journal.submit, core.cycle

        def counted_send(command: Command, command_id: int, now_s: float) -> None:
            send(command, command_id, now_s)
            if isinstance(command, RobotOrder | TruckOrder):
                self._dead = self._passes()

        def counted_submit(batch: object, at: datetime) -> None:
            if self._passes():
                raise Died
            submit(batch, at)  # type: ignore[arg-type]

        def mortal_cycle(now_s: float, at: datetime) -> None:
            if self._dead:
                raise Died
            cycle(now_s, at)

        core._equipment.send, core._journal.submit = counted_send, counted_submit  # type: ignore[method-assign]
        core.cycle = mortal_cycle  # type: ignore[method-assign]

    def _passes(self) -> bool:
        self.count += 1
        return self.count == self._fatal


def _swapped(station: VirtualStation) -> None:
    ended = station.time.run(LIMIT_S, lambda: _at_ends(station) and station.snapshot.swap is None)
    assert ended, (station.snapshot.swap, station.snapshot.alarms)


def _swapping(station: VirtualStation) -> None:
    assert station.ask(RequestSwap(VIN)).status == "accepted"
    _swapped(station)


def _at_ends(station: VirtualStation) -> bool:
    places = {battery.battery: battery.place for battery in station.snapshot.inventory.batteries}
    return all(places[battery] == place for battery, place in ENDS.items())


def _as_in_the_plant(station: VirtualStation) -> bool:
    recorded = {battery.battery: battery.place for battery in station.snapshot.inventory.batteries}
    return recorded == {battery.battery: battery.place for battery in station.simulation.plant.batteries.values()}


@pytest.fixture(scope="module", params=list(Exchange), ids=str)
def counted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Exchange, int]:
    """How many instants one undisturbed swap has."""
    exchange: Exchange = request.param
    with virtual_station(tmp_path_factory.mktemp("counted"), exchange, Charging.CHARGER, SPEED) as station:
        station.start_up()
        drive_in(station)
        instants = Instants(station)
        _swapping(station)
        return exchange, instants.count


@pytest.mark.parametrize("chosen", range(CHOSEN))
def test_a_crash_on_the_wire_moves_nothing_until_confirmed_and_ends_the_swap(
    counted: tuple[Exchange, int], chosen: int, tmp_path: Path
) -> None:
    exchange, instants = counted
    assert instants > 40
    with virtual_station(tmp_path, exchange, Charging.CHARGER, SPEED) as station:
        station.start_up()
        drive_in(station)
        Instants(station, round(instants * (chosen + 0.5) / CHOSEN))
        with pytest.raises(Died):
            _swapping(station)
        station.restart((1.0, 20.0)[chosen % 2])
        _recover(station)
        assert _as_in_the_plant(station)


def _recover(station: VirtualStation) -> None:
    """Nothing moves by itself once the PLC stands; a person confirms, resumes, and the swap ends."""
    plant = station.simulation.plant
    station.time.run(1.0)
    accepted = station.simulation.plc.kept.accepted_id
    station.time.run(5.0)
    assert station.simulation.plc.kept.accepted_id == accepted
    standing = station.simulation.plc.state.name != "BUSY"
    at = plant.robot.at
    station.start_up()
    assert not standing or plant.robot.at == at
    assert station.time.run(10.0, lambda: station.snapshot.state in (StationState.HELD, StationState.IDLE))
    if station.snapshot.state is StationState.HELD:
        assert station.ask(ResumeStation()).status == "accepted"
    elif not _at_ends(station):
        assert station.ask(RequestSwap(VIN)).status == "accepted"
    _swapped(station)


def _begun(station: VirtualStation, step: str) -> None:
    station.start_up()
    drive_in(station)
    assert station.ask(RequestSwap(VIN)).status == "accepted"
    assert station.time.run(LIMIT_S, lambda: station.snapshot.swap is not None and station.snapshot.swap.step == step)


@pytest.mark.parametrize("exchange", Exchange)
def test_an_old_controller_that_still_sends_is_refused_and_disturbs_nothing(tmp_path: Path, exchange: Exchange) -> None:
    """Its epoch is lower than what the PLC has seen; our own order goes on, although the PLC last heard another id."""
    with virtual_station(tmp_path, exchange, Charging.CHARGER, SPEED) as station:
        _begun(station, "put")
        old, old_node = station.core._equipment, station.robot_node
        station.restart(5.0)
        station.time.join(ByteWire(old_node, station.simulation.robot_node()))
        station.start_up()
        assert station.ask(ResumeStation()).status == "accepted"
        plc, ids, refused = station.simulation.plc, count(900), set()

        def disturb(now_s: float) -> None:
            if plc.kept.accepted_id >= 900:
                refused.add(plc.kept.refusal.name)
            number = next(ids)
            old.send((ParkRobot(), HomeRobot())[number % 2], number, now_s)
            old.end_cycle(now_s)

        station.time.every(0.7, disturb)
        _swapped(station)
        assert refused == {"EPOCH_TOO_OLD"}
        assert _as_in_the_plant(station)
        assert _at_ends(station)


@pytest.mark.parametrize("exchange", Exchange)
def test_a_device_that_gets_every_order_twice_acts_once(tmp_path: Path, exchange: Exchange) -> None:
    with virtual_station(tmp_path, exchange, Charging.CHARGER, SPEED) as station:
        station.start_up()
        drive_in(station)
        send, twice = station.core._equipment.send, []

        def doubled(command: Command, command_id: int, now_s: float) -> None:
            send(command, command_id, now_s)
            if isinstance(command, RobotOrder | TruckOrder):
                twice.append(command_id)
                send(command, command_id, now_s)

        station.core._equipment.send = doubled  # type: ignore[method-assign]
        _swapping(station)
        assert len(twice) == len(set(twice))
        assert _as_in_the_plant(station)


@pytest.mark.parametrize("lost", ["order", "reply"])
def test_a_lost_order_is_sent_again_under_its_id_and_a_lost_reply_costs_nothing(tmp_path: Path, lost: str) -> None:
    """Of every order to robot or truck the first sending is lost, or the robot's link right after it."""
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER, SPEED) as station:
        station.start_up()
        drive_in(station)
        send = station.core._equipment.send
        sent: list[int] = []
        drop: Callable[[int], bool] = lambda command_id: lost == "order" and sent.count(command_id) == 1  # noqa: E731

        def lossy(command: Command, command_id: int, now_s: float) -> None:
            if isinstance(command, RobotOrder | TruckOrder):
                sent.append(command_id)
                if drop(command_id):
                    return
            send(command, command_id, now_s)
            if lost == "reply" and isinstance(command, RobotOrder) and sent.count(command_id) == 1:
                broken.append(now_s)

        broken: list[float] = []

        def runs() -> bool:
            if broken and station.time.now_s > broken[-1] + 0.03:
                broken.clear()
                station.reconnect_robot()
            return station.snapshot.swap is None and _at_ends(station)

        station.core._equipment.send = lossy  # type: ignore[method-assign]
        assert station.ask(RequestSwap(VIN)).status == "accepted"
        assert station.time.run(LIMIT_S, runs), (station.snapshot.swap, station.snapshot.alarms)
        assert all(sent.count(command_id) == 2 for command_id in sent) or lost == "reply"
        assert _as_in_the_plant(station)


def test_an_exchange_that_the_plc_finished_alone_is_found_done_and_recorded(tmp_path: Path) -> None:
    """The controller dies while the PLC needs nothing of it any more, and comes back when all is over."""
    with virtual_station(tmp_path, Exchange.PLC, Charging.CHARGER, SPEED) as station:
        _begun(station, "ungrip")
        assert station.time.run(5.0, lambda: station.simulation.plc.asking is None)
        station.restart(2.5)
        assert station.time.run(10.0, lambda: station.core.snapshot is not None and station.snapshot.survey.complete)
        (exchange,) = [each for each in station.snapshot.survey.orders if each.command == "ExchangeBattery"]
        assert exchange.verdict in (OrderVerdict.DONE, OrderVerdict.RUNNING)
        _recover(station)
        assert _as_in_the_plant(station)
