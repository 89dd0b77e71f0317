"""The scan cycle around the decisions: requests in, answers out once they are durable, equipment read and written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from swapstation.config.link_settings import Links
from swapstation.config.settings import Config, Exchange, Planner
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.controller.core import INBOX_REQUESTS, Core, RecordRefused
from swapstation.controller.equipment import Equipment
from swapstation.controller.journal import DirectJournal
from swapstation.inventory.database import Database, DatabaseError
from swapstation.inventory.journal import find_answer, open_station_database, start_boot, write
from swapstation.inventory.queries import events_after, load_inventory
from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.charge_plan import ChargePlan, PlanStep
from swapstation.model.inventory import Inventory
from swapstation.model.journal import BatteryMeasured, IntentRecorded, IntentResolved, Outcome, Record
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.request import (
    Accepted,
    Answer,
    ConfirmStartUp,
    HoldStation,
    InventoryChange,
    MoveBatteryRecord,
    Payload,
    ReceiveBattery,
    Refused,
    Request,
    ResumeStation,
    StockCheck,
)
from swapstation.model.snapshot import Snapshot, StationState, Verdict
from swapstation.model.truck_request import RegisterTruck
from swapstation.station.draft import Rules
from swapstation.station.memory import Batch
from swapstation.station.recipe import load_recipe
from tests.station import situations
from tests.station.situations import AT, MODEL, TRUCK_MODEL, VIN, pack_code

WIRES = Links("slcan+tcp://127.0.0.1:1", "modbus-tcp://127.0.0.1:1", "dlt645:///dev/ttyS1?address=000000000161")
RECEIVE = ReceiveBattery("B1", MODEL, (pack_code(1),), "bay-1", 50.0)


class Station:
    """A core with its equipment on wires that nobody answers, over a real database."""

    def __init__(
        self, config: Config, database: Database, inventory: Inventory, alarms: tuple[Alarm, ...] = ()
    ) -> None:
        catalogue = alarm_catalogue()
        rules = Rules(config, load_recipe("top_lift", config.exchange.value, catalogue), catalogue)
        self.database = database
        self.records: list[Record] = []
        self.core = Core(rules, Equipment(config, 1), DirectJournal(self._write), inventory, 1, alarms)
        self.now_s = 0.0
        self._keys = 0

    def _write(self, records: tuple[Record, ...], at: object) -> Inventory:
        self.records.extend(records)
        return write(self.database, records, AT, 1)

    def cycle(self) -> Snapshot:
        self.now_s += 0.1
        self.core.cycle(self.now_s, AT + timedelta(seconds=self.now_s))
        assert self.core.snapshot is not None
        return self.core.snapshot

    def submit(self, payload: Payload, key: str = "") -> list[Answer]:
        self._keys += 1
        answers: list[Answer] = []
        self.core.submit(Request(key or f"key-{self._keys}", "li", payload), answers.append)
        return answers

    def ask(self, payload: Payload) -> Answer:
        answers = self.submit(payload)
        self.cycle()
        assert answers == []
        self.cycle()
        (answer,) = answers
        return answer


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return replace(situations.config(Exchange.STATION), data=tmp_path, links=WIRES)


@pytest.fixture
def database(config: Config) -> Iterator[Database]:
    database = open_station_database(config)
    start_boot(database, "0.1.0", "hash", AT)
    yield database
    database.dispose()


def _inventory(database: Database) -> Inventory:
    with database.connect() as connection:
        return load_inventory(connection)


@pytest.fixture
def station(config: Config, database: Database) -> Station:
    return Station(config, database, _inventory(database))


def test_a_station_that_hears_nothing_is_aborted_and_its_survey_incomplete(station: Station) -> None:
    snapshot = station.cycle()
    assert (snapshot.state, snapshot.confirmed, snapshot.sequence, snapshot.boot) == (StationState.ABORTED, False, 1, 1)
    assert {finding.verdict for finding in snapshot.survey.findings} == {Verdict.UNKNOWN}
    answer = station.ask(ConfirmStartUp())
    assert isinstance(answer, Refused)
    assert answer.code == "survey_incomplete"


def test_an_answer_comes_once_it_is_durable(station: Station) -> None:
    answers = station.submit(ResumeStation(), "key")
    station.cycle()
    assert answers == []
    with station.database.connect() as connection:
        durable = find_answer(connection, Request("key", "li", ResumeStation()))
    station.cycle()
    assert answers == [durable]
    assert isinstance(durable, Refused)


def test_a_plan_is_answered_at_once_followed_and_leaves_nothing_in_the_database(
    config: Config, database: Database
) -> None:
    station = Station(replace(config, planner=Planner(True)), database, _inventory(database))
    plan = ChargePlan("P1", AT, (), (PlanStep(AT, 0.0, None, None),))
    station.cycle()
    before = list(station.records)
    answers = station.submit(SubmitPlan(plan))
    station.cycle()
    assert answers == [Accepted("key-1", {"plan": "P1"})]
    assert station.cycle().plan == replace(plan, steps=())
    assert station.core.forecast is plan
    assert station.records == before


def test_a_request_repeated_while_it_is_under_way_acts_once_and_answers_both(station: Station) -> None:
    first, second = (
        station.submit(RegisterTruck(VIN, TRUCK_MODEL), "key"),
        station.submit(RegisterTruck(VIN, TRUCK_MODEL), "key"),
    )
    station.cycle()
    third = station.submit(RegisterTruck(VIN, TRUCK_MODEL), "key")
    station.cycle()
    assert first == second == third
    assert isinstance(first[0], Accepted)
    with station.database.connect() as connection:
        kinds = [event.kind for event in events_after(connection, 0)]
    assert kinds.count("InventoryChanged") == kinds.count("RequestAnswered") == 1


def test_another_request_under_a_key_that_is_under_way_is_refused(station: Station) -> None:
    first, second = station.submit(HoldStation("fog"), "key"), station.submit(ResumeStation(), "key")
    station.cycle()
    station.cycle()
    assert isinstance(first[0], Accepted)
    assert isinstance(second[0], Refused)
    assert second[0].code == "key_reused"


def test_a_flood_of_requests_is_refused_beyond_the_inbox(station: Station) -> None:
    answers = [station.submit(ResumeStation()) for _ in range(INBOX_REQUESTS + 10)]
    held = station.submit(HoldStation())
    refused = [answer for answer in answers if answer]
    assert len(refused) == 10
    assert all(isinstance(each[0], Refused) and each[0].code == "busy" for each in refused)
    station.cycle()
    station.cycle()
    assert all(answers)
    assert isinstance(held[0], Accepted), "a flood never keeps a hold out"
    assert not station.submit(ResumeStation())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ((RegisterTruck("TRUCK", TRUCK_MODEL),), "bad_input"),
        ((RegisterTruck(VIN, "hovercraft"),), "bad_input"),
        ((replace(RECEIVE, codes=("X",)),), "bad_input"),
        ((replace(RECEIVE, place="bay-77"),), "unknown_place"),
        ((RECEIVE, replace(RECEIVE, battery="B2", codes=(pack_code(2),))), "place_occupied"),
        ((MoveBatteryRecord("B9", "bay-3"),), "unknown_battery"),
    ],
)
def test_a_change_of_the_stock_is_refused_with_its_reason(
    station: Station, changes: tuple[InventoryChange, ...], code: str
) -> None:
    *before, last = changes
    for change in before:
        assert isinstance(station.ask(change), Accepted)
    stock = _inventory(station.database)
    answer = station.ask(last)
    assert isinstance(answer, Refused)
    assert answer.code == code
    assert _inventory(station.database) == stock


def test_an_accepted_change_is_in_the_next_snapshot(station: Station) -> None:
    assert isinstance(station.ask(RECEIVE), Accepted)
    snapshot = station.cycle()
    assert snapshot.bay(1).battery == "B1"
    assert isinstance(station.ask(MoveBatteryRecord("B1", "bay-3")), Accepted)
    assert [station.cycle().bay(number).battery for number in (1, 3)] == [None, "B1"]
    assert isinstance(station.ask(StockCheck(())), Accepted)


def test_of_two_changes_that_exclude_each_other_the_database_refuses_the_second(station: Station) -> None:
    """Both were judged by the stock before either was written."""
    first, second = station.submit(RECEIVE), station.submit(replace(RECEIVE, battery="B2", codes=(pack_code(2),)))
    station.cycle()
    station.cycle()
    assert isinstance(first[0], Accepted)
    assert isinstance(second[0], Refused)
    assert second[0].code == "inventory_contradicts"
    assert [each.battery for each in _inventory(station.database).batteries] == ["B1"]


def test_charges_that_a_crash_left_open_end_with_the_first_cycle(config: Config, database: Database) -> None:
    write(database, [IntentRecorded(1, 1, "StartCharge", "{}", None)], AT, 1)
    station = Station(config, database, _inventory(database))
    station.cycle()
    assert IntentResolved(1, Outcome.DROPPED, "restart") in station.records
    assert _inventory(database).open_intents == ()
    station.cycle()
    assert len([record for record in station.records if isinstance(record, IntentResolved)]) == 1


def test_alarms_of_before_the_start_return_when_their_cause_is_gone(config: Config, database: Database) -> None:
    old = Alarm("BAY_SMOKE@bay-1", "BAY_SMOKE", "bay-1", Priority.CRITICAL, AlarmState.UNACKNOWLEDGED, AT)
    station = Station(config, database, _inventory(database), (old,))
    alarms = {alarm.alarm: alarm.state for alarm in station.cycle().alarms}
    assert alarms["BAY_SMOKE@bay-1"] is AlarmState.RETURNED_UNACKNOWLEDGED


def test_the_lateness_of_the_cycle_is_shown(station: Station) -> None:
    station.core.max_lateness_s = 0.01234
    assert station.cycle().max_cycle_lateness_ms == 12.3


def test_a_record_that_the_database_contradicts_ends_the_controller(station: Station) -> None:
    """Whatever the decisions hold for a fact and the record denies needs a restart, a survey and a person."""
    station.cycle()
    station.core._journal.submit(Batch((BatteryMeasured("B-none", 50.0),)), AT)
    with pytest.raises(RecordRefused, match="B-none"):
        station.cycle()


def _away(records: object, at: object) -> Inventory:
    raise DatabaseError("station database: server gone")


def test_a_hold_is_answered_at_once_even_while_the_database_is_away(station: Station) -> None:
    station.cycle()
    station.core._journal = DirectJournal(_away)
    held, confirmed = station.submit(HoldStation()), station.submit(ConfirmStartUp())
    station.cycle()
    assert [type(answer) for answer in held] == [Accepted]
    assert confirmed == []
    assert station.cycle().journal_error == "station database: server gone"
