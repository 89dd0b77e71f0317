"""What a change of the stock record comes to: who enters it when, the rows it writes, or why it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from swapstation.errors import InputError
from swapstation.model.inventory import NOMINAL_SEAT, Battery, Inventory, SeatOffset


class ChangeRefused(InputError):
    """A well-formed change that the stock forbids; `code` is in the reasons catalogue."""

    def __init__(self, code: str, field: str, value: object, allowed: str) -> None:
        super().__init__(field, value, allowed)
        self.code = code


@dataclass(frozen=True, slots=True)
class KnownTruck:
    """A registered truck; `vin_warning` is empty unless the VIN's check digit does not fit."""

    vin: str
    model: str
    vin_warning: str = ""
    seat: SeatOffset = NOMINAL_SEAT


@dataclass(frozen=True, slots=True)
class Difference:
    """One place of a stock check where the count differs from the record; None = empty."""

    place: str
    recorded: str | None
    counted: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does: the rows to write whole, and what to tell the person."""

    places: tuple[str, ...] = ()
    trucks: tuple[KnownTruck, ...] = ()
    batteries: tuple[Battery, ...] = ()
    warnings: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    told: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Entered:
    """When and by whom a change is entered."""

    at: datetime
    person: str


def known_battery(asset: str, inventory: Inventory) -> Battery:
    """The battery on record. Raises ChangeRefused."""
    battery = inventory.battery(asset)
    if battery is None:
        raise ChangeRefused("unknown_battery", "battery", asset, "not in the stock record")
    return battery


def check_reason(reason: str, field: str = "reason") -> None:
    """Raise InputError for a reason without words."""
    if not reason.strip():
        raise InputError(field, reason, f"a {field} in words")
