"""The energy study as a picture: what each policy pays against foresight, and how many trucks it makes wait."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from swapstation.study.energy_run import NAMES, EnergyResult

CHINESE_FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP")
"""One file holds both; matplotlib may know it by the name of its first face alone. Both have the characters."""
NAME_TEXTS = {
    "charge_on_arrival": ("到站即充", "charge on arrival"),
    "valley_timetable": ("谷段定时", "valley timetable"),
    "threshold": ("最佳阈值(事后)", "best threshold (hindsight)"),
    "plan": ("计划", "plan"),
    "plan_notice_1h": ("计划, 提前1小时", "plan, 1 h notice"),
    "plan_notice_2h": ("计划, 提前2小时", "plan, 2 h notice"),
    "foresight": ("完全预知", "perfect foresight"),
}
COST_TEXT = ("电费 / 完全预知电费", "cost / cost of foresight")
WAIT_TEXT = ("等待车辆占比 %", "trucks that wait, %")
LATE_TEXTS = (("超过5分钟", "over 5 min"), ("超过15分钟", "over 15 min"))


def plot(result: EnergyResult, path: Path) -> None:
    """Write a PNG; Chinese and English where a font with both is installed, else English."""
    installed = {font.name for font in fontManager.ttflist}
    fonts = [name for name in CHINESE_FONTS if name in installed]
    with mpl.rc_context({"font.family": fonts[:1] or ["sans-serif"], "axes.unicode_minus": False}):
        figure = Figure(figsize=(11, 5), layout="constrained")
        costs, waits = figure.subplots(1, 2, sharey=True)
        _costs(costs, result, bool(fonts))
        _waits(waits, result, bool(fonts))
        case = result.case
        figure.suptitle(f"{case.batteries} x {case.capacity_kwh:g} kWh, {case.site_kw:g} kW, {case.swaps_per_day:g}/d")
        figure.savefig(path, format="png", dpi=120)


def _costs(axes: Axes, result: EnergyResult, chinese: bool) -> None:
    figures = [result.figures(name) for name in NAMES]
    ratios = [each["ratio_to_foresight"] for each in figures]
    bars = axes.barh(range(len(NAMES)), ratios, color="#3366cc")
    axes.bar_label(bars, [f" {each['ratio_to_foresight']:.3f}  ({each['cost_per_kwh']:.3f})" for each in figures])
    axes.set_yticks(range(len(NAMES)), [_text(NAME_TEXTS[name], chinese) for name in NAMES])
    axes.invert_yaxis()
    axes.set_xlim(0.9, max(*ratios, 1.0) * 1.15)
    axes.set_xlabel(_text(COST_TEXT, chinese) + "  (CNY/kWh)")


def _waits(axes: Axes, result: EnergyResult, chinese: bool) -> None:
    for offset, key, words in zip((-0.2, 0.2), ("late_share_pct", "late15_share_pct"), LATE_TEXTS, strict=True):
        shares = [result.figures(name)[key] for name in NAMES]
        bars = axes.barh([row + offset for row in range(len(NAMES))], shares, height=0.38, label=_text(words, chinese))
        axes.bar_label(bars, fmt=" %.2f")
    axes.margins(x=0.15)
    axes.set_xlim(left=0.0)
    axes.set_xlabel(_text(WAIT_TEXT, chinese))
    axes.legend(loc="lower right")


def _text(words: tuple[str, str], chinese: bool) -> str:
    return " ".join(words) if chinese else words[1]
