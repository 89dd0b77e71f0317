"""What the fields of `[site]`, `[pv]` and `[[feeders]]` may hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from swapstation.config.energy_settings import Pv
from swapstation.config.reading import Wrong
from swapstation.config.rule_kinds import Allowed, Bays, Folder, Number, Numbers, Rule, Text, Word
from swapstation.config.settings import Bay, DemandWindow, Site
from swapstation.model.power import DemandChargeMode


@dataclass(frozen=True, slots=True)
class Shares:
    """Two shares in percent, the second not above the first."""

    def read(self, raw: object) -> object | Allowed:
        if isinstance(raw, list) and len(raw) == 2:
            first, second = (Number(0.0, 100.0, "%").read(each) for each in raw)
            if isinstance(first, float) and isinstance(second, float) and second <= first:
                return first, second
        return Allowed(
            "应为两个百分数, 后一个不大于前一个, 例如 [70, 40]",
            "must be two numbers from 0 to 100 %, the second not above the first, such as [70, 40]",
        )


@dataclass(frozen=True, slots=True)
class EfficiencyPoints:
    """Points (kW DC, share of AC that arrives) with rising power."""

    def read(self, raw: object) -> object | Allowed:
        read = [self._point(each) for each in raw] if isinstance(raw, list) else []
        points = tuple(point for point in read if point is not None)
        if points and len(points) == len(read) and all(former < later for (former, _), (later, _) in pairwise(points)):
            return points
        return Allowed(
            "应为 [功率 kW, 效率 0.5 到 1] 的列表, 功率递增, 例如 [[15, 0.9], [250, 0.955]]",
            "must be a list of [kW, share from 0.5 to 1] with rising kW, such as [[15, 0.9], [250, 0.955]]",
        )

    @staticmethod
    def _point(raw: object) -> tuple[float, float] | None:
        if not isinstance(raw, list) or len(raw) != 2:
            return None
        kw, share = Number(0.0, 1000.0, "kW").read(raw[0]), Number(0.5, 1.0).read(raw[1])
        return (kw, share) if isinstance(kw, float) and isinstance(share, float) else None


_SITE_KW = Number(20.0, 100_000.0, "kW")
_PART_KW = Number(0.0, 100_000.0, "kW")

SITE: Mapping[str, Rule] = {
    "power_kw": _SITE_KW,
    "charging_efficiency": Number(0.5, 1.0, ""),
    "contract_kw": _SITE_KW,
    "demand_kw": _SITE_KW,
    "demand_window": Word(DemandWindow),
    "demand_charge_mode": Word(DemandChargeMode),
    "other_load_kw": _PART_KW,
    "hoist_kw": _PART_KW,
    "guns_kw": _PART_KW,
    "export_kw": _PART_KW,
    "generation_kw": _PART_KW,
    "shed_pct": Shares(),
    "plant_speed": Number(0.1, 200.0, ""),
}
PV: Mapping[str, Rule] = {"peak_kw": _PART_KW, "hour_kw": Numbers(_PART_KW, 24), "folder": Folder()}
FEEDER: Mapping[str, Rule] = {
    "name": Text(
        r"(?!(site|store)$|bay-)[A-Za-z0-9][A-Za-z0-9._-]{0,39}",
        '应为 1 到 40 个字母, 数字, . _ - 的名称, 不能是 "site", "store" 或 "bay-" 开头',
        'must be 1 to 40 letters, digits and . _ -, not "site" or "store" and not beginning with "bay-"',
    ),
    "limit_kw": _SITE_KW,
    "bays": Bays(),
    "guns_kw": _PART_KW,
}


def check_site(site: Site, bays: Sequence[Bay]) -> Iterator[Wrong]:
    """The site's own caps carry every bay at the least power of a charge, so that none has to be switched off."""
    least_kw = sum(bay.least_power_kw for bay in bays) / site.charging_efficiency
    other_kw = site.other_load_kw + site.hoist_kw + site.guns_kw
    for name, beside_kw in (("power_kw", 0.0), ("contract_kw", other_kw), ("demand_kw", other_kw)):
        limit_kw = getattr(site, name)
        if limit_kw is not None and limit_kw < least_kw + beside_kw:
            zh = f"至少 {least_kw + beside_kw:.1f} kW: 每个充电仓的 least_power_kw"
            en = f"at least {least_kw + beside_kw:.1f} kW: least_power_kw of each charging bay"
            if beside_kw:
                zh = f"{zh}, 加 other_load_kw, hoist_kw, guns_kw"
                en = f"{en} and other_load_kw, hoist_kw and guns_kw"
            yield Wrong(("site", name), limit_kw, Allowed(zh, en))
    if site.demand_kw is not None and site.contract_kw is not None and site.demand_kw > site.contract_kw:
        top = f"contract_kw ({site.contract_kw:g} kW)"
        yield Wrong(("site", "demand_kw"), site.demand_kw, Allowed(f"不能大于 {top}", f"must not be above {top}"))


def check_pv(pv: Pv, site: Site) -> Iterator[Wrong]:
    """No hour above the peak, and a meter that may show so much less than the bays take."""
    peak, given = f"peak_kw ({pv.peak_kw:g} kW)", f"[site] generation_kw ({site.generation_kw:g} kW)"
    if max(pv.hour_kw, default=0.0) > pv.peak_kw:
        yield Wrong(("pv", "hour_kw"), list(pv.hour_kw), Allowed(f"每项不能大于 {peak}", f"none may be above {peak}"))
    if pv.peak_kw > site.generation_kw:
        allowed = Allowed(f"不能大于 {given}: 光伏包含在内", f"must not be above {given}, which PV is part of")
        yield Wrong(("pv", "peak_kw"), pv.peak_kw, allowed)
