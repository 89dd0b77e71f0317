"""How bays, charges and swaps look to the platform (interop.md 1.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.platform_settings import Cabinet
from swapstation.energy.tariff import Price, Stretch
from swapstation.energy.tariff_table import Period
from swapstation.errors import InputError
from swapstation.model.device import Charger, ChargerState, Presence
from swapstation.model.fire import FireReaction, FireState
from swapstation.model.inventory import Hold, HoldKind, PositionExchange, Swap, SwapResult
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import BayState, Snapshot
from swapstation.supervision.codes import ConnectorStatus, DisputeReason, StationType, SuccStat
from swapstation.supervision.mapping.orders import charge_order, disputes, station_stats, stop_reason
from swapstation.supervision.mapping.places import Places, order_number, places_of
from swapstation.supervision.mapping.policy import NO_POLICY, policy_answer
from swapstation.supervision.mapping.states import connector_states
from swapstation.supervision.mapping.station import station_info, stations_answer
from swapstation.supervision.mapping.swaps import swap_records
from swapstation.supervision.messages import StationsQuestion
from swapstation.supervision.order_messages import CheckedOrder, PolicyQuestion
from swapstation.supervision.wire_fields import Spelling, write_message
from tests.energy.tariffs import tariff
from tests.server import station_sample
from tests.supervision.sample import OPERATOR, config, platform, settlement

STATION = "00000000001409810001"
START = datetime(2026, 7, 1, 9, 12, 34, 560_000, tzinfo=UTC)


PLACES = Places(
    STATION,
    ((f"{STATION}001", Cabinet((1, 2, 3, 4), "示例厂", "M-1")), (f"{STATION}002", Cabinet((5, 6, 7, 8)))),
    {bay: f"{STATION}000{1 if bay < 5 else 2}{bay:02d}" for bay in range(1, 9)},
)


@pytest.fixture
def snapshot() -> Snapshot:
    return station_sample.station()


def status(tmp_path: Path, snapshot: Snapshot, number: int) -> ConnectorStatus:
    return connector_states(places_of(config(tmp_path), platform(tmp_path)), snapshot)[number].status


def changed(snapshot: Snapshot, number: int, change: Callable[[BayState], BayState]) -> Snapshot:
    return replace(snapshot, bays=tuple(change(bay) if bay.number == number else bay for bay in snapshot.bays))


def test_ids_are_built_from_station_cabinet_and_bay(tmp_path: Path) -> None:
    places = places_of(config(tmp_path), platform(tmp_path))
    assert places == PLACES
    assert places.station == STATION
    assert [name for name, _ in places.cabinets] == [f"{STATION}001", f"{STATION}002"]
    assert (places.connectors[1], places.connectors[8]) == (f"{STATION}000101", f"{STATION}000208")
    assert all(len(each) == 26 for each in places.connectors.values())
    assert 9 not in places.connectors, "the isolation place is no connector"
    assert (places.bay(f"{STATION}000208"), places.bay(f"{STATION}000209")) == (8, None)


def test_station_info_can_be_sent(tmp_path: Path) -> None:
    info = station_info(config(tmp_path), platform(tmp_path))
    written = write_message(info, Spelling())
    assert (info.kind, written["StationType"], written["SupportOrder"]) == (StationType.LOGISTICS, 102, 1)
    assert [len(each["ConnectorInfos"]) for each in written["EquipmentInfos"]] == [4, 4]
    assert written["EquipmentInfos"][0]["Power"] == Decimal("1000.0")
    assert written["StationLng"] == Decimal("112.733000")


def test_a_station_is_told_again_only_after_it_changed(tmp_path: Path) -> None:
    info, changed_at = station_info(config(tmp_path), platform(tmp_path)), START
    assert stations_answer(info, StationsQuestion(), changed_at).stations == (info,)
    assert stations_answer(info, StationsQuestion(START - timedelta(days=1)), changed_at).total == 1
    assert stations_answer(info, StationsQuestion(START + timedelta(days=1)), changed_at).total == 0
    assert stations_answer(info, StationsQuestion(None, 2), changed_at).stations == ()


def test_states_of_the_sample(tmp_path: Path, snapshot: Snapshot) -> None:
    """Bays 3, 5 and 7 charge, 4 is empty, the swap holds bay 1, a booking holds bay 8."""
    states = connector_states(places_of(config(tmp_path), platform(tmp_path)), snapshot)
    assert [n for n, state in states.items() if state.status is ConnectorStatus.CHARGING] == [3, 5, 7]
    assert [n for n, state in states.items() if state.status is ConnectorStatus.RESERVED] == [1, 8]
    free = replace(snapshot, inventory=replace(snapshot.inventory, holds=()))
    assert status(tmp_path, free, 4) is ConnectorStatus.IDLE
    assert status(tmp_path, free, 1) is ConnectorStatus.OCCUPIED


def test_nothing_known_is_offline(tmp_path: Path, snapshot: Snapshot) -> None:
    states = connector_states(places_of(config(tmp_path), platform(tmp_path)), None)
    assert {state.status for state in states.values()} == {ConnectorStatus.OFFLINE}
    silent = changed(snapshot, 3, lambda bay: replace(bay, io=Seen(bay.io.value, 9.0, Quality.STALE)))
    assert status(tmp_path, silent, 3) is ConnectorStatus.OFFLINE


def charger(state: ChargerState) -> Callable[[BayState], BayState]:
    seen = station_sample.good(Charger(state, 640.0, 10.0, 1.0, 50.0, 0, True))
    return lambda bay: replace(bay, charging="charger", charger=seen)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (ChargerState.CHARGING, ConnectorStatus.CHARGING),
        (ChargerState.PAUSED, ConnectorStatus.OCCUPIED),
        (ChargerState.DISCHARGING, ConnectorStatus.OCCUPIED),
        (ChargerState.FAULT, ConnectorStatus.FAULT),
    ],
)
def test_states_of_a_charger(
    tmp_path: Path, snapshot: Snapshot, state: ChargerState, expected: ConnectorStatus
) -> None:
    assert status(tmp_path, changed(snapshot, 3, charger(state)), 3) is expected


def test_what_is_out_of_order_is_a_fault_whatever_else_it_does(tmp_path: Path, snapshot: Snapshot) -> None:
    io = snapshot.bay(3).io.good
    assert io is not None
    locked = replace(snapshot.inventory, holds=(Hold("H", HoldKind.LOCK_OUT, place="bay-3"),))
    smoke, torn = (
        changed(snapshot, 3, lambda bay, told=told: replace(bay, io=station_sample.good(told)))  # type: ignore[misc]
        for told in (replace(io, smoke=True), replace(io, presence=Presence.CONTRADICTION))
    )
    fire = replace(snapshot, fire=FireState(FireReaction(("FIRE@bay-2",), stopped_bays=(2, 3))))
    for each in (replace(snapshot, inventory=locked), smoke, torn, fire):
        assert status(tmp_path, each, 3) is ConnectorStatus.FAULT
    assert status(tmp_path, fire, 5) is ConnectorStatus.CHARGING
    burns = replace(snapshot, fire=FireState(FireReaction(confirmed=True)))
    assert status(tmp_path, burns, 5) is ConnectorStatus.FAULT


def test_a_charge_becomes_an_order_whose_sums_agree(tmp_path: Path) -> None:
    """Two hours across the begin of the sharp period on a summer evening."""
    told = settlement(3, START.replace(minute=0, second=0), tariff(tmp_path), hours=2.0, energy_kwh=170.03)
    order = charge_order(OPERATOR, places_of(config(tmp_path), platform(tmp_path)), told, ["soc_reached"])
    assert order.energy_kwh == Decimal("170.03")
    assert order.period_count == len(order.details) == 2
    assert order.total_yuan == order.electricity_yuan + order.service_yuan
    assert sum(item.electricity_yuan for item in order.details) == order.electricity_yuan
    written = write_message(order, Spelling())
    assert written["StopReason"] == 2
    assert len(order.order) == 27


def test_an_order_number_follows_from_the_charge_alone() -> None:
    assert order_number(OPERATOR, 3, START) == "MA0SX0001" + "20260701171234" + "56" + "03"


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 10**9)), unique=True, max_size=50))
def test_order_numbers_differ(charges: list[tuple[int, int]]) -> None:
    numbers = {order_number(OPERATOR, bay, START + timedelta(milliseconds=10 * step)) for bay, step in charges}
    assert len(numbers) == len(charges)


def test_a_charge_without_money_is_no_order(tmp_path: Path) -> None:
    places = places_of(config(tmp_path), platform(tmp_path))
    with pytest.raises(InputError, match="electricity_yuan"):
        charge_order(OPERATOR, places, settlement(3, START, None), [])
    with pytest.raises(InputError, match="energy_kwh"):
        charge_order(OPERATOR, places, replace(settlement(3, START, None), energy_kwh=None), [])


def test_details_that_do_not_add_up_are_no_order(tmp_path: Path) -> None:
    places = places_of(config(tmp_path), platform(tmp_path))
    wrong = replace(settlement(3, START, tariff(tmp_path)), energy_kwh=Decimal("1.00"))
    with pytest.raises(InputError, match="energy_kwh"):
        charge_order(OPERATOR, places, wrong, [])


@pytest.mark.parametrize(
    ("reasons", "code"),
    [
        ((), 5),
        (("end_not_seen",), 5),
        (("soc_reached", "condition_reached"), 2),
        (("soc_reached", "connector_fault"), 4),
        (("bms_stopped", "charger_over_temperature"), 3),
        (("manual",), 0),
        (("condition_reached", "charger_stopped"), 5),
    ],
)
def test_stop_reasons(reasons: tuple[str, ...], code: int) -> None:
    assert stop_reason(reasons) == code


@given(st.lists(st.tuples(st.integers(1, 8), st.decimals(Decimal(0), Decimal(500), places=2)), max_size=40))
def test_sums_of_statistics_agree_level_by_level(charges: list[tuple[int, Decimal]]) -> None:
    places = PLACES
    stats = station_stats(places, charges, date(2026, 7, 1), date(2026, 7, 2))
    for each in stats.equipment:
        assert each.energy_kwh == sum((connector.energy_kwh for connector in each.connectors), Decimal(0))
    assert stats.energy_kwh == sum((each.energy_kwh for each in stats.equipment), Decimal(0))
    assert abs(stats.energy_kwh - sum((kwh for _, kwh in charges), Decimal(0))) <= Decimal("0.4")
    write_message(stats, Spelling())


def test_the_policy_of_a_day(tmp_path: Path) -> None:
    day = datetime(2026, 6, 30, 16, tzinfo=UTC)  # midnight of 1 July in China
    question = PolicyQuestion("PLATFORM1" + "0" * 18, f"{STATION}000101")
    answer = policy_answer(question, tariff(tmp_path).stretches(day, day + timedelta(days=1)))
    assert answer.periods[0].start.isoformat() == "00:00:00"
    assert [each.start.hour for each in answer.periods] == [0, 2, 5, 6, 8, 10, 15, 18, 21]
    assert (answer.success, answer.period_count) == (SuccStat.OK, 9)
    assert write_message(answer, Spelling({"ServicePrice": "SevicePrice"}))["PolicyInfos"][0]["SevicePrice"] > 0
    nothing = policy_answer(question, ())
    assert (nothing.success, nothing.fail_reason, nothing.periods) == (SuccStat.FAILED, NO_POLICY, ())


@given(st.lists(st.decimals(Decimal("0.1"), Decimal(2), places=4), min_size=96, max_size=96))
def test_a_market_day_keeps_its_mean_in_32_periods(prices: list[Decimal]) -> None:
    day = datetime(2026, 6, 30, 16, tzinfo=UTC)
    quarter = timedelta(minutes=15)
    stretches = [
        Stretch(day + quarter * n, day + quarter * (n + 1), Price(Period.FLAT, price, Decimal("0.3"), "spot"))
        for n, price in enumerate(prices)
    ]
    answer = policy_answer(PolicyQuestion("0" * 27, "1"), stretches)
    assert answer.period_count <= 32
    starts = [each.start for each in answer.periods]
    assert starts == sorted(starts)
    minutes = [start.hour * 60 + start.minute for start in starts] + [1440]
    weighted = zip(answer.periods, minutes, minutes[1:], strict=False)
    parts = [each.electricity_price * (end - begin) for each, begin, end in weighted]
    mean = sum(parts, Decimal(0)) / 1440
    assert abs(mean - sum(prices, Decimal(0)) / 96) < Decimal("0.0002")


def test_disputes_are_what_the_two_sides_have_differently() -> None:
    def order(number: str, kwh: str, yuan: str) -> CheckedOrder:
        return CheckedOrder(number * 27, Decimal(kwh), Decimal(yuan))

    ours = [order("1", "10", "5"), order("2", "10", "5"), order("3", "10", "5"), order("4", "10", "5")]
    theirs = [order("1", "10", "5"), order("2", "10", "6"), order("3", "11", "6"), order("5", "1", "1")]
    found = {each.order[0]: each.reason for each in disputes(theirs, ours)}
    assert found == {
        "2": DisputeReason.MONEY,
        "3": DisputeReason.ENERGY,
        "4": DisputeReason.MISSING,
        "5": DisputeReason.MISSING,
    }
    assert disputes(ours, ours) == ()


def test_a_swap_has_a_record_for_every_battery_exchanged(tmp_path: Path) -> None:
    exchanged = (PositionExchange(1, "B001", "T001", 1, 4, 96.04, 21.5), PositionExchange(2, "B002", "T002", 2, 5))
    swap = Swap("S1", station_sample.VIN, "6x4-tractor", "top_lift", "", "", SwapResult.COMPLETED)
    swap = replace(swap, opened_at=START, closed_at=START + timedelta(minutes=5), exchanged=exchanged)
    codes = {name: (station_sample.code(number),) for number, name in enumerate(("B001", "B002", "T001", "T002"))}
    first, second = swap_records(OPERATOR, places_of(config(tmp_path), platform(tmp_path)), swap, codes)
    written = write_message(first, Spelling())
    assert (written["SocIn"], written["SocOut"], written["Result"]) == (Decimal("21.5"), Decimal("96.0"), 0)
    assert first.swap != second.swap
    assert second.codes_in == codes["T002"]
