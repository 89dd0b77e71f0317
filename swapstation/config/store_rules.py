"""What the table `[store]` may hold, and how it must fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from swapstation.config.reading import Wrong
from swapstation.config.rule_kinds import Allowed, Number, Rule
from swapstation.config.site_settings import SiteStore

_POWER, _SOC = Number(1.0, 100_000.0, "kW"), Number(0.0, 100.0, "%")
STORE: Mapping[str, Rule] = {
    "energy_kwh": Number(1.0, 1_000_000.0, "kWh"),
    "charge_kw": _POWER,
    "discharge_kw": _POWER,
    "least_soc_pct": _SOC,
    "most_soc_pct": _SOC,
    "efficiency": Number(0.5, 1.0),
}


def check_store(store: SiteStore | None, told: bool, link: str | None) -> Iterator[Wrong]:
    """Something lies between the two ends of its SOC; it has its wire, and the wire its store.

    `told`: there is a table, right or wrong. `link` None: the wires cannot be read.
    """
    if store is not None and store.least_soc_pct >= store.most_soc_pct:
        top = f"most_soc_pct ({store.most_soc_pct:g} %)"
        allowed = Allowed(f"必须小于 {top}", f"must be below {top}")
        yield Wrong(("store", "least_soc_pct"), store.least_soc_pct, allowed)
    if told and link == "":
        yield Wrong(("links", "store"), link, Allowed("有 [store], 必须写出", "needed, because of [store]"))
    if link and not told:
        yield Wrong(("links", "store"), link, Allowed("没有 [store] 表", "there is no table [store]"))
