"""Buckets of a signal, their means weighted by time, with every row read once where the rows come evenly.

A row holds until the next, at most `idle_s`; the last of all holds one period. Where every row of a bucket follows the
one before by one period, all but its last weigh alike, and sums are enough. Only buckets with a gap in them are looked
at again row by row. For a month of a row a second this takes half the time of a window over all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import duckdb

from swapstation.records.telemetry.kinds import Kind

Told = tuple[int, float, float, float, int]
Weighed = tuple[float, int]
"""Sum of value times weight, and sum of weights, of all rows of a bucket but its last."""


def buckets_of(con: duckdb.DuckDBPyConnection, kind: Kind, column: str, first_s: int, width_s: int) -> Iterator[Told]:
    """Number, smallest, largest, mean and rows of each bucket of `rows` (series, t, column) that has any, in order."""
    held = f"SELECT (t - {first_s}) // {width_s} AS bucket, t, {column} AS v FROM rows WHERE {column} IS NOT NULL"
    period = kind.period_s
    found = con.execute(
        f"""SELECT bucket, min(v)::DOUBLE, max(v)::DOUBLE, sum(v)::DOUBLE, count(*), min(t), max(t),
            arg_max(v, t)::DOUBLE,
            max(t) - min(t) = (count(*) - 1) * {period} AND min(t % {period}) = max(t % {period})
        FROM ({held}) GROUP BY bucket ORDER BY bucket"""
    ).fetchall()
    if not found:
        return
    uneven = _weighed(con, held, [row[0] for row in found if not row[-1]], kind.idle_s)
    next_s = [after - last for (*_, last, _, _), (*_, after, _, _, _) in pairwise(found)]
    for (bucket, low, high, total, count, _, _, last_v, _), held_s in zip(found, [*next_s, period], strict=True):
        before, weight = uneven.get(bucket, ((total - last_v) * period, (count - 1) * period))
        last_weight = min(held_s, kind.idle_s)
        yield bucket, low, high, (before + last_v * last_weight) / (weight + last_weight), count


def _weighed(con: duckdb.DuckDBPyConnection, held: str, buckets: Sequence[int], idle_s: int) -> dict[int, Weighed]:
    if not buckets:
        return {}
    rows: list[tuple[Any, ...]] = con.execute(
        f"""SELECT bucket, sum(v * least(after - t, {idle_s}))::DOUBLE, sum(least(after - t, {idle_s}))::BIGINT
        FROM (SELECT bucket, t, v, lead(t) OVER (PARTITION BY bucket ORDER BY t) AS after FROM ({held})
              WHERE bucket IN (SELECT unnest($1))) WHERE after IS NOT NULL GROUP BY bucket""",
        [buckets],
    ).fetchall()
    return {bucket: (total, weight) for bucket, total, weight in rows}
