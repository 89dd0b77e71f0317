"""The cases as a bar chart in one SVG file: the limit behind, what was simulated before it."""

from __future__ import annotations

from collections.abc import Sequence

from swapstation.study.result import Result

WIDTH, BAR, HEIGHT, MARGIN = 150, 90, 260, 40


def chart(results: Sequence[Result]) -> str:
    """SVG text with one bar per case (own design; no library draws it)."""
    top = max((result.limit_per_h for result in results), default=1.0)
    bars = "".join(_bar(index, result, HEIGHT / top) for index, result in enumerate(results))
    width, height = MARGIN * 2 + WIDTH * len(results), HEIGHT + MARGIN * 3
    title = "每小时换电次数与物理极限 | swaps per hour and the physical limit"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="{MARGIN}" y="20">{title}</text>{bars}</svg>\n'
    )


def _bar(index: int, result: Result, scale: float) -> str:
    left, floor, inside = MARGIN + index * WIDTH, HEIGHT + MARGIN, BAR - 30
    most, done = result.limit_per_h, result.measured.swaps_per_h
    behind, before = most * scale, done * scale
    figures = f"{done:.2f} / {most:.2f} = {done / most:.3f}"
    return (
        f'<rect x="{left}" y="{floor - behind:.1f}" width="{BAR}" height="{behind:.1f}" fill="#d0d7de"/>'
        f'<rect x="{left + 15}" y="{floor - before:.1f}" width="{inside}" height="{before:.1f}" fill="#36c"/>'
        f'<text x="{left}" y="{floor + 18}">{result.case.batteries} x {result.case.site_kw:g} kW</text>'
        f'<text x="{left}" y="{floor + 36}">{figures}</text>'
    )
