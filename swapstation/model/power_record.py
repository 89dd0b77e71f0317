"""Journal records about the site's power: dispatch records, what became of the limit, quarters of an hour."""

from __future__ import annotations

from dataclasses import dataclass

from swapstation.model.dispatch import Dispatch
from swapstation.model.power import LimitCause, NodeLimit, Quarter


@dataclass(frozen=True, slots=True)
class DispatchPut:
    """A dispatch record was taken, or replaced by another version; `person` is who put it."""

    dispatch: Dispatch
    person: str


@dataclass(frozen=True, slots=True)
class DispatchEnded:
    """A dispatch record counts no more: `over` by its time, or ended by `person` for a reason in words."""

    dispatch: str
    reason: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class PowerLimitChanged:
    """The effective limit of the site changed; kW AC, None: none. `causes`: the strictest first.

    A limit that moves along a ramp is recorded at its first and at its last value.
    """

    import_kw: float | None
    charging_kw: float | None
    export_kw: float
    setpoint_kw: float | None
    soc_target_pct: float | None
    shed_level: int
    nodes: tuple[NodeLimit, ...]
    causes: tuple[LimitCause, ...]


@dataclass(frozen=True, slots=True)
class QuarterMeasured:
    """A quarter of an hour is over."""

    quarter: Quarter


PowerRecord = DispatchPut | DispatchEnded | PowerLimitChanged | QuarterMeasured
