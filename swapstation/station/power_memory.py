"""What the decisions remember of the site's power; dispatch records and quarters on record are in the database."""

from __future__ import annotations

from dataclasses import dataclass, field

from swapstation.energy.demand import DemandTrack
from swapstation.energy.other_load import OtherLoad
from swapstation.energy.site_meter import MeterTrack
from swapstation.energy.station_clock import StationClock
from swapstation.model.dispatch import Dispatch
from swapstation.model.power import LimitCause, PowerLimit


@dataclass(frozen=True, slots=True)
class Heard:
    """When a dispatch record was put or renewed last (monotonic s)."""

    dispatch: str
    at_s: float


@dataclass(frozen=True, slots=True)
class PowerMemory:
    """`accepted`: records that count already, though the database does not have them yet. `noted`: limit on record.

    `site_kw`, `may_kw`: the site now by its meter (None: not believed), and what everything may take (kW AC).
    `other_kw`: kept beside charging and store, `room_kw`: left for these two, None: no limit. `budgets`: what may be
    taken at each node of the tree, kW DC; empty: no limit.
    """

    clock: StationClock | None = None
    meter: MeterTrack = field(default_factory=MeterTrack)
    demand: DemandTrack | None = None
    other: OtherLoad = field(default_factory=OtherLoad)
    accepted: tuple[Dispatch, ...] = ()
    heard: tuple[Heard, ...] = ()
    silent: frozenset[str] = frozenset()
    limit: PowerLimit = field(default_factory=PowerLimit)
    noted: PowerLimit | None = None
    site_kw: float | None = None
    may_kw: float = 0.0
    other_kw: float = 0.0
    room_kw: float | None = None
    hoist: bool = False
    demand_kw: float | None = None
    charging_kw: float | None = None
    causes: tuple[LimitCause, ...] = ()
    budgets: tuple[tuple[str, float], ...] = ()
