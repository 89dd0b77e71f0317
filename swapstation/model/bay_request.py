"""Requests about one bay: people working in it, its charge by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LockOutBay:
    """Take a bay out of service to work in it: no move, no charge, no allocation, also over a restart."""

    bay: int
    reason: str
    kind: Literal["lock_out_bay"] = "lock_out_bay"


@dataclass(frozen=True, slots=True)
class EndLockOut:
    """The work in a bay is done."""

    bay: int
    reason: str = ""
    kind: Literal["end_lock_out"] = "end_lock_out"


@dataclass(frozen=True, slots=True)
class ChargeBay:
    """Charge the battery of a bay to a target of its own (%), with less power if given (kW), within the permit."""

    bay: int
    target_soc_pct: float
    max_power_kw: float | None = None
    kind: Literal["charge_bay"] = "charge_bay"


@dataclass(frozen=True, slots=True)
class StopBayCharge:
    """End the charge of a bay; its battery waits until it is asked for again, unplugged or the controller restarts."""

    bay: int
    kind: Literal["stop_bay_charge"] = "stop_bay_charge"


@dataclass(frozen=True, slots=True)
class ResetCharge:
    """Begin the charging session of a bay anew and forget its failures; no device has a reset of its own."""

    bay: int
    kind: Literal["reset_charge"] = "reset_charge"
