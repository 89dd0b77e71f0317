"""What the site takes beside its charging bays, by difference: building, cooling, plug-in guns (own design).

It rises at the second reading that says so, for one may be of another instant than what the bays say, and at once when
the site is above its limit. It falls slowly: what was drawn a moment ago may be drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass

FALL_S = 60.0
"""In so many seconds it falls to what is seen."""


@dataclass(frozen=True, slots=True)
class OtherLoad:
    """What is kept for everything but the bays (kW AC), and the last difference seen; None: not seen yet."""

    kw: float | None = None
    seen_kw: float = 0.0
    seen_s: float = 0.0


def sampled(load: OtherLoad, seen_kw: float, at_s: float, over: bool) -> OtherLoad:
    """The load after a reading at `at_s` that differs from the bays by `seen_kw`; `over`: the site is above its limit.

    Charging that takes less than the bays say shows as less than nothing: the bays are believed then.
    """
    seen_kw = max(seen_kw, 0.0)
    if load.kw is None:
        return OtherLoad(seen_kw, seen_kw, at_s)
    if over and seen_kw > load.kw:
        return OtherLoad(seen_kw, seen_kw, at_s)
    agreed_kw = min(seen_kw, load.seen_kw)
    if agreed_kw >= load.kw:
        return OtherLoad(agreed_kw, seen_kw, at_s)
    part = min(max(at_s - load.seen_s, 0.0) / FALL_S, 1.0)
    return OtherLoad(load.kw - max(load.kw - seen_kw, 0.0) * part, seen_kw, at_s)
