"""What the fields of `[platform]` may hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from swapstation.config.platform_settings import Cabinet, Platform, PublicStation
from swapstation.config.reading import Wrong
from swapstation.config.rule_kinds import Allowed, Bays, MapFile, Number, Rule, Table, Tables, Text
from swapstation.config.settings import Bay


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of the numbers that T/CEC 102 gives a meaning."""

    numbers: tuple[int, ...]

    def read(self, raw: object) -> object | Allowed:
        if type(raw) is int and raw in self.numbers:
            return raw
        listed = ", ".join(map(str, self.numbers))
        return Allowed(f"只能是 {listed} 之一", f"must be one of {listed}")


def _text(least: int, most: int) -> Text:
    return Text(
        rf"[^\x00-\x1f]{{{least},{most}}}", f"应为 {least} 到 {most} 个字符", f"must be {least} to {most} characters"
    )


_OPERATOR = r"[0-9A-Z]{9}"
_NINE = "应为 9 位组织机构代码", "must be the 9 characters of an organisation code, 0-9 and A-Z"
STATION: Mapping[str, Rule] = {
    "area": Text(r"[0-9]{6,20}", "应为 GB/T 2260 行政区划代码", "must be a code of GB/T 2260, 6 digits or more"),
    "address": _text(1, 50),
    "service_tel": _text(1, 30),
    "longitude": Number(73.0, 136.0, "° (GCJ-02)"),
    "latitude": Number(3.0, 54.0, "° (GCJ-02)"),
    "name": _text(0, 50),
    "station_type": OneOf((1, 50, 100, 101, 102, 103, 255)),
    "station_status": OneOf((0, 1, 5, 6, 50)),
    "construction": OneOf((*range(1, 12), 255)),
    "connector_type": OneOf(tuple(range(1, 7))),
    "national_standard": OneOf((1, 2)),
    "park_nums": Number(0, 1000, whole=True),
    "business_hours": _text(0, 100),
}
CABINET: Mapping[str, Rule] = {"bays": Bays(), "manufacturer": _text(0, 30), "model": _text(0, 20)}
PLATFORM: Mapping[str, Rule] = {
    "url": Text(
        r"https?://[^\s/?#]+(/[^\s?#]*)?(?<!/)",
        "应为平台地址, 例如 https://平台域名/evcs/v20161110, 末尾没有斜线",
        "must be the platform's address such as https://DOMAIN/evcs/v20161110, without a slash at its end",
    ),
    "operator_id": Text(_OPERATOR, *_NINE),
    "owner_id": Text(f"|{_OPERATOR}", *_NINE),
    "station_id": Text(r"[0-9A-Za-z]{1,20}", "应为 1 到 20 位字母数字", "must be 1 to 20 letters and digits"),
    "secrets": MapFile(),
    "profile": _text(1, 200),
    "path": Text(
        r"/(?!api/)[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*",
        "应为本站接口路径, 例如 /evcs/v20161110, 不能以 /api/ 开头",
        "must be a path such as /evcs/v20161110, not beginning with /api/",
    ),
    "orders_from": Text(
        r"|20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
        "应为空或日期, 例如 2026-12-01",
        "must be empty or a day such as 2026-12-01",
    ),
    "ca_file": MapFile(),
    "station": Table(PublicStation, STATION),
    "cabinets": Tables(Cabinet, CABINET),
}


def check_platform(platform: Platform, bays: Sequence[Bay]) -> Iterator[Wrong]:
    """Cabinets, where there are any, supply every charging bay once; the first day of orders exists."""
    try:
        date.fromisoformat(platform.orders_from or "2026-01-01")
    except ValueError:
        allowed = Allowed("没有这一天", "there is no such day")
        yield Wrong(("platform", "orders_from"), platform.orders_from, allowed)
    supplied = [bay for cabinet in platform.cabinets for bay in cabinet.bays]
    charging = [bay.number for bay in bays if bay.charges]
    if platform.cabinets and sorted(supplied) != sorted(charging):
        listed = ", ".join(map(str, sorted(charging)))
        allowed = Allowed(
            f"各充电柜合起来应含每个充电仓一次: {listed}", f"together must name every charging bay once: {listed}"
        )
        yield Wrong(("platform", "cabinets"), sorted(supplied), allowed)
