"""The energy ledger in the database: readings, settlements, chargers' records, cases, observations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from swapstation.inventory import energy_queries as queries
from swapstation.inventory.journal import RecordWriter, write
from swapstation.inventory.queries import load_inventory
from swapstation.model.charge_record import ChargeRecord
from swapstation.model.discharged import BatteryDischarged
from swapstation.model.energy import (
    Balance,
    BalanceKind,
    BayReading,
    ChargeDetail,
    ChargerRecorded,
    ChargeSettled,
    Counter,
    CounterFault,
    EnergyCase,
    EnergyCaseClosed,
    EnergyCaseOpened,
    EnergyRead,
    MeterFault,
    Settlement,
    TimedReading,
)
from swapstation.model.health import BatteryObserved, Observation
from swapstation.model.journal import ChargeEnded, ChargeStarted, IntentRecorded, Record
from tests.inventory.stock import AT, stocked

LATER = AT + timedelta(hours=1)
DETAIL = ChargeDetail(AT, LATER, Decimal("170.00"), "flat", Decimal("0.6500"), Decimal("0.3"), Decimal("110.50"))
SETTLEMENT = Settlement(
    "B1",
    1,
    AT,
    LATER,
    Counter.DC_METER,
    Decimal("170.00"),
    180.5,
    170.0,
    20.0,
    80.0,
    (DETAIL,),
    Decimal("110.50"),
    Decimal("51.00"),
    (Balance(BalanceKind.CONVERSION, "dc_meter", 170.0, "ac_meter", 169.7, 7.5),),
    (CounterFault("charger", MeterFault.SILENT, AT),),
)
RECORD = ChargeRecord("C1", 7, "11", None, "2026-03-01T09:30:00", 3600, 170.0, 20.0, 80.0, 100.0, 270.0, 0)
CASE = EnergyCase("c1", BalanceKind.COUNTERS, "bay-1", "B1", AT, -40.0, 3.0, {"readings": [1.0], "name": "电表"})


def charged(engine: sa.Engine) -> None:
    """A charge of B1 from AT to LATER, settled."""
    stocked(engine)
    order = IntentRecorded(11, 1, "StartCharge", '{"bay": 1}', None)
    started = ChargeStarted("B1", 1, 20.0, 95.0)
    first, second = BayReading(1, "B1", 1000.0, 900.0, 0.0, None, 20.0), BayReading(1, "B1", 1180.5, 1070.0)
    write(engine, [order, started, EnergyRead(50.0, (first,))], AT, 1)
    ended = ChargeEnded("B1", 1, 80.0, 170.0, ())
    write(engine, [ended, EnergyRead(None, (second,)), ChargeSettled(SETTLEMENT)], LATER, 1)


def test_a_settled_charge_comes_back_as_it_was(engine: sa.Engine) -> None:
    charged(engine)
    with engine.connect() as connection:
        (charge,) = queries.list_charges(connection)
        assert charge.settlement == SETTLEMENT
        assert queries.find_charge(connection, charge.charge) == charge
        assert queries.start_order(connection, charge) == 11
        assert queries.charged_kwh(connection, "B1") == 170.0
        assert queries.charged_kwh(connection, "B2") == 0.0
        assert queries.list_charges(connection, battery="B2") == ()
        assert queries.list_charges(connection, before=AT) == ()
        assert queries.find_charge(connection, 4711) is None


def test_readings_of_a_bay_come_in_their_order(engine: sa.Engine) -> None:
    charged(engine)
    with engine.connect() as connection:
        told = queries.bay_readings(connection, 1, AT)
        assert told == (
            TimedReading(AT, BayReading(1, "B1", 1000.0, 900.0, 0.0, None, 20.0)),
            TimedReading(LATER, BayReading(1, "B1", 1180.5, 1070.0)),
        )
        assert queries.bay_readings(connection, 1, AT, AT) == told[:1]
        assert queries.bay_readings(connection, 2, AT) == ()


def test_the_first_reading_of_a_day_is_one_of_site_and_bays_together(engine: sa.Engine) -> None:
    charged(engine)
    bays = (BayReading(1, ac_meter_kwh=1180.5), BayReading(2, ac_meter_kwh=7.0), BayReading(3))
    write(engine, [EnergyRead(60.0, ()), EnergyRead(61.0, bays)], LATER, 1)
    with engine.connect() as connection:
        assert queries.first_site_reading(connection, LATER) == (LATER, 61.0, {1: 1180.5, 2: 7.0})
        assert queries.first_site_reading(connection, LATER + timedelta(seconds=1)) is None


def test_a_charge_whose_settlement_was_lost_in_a_crash_is_found(engine: sa.Engine) -> None:
    stocked(engine)
    write(engine, [ChargeStarted("B1", 1, 20.0, 95.0)], AT, 1)
    write(engine, [ChargeEnded("B1", 1, 80.0, 170.0, ())], LATER, 1)
    with engine.connect() as connection:
        assert [charge.battery for charge in queries.unsettled_charges(connection, AT)] == ["B1"]
        assert queries.unsettled_charges(connection, LATER + timedelta(seconds=1)) == ()
    write(engine, [ChargeSettled(SETTLEMENT)], LATER, 1)
    with engine.connect() as connection:
        assert queries.unsettled_charges(connection, AT) == ()


def test_an_open_charge_is_found_after_a_crash(engine: sa.Engine) -> None:
    stocked(engine)
    write(engine, [ChargeStarted("B1", 1, 20.0, 95.0)], AT, 1)
    with engine.connect() as connection:
        (charge,) = queries.open_charges(connection)
    assert (charge.battery, charge.bay, charge.started_at, charge.settlement) == ("B1", 1, AT, None)


def test_a_record_that_a_charger_repeats_is_kept_once(engine: sa.Engine) -> None:
    stocked(engine)
    write(engine, [ChargerRecorded(1, RECORD)], AT, 1)
    write(engine, [ChargerRecorded(1, RECORD), ChargerRecorded(1, replace(RECORD, number=8))], LATER, 1)
    with engine.connect() as connection:
        assert [record["number"] for record in queries.charger_records_of(connection, "11")] == [7, 8]


def test_a_case_is_open_until_a_person_closes_it(engine: sa.Engine) -> None:
    stocked(engine)
    write(engine, [EnergyCaseOpened(CASE), EnergyCaseOpened(CASE)], AT, 1)
    with engine.connect() as connection:
        assert queries.list_cases(connection, only_open=True) == (queries.KnownCase(CASE),)
    write(engine, [EnergyCaseClosed("c1", "li", "meter exchanged"), EnergyCaseClosed("c9", "li", "unknown")], LATER, 1)
    with engine.connect() as connection:
        known = queries.find_case(connection, "c1")
        assert known == queries.KnownCase(CASE, LATER, "li", "meter exchanged")
        assert queries.list_cases(connection, only_open=True) == ()
        assert queries.list_cases(connection, before=AT) == ()
        assert queries.find_case(connection, "c9") is None


def test_observations_come_oldest_first(engine: sa.Engine) -> None:
    stocked(engine)
    seen = [Observation(AT + timedelta(hours=hour), 1, 20.0, 80.0, 170.0, 1.0, faults=("x",)) for hour in range(3)]
    write(engine, [BatteryObserved("B1", each) for each in seen], LATER, 1)
    with engine.connect() as connection:
        assert queries.observations_of(connection, "B1") == tuple(seen)
        assert queries.observations_of(connection, "B1", limit=2) == tuple(seen[1:])
        assert queries.observations_of(connection, "B2") == ()


def test_what_the_ledger_writes_leaves_what_the_database_says(engine: sa.Engine) -> None:
    stocked(engine)
    writer = RecordWriter(engine, 1)
    writer.write([ChargeStarted("B1", 1, 20.0, 95.0)], AT)
    ended = ChargeEnded("B1", 1, 80.0, 170.0, ())
    ledger: list[Record] = [EnergyRead(50.0, (BayReading(1, "B1", 1000.0),)), ended, ChargeSettled(SETTLEMENT)]
    ledger += [ChargerRecorded(1, RECORD), BatteryObserved("B1", Observation(LATER, 1, 20.0, 80.0, 170.0, 1.0))]
    ledger += [BatteryDischarged("B1", 1, 80.0, 60.0, 56.4)]
    ledger += [EnergyCaseOpened(CASE), EnergyCaseClosed("c1", "li", "meter exchanged")]
    for record in ledger:
        left = writer.write([record], LATER)
        with engine.connect() as connection:
            assert left == load_inventory(connection), record
