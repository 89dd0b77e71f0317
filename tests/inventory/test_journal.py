"""The journal: records change the tables and number the events in one transaction, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from swapstation.inventory import tables
from swapstation.inventory.journal import JournalError, RecordWriter, find_answer, start_boot, write
from swapstation.inventory.queries import (
    alarm_periods,
    battery_history,
    events_after,
    find_swap,
    list_swaps,
    load_inventory,
    raisings,
    standing_alarms,
)
from swapstation.model.alarm import Alarm, AlarmState, Priority, Suppression
from swapstation.model.balanced import BatteryBalanced
from swapstation.model.dispatch import Dispatch, DispatchKind, DispatchSource
from swapstation.model.inventory import Hold, HoldKind, Inventory, StepTime, SwapResult
from swapstation.model.job import Job, JobKind, JobResult
from swapstation.model.journal import (
    AlarmChanged,
    AlarmHidden,
    AlarmShown,
    BatteryMeasured,
    BatteryMoved,
    BatteryQuarantined,
    ChargeEnded,
    ChargeStarted,
    HoldEnded,
    HoldPlaced,
    IntentRecorded,
    IntentResolved,
    JobClosed,
    JobOpened,
    JobStepped,
    Outcome,
    Record,
    RequestAnswered,
    StartUpConfirmed,
    StateChanged,
    SwapClosed,
    SwapOpened,
    SwapStepped,
)
from swapstation.model.power import LimitCause, Quarter
from swapstation.model.power_record import DispatchEnded, DispatchPut, PowerLimitChanged, QuarterMeasured
from swapstation.model.request import Accepted, Refused, Request, RequestSwap
from tests.inventory.stock import AT, VIN, change, open_swap, pack_code, receive, stocked

LATER = AT + timedelta(minutes=5)
TRUCK = f"truck:{VIN}"


def event_numbers(engine: sa.Engine) -> list[int]:
    with engine.connect() as connection:
        return [event.sequence for event in events_after(connection, 0)]


CAP = Dispatch(
    "vpp-1", DispatchSource.VPP, DispatchKind.IMPORT_CAP, 800.0, AT, AT + timedelta(hours=1), AT, 50.0, 300.0, "s", 60.0
)


def read_back(engine: sa.Engine) -> Inventory:
    with engine.connect() as connection:
        return load_inventory(connection)


def test_a_new_station_has_the_places_of_its_configuration_and_nothing_else(engine: sa.Engine) -> None:
    assert read_back(engine) == Inventory(places=("bay-1", "bay-2", "bay-3", "isolation", "robot"))


def test_write_returns_what_the_database_then_says(engine: sa.Engine) -> None:
    inventory = stocked(engine)
    battery = inventory.battery("B3")
    assert battery is not None
    assert (battery.place, battery.codes, battery.soc_pct, battery.soc_at) == (TRUCK, (pack_code(3),), 12.5, AT)
    assert inventory.trucks == ((VIN, "tractor-6x4"),)
    assert inventory == read_back(engine)


def test_boots_are_counted_and_confirmed_once(engine: sa.Engine) -> None:
    assert [start_boot(engine, "0.1.0", "abc", AT), start_boot(engine, "0.1.0", "abc", AT)] == [1, 2]
    write(engine, [StartUpConfirmed(2, "li")], LATER, 2)
    with pytest.raises(JournalError, match="StartUpConfirmed: boot 2 is unknown or confirmed"):
        write(engine, [StartUpConfirmed(2, "wang")], LATER, 2)


def test_a_confirmed_move_changes_the_place_and_keeps_its_evidence(engine: sa.Engine) -> None:
    stocked(engine)
    records: list[Record] = [
        IntentRecorded(1, 1, "PickBattery", '{"bay": 1}', None),
        BatteryMoved("B1", "bay-1", "robot", ("presence", "weight"), 1),
        IntentResolved(1, Outcome.DONE),
    ]
    inventory = write(engine, records, LATER, 1)
    assert inventory.at("bay-1") is None
    with engine.connect() as connection:
        fact = connection.execute(sa.select(tables.facts)).one()
        history = battery_history(connection, "B1")
    assert (fact.origin, fact.destination, fact.evidence, fact.command_id) == (
        "bay-1",
        "robot",
        ["presence", "weight"],
        1,
    )
    assert [event.kind for event in history] == ["BatteryMoved", "InventoryChanged"]
    assert history[0].body["evidence"] == ["presence", "weight"]


def test_a_move_from_another_place_than_the_recorded_one_is_refused(engine: sa.Engine) -> None:
    stocked(engine)
    with pytest.raises(JournalError, match="BatteryMoved: B1 is not recorded in bay-3"):
        write(engine, [BatteryMoved("B1", "bay-3", "robot", ("presence",))], AT, 1)


def test_one_contradiction_rolls_the_whole_batch_back(engine: sa.Engine) -> None:
    before = stocked(engine)
    numbers = event_numbers(engine)
    batch: list[Record] = [
        StateChanged("idle", "execute", "swap"),
        BatteryMoved("B1", "bay-1", "robot", ("weight",)),
        BatteryMoved("B3", TRUCK, "bay-2", ("presence",)),
    ]
    with pytest.raises(JournalError, match=r"BatteryMoved: .*place"):
        write(engine, batch, AT, 1)
    assert (read_back(engine), event_numbers(engine)) == (before, numbers)
    write(engine, batch[:2], AT, 1)
    assert event_numbers(engine) == [*numbers, numbers[-1] + 1, numbers[-1] + 2]


def test_the_database_itself_refuses_two_batteries_in_a_place_and_a_battery_without_one(engine: sa.Engine) -> None:
    stocked(engine)
    batteries = tables.batteries
    for place in ("bay-1", None, "bay-77"):
        with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
            connection.execute(sa.update(batteries).where(batteries.c.battery == "B2").values(place=place))
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(sa.insert(tables.pack_codes).values(code=pack_code(1), battery="B2", position=2))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE places SET kind = 'shelf' WHERE name = 'bay-3'",
        "UPDATE batteries SET soc_pct = 100.5 WHERE battery = 'B1'",
        "UPDATE swaps SET result = 'completed' WHERE swap = 'S1'",
        "UPDATE holds SET place = 'bay-2' WHERE hold = 'H1'",
        "DELETE FROM batteries WHERE battery = 'B1'",
    ],
)
def test_the_database_itself_refuses_rows_that_make_no_sense(engine: sa.Engine, statement: str) -> None:
    stocked(engine)
    open_swap(engine)
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_intents_are_numbered_on_across_boots_and_stay_open_until_resolved(engine: sa.Engine) -> None:
    start_boot(engine, "0.1.0", "abc", AT)
    inventory = write(engine, [IntentRecorded(n, 1, "ParkRobot", "{}", None) for n in (1, 2)], AT, 1)
    assert (inventory.next_command_id, inventory.open_intents) == (3, ((1, "ParkRobot"), (2, "ParkRobot")))
    inventory = write(engine, [IntentResolved(1, Outcome.REFUSED, "gate_open")], AT, 1)
    assert (inventory.next_command_id, inventory.open_intents) == (3, ((2, "ParkRobot"),))
    with pytest.raises(JournalError, match="IntentResolved: command 1 is unknown or resolved"):
        write(engine, [IntentResolved(1, Outcome.DONE)], AT, 1)
    with pytest.raises(JournalError, match="IntentRecorded"):
        write(engine, [IntentRecorded(2, 1, "ParkRobot", "{}", None)], AT, 1)


def test_a_swap_is_followed_from_opening_to_closing_and_its_holds_end_with_it(engine: sa.Engine) -> None:
    stocked(engine)
    inventory = open_swap(engine)
    assert inventory.swap is not None
    assert (inventory.swap.fresh, inventory.swap.from_bay, inventory.swap.opened_at) == ("B1", 1, AT)
    assert {hold.hold for hold in inventory.holds} == {"H0", "H1", "H2", "H3"}
    write(engine, [SwapStepped("S1", "identify", "position", 4.5)], AT, 1)
    inventory = write(engine, [SwapStepped("S1", "position", "unlock", 2.0)], AT, 1)
    assert inventory.swap is not None
    assert inventory.swap.step_seconds == (StepTime("identify", 4.5), StepTime("position", 2.0))
    with pytest.raises(JournalError, match="not open in step position"):
        write(engine, [SwapStepped("S1", "position", "unlock", 2.0)], AT, 1)
    inventory = write(engine, [SwapClosed("S1", SwapResult.COMPLETED, "", 240.0)], LATER, 1)
    assert (inventory.swap, inventory.holds) == (None, ())
    with engine.connect() as connection:
        swap = find_swap(connection, "S1")
        assert swap is not None
        assert (swap.result, swap.closed_at, swap.step) == (SwapResult.COMPLETED, LATER, "unlock")
        assert list_swaps(connection) == (swap,)
        assert list_swaps(connection, before=AT) == ()
        assert find_swap(connection, "S2") is None
        assert [event.kind for event in battery_history(connection, "B3")][:2] == ["SwapClosed", "SwapAllocated"]


def test_only_one_swap_is_open_at_a_time(engine: sa.Engine) -> None:
    stocked(engine)
    inventory = open_swap(engine)
    assert inventory.swap is not None
    with pytest.raises(JournalError, match="SwapOpened"):
        write(engine, [SwapOpened(replace(inventory.swap, swap="S2"), ())], AT, 1)


def test_a_battery_and_a_place_are_held_once_at_a_time(engine: sa.Engine) -> None:
    stocked(engine)
    booking = Hold("K1", HoldKind.BOOKING, battery="B1", vin=VIN, model="LFP-282", person="dispatch", expires_at=LATER)
    inventory = write(engine, [HoldPlaced(booking)], AT, 1)
    assert inventory.held(battery="B1") == replace(booking, created_at=AT)
    for second in (
        replace(booking, hold="K2"),
        Hold("K3", HoldKind.LOCK_OUT),
        Hold("K4", HoldKind.SWAP, "B2", "bay-2"),
    ):
        with pytest.raises(JournalError, match="HoldPlaced"):
            write(engine, [HoldPlaced(second)], AT, 1)
    inventory = write(engine, [HoldEnded("K1", "used"), HoldPlaced(replace(booking, hold="K2"))], AT, 1)
    assert [hold.hold for hold in inventory.holds] == ["K2"]
    with pytest.raises(JournalError, match="HoldEnded: hold K1 is unknown or ended"):
        write(engine, [HoldEnded("K1", "expired")], AT, 1)


def test_a_writer_reads_back_what_its_records_changed(engine: sa.Engine) -> None:
    """Most kinds of records meet the whole database after each write in tests/twin/test_read_back.py."""
    stocked(engine)
    writer = RecordWriter(engine, 1)
    batches: tuple[Record, ...] = (
        HoldPlaced(Hold("K1", HoldKind.LOCK_OUT, place="bay-1", person="li", created_at=AT)),
        HoldEnded("K1", "done"),
        BatteryQuarantined("B1", "leaks"),
        AlarmHidden("A@bay-1", Suppression.SHELVED, 30, "known", "li"),
        AlarmShown("A@bay-1", "li"),
        JobOpened(Job("J1", JobKind.MOVE, "fetch", JobResult.OPEN, "B2", "bay-2", "bay-1", person="li"), ()),
        JobStepped("J1", "fetch", "carry", 1.0),
        JobClosed("J1", JobResult.COMPLETED, "", 2.0),
        DispatchPut(CAP, "vpp"),
        DispatchPut(replace(CAP, value=700.0), "vpp"),
        DispatchEnded("vpp-1", "over"),
        PowerLimitChanged(None, None, 0.0, None, None, 0, (), (LimitCause("limit_contract", 900.0),)),
        QuarterMeasured(Quarter(AT, 850.5, False, 123.4, 850.5, AT)),
    )
    for record in batches:
        assert writer.write([record], AT) == read_back(engine), record


def test_a_dispatch_record_ends_once_and_does_not_come_back(engine: sa.Engine) -> None:
    write(engine, [DispatchPut(CAP, "vpp"), DispatchEnded("vpp-1", "called off", "li")], AT, 1)
    before = read_back(engine)
    for record in (DispatchPut(CAP, "vpp"), DispatchEnded("vpp-1", "over"), DispatchEnded("vpp-2", "over")):
        with pytest.raises(JournalError):
            write(engine, [record], AT, 1)
    assert read_back(engine) == before


def test_a_quarter_that_comes_twice_counts_with_its_higher_mean(engine: sa.Engine) -> None:
    high, low = Quarter(AT, 900.0, False, 100.0, 900.0, AT), Quarter(AT, 300.0, True, 110.0, 900.0, AT)
    write(engine, [QuarterMeasured(high)], AT, 1)
    assert write(engine, [QuarterMeasured(low)], AT, 1).quarter == replace(low, demand_kw=900.0)


def test_after_a_refused_batch_a_writer_reads_everything_again(engine: sa.Engine) -> None:
    stocked(engine)
    writer = RecordWriter(engine, 1)
    writer.write([BatteryMeasured("B1", 50.0)], AT)
    with pytest.raises(JournalError):
        writer.write([BatteryMeasured("B1", 60.0), HoldEnded("K9", "unknown")], AT)
    assert writer.write([StateChanged("idle", "held", "")], AT) == read_back(engine)


def test_a_measured_soc_is_kept_with_its_time(engine: sa.Engine) -> None:
    stocked(engine)
    battery = write(engine, [BatteryMeasured("B1", 91.5)], LATER, 1).battery("B1")
    assert battery is not None
    assert (battery.soc_pct, battery.soc_at) == (91.5, LATER)
    for wrong in (BatteryMeasured("B9", 50.0), BatteryMeasured("B1", 101.0)):
        with pytest.raises(JournalError, match="BatteryMeasured"):
            write(engine, [wrong], LATER, 1)


def test_charges_are_counted_until_a_full_one_with_its_rest(engine: sa.Engine) -> None:
    stocked(engine)
    writer, ended = RecordWriter(engine, 1), ChargeEnded("B1", 1, 95.0, 210.5, ())
    for count in (1, 2):
        battery = writer.write([ended], AT).battery("B1")
        assert battery is not None
        assert (battery.full_at, battery.charges_since_full) == (None, count)
    battery = writer.write([BatteryBalanced("B1", 1800.0)], LATER).battery("B1")
    assert battery is not None
    assert (battery.full_at, battery.charges_since_full) == (LATER, 0)
    assert writer.write([StateChanged("idle", "held", "")], AT) == read_back(engine)


def test_charges_are_kept_also_when_their_start_or_end_was_not_seen(engine: sa.Engine) -> None:
    stocked(engine)
    started, ended = ChargeStarted("B1", 1, 20.0, 95.0), ChargeEnded("B1", 1, 95.0, 210.5, ("soc_reached",))
    write(engine, [started, started, ended, ended], AT, 1)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(tables.charges).order_by(tables.charges.c.sequence)).all()
    assert [(row.started_at, row.ended_at, row.reasons) for row in rows] == [
        (AT, AT, ["end_not_seen"]),
        (AT, AT, ["soc_reached"]),
        (None, AT, ["soc_reached"]),
    ]
    assert rows[1].energy_kwh == 210.5


def test_an_alarm_stands_until_it_is_normal_again(engine: sa.Engine) -> None:
    raised = Alarm("LINK_LOST@robot", "LINK_LOST", "robot", Priority.HIGH, AlarmState.UNACKNOWLEDGED, AT, "timeout")
    seen = replace(raised, state=AlarmState.ACKNOWLEDGED, acknowledged_by="li")
    write(engine, [AlarmChanged(raised), AlarmChanged(seen)], AT, 1)
    with engine.connect() as connection:
        assert standing_alarms(connection) == (seen,)
    again = replace(raised, raised_at=LATER)
    write(engine, [AlarmChanged(seen, gone=True), AlarmChanged(again)], LATER, 1)
    with engine.connect() as connection:
        assert standing_alarms(connection) == (again,)
        periods = alarm_periods(connection, AT, LATER + timedelta(seconds=1))
        assert [(period.alarm, period.gone_at) for period in periods] == [(seen, LATER), (again, None)]
        assert [each.at for each in raisings(connection, AT, LATER + timedelta(seconds=1))] == [AT, LATER]
        assert [each.at for each in raisings(connection, AT, LATER)] == [AT]


def test_a_repeated_request_gets_its_first_answer_and_a_reused_key_is_refused(engine: sa.Engine) -> None:
    request = Request("k-1", "li", RequestSwap(VIN))
    answer = Accepted("k-1", {"swap": "S1"})
    with engine.connect() as connection:
        assert find_answer(connection, request) is None
    write(engine, [RequestAnswered(request, answer)], AT, 1)
    with engine.connect() as connection:
        assert find_answer(connection, request) == answer
        assert find_answer(connection, replace(request, person="wang")) == answer
        reused = find_answer(connection, replace(request, payload=RequestSwap(VIN, booking="K1")))
    assert isinstance(reused, Refused)
    assert reused.code == "key_reused"


def test_events_are_read_in_pages_without_a_gap(engine: sa.Engine) -> None:
    write(engine, [StateChanged("idle", "execute", str(n)) for n in range(7)], AT, 3)
    read: list[int] = []
    with engine.connect() as connection:
        while page := events_after(connection, read[-1] if read else 0, limit=3):
            read.extend(event.sequence for event in page)
        first = events_after(connection, 0, limit=1)[0]
    assert read == list(range(1, 8))
    assert (first.boot, first.at, first.kind, first.body["reason"]) == (3, AT, "StateChanged", "0")


def test_received_batteries_are_in_their_history(engine: sa.Engine) -> None:
    change(engine, receive(1, "bay-1"))
    with engine.connect() as connection:
        (event,) = battery_history(connection, "B1")
    assert event.body["change"]["place"] == "bay-1"
    assert event.body["person"] == "li"
