"""Contracts for tests, with invented fleets, trucks and prices."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from swapstation.business.contract_file import ContractBook, load_contracts
from swapstation.model.money import HandedOver, SwapFacts

TEXT = """
[[fleets]]
name = "pit"

[[fleets]]
name = "rail"

[[trucks]]
vin = "V1"
fleet = "pit"
since = 2026-01-01

[[trucks]]
vin = "V2"
fleet = "rail"
since = 2026-01-01

[[trucks]]
vin = "V1"
fleet = "rail"
since = 2026-07-01

[[contracts]]
fleet = "pit"
since = 2026-01-01
basis = "energy"

[[contracts]]
fleet = "pit"
since = 2026-06-01
basis = "energy"
service_per_kwh = "0.2200"
electricity = { peak = "0.9000" }

[[contracts]]
fleet = "rail"
since = 2026-01-01
basis = "swap"
per_swap = "150.00"
lease_per_truck = "3000.00"
package = { per_month = "1000.00", swaps = 1 }

[[battery_owners]]
owner = "lessor"
batteries = ["B7", "B8"]
per_kwh = "0.0500"
per_battery_month = "900.00"
"""


def book(folder: Path, text: str = TEXT) -> ContractBook:
    """The contracts of a text, read from a file."""
    file = folder / "contracts.toml"
    file.write_text(text, encoding="utf-8")
    return load_contracts(file)


def facts(
    swap: str = "S1", vin: str = "V1", at: str = "2026-06-10T09:00", kwh: str | None = "100.00", battery: str = "B1"
) -> SwapFacts:
    """A swap at a time of UTC; 8 h later it is in Shanxi."""
    told = None if kwh is None else Decimal(kwh)
    return SwapFacts(swap, vin, datetime.fromisoformat(at).replace(tzinfo=UTC), (HandedOver(battery, told),))
