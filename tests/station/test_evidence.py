"""Contradictions put batteries in doubt by record, after a short while, once, with what said so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from swapstation.config.settings import Evidence, EvidenceSource
from swapstation.model.device import Presence
from swapstation.model.inventory import truck_place
from swapstation.model.journal import BatteryDoubted
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot
from swapstation.station.draft import Draft
from swapstation.station.evidence import CONTRADICTED_S, contradictions, doubt_contradicted
from swapstation.station.standing import standing_now
from tests.station.situations import (
    MASS_KG,
    VIN,
    draft,
    fresh,
    pack_code,
    robot,
    situation,
    snapshot,
    swap,
    swapping,
    truck,
    with_battery,
    with_device,
    with_value,
)


def doubted(now: Snapshot) -> set[str]:
    return {each.battery for each in contradictions(situation(now))}


def says(now: Snapshot, bay: int, serial: int, maker: str = "999") -> Snapshot:
    return with_value(now, f"{bay}.charge", lambda charge: replace(charge, serial=serial, maker=maker))


def lifted(weighed_kg: float) -> Snapshot:
    """The returned battery hangs from the robot and is not recorded there yet."""
    hanging = fresh(robot(payload=True, gripped=True, weighed_kg=weighed_kg, clear_of_truck=False))
    return swapping("lift", robot=hanging, truck=fresh(truck(battery_present=False, codes=())))


CONTRADICTIONS: dict[str, tuple[Snapshot, set[str]]] = {
    "another BMS": (says(snapshot(), 1, 77), {"B1"}),
    "two exchanged": (says(says(snapshot(), 1, 2), 2, 1), {"B1", "B2"}),
    "a battery recorded elsewhere": (says(with_device(snapshot(), "truck", Seen()), 1, 3), {"B1", "B3"}),
    "one identity twice": (says(snapshot(), 2, 1), {"B1", "B2"}),
    "the same in a bay and on the truck": (says(snapshot(), 1, 3), {"B1", "B3"}),
    "another code on the truck": (snapshot(truck=fresh(truck(codes=(pack_code(66),)))), {"B3"}),
    "the code of a battery in a bay": (snapshot(truck=fresh(truck(codes=(pack_code(2),)))), {"B2", "B3"}),
    "too heavy": (lifted(MASS_KG + 151), {"B3"}),
    "too light": (lifted(MASS_KG - 151), {"B3"}),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_contradiction_names_every_battery_it_is_about(name: str) -> None:
    now, batteries = CONTRADICTIONS[name]
    assert doubted(now) == batteries


QUIET: dict[str, Snapshot] = {
    "as recorded": snapshot(),
    "in a swap": swapping("lift"),
    "BMS without a maker": says(snapshot(), 1, 1, ""),
    "silent BMS": with_device(snapshot(), "1.charge", Seen()),
    "not plugged in": with_value(says(snapshot(), 1, 77), "1.io", lambda io: replace(io, connector_mated=False)),
    "bay empty": with_value(says(snapshot(), 1, 77), "1.io", lambda io: replace(io, presence=Presence.EMPTY)),
    "bay silent": with_device(says(snapshot(), 1, 77), "1.io", Seen()),
    "no codes": snapshot(truck=fresh(truck(codes=()))),
    "no battery": snapshot(truck=fresh(truck(codes=(pack_code(66),), battery_present=False))),
    "allocated: the fresh one is on the truck": swapping("verify", truck=fresh(truck(codes=(pack_code(66),)))),
    "right mass": lifted(MASS_KG + 150),
    "not weighed": lifted(0),
    "serial 0 twice": says(says(with_battery(snapshot(), "B1", codes=(pack_code(0),)), 1, 0), 3, 0),
}


@pytest.mark.parametrize("name", QUIET)
def test_what_says_nothing_or_agrees_contradicts_nothing(name: str) -> None:
    assert doubted(QUIET[name]) == set()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (EvidenceSource.BMS_SERIAL, "another BMS"),
        (EvidenceSource.TRUCK_CODE, "another code on the truck"),
        (EvidenceSource.HOIST_MASS, "too heavy"),
    ],
)
def test_a_source_that_the_station_does_not_declare_puts_nothing_in_doubt(source: EvidenceSource, name: str) -> None:
    now = situation(CONTRADICTIONS[name][0])
    others = tuple(each for each in EvidenceSource if each is not source)
    assert list(contradictions(replace(now, config=replace(now.config, evidence=Evidence(others))))) == []


def _cycle(now: Snapshot, since_s: float | None) -> Draft:
    cycle = draft(now, contradicted=() if since_s is None else (("B1", since_s),))
    doubt_contradicted(cycle)
    return cycle


def test_a_contradiction_is_written_down_once_it_stands_long_enough_with_its_evidence() -> None:
    now = says(snapshot(), 1, 77)
    first = _cycle(now, None)
    assert (first.records, first.memory.contradicted) == ([], (("B1", now.now_s),))
    assert _cycle(now, now.now_s - CONTRADICTED_S + 0.01).records == []
    assert _cycle(now, now.now_s - CONTRADICTED_S).records == [
        BatteryDoubted("B1", "bay-1: record B1, BMS 999 77", ("bms_serial bay-1: 999 77",))
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda now: with_battery(now, "B1", doubtful=True),
        lambda now: replace(now, journal_pending=1),
        lambda now: says(now, 1, 1),
    ],
    ids=["known", "journal pending", "gone"],
)
def test_a_contradiction_is_not_written_twice_nor_after_it_is_gone(change: Callable[[Snapshot], Snapshot]) -> None:
    now = says(snapshot(), 1, 77)
    assert _cycle(change(now), now.now_s - 9.0).records == []


def test_a_contradiction_that_comes_again_begins_anew() -> None:
    assert _cycle(snapshot(), 0.0).memory.contradicted == ()


def test_a_duplicate_is_one_alarm_and_what_is_doubtful_stays_told() -> None:
    twice = standing_now(draft(says(snapshot(), 2, 1)))
    assert [name for name in twice if name.startswith("BATTERY")] == ["BATTERY_IDENTITY_DUPLICATE@bay-1"]
    assert twice["BATTERY_IDENTITY_DUPLICATE@bay-1"].detail == "999 1: bay-1, bay-2"
    told = standing_now(draft(with_battery(snapshot(), "B1", doubtful=True, doubt_reason="stock check")))
    assert told["BATTERY_DOUBTFUL@B1"].detail == "bay-1: stock check"
    away = with_battery(snapshot(), "B1", doubtful=True, place="away:B1")
    assert "BATTERY_DOUBTFUL@B1" not in standing_now(draft(away))


def test_before_the_allocation_the_truck_s_code_counts() -> None:
    stock = snapshot().inventory
    opened = replace(stock, swap=swap("identify", allocated=False))
    assert doubted(swapping(inventory=opened, truck=fresh(truck(codes=(pack_code(66),))))) == {"B3"}
    assert stock.at(truck_place(VIN)) is not None
