"""Rules of the changes people make to the stock record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from swapstation.errors import InputError
from swapstation.inventory.changes import after, answer_change, review
from swapstation.inventory.effect import ChangeRefused, Difference
from swapstation.model.inventory import ROBOT, Battery, Hold, HoldKind, Inventory, Swap
from swapstation.model.request import (
    Accepted,
    CorrectBattery,
    CountedPlace,
    InventoryChange,
    MoveBatteryRecord,
    ReceiveBattery,
    Refused,
    SendBatteryAway,
    StockCheck,
)
from swapstation.model.truck_request import RegisterTruck
from tests.inventory.stock import AT, OTHER_VIN, VIN, pack_code, receive, station_config

TRUCK = f"truck:{VIN}"
STOCK = Inventory(
    batteries=(
        Battery("B1", "LFP-282", (pack_code(1),), "bay-1", 80.0, AT),
        Battery("B2", "LFP-282", (pack_code(2),), "bay-2", doubtful=True),
        Battery("B3", "LFP-282", (pack_code(3),), TRUCK),
        Battery("B4", "LFP-282", (pack_code(4),), "away:B4"),
        Battery("B5", "LFP-282", (pack_code(5),), "away:B5", quarantined=True),
    ),
    places=("away:B4", "away:B5", "bay-1", "bay-2", "bay-3", "isolation", ROBOT, TRUCK),
    trucks=((VIN, "tractor-6x4"),),
)
SWAPPING = replace(
    STOCK,
    holds=(
        Hold("H1", HoldKind.SWAP, battery="B1"),
        Hold("H2", HoldKind.SWAP, place="bay-3"),
        Hold("K1", HoldKind.BOOKING, battery="B2"),
    ),
    swap=Swap("S1", VIN, "tractor-6x4", "top_lift", "hash", "unlock"),
)


def battery_after(change: InventoryChange, stock: Inventory = STOCK) -> Battery:
    """The one battery that a change touches."""
    (battery,) = review(change, stock, AT).batteries
    return battery


def test_a_new_battery_is_received_with_its_soc_and_time() -> None:
    expected = Battery("B9", "LFP-282", (pack_code(9),), "bay-3", 55.0, AT)
    assert battery_after(receive(9, "bay-3", 55.0)) == expected
    assert battery_after(receive(9, "isolation", None)).soc_at is None


def test_a_battery_that_was_sent_away_comes_back() -> None:
    assert battery_after(receive(4, "bay-3")).place == "bay-3"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (receive(1, "bay-3"), "already_here"),
        (receive(5, "bay-3"), "quarantined"),
        (receive(9, "bay-1"), "place_occupied"),
        (receive(9, "bay-77"), "unknown_place"),
        (receive(9, f"truck:{OTHER_VIN}"), "unknown_place"),
        (replace(receive(9, "bay-3"), codes=(pack_code(2),)), "code_in_use"),
        (SendBatteryAway("B9", "service"), "unknown_battery"),
        (SendBatteryAway("B4", "service"), "already_away"),
        (MoveBatteryRecord("B9", "bay-3"), "unknown_battery"),
        (MoveBatteryRecord("B1", "bay-2"), "place_occupied"),
        (MoveBatteryRecord("B4", "bay-3"), "not_here"),
        (CorrectBattery("B9", "typo"), "unknown_battery"),
        (CorrectBattery("B1", "typo", place="bay-2"), "place_occupied"),
        (CorrectBattery("B1", "typo", codes=(pack_code(3),)), "code_in_use"),
        (StockCheck((CountedPlace("bay-77", None),)), "unknown_place"),
    ],
)
def test_a_change_that_contradicts_the_stock_is_refused_with_its_code(change: InventoryChange, code: str) -> None:
    with pytest.raises(ChangeRefused) as refusal:
        review(change, STOCK, AT)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (replace(receive(9, "bay-3"), battery="B 9"), "battery"),
        (replace(receive(9, "bay-3"), codes=()), "codes"),
        (replace(receive(9, "bay-3"), codes=(pack_code(9), pack_code(9))), "codes"),
        (replace(receive(9, "bay-3"), codes=("999PB0A0000001E6K000004O",)), "pack code"),
        (receive(9, "bay-3", 100.1), "soc_pct"),
        (receive(9, "bay-3", float("nan")), "soc_pct"),
        (receive(9, "shelf"), "place"),
        (receive(9, ROBOT), "place"),
        (receive(9, "away:B4"), "place"),
        (SendBatteryAway("B1", " "), "reason"),
        (MoveBatteryRecord("B1", "away:B4"), "place"),
        (CorrectBattery("B1", ""), "reason"),
        (CorrectBattery("B1", "typo", codes=()), "codes"),
        (RegisterTruck("LSWAPTRKIT0000001", "tractor-6x4"), "vin"),
        (StockCheck((CountedPlace("bay-1", None), CountedPlace("bay-1", "B1"))), "place"),
        (StockCheck((CountedPlace("bay-1", "B1"), CountedPlace("bay-2", "B1"))), "battery"),
    ],
)
def test_a_mistake_in_the_input_names_its_field(change: InventoryChange, field: str) -> None:
    with pytest.raises(InputError) as mistake:
        review(change, STOCK, AT)
    assert not isinstance(mistake.value, ChangeRefused)
    assert mistake.value.field == field


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (MoveBatteryRecord("B1", "bay-3"), "battery_held"),
        (SendBatteryAway("B1", "service"), "battery_held"),
        (SendBatteryAway("B2", "service"), "battery_held"),
        (MoveBatteryRecord("B2", "bay-3"), "place_held"),
        (receive(9, "bay-3"), "place_held"),
        (RegisterTruck(VIN, "tractor-6x4"), "swap_open"),
    ],
)
def test_what_the_open_swap_holds_is_left_alone(change: InventoryChange, code: str) -> None:
    with pytest.raises(ChangeRefused) as refusal:
        review(change, SWAPPING, AT)
    assert refusal.value.code == code


def test_only_a_correction_moves_a_battery_that_the_swap_holds_or_that_hangs_on_the_robot() -> None:
    assert (
        battery_after(CorrectBattery("B1", "seen in the isolation place", place="isolation"), SWAPPING).place
        == "isolation"
    )
    hanging = after(STOCK, review(CorrectBattery("B1", "hangs", place=ROBOT), STOCK, AT))
    for change in (MoveBatteryRecord("B1", "bay-3"), SendBatteryAway("B1", "service")):
        with pytest.raises(ChangeRefused) as refusal:
            review(change, hanging, AT)
        assert refusal.value.code == "battery_on_robot"
    assert battery_after(CorrectBattery("B1", "seen in bay 3", place="bay-3"), hanging).place == "bay-3"


def test_a_booked_battery_may_be_moved_by_hand() -> None:
    assert battery_after(MoveBatteryRecord("B2", "isolation"), SWAPPING).place == "isolation"


def test_the_isolation_place_is_kept_for_batteries_in_doubt() -> None:
    with pytest.raises(ChangeRefused) as refusal:
        review(MoveBatteryRecord("B1", "isolation"), STOCK, AT)
    assert refusal.value.code == "isolation_for_doubt"
    assert battery_after(MoveBatteryRecord("B2", "isolation")).place == "isolation"
    assert battery_after(receive(9, "isolation")).quarantined


def test_sending_away_gives_the_battery_a_place_of_its_own() -> None:
    effect = review(SendBatteryAway("B1", "service"), STOCK, AT)
    assert effect.places == ("away:B1",)
    assert effect.batteries[0].place == "away:B1"


def test_a_correction_clears_doubt_but_never_quarantine() -> None:
    stock = replace(STOCK, batteries=tuple(replace(each, quarantined=True, doubtful=True) for each in STOCK.batteries))
    corrected = battery_after(CorrectBattery("B2", "looked", codes=(pack_code(22),), soc_pct=40.0), stock)
    assert (corrected.doubtful, corrected.quarantined) == (False, True)
    assert (corrected.place, corrected.codes, corrected.soc_pct, corrected.soc_at) == (
        "bay-2",
        (pack_code(22),),
        40.0,
        AT,
    )


def test_two_swapped_records_are_put_right_by_way_of_away() -> None:
    stock = STOCK
    for battery, place in (("B1", "away:B1"), ("B2", "bay-1"), ("B1", "bay-2")):
        stock = after(stock, review(CorrectBattery(battery, "records were swapped", place=place), stock, AT))
    assert {each.battery: each.place for each in stock.batteries if each.battery in ("B1", "B2")} == {
        "B1": "bay-2",
        "B2": "bay-1",
    }


def test_a_truck_is_registered_with_a_place_and_a_strange_check_digit_only_warns() -> None:
    effect = review(RegisterTruck(OTHER_VIN, "tractor-6x4"), STOCK, AT)
    assert (effect.places, effect.warnings, effect.trucks[0].vin_warning) == ((f"truck:{OTHER_VIN}",), (), "")
    strange = review(RegisterTruck("LSWAPTRK8T0000001", "tractor-6x4"), STOCK, AT)
    assert "check digit" in strange.warnings[0]
    assert strange.trucks[0].vin_warning == strange.warnings[0]


def test_a_stock_check_marks_both_sides_of_a_difference_and_moves_nothing() -> None:
    counted = (
        CountedPlace("bay-1", "B3"),
        CountedPlace("bay-2", "B2"),
        CountedPlace("bay-3", "B99"),
        CountedPlace("isolation", None),
    )
    effect = review(StockCheck(counted), STOCK, AT)
    assert effect.differences == (Difference("bay-1", "B1", "B3"), Difference("bay-3", None, "B99"))
    assert [(each.battery, each.place, each.doubtful) for each in effect.batteries] == [
        ("B1", "bay-1", True),
        ("B3", TRUCK, True),
    ]


def test_the_answer_carries_differences_warnings_or_the_refusal(tmp_path: Path) -> None:
    config = station_config(tmp_path)

    def answer(change: InventoryChange) -> Accepted | Refused:
        return answer_change("k", change, STOCK, config, AT)

    assert answer(StockCheck((CountedPlace("bay-1", None),))) == Accepted("k", {"bay-1": "recorded B1, counted empty"})
    warned = answer(RegisterTruck("LSWAPTRK8T0000001", "tractor-6x4"))
    assert isinstance(warned, Accepted)
    assert "check digit" in warned.result["warning"]
    refused = answer(MoveBatteryRecord("B1", "bay-2"))
    assert refused == Refused("k", "place_occupied", "place = 'bay-2': occupied by B2")


@pytest.mark.parametrize(
    "change",
    [
        ReceiveBattery("B9", "NMC-1", (pack_code(9),), "bay-3"),
        ReceiveBattery("B9", "LFP-282", (pack_code(8), pack_code(9)), "bay-3"),
        CorrectBattery("B1", "typo", codes=(pack_code(8), pack_code(9))),
        RegisterTruck(OTHER_VIN, "van"),
    ],
)
def test_models_and_pack_counts_must_be_those_of_the_configuration(tmp_path: Path, change: InventoryChange) -> None:
    answer = answer_change("k", change, STOCK, station_config(tmp_path), AT)
    assert isinstance(answer, Refused)
    assert answer.code == "bad_input"
