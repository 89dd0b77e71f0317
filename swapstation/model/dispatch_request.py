"""Requests about dispatch records: put one, which also renews and replaces it, and end one before its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from swapstation.model.dispatch import SITE, Dispatch, DispatchKind, DispatchSource


@dataclass(frozen=True, slots=True)
class PutDispatch:
    """Follow this record; the same one again renews it, another one of the same name replaces it.

    `asks` is the record's kind, the rest as in `Dispatch`.
    """

    dispatch: str
    source: DispatchSource
    asks: DispatchKind
    value: float
    starts_at: datetime
    ends_at: datetime
    ramp_kw_per_min: float | None = None
    fallback_kw: float | None = None
    renew_s: float | None = None
    node: str = SITE
    issued_at: datetime | None = None
    signature: str = ""
    kind: Literal["put_dispatch"] = "put_dispatch"

    def record(self, received_at: datetime) -> Dispatch:
        """The record as it came at `received_at`."""
        return Dispatch(
            self.dispatch,
            self.source,
            self.asks,
            self.value,
            self.starts_at,
            self.ends_at,
            received_at,
            self.ramp_kw_per_min,
            self.fallback_kw,
            self.signature,
            self.renew_s,
            self.node,
            self.issued_at,
        )


@dataclass(frozen=True, slots=True)
class EndDispatch:
    """The record counts no more, at once and without its ramp."""

    dispatch: str
    reason: str
    kind: Literal["end_dispatch"] = "end_dispatch"
