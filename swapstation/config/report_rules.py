"""What the fields of `[reports]` and `[savings]` may hold."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.config.rule_kinds import Number, Rule, Text

_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
REPORTS: Mapping[str, Rule] = {
    "shifts": Text(
        rf"{_TIME}(,{_TIME}){{0,5}}",
        "应为 1 到 6 个用逗号分隔的班次开始时刻, 例如 08:00,20:00",
        "must be 1 to 6 times at which shifts begin, with commas, such as 08:00,20:00",
    ),
    "nominal_v": Number(30.0, 20_000.0, "V"),
}
SAVINGS: Mapping[str, Rule] = {
    "diesel_l_per_100tkm": Number(0.01, 100.0, "L/100 t km"),
    "diesel_yuan_per_l": Number(0.0, 100.0, "yuan/L"),
    "diesel_kg_co2_per_l": Number(0.0, 10.0, "kg/L"),
    "grid_kg_co2_per_kwh": Number(0.0, 5.0, "kg/kWh"),
}
