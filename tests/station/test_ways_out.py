"""Ways out: a swap is stopped all along its course and leaves it for every cause, in both arrangements."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from swapstation.config.settings import Exchange
from swapstation.model import command as commands
from swapstation.model.device import LockState
from swapstation.model.inventory import ROBOT, Cause, SwapResult, truck_place
from swapstation.model.journal import BatteryMoved, SwapClosed
from swapstation.model.request import DivertSwap, HoldStation, RequestSwap, ResumeStation
from swapstation.model.snapshot import StationState
from swapstation.station.aborting import divert_reasons
from swapstation.station.draft import Draft
from swapstation.station.people import for_people
from tests.station.situations import EMPTY_BAY, FRESH_BAY, VIN, pack_code, rack, stale, with_value
from tests.station.walk import Answering, requested, standing

TRUCK = truck_place(VIN)


@dataclass(frozen=True, slots=True)
class Ended:
    """A swap that has left its course: the station at its end and as it was when it left."""

    before: Answering
    after: Answering

    @property
    def closed(self) -> SwapClosed:
        records = [record for cycle in self.after.since(self.before) for record in cycle.records]
        return next(record for record in records if isinstance(record, SwapClosed))

    @property
    def sent(self) -> tuple[type[commands.Command], ...]:
        return tuple(type(command) for cycle in self.after.since(self.before) for command in cycle.commands)

    def place(self, battery: str) -> str:
        found = self.after.snapshot.inventory.battery(battery)
        assert found is not None
        return found.place


def _held(station: Answering) -> Answering:
    return station.cycle(HoldStation()).until(lambda now: now.memory.state is StationState.HELD, 10.0)


def _open_ways(station: Answering) -> tuple[Cause, ...]:
    draft = Draft(station.rules, station.snapshot, station.memory)
    return tuple(cause for cause in Cause if not divert_reasons(draft, cause))


def _diverted(station: Answering, cause: Cause) -> Ended:
    swap = station.snapshot.inventory.swap
    assert swap is not None
    left = station.cycle(DivertSwap(swap.swap, cause, "tried")).cycle(ResumeStation())
    ended = left.until(lambda now: now.memory.state is StationState.IDLE, 300.0)
    return Ended(station, ended.run(0.5))


def _stopped_everywhere(exchange: Exchange) -> list[Answering]:
    """The swap held in every third of its cycles, so that moves are stopped before, on their way and after."""
    station, found = requested(exchange), []
    while station.snapshot.state is StationState.EXECUTE:
        if len(station.past) % 3 == 0 and station.step not in ("identify", "allocate", "close", None):
            found.append(_held(station))
        station = station.cycle()
    return found


@pytest.fixture(scope="module", params=list(Exchange), ids=str)
def stopped(request: pytest.FixtureRequest) -> list[Answering]:
    return _stopped_everywhere(request.param)


def test_a_way_out_for_every_cause_is_open_wherever_a_swap_is_stopped(stopped: list[Answering]) -> None:
    assert len(stopped) > 20
    for station in stopped:
        assert set(_open_ways(station)) == set(Cause), (station.step, _open_ways(station))


def test_a_mechanical_way_out_gives_the_truck_a_locked_battery_and_empties_the_robot(stopped: list[Answering]) -> None:
    for station in stopped:
        ended = _diverted(station, Cause.MECHANICAL)
        truck = ended.after.snapshot.truck.value
        assert truck is not None
        assert truck.battery_present
        assert truck.lock is LockState.LOCKED
        assert ended.after.snapshot.inventory.at(ROBOT) is None
        assert commands.ReleaseTruck in ended.sent, station.step
        on_truck = ended.after.snapshot.inventory.at(TRUCK)
        assert on_truck is not None
        assert truck.codes == on_truck.codes
        finished = ended.closed.result is SwapResult.COMPLETED
        assert on_truck.battery == ("B1" if finished else "B3")
        assert ended.place("B3" if finished else "B1") == f"bay-{EMPTY_BAY if finished else FRESH_BAY}"


def test_going_on_finishes_the_swap_from_wherever_it_stands(stopped: list[Answering]) -> None:
    for station in stopped:
        ended = _diverted(station, Cause.GO_ON)
        assert ended.closed.result is SwapResult.COMPLETED
        assert (ended.place("B1"), ended.place("B3")) == (TRUCK, f"bay-{EMPTY_BAY}")
        truck = ended.after.snapshot.truck.value
        assert truck is not None
        assert truck.codes == (pack_code(1),)


def test_a_battery_in_doubt_is_quarantined_and_never_put_onto_a_truck(stopped: list[Answering]) -> None:
    for station in stopped:
        ended = _diverted(station, Cause.DOUBT)
        doubtful = [each for each in ended.after.snapshot.inventory.batteries if each.quarantined]
        assert len(doubtful) == 1
        moves = [
            record
            for cycle in ended.after.since(ended.before)
            for record in cycle.records
            if isinstance(record, BatteryMoved) and record.battery == doubtful[0].battery
        ]
        assert all(move.destination in (ROBOT, "isolation", TRUCK) for move in moves)
        if doubtful[0].place == TRUCK:
            assert commands.ReleaseTruck not in ended.sent, station.step
        else:
            assert not any(move.destination == TRUCK for move in moves)
        assert ended.after.snapshot.inventory.at(ROBOT) is None


def test_an_order_that_was_given_up_is_stopped_and_never_resumed() -> None:
    station = requested(Exchange.PLC).until(lambda now: now.step == "put", 60.0)
    ended = _diverted(_held(station), Cause.MECHANICAL)
    assert commands.StopRobot in ended.sent
    assert commands.ResumeRobot not in ended.sent


def test_without_a_free_isolation_place_a_battery_in_doubt_goes_into_its_own_bay_and_the_truck_stays() -> None:
    station = _held(requested(Exchange.STATION).until(lambda now: now.step == "put", 60.0))
    isolation = next(bay.number for bay in station.snapshot.bays if bay.isolation)
    full = with_value(station.snapshot, f"{isolation}.io", lambda _: rack(occupied=True))
    ended = _diverted(replace(station, snapshot=full), Cause.DOUBT)
    assert ended.place("B3") == f"bay-{EMPTY_BAY}"
    assert commands.ReleaseTruck not in ended.sent
    assert [each.battery for each in ended.after.snapshot.inventory.batteries if each.quarantined] == ["B3"]


def test_sensors_that_contradict_each_other_open_no_way() -> None:
    station = _held(requested(Exchange.STATION).until(lambda now: now.step == "put", 60.0))
    for device, changes in (("truck", {"battery_present": True}), ("robot", {"gripped": False})):
        confused = station.change(device, **changes)
        assert _open_ways(confused) == ()
    silent = replace(station, snapshot=replace(station.snapshot, truck=stale(station.snapshot.truck)))
    assert _open_ways(silent) == ()


def test_people_see_the_step_that_was_left_and_the_way_that_is_taken() -> None:
    station = _held(requested(Exchange.STATION).until(lambda now: now.step == "put", 60.0))
    swap = station.snapshot.inventory.swap
    assert swap is not None
    station = station.cycle(DivertSwap(swap.swap, Cause.MECHANICAL, "tried")).cycle()
    seen = for_people(Draft(station.rules, station.snapshot, station.memory)).swap
    assert seen is not None
    states = {step.name: step.state for step in seen.steps}
    assert (states["lift"], states["put"], states["put_back_locate"]) == ("done", "left", "running")
    assert states["leave_close"] == "waiting"
    assert "pick" not in states


@pytest.mark.parametrize("exchange", Exchange)
def test_going_on_never_skips_the_identification_of_the_battery_on_the_truck(exchange: Exchange) -> None:
    unread = standing(exchange).change("truck", codes=()).cycle(RequestSwap(VIN)).run(2.0)
    assert unread.step == "identify"
    swap = unread.snapshot.inventory.swap
    assert swap is not None
    again = _held(unread).cycle(DivertSwap(swap.swap, Cause.GO_ON, "try again")).cycle(ResumeStation()).run(60.0)
    assert again.step == "identify"
    assert again.snapshot.inventory.swap is not None
    assert again.snapshot.inventory.swap.fresh is None
