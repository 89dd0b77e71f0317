"""A report as a PDF with its plots, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from swapstation.records.paper import FONT, GREY, document, grid, line
from swapstation.reports.report import Report
from swapstation.reports.sections import Section, say, sections

_WIDTH = 174 * mm
_BAR = colors.HexColor("#4a6a86")
_MOST_LABELS = 31
_WORDY = ("codes", "work")


def report_pdf(report: Report, language: str) -> bytes:
    """The report as a PDF document; `language` is zh or en. The same report gives the same bytes."""
    kind = say(report.period.kind.value, language)
    title = f"{say('title', language)} {report.period.name} ({kind})"
    period = report.period
    head = [
        (say("station", language), report.station),
        (say("from_to", language), f"{period.first:%Y-%m-%d %H:%M}, {period.last:%Y-%m-%d %H:%M}"),
        (say("made_at", language), f"{report.made_at:%Y-%m-%d %H:%M}"),
    ]
    parts: list[Flowable] = [line(title, 18), Spacer(0, 4 * mm), _facts(head)]
    for section in sections(report, language):
        parts += _section(report, section, language)
    return document(parts, title, report.station)


def _section(report: Report, section: Section, language: str) -> Iterator[Flowable]:
    yield Spacer(0, 6 * mm)
    yield line(say(section.name, language), 13)
    yield Spacer(0, 2 * mm)
    if section.facts:
        yield _facts([(say(name, language), value) for name, value in section.facts])
    if section.rows:
        heads = tuple(say(head, language) for head in section.heads)
        yield Spacer(0, 2 * mm)
        yield grid([heads, *section.rows], _widths(section.heads), ("BACKGROUND", (0, 0), (-1, 0), GREY), head=1)
    elif not section.facts:
        yield line(say("nothing", language))
    yield from _plots(report, section.name, language)


def _plots(report: Report, name: str, language: str) -> Iterator[Flowable]:
    if name == "swaps" and any(report.swaps.by_hour):
        hours = [(f"{hour:02d}", float(count)) for hour, count in enumerate(report.swaps.by_hour)]
        yield from _plot(say("by_hour", language), hours)
    if name == "energy" and len(report.energy.by_day) > 1:
        days = [(day[5:], kwh) for day, kwh in report.energy.by_day]
        yield from _plot(say("by_day", language), _thinned(days))


def _thinned(values: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Sums of so many days together that no more bars than labels fit are drawn."""
    at_once = -(-len(values) // _MOST_LABELS)
    groups = [values[begin : begin + at_once] for begin in range(0, len(values), at_once)]
    return [(group[0][0], sum(value for _, value in group)) for group in groups]


def _plot(title: str, values: Sequence[tuple[str, float]]) -> Iterator[Flowable]:
    chart = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 12 * mm, 8 * mm, _WIDTH - 16 * mm, 34 * mm
    chart.data = [[value for _, value in values]]
    chart.valueAxis.valueMin = 0
    chart.valueAxis.labels.fontName = chart.categoryAxis.labels.fontName = FONT
    chart.valueAxis.labels.fontSize = chart.categoryAxis.labels.fontSize = 6
    chart.categoryAxis.categoryNames = [label for label, _ in values]
    chart.bars[0].fillColor, chart.bars[0].strokeColor = _BAR, None
    drawing = Drawing(_WIDTH, 46 * mm)
    drawing.add(chart)
    yield Spacer(0, 3 * mm)
    yield line(title)
    yield drawing


def _facts(facts: Sequence[tuple[str, str]]) -> Flowable:
    """Facts side by side, two to a row."""
    even = [*facts, ("", "")][: len(facts) + len(facts) % 2]
    rows = [[*left, *right] for left, right in zip(even[::2], even[1::2], strict=True)]
    widths = (42 * mm, 45 * mm, 42 * mm, 45 * mm)
    return grid(rows, widths, ("BACKGROUND", (0, 0), (0, -1), GREY), ("BACKGROUND", (2, 0), (2, -1), GREY))


def _widths(heads: Sequence[str]) -> list[float]:
    """Of a table's columns; those that hold words get twice what figures do."""
    shares = [2 if head in _WORDY else 1 for head in heads]
    return [_WIDTH * share / sum(shares) for share in shares]
