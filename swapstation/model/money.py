"""Money of swaps: what a fleet agreed to, what a swap costs by it, and what becomes of the bill (own design).

All money is decimal yuan in whole cents, energy decimal kWh in hundredths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

NONE = Decimal(0)


class Basis(StrEnum):
    """What a swap is paid by."""

    ENERGY = "energy"
    SWAP = "swap"
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True)
class Package:
    """A monthly fee, and what it covers in the month: kWh, or swaps; what is beyond is paid by the contract."""

    per_month: Decimal
    kwh: Decimal | None = None
    swaps: int | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """What a fleet pays from a local day on. A later version replaces it for later swaps and never for earlier ones.

    `electricity`: own yuan per kWh by tariff period; a period that is not in it costs what the station's tariff says.
    `service_per_kwh`: None: that of the tariff. `per_swap`, `per_km`: everything in, electricity too.
    `lease_per_truck`: monthly fee for the batteries of each of the fleet's trucks.
    """

    fleet: str
    since: date
    basis: Basis
    electricity: Mapping[str, Decimal] = field(default_factory=dict)
    service_per_kwh: Decimal | None = None
    per_swap: Decimal | None = None
    per_km: Decimal | None = None
    package: Package | None = None
    lease_per_truck: Decimal = NONE


@dataclass(frozen=True, slots=True)
class Fleet:
    """A customer. `name` is its key everywhere."""

    name: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class FleetTruck:
    """A truck of a fleet from a local day on."""

    vin: str
    fleet: str
    since: date
    plate: str = ""


@dataclass(frozen=True, slots=True)
class BatteryOwner:
    """Who owns batteries that the station hands out, and what the use of them costs the station."""

    owner: str
    batteries: tuple[str, ...]
    per_kwh: Decimal = NONE
    per_battery_month: Decimal = NONE


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One battery position of a swap: the battery handed out, and the energy the truck got by it; None: not known."""

    battery: str
    energy_kwh: Decimal | None


@dataclass(frozen=True, slots=True)
class SwapFacts:
    """What a bill of a swap rests on; `distance_km` since the truck's last swap, None: nobody told."""

    swap: str
    vin: str
    at: datetime
    handed_over: tuple[HandedOver, ...]
    distance_km: Decimal | None = None

    @property
    def energy_kwh(self) -> Decimal | None:
        """Of all positions; None when that of one is not known."""
        told = [each.energy_kwh for each in self.handed_over]
        return None if not told or None in told else sum((kwh for kwh in told if kwh is not None), NONE)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order: energy of a tariff period, electricity and service apart; `covered` by the package."""

    period: str
    energy_kwh: Decimal
    electricity_per_kwh: Decimal
    electricity_yuan: Decimal
    service_yuan: Decimal
    covered: bool = False


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """What a swap costs, by which version of the contract and of the tariff."""

    fleet: str
    contract_since: date
    tariff_version: str
    lines: tuple[OrderLine, ...]

    @property
    def electricity_yuan(self) -> Decimal:
        return sum((line.electricity_yuan for line in self.lines), NONE)

    @property
    def service_yuan(self) -> Decimal:
        return sum((line.service_yuan for line in self.lines), NONE)

    @property
    def total_yuan(self) -> Decimal:
        return self.electricity_yuan + self.service_yuan


class Unpriced(StrEnum):
    """Why a swap has no price yet; it gets one when that is mended, once."""

    NO_FLEET = "no_fleet"
    NO_CONTRACT = "no_contract"
    NO_TARIFF = "no_tariff"
    NO_ENERGY = "no_energy"
    NO_DISTANCE = "no_distance"
