"""The ledger from cycle to cycle: when counters are read, what a charge leaves, what a day of the site leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from swapstation.config.energy_settings import Ledger
from swapstation.energy.ledger import EnergyLedger, OpenCharge, SiteDay
from swapstation.model.charge_record import ChargeRecord
from swapstation.model.device import AcMeter, BatteryCharge, Charger, ChargerState, DcMeter, Meter
from swapstation.model.energy import (
    BalanceKind,
    BayReading,
    ChargerRecorded,
    ChargeSettled,
    Counter,
    EnergyCaseOpened,
    EnergyRead,
    TimedReading,
)
from swapstation.model.inventory import Battery, Inventory
from swapstation.model.journal import ChargeEnded, ChargeStarted, Record
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import BayState, Snapshot, StationState
from tests.energy.test_tariff import local
from tests.inventory.stock import station_config

START = local("2026-07-01T17:50")
STARTED, ENDED = ChargeStarted("B1", 1, 20.0, 95.0), ChargeEnded("B1", 1, 80.0, 170.0, ())


class Station:
    """What the counters of three bays show, and a ledger that follows them."""

    def __init__(self, tmp_path: Any, **of_ledger: Any) -> None:
        self.config = replace(station_config(tmp_path), ledger=Ledger(**of_ledger))
        self.ledger = EnergyLedger(self.config, lambda: None)
        self.site_kwh: float | None = 100_000.0
        self.now_s = self.age_s = 0.0
        self.bays = {number: {"ac": 1000.0, "dc": 900.0, "charger": 5.0, "soc": None} for number in (1, 2, 3)}

    def follow(
        self,
        at: datetime,
        *records: Record,
        orders: dict[int, str] | None = None,
        offered: dict[int, ChargeRecord] | None = None,
    ) -> list[Record]:
        return self.ledger.follow(self.snapshot(at), records, orders or {}, offered or {})

    def snapshot(self, at: datetime) -> Snapshot:
        bays = tuple(self._bay(number) for number in self.bays)
        meter: Seen[Meter] = Seen() if self.site_kwh is None else fresh(Meter("1", self.site_kwh))
        stock = Inventory(batteries=(Battery("B1", "LFP-282", (), "bay-1"),))
        station = "test", "station", StationState.IDLE
        return Snapshot(1, 1, self.now_s, at, *station, meter=meter, bays=bays, inventory=stock)

    def _bay(self, number: int) -> BayState:
        told = self.bays[number]
        charger = Charger(ChargerState.CHARGING, 600.0, 100.0, told["charger"] or 0.0, None, 0, True)
        return BayState(
            number,
            f"bay-{number}",
            isolation=False,
            charging="charger",
            battery=f"B{number}",
            charger=fresh(charger),
            charge=fresh(BatteryCharge(soc_pct=told["soc"])),
            ac_meter=Seen() if told["ac"] is None else fresh(AcMeter(told["ac"]), self.age_s),
            dc_meter=Seen() if told["dc"] is None else fresh(DcMeter(told["dc"]), self.age_s),
        )

    def begin(self) -> None:
        """A charge of bay 1 begins at 21 %."""
        self.follow(START, STARTED, orders={1: "4"})
        self.charge(0.5, 21.0)
        self.follow(START + timedelta(seconds=5))

    def charge(self, kwh: float, soc: float) -> None:
        self.bays[1] = {"ac": 1000.0 + kwh / 0.94, "dc": 900.0 + kwh, "charger": kwh, "soc": soc}


def fresh(value: Any, age_s: float = 0.0) -> Seen[Any]:
    return Seen(value, age_s, Quality.GOOD)


def of(kind: type[Record], records: list[Record]) -> list[Any]:
    return [record for record in records if isinstance(record, kind)]


def test_counters_are_read_at_begin_quarters_and_end(tmp_path: Any) -> None:
    station = Station(tmp_path)
    (first,) = station.follow(START, STARTED)
    assert first == EnergyRead(100_000.0, (BayReading(1, "B1", 1000.0, 900.0, 5.0, None, 20.0),))
    station.charge(0.5, 21.0)
    (heard,) = station.follow(START + timedelta(seconds=5))
    assert isinstance(heard, EnergyRead)
    assert heard.bays[0].soc_pct == 21.0
    assert station.follow(START + timedelta(minutes=9)) == []
    station.charge(40.0, 35.0)
    (hourly,) = station.follow(local("2026-07-01T18:00"))
    assert isinstance(hourly, EnergyRead)
    assert [reading.bay for reading in hourly.bays] == [1, 2, 3]
    station.charge(80.0, 45.0)
    (quarter,) = station.follow(local("2026-07-01T18:15"))
    assert isinstance(quarter, EnergyRead)
    assert [reading.bay for reading in quarter.bays] == [1]
    station.charge(170.0, 79.0)
    told = station.follow(local("2026-07-01T18:25"), ENDED)
    (settled,) = of(ChargeSettled, told)
    settlement = settled.settlement
    assert (settlement.counter, settlement.start_soc_pct, settlement.end_soc_pct) == (Counter.DC_METER, 21.0, 80.0)
    assert settlement.dc_kwh == 170.0
    assert of(EnergyCaseOpened, told) == []


def test_meters_that_are_polled_slowly_are_waited_for(tmp_path: Any) -> None:
    station = Station(tmp_path)
    station.begin()
    station.charge(160.0, 79.0)
    station.bays[1]["charger"] = 170.0
    station.age_s = 3.0
    assert of(ChargeSettled, station.follow(START + timedelta(minutes=9), ENDED)) == []
    station.now_s, station.age_s = 2.0, 5.0
    assert station.follow(START + timedelta(minutes=9, seconds=2)) == []
    station.charge(170.0, 80.0)
    station.now_s, station.age_s = 3.0, 1.0
    read, settled = station.follow(START + timedelta(minutes=9, seconds=3))
    assert isinstance(read, EnergyRead)
    assert isinstance(settled, ChargeSettled)
    assert settled.settlement.dc_kwh == 170.0
    assert settled.settlement.ended_at == START + timedelta(minutes=9)


def test_meters_that_do_not_come_are_not_waited_for_long(tmp_path: Any) -> None:
    station = Station(tmp_path)
    station.begin()
    station.charge(160.0, 79.0)
    station.age_s = 3.0
    station.follow(START + timedelta(minutes=9), ENDED)
    station.now_s, station.age_s = 21.0, 30.0
    (settled,) = of(ChargeSettled, station.follow(START + timedelta(minutes=9, seconds=21)))
    assert settled.settlement.dc_kwh == 160.0


def test_a_charge_that_ended_and_was_not_settled_before_a_restart_is_settled(tmp_path: Any) -> None:
    readings = tuple(
        TimedReading(START + timedelta(hours=hour), BayReading(1, "B1", 1000.0, 900.0 + 170.0 * hour, soc_pct=20.0))
        for hour in (0, 1)
    )
    station = Station(tmp_path)
    station.ledger = EnergyLedger(station.config, lambda: None, ended=[OpenCharge("B1", 1, readings)])
    (settled,) = of(ChargeSettled, station.follow(START + timedelta(hours=2)))
    assert (settled.settlement.dc_kwh, settled.settlement.ended_at) == (170.0, START + timedelta(hours=1))


def test_a_silent_bms_leaves_the_soc_on_record(tmp_path: Any) -> None:
    station = Station(tmp_path)
    station.follow(START, STARTED)
    (settled,) = of(ChargeSettled, station.follow(START + timedelta(minutes=5), replace(ENDED, soc_pct=None)))
    assert (settled.settlement.start_soc_pct, settled.settlement.end_soc_pct) == (20.0, None)


def test_an_end_without_a_begin_settles_nothing(tmp_path: Any) -> None:
    assert Station(tmp_path).follow(START, ENDED) == []


def test_a_charge_that_was_never_seen_to_end_is_settled_by_what_was_read(tmp_path: Any) -> None:
    station = Station(tmp_path)
    station.follow(START, STARTED)
    station.charge(40.0, 35.0)
    station.follow(START + timedelta(seconds=3))
    (settled,) = of(ChargeSettled, station.follow(START + timedelta(minutes=7), STARTED))
    assert settled.settlement.started_at == START
    assert settled.settlement.dc_kwh == 40.0


def test_a_clock_that_was_set_back_does_not_turn_the_readings_round(tmp_path: Any) -> None:
    station = Station(tmp_path)
    station.follow(START, STARTED)
    station.charge(10.0, 24.0)
    told = station.follow(START - timedelta(hours=1), ENDED)
    (settled,) = of(ChargeSettled, told)
    assert (settled.settlement.ended_at, settled.settlement.dc_kwh) == (START, 10.0)


def test_a_charge_goes_on_with_the_readings_of_before_a_restart(tmp_path: Any) -> None:
    before = TimedReading(START, BayReading(1, "B1", 1000.0, 900.0, 0.0, None, 20.0))
    station = Station(tmp_path)
    station.ledger = EnergyLedger(station.config, lambda: None, [OpenCharge("B1", 1, (before,), "4", soc_told=True)])
    station.charge(170.0, 80.0)
    (settled,) = of(ChargeSettled, station.follow(START + timedelta(hours=1), ENDED))
    assert (settled.settlement.started_at, settled.settlement.dc_kwh) == (START, 170.0)


def test_a_mismatch_opens_one_case_with_the_evidence(tmp_path: Any) -> None:
    station = Station(tmp_path)
    station.begin()
    station.charge(170.0, 80.0)
    station.bays[1]["charger"] = 100.0
    told = station.follow(START + timedelta(hours=1), replace(ENDED, soc_pct=60.0))
    (opened,) = of(EnergyCaseOpened, told)
    case = opened.case
    assert (case.kind, case.subject, case.battery) == (BalanceKind.COUNTERS, "bay-1", "B1")
    assert [wrong["kind"] for wrong in case.evidence["wrong"]] == ["counters", "battery"]
    assert [reading["reading"]["dc_meter_kwh"] for reading in case.evidence["readings"]] == [900.0, 900.5, 1070.0]
    assert case.evidence["order"] == "4"
    assert case.evidence["accuracy"]["dc_meter_class_pct"] == 1.0
    assert case.evidence["meters"] == {"site_address": "1", "site_kwh": 100_000.0}


RECORD = ChargeRecord("C1", 1, "4", None, None, 3600, 170.0, 20.0, 80.0, 900.0, 1070.0, 0)


def test_a_chargers_record_is_written_down_once_and_compared(tmp_path: Any) -> None:
    station = Station(tmp_path)
    station.begin()
    station.charge(170.0, 80.0)
    station.follow(START + timedelta(minutes=9), ENDED)
    short = replace(RECORD, energy_kwh=120.0)
    told = station.follow(START + timedelta(minutes=9, seconds=1), offered={1: short})
    assert told[0] == ChargerRecorded(1, short)
    (opened,) = of(EnergyCaseOpened, told)
    assert opened.case.kind is BalanceKind.CHARGER_RECORD
    assert opened.case.evidence["charger_record"]["energy_kwh"] == 120.0
    assert station.follow(START + timedelta(minutes=9, seconds=2), offered={1: short}) == []
    station.ledger.kept(short)
    assert of(ChargerRecorded, station.follow(START + timedelta(minutes=9, seconds=3))) == []


def test_a_record_that_comes_before_the_end_is_compared_at_the_end(tmp_path: Any) -> None:
    station = Station(tmp_path)
    station.begin()
    station.charge(170.0, 80.0)
    early = station.follow(START + timedelta(minutes=8), offered={1: replace(RECORD, energy_kwh=120.0)})
    assert of(EnergyCaseOpened, early) == []
    (opened,) = of(EnergyCaseOpened, station.follow(START + timedelta(minutes=9), ENDED))
    assert [wrong["kind"] for wrong in opened.case.evidence["wrong"]] == ["charger_record", "charger_record"]


def test_a_record_of_another_order_is_kept_and_not_compared(tmp_path: Any) -> None:
    station = Station(tmp_path)
    station.begin()
    station.charge(170.0, 80.0)
    station.follow(START + timedelta(minutes=9), ENDED)
    told = station.follow(START + timedelta(minutes=9), offered={1: replace(RECORD, order_id="3", energy_kwh=1.0)})
    assert told == [ChargerRecorded(1, replace(RECORD, order_id="3", energy_kwh=1.0))]


def test_a_day_of_the_site_whose_bays_took_more_than_it_got_opens_a_case(tmp_path: Any) -> None:
    station = Station(tmp_path)
    station.ledger = EnergyLedger(
        station.config, lambda: None, day=SiteDay(START.date(), 99_500.0, {1: 0.0, 2: 990.0, 3: 990.0})
    )
    assert station.follow(local("2026-07-01T23:59")) == []
    told = station.follow(local("2026-07-02T00:00"))
    (opened,) = of(EnergyCaseOpened, told)
    assert (opened.case.kind, opened.case.subject) == (BalanceKind.SITE, "site")
    assert opened.case.difference_kwh == 500.0 - 1020.0
    assert opened.case.evidence["bays_ac_kwh"] == {"1": 1000.0, "2": 10.0, "3": 10.0}
    assert opened.case.evidence["day"] == "2026-07-01"
    assert of(EnergyCaseOpened, station.follow(local("2026-07-02T00:15"))) == []


def test_a_silent_site_meter_puts_the_balance_off(tmp_path: Any) -> None:
    station = Station(tmp_path)
    station.ledger = EnergyLedger(station.config, lambda: None, day=SiteDay(START.date(), 99_500.0, {1: 0.0}))
    station.follow(local("2026-07-01T23:59"))
    station.site_kwh = None
    assert of(EnergyCaseOpened, station.follow(local("2026-07-02T00:00"))) == []
    station.site_kwh = 100_000.0
    assert len(of(EnergyCaseOpened, station.follow(local("2026-07-02T00:15")))) == 1
