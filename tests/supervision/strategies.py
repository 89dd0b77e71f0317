"""Any message of the dialect, made from the kinds of its fields."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from swapstation.supervision.wire_fields import Clock, Code, Day, Kind, Listed, Moment, Number, Part, Text, Whole

_LETTERS = st.characters(codec="utf-8")


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Any value that a field of this kind may hold."""
    match kind:
        case Text():
            return st.text(_LETTERS, min_size=max(kind.least, 1), max_size=min(kind.most, 30) or 1)
        case Whole():
            return st.integers(kind.low, kind.high)
        case Code():
            return st.sampled_from(list(kind.codes))
        case Number():
            return st.decimals(kind.low, min(kind.high, Decimal(10**6)), places=kind.places)
        case Moment():
            whole = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
            return whole.map(lambda at: at.replace(microsecond=0))
        case Day():
            return st.dates(date(2020, 1, 1), date(2035, 1, 1))
        case Clock():
            return st.builds(time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
        case Listed():
            return st.lists(values(kind.each), max_size=3).map(tuple)
        case Part():
            return messages(kind.kind)
    raise AssertionError(kind)


def messages(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any message of a kind."""
    parts = {}
    for each in dataclasses.fields(kind):
        value = values(each.metadata["wire"][1])
        parts[each.name] = value if each.default is dataclasses.MISSING else st.just(each.default) | value
    return st.builds(kind, **parts)
