"""Allocation: the fullest ready battery, the truck's own booking first, and a bay that everything calls empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from swapstation.model.device import Presence
from swapstation.model.inventory import Battery, Hold, HoldKind, PositionExchange
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot
from swapstation.station.selection import allocate, battery_soc_pct, empty_bays, ready_bays, ready_set
from tests.station.situations import (
    MODEL,
    OTHER_VIN,
    VIN,
    battery,
    config,
    device,
    situation,
    snapshot,
    with_battery,
    with_bay,
    with_device,
    with_value,
)

(TRUCK,) = config().truck_models


def _socs(bay_1_pct: float | None, bay_2_pct: float | None) -> Snapshot:
    return with_battery(with_battery(snapshot(), "B1", soc_pct=bay_1_pct), "B2", soc_pct=bay_2_pct)


def _ready(now: Snapshot, vin: str | None = None) -> list[int]:
    return [bay.number for bay in ready_bays(situation(now), MODEL, vin)]


def _held(now: Snapshot, *holds: Hold) -> Snapshot:
    return replace(now, inventory=replace(now.inventory, holds=holds))


def _returned(now: Snapshot) -> Battery:
    returned = now.inventory.battery("B3")
    assert returned is not None
    return returned


def _allocated(now: Snapshot, vin: str = VIN) -> tuple[str, str, int, int] | None:
    return _one(allocate(situation(now), [_returned(now)], TRUCK, vin))


def _one(chosen: tuple[PositionExchange, ...]) -> tuple[str, str, int, int] | None:
    """Fresh, returned, from bay, to bay of the one position; None when there is nothing."""
    if not chosen:
        return None
    (each,) = chosen
    return each.fresh, each.returned, each.from_bay, each.to_bay


@pytest.mark.parametrize(
    ("bay_1_pct", "bay_2_pct", "ready"),
    [(95.0, 99.0, [2, 1]), (99.0, 95.0, [1, 2]), (95.0, 95.0, [1, 2]), (89.9, 90.0, [2]), (None, 50.0, [])],
)
def test_ready_batteries_come_fullest_first(bay_1_pct: float | None, bay_2_pct: float | None, ready: list[int]) -> None:
    assert _ready(_socs(bay_1_pct, bay_2_pct)) == ready


@pytest.mark.parametrize(("age_s", "soc_pct"), [(0.1, 40.0), (4.9, 40.0), (5.0, 98.0), (None, 98.0)])
def test_the_bms_outranks_the_record_while_it_is_fresh(age_s: float | None, soc_pct: float) -> None:
    now = with_value(snapshot(), "1.charge", lambda charge: replace(charge, soc_pct=40.0, bms_age_s=age_s))
    (recorded,) = [each for each in now.inventory.batteries if each.battery == "B1"]
    assert battery_soc_pct(now.bay(1), recorded) == soc_pct


@pytest.mark.parametrize(
    "unsound",
    [
        lambda now: with_battery(now, "B1", quarantined=True),
        lambda now: with_battery(now, "B1", doubtful=True),
        lambda now: with_battery(now, "B1", model="NMC-999"),
        lambda now: with_device(now, "1.io", Seen()),
        lambda now: with_value(now, "1.io", lambda io: replace(io, presence=Presence.EMPTY)),
        lambda now: with_value(now, "1.io", lambda io: replace(io, smoke=True)),
        lambda now: with_value(now, "1.charge", lambda charge: replace(charge, serial=77)),
        lambda now: with_bay(now, 1, isolation=True),
        lambda now: with_bay(now, 1, battery=None),
    ],
    ids=[
        "quarantined",
        "doubtful",
        "model",
        "no data",
        "sensed empty",
        "smoke",
        "another battery",
        "isolation",
        "empty",
    ],
)
def test_a_battery_with_any_doubt_is_not_ready(unsound: Callable[[Snapshot], Snapshot]) -> None:
    assert _ready(unsound(snapshot())) == [2]


def test_a_booked_battery_is_first_for_its_truck_and_for_no_other() -> None:
    now = _held(_socs(99.0, 91.0), Hold("B", HoldKind.BOOKING, battery="B2", vin=VIN))
    assert _ready(now, VIN) == [2, 1]
    assert _ready(now, OTHER_VIN) == [1]
    assert _ready(now) == [1]


@pytest.mark.parametrize("kind", [HoldKind.SWAP, HoldKind.LOCK_OUT])
def test_a_battery_held_for_another_reason_is_for_nobody(kind: HoldKind) -> None:
    assert _ready(_held(snapshot(), Hold("H", kind, battery="B1", vin=VIN)), VIN) == [2]


def test_the_lowest_empty_bay_is_chosen_never_the_isolation_place() -> None:
    now = with_bay(snapshot(), 1, battery=None, io=device(snapshot(), "3.io"))
    assert [bay.number for bay in empty_bays(situation(now))] == [1, 3]
    assert [bay.number for bay in empty_bays(situation(now), isolation=True)] == [9]


@pytest.mark.parametrize(
    "taken",
    [
        lambda now: with_value(now, "3.io", lambda io: replace(io, presence=Presence.CONTRADICTION)),
        lambda now: with_value(now, "3.io", lambda io: replace(io, presence=Presence.PRESENT)),
        lambda now: with_value(now, "3.io", lambda io: replace(io, smoke=True)),
        lambda now: with_value(now, "3.io", lambda io: replace(io, temperature_c=None)),
        lambda now: with_value(now, "3.io", lambda io: replace(io, temperature_c=60.1)),
        lambda now: with_device(now, "3.io", Seen()),
        lambda now: with_bay(now, 3, battery="B7"),
        lambda now: _held(now, Hold("H", HoldKind.LOCK_OUT, place="bay-3")),
    ],
    ids=["contradiction", "sensed", "smoke", "no temperature", "hot", "no data", "on record", "held"],
)
def test_a_bay_with_any_doubt_takes_no_battery(taken: Callable[[Snapshot], Snapshot]) -> None:
    assert empty_bays(situation(taken(snapshot()))) == []
    assert _allocated(taken(snapshot())) is None


def test_an_allocation_names_both_batteries_and_both_bays() -> None:
    assert _allocated(_socs(97.0, 99.0)) == ("B2", "B3", 2, 3)


def test_a_quarantined_battery_goes_to_the_isolation_place() -> None:
    assert _allocated(with_battery(snapshot(), "B3", quarantined=True)) == ("B1", "B3", 1, 9)


def test_without_a_free_isolation_place_a_quarantined_battery_stays() -> None:
    full = with_bay(with_battery(snapshot(), "B3", quarantined=True), 9, battery="B8")
    assert _allocated(full) is None


@pytest.mark.parametrize(
    "taken",
    [
        lambda now: with_bay(now, 9, battery="B8"),
        lambda now: with_value(now, "9.io", lambda io: replace(io, presence=Presence.PRESENT)),
        lambda now: with_value(now, "9.io", lambda io: replace(io, smoke=True)),
        lambda now: with_device(now, "9.io", Seen()),
        lambda now: _held(now, Hold("L", HoldKind.LOCK_OUT, place="isolation")),
    ],
    ids=["on record", "sensed", "smoke", "no data", "locked out"],
)
def test_nothing_is_allocated_while_no_battery_could_be_isolated(taken: Callable[[Snapshot], Snapshot]) -> None:
    now = taken(snapshot())
    assert _allocated(now) is None
    without = situation(now)
    without = replace(without, config=replace(without.config, swap_without_isolation=True))
    assert _one(allocate(without, [_returned(now)], TRUCK, VIN)) == ("B1", "B3", 1, 3)


def test_the_running_swap_s_own_hold_does_not_take_the_isolation_place() -> None:
    assert _allocated(_held(snapshot(), Hold("S1:isolation", HoldKind.SWAP, place="isolation"))) is not None


def test_a_battery_in_a_bay_that_is_locked_out_is_not_ready() -> None:
    assert _ready(_held(snapshot(), Hold("L", HoldKind.LOCK_OUT, place="bay-1"))) == [2]


def test_a_person_s_choice_and_the_driver_s_consent_decide() -> None:
    now = situation(_socs(97.0, 60.0))
    assert [bay.number for bay in ready_bays(now, MODEL, VIN, least_soc_pct=60.0)] == [1, 2]
    assert [bay.number for bay in ready_set(now, TRUCK, VIN, "B2", 60.0)] == [2]
    assert ready_set(now, TRUCK, VIN, "B2") == ()
    assert ready_set(now, TRUCK, VIN, "B2", 60.1) == ()


def test_without_a_ready_battery_nothing_is_allocated() -> None:
    assert _allocated(_socs(50.0, 50.0)) is None
    other = replace(TRUCK, battery_model="NMC-999")
    assert allocate(situation(snapshot()), [battery(3, f"truck:{VIN}")], other, VIN) == ()
