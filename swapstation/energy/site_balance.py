"""The day's balance of the site: what its meter counted against all bays together and the other load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot

from swapstation.config.energy_settings import Ledger
from swapstation.energy.uncertainty import counted_kwh, efficiency_range, site_kwh
from swapstation.model.energy import Balance, BalanceKind, Counter, Settlement

_HOURS = 24.0


def site_balance(
    site_counted_kwh: float,
    ac_kwh: Mapping[int, float],
    unmetered: Sequence[Settlement],
    ledger: Ledger,
    days: int,
    given_kwh: float = 0.0,
    store_kwh: float = 0.0,
) -> Balance:
    """Site AC = bays' AC + other load, over so many days.

    `ac_kwh` is what the AC meter of each bay counted; charges of bays without one are estimated from their DC by the
    efficiency. The other load is the difference, but neither below zero nor above its limit. `given_kwh` came from
    batteries (DC): it served bays and other load, or was fed back, which the site's import counter does not tell.
    `store_kwh`: what a stationary store can hold: it may end the time so much fuller or emptier than it began it.
    """
    middle, half = efficiency_range(ledger)
    bays_kwh, u_kwh = 0.0, site_kwh(ledger, site_counted_kwh)
    for counted in ac_kwh.values():
        bays_kwh += counted
        u_kwh = hypot(u_kwh, counted_kwh(ledger, Counter.AC_METER, counted))
    estimated_kwh = sum(each.dc_kwh or 0.0 for each in unmetered) / middle
    bays_kwh += estimated_kwh
    u_kwh += estimated_kwh * half / middle
    most_kwh = (
        float("inf") if ledger.most_other_load_kw is None else ledger.most_other_load_kw * _HOURS * days + store_kwh
    )
    other_kwh = min(max(site_counted_kwh - bays_kwh, -given_kwh - store_kwh), most_kwh)
    return Balance(BalanceKind.SITE, "site_meter", site_counted_kwh, "bays_and_other_load", bays_kwh + other_kwh, u_kwh)
