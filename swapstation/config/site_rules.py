"""What the fields of `[site]` and `[[feeders]]` may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from swapstation.config.rule_kinds import Allowed, Bays, Number, Rule, Text, Word
from swapstation.config.settings import DemandWindow
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
FEEDER: Mapping[str, Rule] = {
    "name": Text(
        r"(?!site$|bay-)[A-Za-z0-9][A-Za-z0-9._-]{0,39}",
        '应为 1 到 40 个字母, 数字, . _ - 的名称, 不能是 "site" 或 "bay-" 开头',
        'must be 1 to 40 letters, digits and . _ -, not "site" and not beginning with "bay-"',
    ),
    "limit_kw": _SITE_KW,
    "bays": Bays(),
    "guns_kw": _PART_KW,
}
