"""The contracts of a station: a TOML file of fleets, their trucks, dated contracts, battery owners (docs/money.md).

Versions are added, never changed: an old swap keeps its price. Mistakes name file and line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from swapstation.config.reading import Reader, Wrong, located, parsed, read_text
from swapstation.config.rule_kinds import Allowed, Day, Listed, Number, Rule, Table, Tables, Text, Word
from swapstation.energy.tariff_rules import Amount, PeriodFees
from swapstation.errors import ConfigurationError
from swapstation.model.money import Basis, BatteryOwner, Contract, Fleet, FleetTruck, Package
from swapstation.toml_lines import KeyPath


@dataclass(frozen=True, slots=True)
class TruckTime:
    """A truck of a fleet from a local day on, until before another; None: it still is."""

    vin: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class ContractBook:
    """Everything that was agreed with fleets and owners of batteries."""

    fleets: tuple[Fleet, ...] = ()
    trucks: tuple[FleetTruck, ...] = ()
    contracts: tuple[Contract, ...] = ()
    battery_owners: tuple[BatteryOwner, ...] = ()

    def fleet_of(self, vin: str, day: date) -> str | None:
        """The fleet of a truck on a local day."""
        counting = [each for each in self.trucks if each.vin == vin and each.since <= day]
        return max(counting, key=lambda each: each.since).fleet if counting else None

    def fleets_on(self, day: date) -> dict[str, str]:
        """The fleet of every truck on a local day, by VIN."""
        course = sorted((each for each in self.trucks if each.since <= day), key=lambda each: each.since)
        return {each.vin: each.fleet for each in course}

    def times_of(self, fleet: str) -> tuple[TruckTime, ...]:
        """When each truck belongs to a fleet; a truck that went and came back has several times."""
        found: list[TruckTime] = []
        course = sorted(self.trucks, key=lambda each: (each.vin, each.since))
        for each, after in zip(course, (*course[1:], None), strict=False):  # no truck, and None is too many
            if each.fleet == fleet:
                until = after.since if after is not None and after.vin == each.vin else None
                found.append(TruckTime(each.vin, each.since, until))
        return tuple(found)

    def owner_of(self, battery: str) -> BatteryOwner | None:
        """Who owns a battery; None: the station's operator."""
        return next((each for each in self.battery_owners if battery in each.batteries), None)


_NAME = Text(
    r"[a-z0-9][a-z0-9._-]{0,39}",
    "应为小写字母, 数字, . _ - 的名称, 1 到 40 个字符",
    "must be a name of 1 to 40 lower-case letters, digits and . _ -",
)
_LABEL = Text(r"[^\x00-\x1f]{0,100}", "应为最多 100 个字符的文字", "must be a text of at most 100 characters")
_ID = Text(r"[!-~]{1,60}", "应为 1 到 60 个字符, 不含空格", "must be 1 to 60 characters without spaces")
_FEE = Amount(Decimal(0), Decimal(9999), "yuan")
_MONTHLY = Amount(Decimal(0), Decimal(9_999_999), "yuan", digits=7)
_PACKAGE: Mapping[str, Rule] = {
    "per_month": _MONTHLY,
    "kwh": Amount(Decimal(0), Decimal(9_999_999), "kWh", digits=7),
    "swaps": Number(1, 100_000, whole=True),
}
_CONTRACT: Mapping[str, Rule] = {
    "fleet": _NAME,
    "since": Day(),
    "basis": Word(Basis),
    "electricity": PeriodFees(),
    "service_per_kwh": _FEE,
    "per_swap": _FEE,
    "per_km": _FEE,
    "package": Table(Package, _PACKAGE),
    "lease_per_truck": _MONTHLY,
}
_BOOK: Mapping[str, Rule] = {
    "fleets": Tables(Fleet, {"name": _NAME, "label": _LABEL}),
    "trucks": Tables(FleetTruck, {"vin": _ID, "fleet": _NAME, "since": Day(), "plate": _LABEL}),
    "contracts": Tables(Contract, _CONTRACT),
    "battery_owners": Tables(
        BatteryOwner,
        {"owner": _NAME, "batteries": Listed(_ID, 1, 1000), "per_kwh": _FEE, "per_battery_month": _MONTHLY},
    ),
}
_PRICED_BY = {Basis.SWAP: "per_swap", Basis.DISTANCE: "per_km"}


def load_contracts(path: Path) -> ContractBook:
    """The contracts of a file. Raises ConfigurationError with one line per mistake."""
    reader = Reader()
    book = reader.part(parsed(path, read_text(path)), (), ContractBook, _BOOK)
    wrongs = reader.mistakes if book is None else list(_checks(book))
    if wrongs or book is None:
        raise ConfigurationError(located(path, wrongs))
    return book


def _checks(book: ContractBook) -> Iterator[Wrong]:
    """Names are told once, everything refers to a fleet of the file, and a contract says what its basis needs."""
    yield from _twice("fleets", "name", ((each.name,) for each in book.fleets))
    yield from _twice("contracts", "since", ((each.fleet, each.since) for each in book.contracts))
    yield from _twice("trucks", "since", ((each.vin, each.since) for each in book.trucks))
    owned = [(battery,) for each in book.battery_owners for battery in each.batteries]
    if len(set(owned)) != len(owned):
        yield Wrong(("battery_owners",), None, Allowed("一块电池只能有一个业主", "a battery has one owner"))
    names = {each.name for each in book.fleets}
    of_fleets = [("trucks", index, each.fleet) for index, each in enumerate(book.trucks)]
    of_fleets += [("contracts", index, each.fleet) for index, each in enumerate(book.contracts)]
    for key, index, fleet in of_fleets:
        if fleet not in names:
            listed = ", ".join(sorted(names)) or "-"
            allowed = Allowed(f"没有这个车队, 现有 {listed}", f"no such fleet, there are {listed}")
            yield Wrong((key, index, "fleet"), fleet, allowed)
    for index, contract in enumerate(book.contracts):
        yield from _contract(("contracts", index), contract)


def _contract(path: KeyPath, contract: Contract) -> Iterator[Wrong]:
    needed = _PRICED_BY.get(contract.basis)
    for key in ("per_swap", "per_km"):
        told = getattr(contract, key) is not None
        if told != (key == needed):
            basis = contract.basis.value
            allowed = (
                Allowed(f"basis = {basis} 时不能有这一项", f"does not belong to basis = {basis}")
                if told
                else Allowed(f"basis = {basis} 时必须有这一项", f"is needed with basis = {basis}")
            )
            yield Wrong((*path, key), getattr(contract, key), allowed)
    if contract.basis is not Basis.ENERGY and contract.service_per_kwh is not None:
        allowed = Allowed("只有 basis = energy 时才有这一项", "belongs to basis = energy only")
        yield Wrong((*path, "service_per_kwh"), contract.service_per_kwh, allowed)
    package = contract.package
    if package is not None and (package.kwh is None) is (package.swaps is None):
        yield Wrong((*path, "package"), None, Allowed("kwh 和 swaps 要写且只写一个", "needs one of kwh and swaps"))
    if package is not None and package.kwh is not None and contract.basis is not Basis.ENERGY:
        allowed = Allowed("kwh 套餐只用于 basis = energy", "kwh belongs to basis = energy only")
        yield Wrong((*path, "package", "kwh"), package.kwh, allowed)


def _twice(key: str, name: str, told: Iterable[tuple[object, ...]]) -> Iterator[Wrong]:
    known: set[tuple[object, ...]] = set()
    for index, each in enumerate(told):
        if each in known:
            yield Wrong((key, index, name), str(each[-1]), Allowed("重复", "is told twice"))
        known.add(each)
