"""Cases: a mismatch of energy with everything that proves it, as one record (the dispute packet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from swapstation.config.energy_settings import Ledger
from swapstation.model.charge_record import ChargeRecord
from swapstation.model.energy import Balance, EnergyCase, Settlement, TimedReading
from swapstation.model.inventory import bay_place
from swapstation.model.snapshot import Snapshot

SITE = "site"
_LEAST_KWH = 1e-6


def charge_case(
    snapshot: Snapshot,
    settlement: Settlement,
    wrong: Sequence[Balance],
    readings: Sequence[TimedReading],
    order: str,
    ledger: Ledger,
    record: ChargeRecord | None = None,
) -> EnergyCase:
    """A case about one charge, with its readings, prices, meters and the charger's own record where there is one.

    `wrong` are the balances that do not agree; the case bears the one that is furthest beyond its uncertainty.
    """
    evidence = {
        "station": snapshot.name,
        "order": order,
        "settlement": settlement,
        "tariff_versions": sorted({detail.version for detail in settlement.details}),
        "readings": readings,
        "charger_record": record,
        "meters": _meters(snapshot),
        "accuracy": ledger,
    }
    worst = max(wrong, key=lambda balance: abs(balance.difference_kwh) / max(balance.uncertainty_kwh, _LEAST_KWH))
    return _case(snapshot.at, bay_place(settlement.bay), settlement.battery, worst, {"wrong": wrong, **evidence})


def site_case(
    snapshot: Snapshot,
    day: date,
    balance: Balance,
    ac_kwh: Mapping[int, float],
    unmetered: Sequence[Settlement],
    ledger: Ledger,
) -> EnergyCase:
    """A case about a day of the whole site."""
    evidence = {
        "station": snapshot.name,
        "day": day,
        "bays_ac_kwh": {str(bay): kwh for bay, kwh in ac_kwh.items()},
        "estimated_charges": unmetered,
        "meters": _meters(snapshot),
        "accuracy": ledger,
    }
    return _case(snapshot.at, SITE, "", balance, evidence)


def _case(at: datetime, subject: str, battery: str, balance: Balance, evidence: Mapping[str, Any]) -> EnergyCase:
    return EnergyCase(
        case=f"{at:%Y%m%dT%H%M%S}-{subject}-{balance.kind}",
        kind=balance.kind,
        subject=subject,
        battery=battery,
        opened_at=at,
        difference_kwh=balance.difference_kwh,
        uncertainty_kwh=balance.uncertainty_kwh,
        evidence={"balance": plain(balance), **{name: plain(value) for name, value in evidence.items()}},
    )


def plain(value: Any) -> Any:
    """A value as JSON can hold it: times in ISO 8601, money as text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return plain(asdict(value))
    return value


def _meters(snapshot: Snapshot) -> dict[str, Any]:
    """Which meter showed what at the time of the case."""
    meter = snapshot.meter.good
    return {"site_address": meter.address if meter else None, "site_kwh": meter.energy_kwh if meter else None}
