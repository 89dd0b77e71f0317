"""The contract file: every mistake is told with its line, in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from swapstation.business.contract_file import ContractBook
from swapstation.errors import ConfigurationError
from swapstation.model.money import Basis, FleetTruck, Package
from tests.business.agreed import TEXT, book

TWICE_OWNED = """[[battery_owners]]
owner = "other"
batteries = ["B7"]

[[battery_owners]]"""


def test_a_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    told = book(tmp_path)
    rail = told.contracts[-1]
    assert (rail.basis, rail.per_swap, rail.package) == (Basis.SWAP, Decimal(150), Package(Decimal(1000), swaps=1))
    assert told.contracts[1].electricity == {"peak": Decimal("0.9000")}
    days = (date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1))
    assert [told.fleet_of("V1", day) for day in days] == [None, "pit", "rail"]
    owner = told.owner_of("B7")
    assert owner is not None
    assert (owner.owner, told.owner_of("B1")) == ("lessor", None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('fleet = "rail"\nsince = 2026-01-01\nbasis', 'fleet = "raill"\nsince = 2026-01-01\nbasis', "no such fleet"),
        ('basis = "swap"', 'basis = "distance"', "per_km: basis = distance 时必须有这一项 | is needed"),
        ('basis = "swap"', 'basis = "hour"', 'must be one of "energy", "swap", "distance"'),
        ('per_swap = "150.00"', "per_swap = 150.0", 'in quotes, such as "0.4500"'),
        ("since = 2026-06-01", "since = 2026-01-01", "is told twice"),
        ('name = "rail"', 'name = "pit"', "is told twice"),
        ("swaps = 1 }", 'swaps = 1, kwh = "5.0" }', "needs one of kwh and swaps"),
        ("swaps = 1 }", 'kwh = "5.0" }', "kwh belongs to basis = energy only"),
        ("[[battery_owners]]", TWICE_OWNED, "a battery has one owner"),
        ('service_per_kwh = "0.2200"', 'service_per_kwh = "-1"', "must be a decimal from 0"),
        ("lease_per_truck", "lease_per_truk", "did you mean lease_per_truck"),
    ],
)
def test_a_mistake_names_its_line_and_what_is_allowed(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(ConfigurationError) as refused:
        book(tmp_path, TEXT.replace(old, new, 1))
    (line, *_) = [mistake for mistake in refused.value.mistakes if said in mistake]
    assert "contracts.toml:" in line
    assert int(line.split("contracts.toml:")[1].split(":")[0]) > 1


def test_the_times_of_a_truck_follow_each_other() -> None:
    book = ContractBook(
        trucks=(
            FleetTruck("V1", "pit", date(2026, 1, 1)),
            FleetTruck("V2", "pit", date(2026, 2, 1)),
            FleetTruck("V1", "pit", date(2026, 9, 1)),
            FleetTruck("V1", "rail", date(2026, 7, 1)),
        )
    )
    assert [(each.vin, each.since, each.until) for each in book.times_of("pit")] == [
        ("V1", date(2026, 1, 1), date(2026, 7, 1)),
        ("V1", date(2026, 9, 1), None),
        ("V2", date(2026, 2, 1), None),
    ]
    for day in (date(2026, 1, 15), date(2026, 8, 1), date(2026, 12, 1)):
        fleets = book.fleets_on(day)
        assert all(fleets.get(vin) == book.fleet_of(vin, day) for vin in ("V1", "V2"))


def test_a_station_without_contracts_has_no_trucks_of_a_fleet() -> None:
    assert ContractBook().times_of("pit") == ()
