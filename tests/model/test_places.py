"""Names of places, and what the inventory answers about them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.model.inventory import (
    MOST_POSITIONS,
    ROBOT,
    Battery,
    Hold,
    HoldKind,
    Inventory,
    PlaceKind,
    away_place,
    bay_place,
    place_kind,
    truck_place,
    truck_places,
)

names = st.text(min_size=1)


@given(number=st.integers(1, 10**6))
def test_a_bay_is_known_by_its_number(number: int) -> None:
    assert place_kind(bay_place(number)) is PlaceKind.BAY
    assert place_kind(bay_place(number, isolation=True)) is PlaceKind.ISOLATION


@given(name=names, vin=names.filter(lambda text: "#" not in text), position=st.integers(1, MOST_POSITIONS))
def test_a_truck_and_a_battery_that_is_away_are_known_by_their_names(name: str, vin: str, position: int) -> None:
    assert place_kind(truck_place(vin, position)) is PlaceKind.TRUCK
    assert place_kind(away_place(name)) is PlaceKind.AWAY
    assert place_kind(ROBOT) is PlaceKind.ROBOT


@given(text=st.text())
def test_every_text_is_a_place_or_refused(text: str) -> None:
    """And a bay's name says its number in one way only, so that two names never mean one bay."""
    try:
        kind = place_kind(text)
    except InputError:
        return
    if kind is PlaceKind.BAY:
        assert bay_place(int(text.removeprefix("bay-"))) == text


@pytest.mark.parametrize(
    "place",
    [
        "",
        "bay",
        "bay-",
        "bay-0",
        "bay-01",
        "bay--1",
        "bay-1 ",
        "bay-x",
        "bay-²",
        "bay-٣",
        "bay:1",
        "truck:",
        "truck:V#1",
        "truck:V#4",
        "truck:V#2#2",
        "truck:#2",
        "Robot",
    ],
)
def test_what_is_no_place_is_refused(place: str) -> None:
    with pytest.raises(InputError, match="place"):
        place_kind(place)


def test_the_first_position_of_a_truck_has_its_name_alone() -> None:
    assert truck_places("VIN") == ("truck:VIN", "truck:VIN#2", "truck:VIN#3")
    assert truck_places("VIN", 1) == (truck_place("VIN"),)


def test_the_inventory_finds_batteries_trucks_and_holds() -> None:
    battery = Battery("B1", "LFP-282", ("code-1", "code-2"), "bay-1")
    on_battery = Hold("H1", HoldKind.BOOKING, battery="B1")
    on_place = Hold("H2", HoldKind.SWAP, place="bay-2")
    stock = Inventory((battery,), trucks=(("VIN", "tractor"),), holds=(on_battery, on_place))
    assert stock.at("bay-1") is stock.battery("B1") is stock.by_code("code-2") is battery
    assert stock.at("bay-2") is stock.battery("B2") is stock.by_code("code-3") is None
    assert (stock.truck_model("VIN"), stock.truck_model("NIV")) == ("tractor", None)
    assert stock.held(battery="B1") is on_battery
    assert stock.held(place="bay-2") is on_place
    assert stock.held() is stock.held(battery="B2") is stock.held(place="bay-1") is None
