"""The choice of a set: SOC near to each other, as full as possible, one empty bay for the batteries that come off."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.settings import Exchange
from swapstation.model.inventory import Hold, HoldKind, PositionExchange
from swapstation.model.snapshot import Snapshot
from swapstation.station.selection import allocate, choose_set, ready_set
from swapstation.station.situation import Situation
from tests.station import several
from tests.station.situations import AT, VIN, swap, with_battery, with_value

socs = st.dictionaries(st.integers(1, 30), st.integers(0, 100).map(float), max_size=8)
counts = st.integers(1, 3)
spreads = st.sampled_from([0.0, 1.0, 5.0, 30.0, 100.0])


@given(charged=socs, count=counts, spread_pct=spreads, data=st.data())
def test_a_set_is_the_fullest_of_all_that_lie_near_enough(
    charged: dict[int, float], count: int, spread_pct: float, data: st.DataObject
) -> None:
    wanted = data.draw(st.sets(st.sampled_from(sorted(charged)), max_size=count)) if charged else set()
    near = [
        each
        for each in combinations(charged, count)
        if wanted <= set(each)
        and max(map(charged.__getitem__, each)) - min(map(charged.__getitem__, each)) <= spread_pct
    ]
    chosen = choose_set(charged, count, spread_pct, wanted)
    assert bool(chosen) == bool(near)
    if chosen:
        assert len(set(chosen)) == count
        assert wanted <= set(chosen)
        picked = [charged[bay] for bay in chosen]
        assert max(picked) - min(picked) <= spread_pct
        assert min(picked) == max(min(charged[bay] for bay in each) for each in near)


@given(charged=socs, count=counts, spread_pct=spreads)
def test_the_choice_does_not_depend_on_the_order_of_the_bays(
    charged: dict[int, float], count: int, spread_pct: float
) -> None:
    turned = dict(reversed(charged.items()))
    assert choose_set(charged, count, spread_pct) == choose_set(turned, count, spread_pct)


def _situation(now: Snapshot, positions: int = 2) -> Situation:
    opened = swap(allocated=False)
    stock = replace(now.inventory, swap=opened)
    return Situation(replace(now, inventory=stock), several.config(Exchange.STATION, positions))


def _allocated(now: Situation) -> tuple[PositionExchange, ...]:
    (model,) = now.config.truck_models
    stock = now.snapshot.inventory
    returned = [each for asset in several.OLD[: len(model.positions)] if (each := stock.battery(asset))]
    return allocate(now, returned, model, VIN)


def _socs(now: Snapshot, *soc_pct: float) -> Snapshot:
    """The full batteries of bays 1, 2 and 4 with these SOC."""
    for asset, pct in zip(("B1", "B2", "B5"), soc_pct, strict=True):
        now = with_battery(now, asset, soc_pct=pct)
    return now


@pytest.mark.parametrize(
    ("soc_pct", "fresh"),
    [
        ((99.0, 93.0, 92.0), ["B5", "B2"]),
        ((95.0, 93.0, 92.0), ["B2", "B1"]),
        ((99.0, 91.0, 96.0), ["B5", "B1"]),
        ((99.0, 93.0, 80.0), []),
        ((95.0, 90.0, 80.0), ["B2", "B1"]),
    ],
)
def test_a_pair_lies_within_the_spread_of_the_truck_model(soc_pct: tuple[float, ...], fresh: list[str]) -> None:
    now = _situation(_socs(several.snapshot(Exchange.STATION), *soc_pct))
    assert [each.fresh for each in _allocated(now)] == fresh


def test_the_battery_that_is_booked_or_chosen_is_in_the_set() -> None:
    now = _socs(several.snapshot(Exchange.STATION), 99.0, 96.0, 95.0)
    booked = Hold("B", HoldKind.BOOKING, battery="B5", vin=VIN, created_at=AT)
    held = _situation(replace(now, inventory=replace(now.inventory, holds=(booked,))))
    (model,) = held.config.truck_models
    assert {bay.battery for bay in ready_set(held, model, VIN)} == {"B5", "B2"}
    assert {bay.battery for bay in ready_set(held, model, VIN, "B1")} == {"B1", "B2"}
    assert "B5" not in {bay.battery for bay in ready_set(held, model, "other")}
    far = _situation(_socs(now, 99.0, 96.0, 90.0))
    held_far = replace(far, snapshot=replace(far.snapshot, inventory=replace(far.snapshot.inventory, holds=(booked,))))
    assert {bay.battery for bay in ready_set(held_far, model, VIN)} == {"B1", "B2"}
    assert ready_set(held_far, model, VIN, "B5") == ()


def test_each_old_battery_goes_where_the_fresh_one_before_it_came_from() -> None:
    chosen = _allocated(_situation(several.snapshot(Exchange.STATION, 3), 3))
    assert [(each.position, each.from_bay, each.to_bay) for each in chosen] == [(1, 1, 3), (2, 2, 1), (3, 4, 2)]
    assert len({each.to_bay for each in chosen}) == 3
    assert 9 not in {each.to_bay for each in chosen}


def test_a_bay_that_is_too_hot_takes_no_battery_of_the_chain() -> None:
    """The fresh battery of bay 1 may leave it, but nothing comes in: there is no second empty bay."""
    hot = with_value(several.snapshot(Exchange.STATION), "1.io", lambda io: replace(io, temperature_c=60.5))
    assert [each.to_bay for each in _allocated(_situation(hot))] == []


def test_a_quarantined_battery_of_the_set_goes_to_isolation() -> None:
    now = with_battery(several.snapshot(Exchange.STATION), "B11", quarantined=True)
    assert [each.to_bay for each in _allocated(_situation(now))] == [3, 9]
    both = with_battery(now, "B3", quarantined=True)
    assert _allocated(_situation(both)) == ()


def test_soc_of_both_batteries_is_kept_for_the_record() -> None:
    (first, second) = _allocated(_situation(_socs(several.snapshot(Exchange.STATION), 95.0, 93.0, 70.0)))
    assert {first.fresh_soc_pct, second.fresh_soc_pct} == {93.0, 95.0}
    assert first.returned_soc_pct == 12.0
