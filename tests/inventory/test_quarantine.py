"""Quarantine: one person begins it, only two different named people end it, in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from swapstation.errors import InputError
from swapstation.inventory.changes import after, review
from swapstation.inventory.effect import ChangeRefused
from swapstation.inventory.quarantine import RELEASE_WAITS
from swapstation.model.inventory import Battery, Inventory
from swapstation.model.request import (
    ConfirmRelease,
    CorrectBattery,
    InventoryChange,
    QuarantineBattery,
    ReleaseQuarantine,
    TransferBattery,
)
from tests.inventory.stock import AT
from tests.inventory.test_changes import STOCK

RELEASE, CONFIRM = ReleaseQuarantine("B1", "tested: tight"), ConfirmRelease("B1")


def entered(stock: Inventory, change: InventoryChange, person: str, at: datetime = AT) -> Inventory:
    return after(stock, review(change, stock, at, person))


def b1(stock: Inventory) -> Battery:
    battery = stock.battery("B1")
    assert battery is not None
    return battery


def code(stock: Inventory, change: InventoryChange, person: str, at: datetime = AT) -> str:
    with pytest.raises(ChangeRefused) as refusal:
        entered(stock, change, person, at)
    return refusal.value.code


QUARANTINED = entered(STOCK, QuarantineBattery("B1", "coolant leak"), "li")
ASKED = entered(QUARANTINED, RELEASE, "li")


def test_one_person_begins_a_quarantine_with_a_reason() -> None:
    assert (b1(QUARANTINED).quarantined, b1(QUARANTINED).quarantine_reason) == (True, "coolant leak")
    with pytest.raises(InputError, match="reason"):
        entered(STOCK, QuarantineBattery("B1", " "), "li")


def test_a_first_release_ends_nothing_and_is_seen() -> None:
    battery = b1(ASKED)
    assert battery.quarantined
    assert (battery.release_asked_by, battery.release_reason, battery.release_asked_at) == ("li", "tested: tight", AT)


def test_a_second_person_ends_the_quarantine() -> None:
    ended = b1(entered(ASKED, CONFIRM, "wang", AT + RELEASE_WAITS - timedelta(seconds=1)))
    assert ended == b1(STOCK)


@pytest.mark.parametrize("person", ["li", "LI", " li "])
def test_the_first_person_cannot_be_the_second(person: str) -> None:
    assert code(ASKED, CONFIRM, person) == "same_person"


@pytest.mark.parametrize("late", [RELEASE_WAITS, timedelta(days=30), timedelta(seconds=-1)])
def test_a_release_lapses_and_may_be_asked_for_again(late: timedelta) -> None:
    assert code(ASKED, CONFIRM, "wang", AT + late) == "no_release_waits"
    again = entered(ASKED, RELEASE, "wang", AT + late)
    assert b1(entered(again, CONFIRM, "li", AT + late)).sound


def test_a_new_quarantine_ends_the_release_that_waits() -> None:
    again = entered(ASKED, QuarantineBattery("B1", "smells"), "zhao")
    assert code(again, CONFIRM, "wang") == "no_release_waits"


@pytest.mark.parametrize("person", ["", " ", "console", "Console"])
@pytest.mark.parametrize(("stock", "change"), [(QUARANTINED, RELEASE), (ASKED, CONFIRM)])
def test_only_named_people_release(stock: Inventory, change: InventoryChange, person: str) -> None:
    with pytest.raises(InputError, match="person"):
        entered(stock, change, person)


def test_what_is_not_quarantined_or_waits_already_is_not_released() -> None:
    assert code(STOCK, RELEASE, "li") == "not_quarantined"
    assert code(STOCK, CONFIRM, "li") == "not_quarantined"
    assert code(ASKED, RELEASE, "wang") == "release_waits"


def test_a_correction_keeps_a_quarantine_and_its_reason() -> None:
    corrected = b1(entered(ASKED, CorrectBattery("B1", "typing error", soc_pct=50.0), "wang"))
    assert replace(corrected, soc_pct=80.0) == b1(ASKED)


def test_a_battery_in_doubt_is_not_transferred_to_another_station() -> None:
    transfer = TransferBattery("B1", "station north", "UN 3480, sheet 17")
    assert b1(entered(STOCK, transfer, "li")).place == "away:B1"
    assert code(QUARANTINED, transfer, "li") == "battery_not_quarantined"
    assert code(STOCK, replace(transfer, battery="B2"), "li") == "battery_not_quarantined"
    with pytest.raises(InputError, match="papers"):
        entered(STOCK, replace(transfer, papers=""), "li")
