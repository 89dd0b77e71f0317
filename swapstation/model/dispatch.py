"""Dispatch records: what somebody outside of the control asks of the site's power, from any channel (own design).

Limits are combined by their minimum; a record that ended leads back to the site's own limit, never to the last value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DispatchSource(StrEnum):
    """Who asks; the order is that of their rank, the first counts most."""

    SAFETY = "safety"
    GRID_EMERGENCY = "grid_emergency"
    OPERATOR = "operator"
    VPP = "vpp"
    OPENADR = "openadr"
    OCPP = "ocpp"


class DispatchKind(StrEnum):
    """What is asked: most import or export (kW AC), a set-point (kW AC), SOC of the spares (%), level of shedding."""

    IMPORT_CAP = "import_cap"
    EXPORT_CAP = "export_cap"
    SETPOINT = "setpoint"
    SOC_TARGET = "soc_target"
    SHED_LEVEL = "shed_level"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One dispatch record. `value` is in the unit of its kind; levels of shedding are 0 (none) to 3 (emergency).

    It counts from `starts_at` to `ends_at` and moves the limit by at most `ramp_kw_per_min`. `fallback_kw` counts
    instead when its channel is silent, until `ends_at`. `signature` is kept as it came.
    """

    dispatch: str
    source: DispatchSource
    kind: DispatchKind
    value: float
    starts_at: datetime
    ends_at: datetime
    received_at: datetime
    ramp_kw_per_min: float | None = None
    fallback_kw: float | None = None
    signature: str = ""
