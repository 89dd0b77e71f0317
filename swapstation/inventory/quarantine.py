"""Rules of quarantine: one person begins it, two different named people end it (own design, reliability invariant 14).

Quarantine is monotone: no other change of the record clears it. A release that waits is visible in the stock record and
lapses after RELEASE_WAITS.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from swapstation.errors import InputError
from swapstation.inventory.effect import ChangeRefused, Effect, Entered, check_reason, known_battery
from swapstation.model.inventory import Battery, Inventory
from swapstation.model.person import is_named, same_person
from swapstation.model.request import ConfirmRelease, QuarantineBattery, ReleaseQuarantine

RELEASE_WAITS = timedelta(hours=1)
"""So long the first person's release waits for the second."""


def begin(change: QuarantineBattery, inventory: Inventory, _: Entered) -> Effect:
    """Quarantine a battery, wherever it is; a release that waits ends."""
    check_reason(change.reason)
    battery = _unasked(known_battery(change.battery, inventory))
    return Effect(batteries=(replace(battery, quarantined=True, quarantine_reason=change.reason),))


def ask_release(change: ReleaseQuarantine, inventory: Inventory, entered: Entered) -> Effect:
    """The first person's word. While one waits a second one is refused: it could only be meant as the confirmation."""
    check_reason(change.reason)
    _check_named(entered)
    battery = _quarantined(change.battery, inventory)
    if _waits(battery, entered.at):
        allowed = f"{battery.release_asked_by} has asked: confirm it as another person"
        raise ChangeRefused("release_waits", "battery", change.battery, allowed)
    asked = replace(
        battery,
        release_asked_by=entered.person,
        release_reason=change.reason,
        release_asked_at=entered.at,
    )
    until = f"{entered.at + RELEASE_WAITS:%Y-%m-%dT%H:%M:%SZ}"
    return Effect(batteries=(asked,), told=(("waits_for", "a second person"), ("until", until)))


def confirm_release(change: ConfirmRelease, inventory: Inventory, entered: Entered) -> Effect:
    """The second person's word ends the quarantine; a doubt about the record stays."""
    _check_named(entered)
    battery = _quarantined(change.battery, inventory)
    if not _waits(battery, entered.at):
        raise ChangeRefused("no_release_waits", "battery", change.battery, "a first person asks for the release")
    if same_person(entered.person, battery.release_asked_by):
        raise ChangeRefused("same_person", "person", entered.person, f"somebody else than {battery.release_asked_by}")
    return Effect(batteries=(replace(_unasked(battery), quarantined=False, quarantine_reason=""),))


def _quarantined(asset: str, inventory: Inventory) -> Battery:
    battery = known_battery(asset, inventory)
    if not battery.quarantined:
        raise ChangeRefused("not_quarantined", "battery", asset, "a quarantined battery")
    return battery


def _unasked(battery: Battery) -> Battery:
    return replace(battery, release_asked_by="", release_reason="", release_asked_at=None)


def _waits(battery: Battery, at: datetime) -> bool:
    """A clock that went back lets a release lapse rather than live for ever."""
    asked_at = battery.release_asked_at
    return asked_at is not None and timedelta(0) <= at - asked_at < RELEASE_WAITS


def _check_named(entered: Entered) -> None:
    if not is_named(entered.person):
        raise InputError("person", entered.person, "the name of the person who answers for it")
