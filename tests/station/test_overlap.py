"""A swap through the transit place: the truck leaves earlier, a job stores the old battery, nothing is lost there."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from swapstation.config.settings import Exchange
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.errors import ConfigurationError
from swapstation.inventory.journal import open_station_database, start_boot, write
from swapstation.model import command as commands
from swapstation.model.device import ChargePhase
from swapstation.model.inventory import ROBOT, TRANSIT, Cause, HoldKind, SwapResult, truck_place
from swapstation.model.job import JobKind, JobResult
from swapstation.model.journal import BatteryMoved, InventoryChanged, JobClosed, JobOpened, SwapClosed
from swapstation.model.mode import Mode
from swapstation.model.request import (
    AbandonJob,
    ConfirmStartUp,
    DivertSwap,
    HoldStation,
    Payload,
    ReceiveBattery,
    Refused,
    RequestSwap,
    ResumeStation,
    StartJob,
)
from swapstation.model.seen import Seen
from swapstation.model.snapshot import StationState
from swapstation.model.truck_request import RegisterTruck
from swapstation.station.draft import Draft
from swapstation.station.facts import FACTS
from swapstation.station.memory import Memory
from swapstation.station.order_tracking import adopt_open_intents
from swapstation.station.recipe import load_recipe, parse_recipe
from swapstation.station.recipe_check import explore
from swapstation.station.recipe_diff import differences
from swapstation.station.recipe_world import TOLD
from swapstation.station.selection import empty_bays, ready_bays
from swapstation.station.situation import Situation
from swapstation.station.survey import survey
from tests.station.overlap_station import RECIPE, begun, driven, idle, place_of, storing, waiting
from tests.station.situations import (
    AT,
    EMPTY_BAY,
    FRESH_BAY,
    MODEL,
    OTHER_VIN,
    TRANSIT_BAY,
    TRUCK_MODEL,
    VIN,
    config,
    inventory,
    rack,
    stale,
    with_battery,
    with_bay,
    with_device,
    with_mode,
    with_value,
)
from tests.station.walk import Answering

TRUCK = truck_place(VIN)
HELD, IDLE = StationState.HELD, StationState.IDLE
STORE = StartJob(JobKind.STORE)


def _records(station: Answering) -> list[object]:
    return [record for cycle in station.past for record in cycle.records]


def _refused(station: Answering, payload: Payload) -> tuple[str, ...]:
    (answer,) = [batch.answer for batch in station.cycle(payload).past[-1].decision.batches if batch.answer]
    return answer.reasons if isinstance(answer, Refused) else ()


def _alarms(station: Answering) -> set[str]:
    return {alarm.code for alarm in station.memory.alarms}


@pytest.mark.parametrize("exchange", Exchange)
def test_the_truck_leaves_before_its_old_battery_is_carried_to_a_bay(exchange: Exchange) -> None:
    station = driven(begun(exchange), lambda now: bool(now.past[1:]) and idle(now))
    moves = [each for each in _records(station) if isinstance(each, BatteryMoved)]
    assert [(move.battery, move.origin, move.destination) for move in moves] == [
        ("B3", TRUCK, ROBOT),
        ("B3", ROBOT, TRANSIT),
        ("B1", "bay-1", ROBOT),
        ("B1", ROBOT, TRUCK),
        ("B3", TRANSIT, ROBOT),
        ("B3", ROBOT, "bay-1"),
    ]
    sent = [command for cycle in station.past for command in cycle.commands]
    released = next(at for at, command in enumerate(sent) if isinstance(command, commands.ReleaseTruck))
    assert [each for each in sent if isinstance(each, commands.MoveBattery)] == [
        commands.MoveBattery(TRANSIT_BAY, FRESH_BAY)
    ]
    assert sent.index(commands.MoveBattery(TRANSIT_BAY, FRESH_BAY)) > released
    (ended,) = [each for each in _records(station) if isinstance(each, JobClosed)]
    assert ended.result is JobResult.COMPLETED
    assert (station.snapshot.inventory.holds, station.snapshot.inventory.open_intents) == ((), ())
    assert _alarms(station) == set()


def test_swap_and_storing_change_over_in_one_transaction() -> None:
    """Whatever instant the controller dies at, something open answers for the battery in the transit place."""
    batches = [
        batch.records
        for cycle in storing().past
        for batch in cycle.decision.batches
        if any(isinstance(each, SwapClosed) for each in batch.records)
    ]
    assert [[type(each) for each in records] for records in batches] == [[SwapClosed, JobOpened]]


@pytest.mark.parametrize("exchange", Exchange)
def test_the_real_database_takes_every_record(exchange: Exchange, tmp_path: Path) -> None:
    station = driven(begun(exchange), lambda now: bool(now.past[1:]) and idle(now))
    database = open_station_database(replace(config(exchange, recipe=RECIPE), data=tmp_path))
    start_boot(database, "0.1.0", "hash", AT)
    write(database, [InventoryChanged(RegisterTruck(VIN, TRUCK_MODEL), "li")], AT, 1)
    for each in inventory().batteries:
        change = ReceiveBattery(each.battery, each.model, each.codes, each.place, each.soc_pct)
        stock = write(database, [InventoryChanged(change, "li")], AT, 1)
    for cycle in station.past:
        for batch in cycle.decision.batches:
            stock = write(database, batch.records, cycle.snapshot.at, 1)
    database.dispose()
    assert {each.battery: each.place for each in stock.batteries} == {"B1": TRUCK, "B2": "bay-2", "B3": "bay-1"}
    assert (stock.swap, stock.job, stock.holds, stock.open_intents) == (None, None, (), ())


def test_the_robot_waits_until_the_truck_it_served_has_left() -> None:
    station = storing().run(60.0)
    assert station.memory.waiting_for == ("truck_left",)
    assert not any(isinstance(each, commands.MoveBattery) for cycle in station.past for each in cycle.commands)
    gone = station.change("robot", truck_in_position=False).run(1.0)
    assert any(isinstance(each, commands.MoveBattery) for cycle in gone.past for each in cycle.commands)


def test_the_next_truck_does_not_stop_the_storing_and_is_swapped_after_it() -> None:
    station = storing().change("truck", vin=OTHER_VIN).run(1.0)
    assert any(isinstance(each, commands.MoveBattery) for cycle in station.past for each in cycle.commands)
    assert "not_idle" in _refused(station, RequestSwap(OTHER_VIN))
    assert place_of(driven(station, idle), "B3") == "bay-1"


def test_a_truck_that_does_not_leave_is_told_and_may_leave_later() -> None:
    station = storing().run(302.0)
    assert station.memory.state is HELD
    assert "TRANSIT_OCCUPIED" in _alarms(station)
    later = station.change("robot", truck_in_position=False).cycle(ResumeStation())
    assert place_of(driven(later, idle), "B3") == "bay-1"


@pytest.mark.parametrize("cut", range(0, 40, 3))
def test_a_restart_while_the_battery_is_stored_moves_nothing_and_loses_nothing(cut: int) -> None:
    station = storing().change("robot", truck_in_position=False).run(cut / 10)
    before = len(station.past)
    now = replace(station.snapshot, boot=2, state=StationState.ABORTED, confirmed=False)
    forgotten = Draft(station.rules, now, Memory(now.inventory.next_command_id))
    adopt_open_intents(forgotten)
    restarted = replace(station, snapshot=now, memory=forgotten.decision().memory).run(3.0)
    assert [each for cycle in restarted.past[before:] for each in cycle.commands] == []
    restarted = replace(restarted, snapshot=replace(restarted.snapshot, survey=survey(restarted.snapshot)))
    if restarted.snapshot.inventory.job is None:
        assert place_of(restarted, "B3") == "bay-1"
        return
    standing = restarted.cycle(ConfirmStartUp()).until(lambda each: each.memory.state is HELD)
    assert place_of(driven(standing.cycle(ResumeStation()), idle), "B3") == "bay-1"


@pytest.mark.parametrize("cut", range(0, 40, 3))
def test_a_given_up_storing_is_an_alarm_until_somebody_stores_the_battery(cut: int) -> None:
    station = storing().change("robot", truck_in_position=False).run(cut / 10)
    held = station.cycle(HoldStation()).until(lambda now: now.memory.state in (HELD, IDLE), 10.0)
    job = held.snapshot.inventory.job
    if job is None:
        return
    given_up = held.cycle(AbandonJob(job.job, "tried")).run(3.0)
    assert given_up.memory.state is IDLE
    if place_of(given_up, "B3") != TRANSIT:
        return
    assert "TRANSIT_OCCUPIED" in _alarms(given_up)
    assert "transit_free" in _refused(given_up, RequestSwap(VIN))
    stored = driven(given_up.cycle(STORE), idle).run(1.0)
    assert place_of(stored, "B3") == "bay-1"
    assert {alarm.state.value for alarm in stored.memory.alarms if alarm.code == "TRANSIT_OCCUPIED"} <= {
        "returned_unacknowledged"
    }


@pytest.mark.parametrize("released", [True, False])
def test_a_battery_in_doubt_is_carried_from_transit_to_the_isolation_place(released: bool) -> None:
    station = begun().until(lambda now: now.step == "verify", 120.0)
    station = replace(station, snapshot=with_battery(station.snapshot, "B3", quarantined=True))
    if not released:
        held = station.cycle(HoldStation()).until(lambda now: now.memory.state is HELD)
        swap = held.snapshot.inventory.swap
        assert swap is not None
        station = held.cycle(DivertSwap(swap.swap, Cause.DOUBT, "fresh one hot")).cycle(ResumeStation())
    station = driven(station, idle)
    assert place_of(station, "B3") == "isolation"
    assert TRANSIT not in {each.place for each in station.snapshot.inventory.batteries}


@pytest.mark.parametrize("mark", ["quarantined", "doubtful"])
def test_a_battery_that_comes_into_doubt_while_the_truck_leaves_goes_to_the_isolation_place(mark: str) -> None:
    station = storing().run(5.0)
    station = replace(station, snapshot=with_battery(station.snapshot, "B3", **{mark: True})).run(1.0)
    station = driven(station.change("robot", truck_in_position=False), idle)
    assert place_of(station, "B3") == "isolation"
    results = [each.result for each in _records(station) if isinstance(each, JobClosed)]
    assert results == [JobResult.FAILED, JobResult.COMPLETED]


def test_without_a_free_place_it_stays_in_transit_under_an_alarm() -> None:
    station = begun().until(lambda now: now.step == "verify", 120.0)
    doubted = with_battery(station.snapshot, "B3", quarantined=True)
    station = replace(station, snapshot=with_value(doubted, "9.io", lambda _: rack(occupied=True)))
    station = driven(station, idle).run(3.0)
    assert place_of(station, "B3") == TRANSIT
    assert "TRANSIT_OCCUPIED" in _alarms(station)
    assert _refused(station, STORE) == ("storage_free",)


def test_there_is_nothing_to_store_in_an_empty_transit_place() -> None:
    assert _refused(waiting(), STORE) == ("transit_empty",)


def test_a_returned_battery_in_quarantine_never_comes_to_the_transit_place() -> None:
    station = waiting()
    station = replace(station, snapshot=with_battery(station.snapshot, "B3", quarantined=True))
    station = driven(station.cycle(RequestSwap(VIN)), lambda now: bool(now.past[1:]) and idle(now))
    places = [each.destination for each in _records(station) if isinstance(each, BatteryMoved)]
    assert TRANSIT not in places
    assert place_of(station, "B3") == "isolation"


def _occupied(kind: str) -> Answering:
    station = waiting()
    io = station.snapshot.bay(TRANSIT_BAY).io
    changed = {
        "sensed": with_value(station.snapshot, "10.io", lambda _: rack(occupied=True)),
        "recorded": with_battery(station.snapshot, "B2", place=TRANSIT),
        "stale": with_device(station.snapshot, "10.io", stale(io)),
        "never seen": with_device(station.snapshot, "10.io", Seen()),
        "smoke": with_value(station.snapshot, "10.io", lambda each: replace(each, smoke=True)),
    }
    return replace(station, snapshot=changed[kind])


@pytest.mark.parametrize("kind", ["sensed", "recorded", "stale", "never seen", "smoke"])
def test_no_swap_begins_while_the_transit_place_is_not_known_to_be_empty(kind: str) -> None:
    assert "transit_free" in _refused(_occupied(kind).cycle(), RequestSwap(VIN))


@pytest.mark.parametrize("kind", ["sensed", "recorded"])
def test_a_battery_that_somebody_left_there_is_an_alarm(kind: str) -> None:
    assert "TRANSIT_OCCUPIED" in _alarms(_occupied(kind).run(3.0))
    assert "TRANSIT_OCCUPIED" not in _alarms(waiting().run(3.0))


def test_a_swap_that_finds_the_transit_place_taken_says_what_it_waits_for() -> None:
    station = begun().until(lambda now: now.step == "allocate")
    station = replace(station, snapshot=with_value(station.snapshot, "10.io", lambda _: rack(occupied=True))).run(1.0)
    assert "transit_free" in station.memory.waiting_for
    assert station.snapshot.inventory.holds == ()


def test_the_transit_place_is_no_bay_to_store_charge_or_hand_out_from() -> None:
    now = waiting().snapshot
    taken = with_bay(with_battery(now, "B2", place=TRANSIT), TRANSIT_BAY, battery="B2")
    taken = with_value(taken, "10.io", lambda _: rack(occupied=True))
    taken = with_value(taken, "10.charge", lambda each: replace(each, phase=ChargePhase.IDLE, soc_pct=98.0))
    for each in (now, taken):
        situation = Situation(each, config(recipe=RECIPE))
        assert [bay.number for bay in empty_bays(situation)] == [EMPTY_BAY]
        assert TRANSIT_BAY not in {bay.number for bay in ready_bays(situation, MODEL)}
    station = replace(waiting(), snapshot=with_battery(taken, "B2", soc_pct=40.0)).run(5.0)
    named = {getattr(command, "bay", None) for cycle in station.past for command in cycle.commands}
    assert TRANSIT_BAY not in named


def test_the_bay_of_the_fresh_battery_is_kept_for_the_old_one() -> None:
    station = begun().until(lambda now: now.step == "lift")
    held = {hold.place for hold in station.snapshot.inventory.holds if hold.kind is HoldKind.SWAP and hold.place}
    assert held == {TRANSIT, "bay-1"}


def test_in_single_step_mode_the_storing_waits_for_a_person() -> None:
    station = begun().until(lambda now: now.step == "close", 120.0)
    station = replace(station, snapshot=with_mode(station.snapshot, Mode.SINGLE_STEP)).run(1.0)
    assert station.memory.state is HELD
    assert station.memory.hold_reasons == ("single_step",)
    assert station.snapshot.inventory.job is not None


def _stopped(exchange: Exchange) -> list[Answering]:
    """The swap held in every third of its cycles."""
    station, found = begun(exchange), []
    while station.snapshot.inventory.job is None:
        if len(station.past) % 3 == 0 and station.step not in ("identify", "allocate", "close", None):
            found.append(station.cycle(HoldStation()).until(lambda now: now.memory.state is HELD, 10.0))
        station = station.cycle()
    return found


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("exchange", Exchange)
def test_every_way_out_leaves_the_transit_place_empty(exchange: Exchange, cause: Cause) -> None:
    stopped = _stopped(exchange)
    assert len(stopped) > 20
    for held in stopped:
        swap = held.snapshot.inventory.swap
        assert swap is not None
        station = driven(held.cycle(DivertSwap(swap.swap, cause, "tried")).cycle(ResumeStation()), idle).run(0.5)
        (closed,) = [each for cycle in station.since(held) for each in cycle.records if isinstance(each, SwapClosed)]
        places = {each.battery: each.place for each in station.snapshot.inventory.batteries}
        assert TRANSIT not in places.values(), held.step
        assert ROBOT not in places.values(), held.step
        returned = station.snapshot.inventory.battery("B3")
        assert returned is not None
        assert not (returned.quarantined and returned.place.startswith("bay-")), held.step
        if cause is Cause.GO_ON:
            assert closed.result is SwapResult.COMPLETED
            assert places["B1"] == TRUCK
            assert places["B3"].startswith("bay-")


def _shipped(file: str) -> str:
    return (files("swapstation.station") / "recipes" / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("exchange", Exchange)
def test_a_path_that_loses_the_battery_in_transit_is_found(exchange: Exchange) -> None:
    """Without its fact the record still has the battery on the robot: nobody would fetch it from the transit place."""
    text = _shipped(f"{RECIPE}_{exchange}.toml").replace('fact = "returned_in_bay"\n', "")
    recipe = parse_recipe(text, RECIPE, alarm_catalogue(), _shipped("ways_out.toml"))
    assert ("close", "closed_unrecorded") in {(fault.step, fault.fault) for fault in explore(recipe).faults}


def test_the_check_knows_what_every_fact_records() -> None:
    assert set(TOLD) == set(FACTS)


def test_the_recipes_differ_in_words() -> None:
    straight = load_recipe("top_lift", "station", alarm_catalogue())
    changes = {change.key: (change.before, change.after) for change in differences(straight, begun().rules.recipe)}
    assert changes["transit"] == ("False", "True")
    assert changes["target_s"] == ("35", "20")


def test_transit_is_true_or_false() -> None:
    text = _shipped(f"{RECIPE}_station.toml").replace("transit = true", 'transit = "yes"')
    with pytest.raises(ConfigurationError, match="true or false"):
        parse_recipe(text, RECIPE, alarm_catalogue())
