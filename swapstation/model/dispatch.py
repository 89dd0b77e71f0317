"""Dispatch records: what somebody outside of the control asks of the site's power, from any channel (own design).

Limits are combined by their minimum; a record that ended leads back to the site's own limit, never to the last value.
docs/power_limits.md says what each kind does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import isfinite

from swapstation.errors import InputError

SITE = "site"
"""Name of the root of the site's power: everything behind its meter. Feeders have names, bays are `bay-N`."""
MOST_KW = 100_000.0
MOST_DISPATCHES = 100
"""So many records may stand at a time; a channel that floods is refused."""
LONGEST = timedelta(days=366)
SHED_LEVELS = (0, 1, 2, 3)
LONGEST_SIGNATURE = 4096
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:-]{0,63}")
_NODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")


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

    It counts from `starts_at` until before `ends_at` and moves the limit by at most `ramp_kw_per_min`, down and up
    again. A channel that has to renew its record every `renew_s` and does not is silent: `fallback_kw`, an import cap,
    counts instead until `ends_at`. `node`: the part of the tree that an import cap is of. `issued_at` orders several
    versions of one record; `signature` is kept as it came.
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
    renew_s: float | None = None
    node: str = SITE
    issued_at: datetime | None = None


def check_dispatch(record: Dispatch) -> None:
    """Raise InputError for a record that makes no sense; it names the field, the value and what is allowed."""
    if not _ID.fullmatch(record.dispatch):
        raise InputError("dispatch", record.dispatch, "1 to 64 letters, digits and . _ : -")
    low, high = _RANGES[record.kind]
    if not (isfinite(record.value) and low <= record.value <= high):
        raise InputError("value", record.value, f"{low:g} to {high:g} for {record.kind.value}")
    if record.kind is DispatchKind.SHED_LEVEL and record.value not in SHED_LEVELS:
        raise InputError("value", record.value, f"one of {', '.join(map(str, SHED_LEVELS))} for shed_level")
    _check_times(record)
    _in_range("ramp_kw_per_min", record.ramp_kw_per_min, 0.1, MOST_KW)
    _in_range("fallback_kw", record.fallback_kw, 0.0, MOST_KW)
    _in_range("renew_s", record.renew_s, 10.0, 86_400.0)
    if (record.renew_s is None) != (record.fallback_kw is None):
        raise InputError("fallback_kw", record.fallback_kw, "together with renew_s: what counts once it is silent")
    if not _NODE.fullmatch(record.node) or (record.node != SITE and record.kind is not DispatchKind.IMPORT_CAP):
        raise InputError("node", record.node, f'"{SITE}"; a feeder or bay-N for an import_cap')
    if len(record.signature) > LONGEST_SIGNATURE:
        raise InputError("signature", f"{len(record.signature)} characters", f"at most {LONGEST_SIGNATURE}")


def _check_times(record: Dispatch) -> None:
    for name in ("starts_at", "ends_at", "received_at", "issued_at"):
        at: datetime | None = getattr(record, name)
        if at is not None and at.tzinfo is None:
            raise InputError(name, at.isoformat(), "a time with its zone")
    if not timedelta(0) < record.ends_at - record.starts_at <= LONGEST:
        raise InputError("ends_at", record.ends_at.isoformat(), f"after starts_at, within {LONGEST.days} days")


_RANGES = {
    DispatchKind.IMPORT_CAP: (0.0, MOST_KW),
    DispatchKind.EXPORT_CAP: (0.0, MOST_KW),
    DispatchKind.SETPOINT: (-MOST_KW, MOST_KW),
    DispatchKind.SOC_TARGET: (0.0, 100.0),
    DispatchKind.SHED_LEVEL: (0.0, 3.0),
}


def _in_range(name: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not (isfinite(value) and low <= value <= high):
        raise InputError(name, value, f"{low:g} to {high:g}")
