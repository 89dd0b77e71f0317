"""Questions over hot store and archive: down-sampled as reckoned by hand, and a broken file named, never in the way."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.records.telemetry.archive import path_of
from swapstation.records.telemetry.kinds import DAY_S, KINDS, day_of
from swapstation.records.telemetry.query import Bucket, Window, series_listed, signal, spread
from tests.telemetry.days import AT, DAY, NEXT_S, START_S, archived, cells, pack, with_rows


def _window(first_s: int, last_s: int, buckets: int = 500, column: str = "current_a") -> Window:
    start = AT - timedelta(seconds=START_S)
    return Window(
        "pack", "LFP-001", column, start + timedelta(seconds=first_s), start + timedelta(seconds=last_s), buckets
    )


def test_buckets_have_smallest_largest_and_mean_weighted_by_time(tmp_path: Path) -> None:
    told = [(0, 100.0), (1, 300.0), (4, 50.0), (12, 10.0), (13, 20.0)]
    with_rows(tmp_path, *(pack(START_S + t, current_a=value) for t, value in told), pack(START_S, "LFP-002", 999.0))
    found = signal(tmp_path, _window(START_S, START_S + 20, buckets=2))
    assert found.bucket_s == 10
    mean = (100 * 1 + 300 * 3 + 50 * 8) / 12
    second = AT + timedelta(seconds=10)
    assert found.buckets == (Bucket(AT, 50.0, 300.0, mean, 3), Bucket(second, 10.0, 20.0, 15.0, 2))


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(st.integers(0, 2 * DAY_S - 1), st.integers(-300, 300), min_size=1, max_size=30), st.integers(1, 40)
)
def test_archived_and_hot_days_answer_alike(
    tmp_path_factory: pytest.TempPathFactory, told: dict[int, int], buckets: int
) -> None:
    folder = tmp_path_factory.mktemp("alike")
    store = with_rows(folder, *(pack(START_S + t, current_a=float(value)) for t, value in told.items()))
    asked = _window(START_S, START_S + 2 * DAY_S, buckets)
    hot = signal(folder, asked)
    assert sum(bucket.rows for bucket in hot.buckets) == len(told)
    assert min(bucket.min for bucket in hot.buckets) == min(told.values())
    archived(folder, store)
    assert signal(folder, asked) == hot, "one day in each"
    archived(folder, store, NEXT_S + DAY_S)
    store.prune(NEXT_S + 9 * DAY_S)
    assert signal(folder, asked) == hot


def test_a_broken_file_is_left_out_and_named(tmp_path: Path) -> None:
    store = with_rows(tmp_path, pack(START_S), pack(NEXT_S), pack(NEXT_S + DAY_S))
    archived(tmp_path, store, NEXT_S + 2 * DAY_S)
    for damage in (lambda content: content[:-30], lambda content: b"", lambda content: b"\0" * len(content)):
        path = path_of(tmp_path, "pack", day_of(NEXT_S))
        path.write_bytes(damage(path.read_bytes()))
        found = signal(tmp_path, _window(START_S, NEXT_S + 2 * DAY_S, 3))
        assert [bucket.rows for bucket in found.buckets] == [1, 1]
        assert found.broken == (path.name,)


def test_a_cell_is_asked_for_also_where_a_file_does_not_have_it(tmp_path: Path) -> None:
    store = with_rows(tmp_path, cells(START_S, (3.3, 3.4)), cells(NEXT_S, (3.3, 3.4, 3.5)))
    archived(tmp_path, store, NEXT_S + DAY_S)
    asked = _window(START_S, NEXT_S + DAY_S, 2, "cell_003_v")
    found = signal(
        tmp_path, Window("cells", *(getattr(asked, each) for each in ("series", "column", "first", "last", "buckets")))
    )
    assert [(bucket.at.date(), bucket.max) for bucket in found.buckets] == [(day_of(NEXT_S), 3.5)]
    nothing = Window("cells", "LFP-001", "cell_250_v", asked.first, asked.last)
    assert signal(tmp_path, nothing).buckets == ()


def test_spread_by_month_and_the_series_there_are(tmp_path: Path) -> None:
    store = with_rows(
        tmp_path, cells(START_S, (3.3, 3.4)), cells(START_S + 10, (3.3, 3.6)), cells(START_S, (3.0, 3.9), "X")
    )
    archived(tmp_path, store)
    found = spread(tmp_path, "LFP-001", AT, AT + timedelta(days=1))
    assert [(each.month, each.mean_spread_v, each.max_spread_v, each.rows) for each in found.months] == [
        ("2026-03", 0.2, 0.3, 2)
    ]
    path_of(tmp_path, "cells", DAY).with_suffix(".json").write_text("{")
    assert spread(tmp_path, "LFP-001", AT, AT + timedelta(days=1)).broken == ("cells-2026-03-01.parquet",)
    assert series_listed(tmp_path, KINDS["cells"], AT, AT + timedelta(days=1)) == ("LFP-001", "X")


def test_nothing_was_ever_recorded(tmp_path: Path) -> None:
    assert signal(tmp_path, _window(START_S, NEXT_S)).buckets == ()
    assert spread(tmp_path, "LFP-001", AT, AT + timedelta(days=1)).months == ()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Window("packs", "A", "current_a", AT, AT + timedelta(1)), "kind"),
        (Window("pack", "A", "t; DROP TABLE rows", AT, AT + timedelta(1)), "column"),
        (Window("pack", "A", "phase", AT, AT + timedelta(1)), "column"),
        (Window("pack", "A", "current_a", AT, AT), "first"),
        (Window("pack", "A", "current_a", AT, AT + timedelta(1), 0), "buckets"),
    ],
)
def test_a_wrong_question_is_told(tmp_path: Path, asked: Window, field: str) -> None:
    with pytest.raises(InputError, match=field):
        signal(tmp_path, asked)


def test_a_name_with_a_quote_is_a_name(tmp_path: Path) -> None:
    with_rows(tmp_path, pack(START_S, "it's"))
    asked = _window(START_S, NEXT_S)
    found = signal(tmp_path, Window("pack", "it's", "current_a", asked.first, asked.last))
    assert [bucket.rows for bucket in found.buckets] == [1]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 40) | st.just(1), st.integers(-300, 300)), min_size=1, max_size=60),
    st.integers(1, 50),
)
def test_means_are_those_of_every_row_held_until_the_next(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[int, int]], width_s: int
) -> None:
    """Even and uneven buckets beside each other: each value is held until the next, at most `idle_s`, the last 1 s."""
    folder = tmp_path_factory.mktemp("held")
    at_s = list(accumulate(pause for pause, _ in told))
    values = [value for _, value in told]
    with_rows(folder, *(pack(START_S + t, current_a=float(value)) for t, value in zip(at_s, values, strict=True)))
    held_s = [min(after - t, KINDS["pack"].idle_s) for t, after in pairwise(at_s)] + [1]
    expected: dict[int, tuple[int, int]] = {}
    for t, value, weight in zip(at_s, values, held_s, strict=True):
        total, weights = expected.get(t // width_s, (0, 0))
        expected[t // width_s] = (total + value * weight, weights + weight)
    buckets = at_s[-1] // width_s + 1
    found = signal(folder, _window(START_S, START_S + buckets * width_s, buckets)).buckets
    assert [round(each.mean, 6) for each in found] == [
        round(total / weights, 6) for _, (total, weights) in sorted(expected.items())
    ]
