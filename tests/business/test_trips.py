"""Trips: kept by fleet and id, told again they are replaced; CSV files with every mistake by its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from swapstation.business.trip_file import read_trips
from swapstation.business.trips import keep_trips, trips_between
from swapstation.errors import InputError
from swapstation.model.trip import Trip

AT = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)
VIN = "LFWSRXSJ7M1F00001"
TRIP = Trip("T1", VIN, AT, 31.5, 18.2, "pit")
HEAD = "vin,trip,ended_at,tonnes,distance_km\n"
LINE = f"{VIN},T1,2026-06-11T10:00+08:00,31.5,18.2\n"


def test_a_trip_that_is_told_again_counts_as_told_last(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        assert keep_trips(connection, [TRIP, replace(TRIP, fleet="rail")], "li") == 2
        assert keep_trips(connection, [replace(TRIP, tonnes=30.0), replace(TRIP, trip="T2")], "li") == 1
        kept = trips_between(connection, AT, AT + timedelta(hours=1))
        assert [(each.fleet, each.trip, each.tonnes) for each in kept] == [
            ("pit", "T1", 30.0),
            ("pit", "T2", 31.5),
            ("rail", "T1", 31.5),
        ]
        assert trips_between(connection, AT - timedelta(hours=1), AT) == []
        for wrong, told in (
            ([TRIP, TRIP], "each id once"),
            ([replace(TRIP, tonnes=900.0)], "0 to 200 t"),
            ([replace(TRIP, distance_km=float("nan"))], "0 to 2000 km"),
            ([replace(TRIP, ended_at=AT.replace(year=1))], "a year from"),
        ):
            with pytest.raises(InputError, match=told):
                keep_trips(connection, wrong, "li")


def test_a_file_is_read_with_its_columns_in_any_order() -> None:
    assert read_trips("\ufeff" + HEAD + LINE, "pit") == (TRIP,)
    text = HEAD.replace("\n", ",fleet\n") + LINE.replace("\n", ",rail\n")
    assert read_trips(text, "pit")[0].fleet == "rail"


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("distance_km", "km", "line 1.*must name distance_km too"),
        ("31.5,", "much,", "line 2: tonnes"),
        ("+08:00", "", "line 2: ended_at.*with its zone"),
        ("2026-06-11T", "yesterday", "line 2: ended_at"),
        (VIN, "V1", "line 2: vin"),
        (",T1,", ",,", "line 2: trip"),
    ],
)
def test_every_mistake_names_its_line(right: str, wrong: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_trips((HEAD + LINE).replace(right, wrong, 1))
