"""The health card of a battery as a PDF, one page, in Chinese or English.

Set in STSong-Light, a font that PDF readers bring along (Adobe-GB1), so that no font file is shipped.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from swapstation.model.health import HealthCard, HealthFinding, HealthGrade

FONT = "STSong-Light"
LANGUAGES = ("zh", "en")
_MARGIN = 18 * mm
_GREY, _LINE = colors.HexColor("#eef1f4"), colors.HexColor("#b8c0c8")
_SHADES = {
    HealthGrade.GOOD: colors.HexColor("#d9efdc"),
    HealthGrade.WORN: colors.HexColor("#fbeec2"),
    HealthGrade.SUSPECT: colors.HexColor("#f6cfcb"),
    HealthGrade.UNKNOWN: colors.HexColor("#e4e7ea"),
}
_HEADINGS = ("figure", "value", "uncertainty", "worn_from", "suspect_from", "from_count", "grade")
_WIDTHS = (54 * mm, 22 * mm, 22 * mm, 20 * mm, 20 * mm, 14 * mm, 22 * mm)


def health_pdf(card: HealthCard, station: str, language: str) -> bytes:
    """The card as a PDF document; `language` is zh or en. The same card gives the same bytes."""
    _register()
    paper = BytesIO()
    document = SimpleDocTemplate(
        paper,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=f"{_say('title', language)} {card.battery}",
        author=station,
        invariant=1,
    )
    document.build(
        [
            Paragraph(f"{_say('title', language)} {_plain(card.battery)}", _style(18)),
            Spacer(0, 4 * mm),
            _facts(card, station, language),
            Spacer(0, 6 * mm),
            _findings(card, language),
            Spacer(0, 6 * mm),
            Paragraph(_say("method", language), _style(8)),
        ]
    )
    return paper.getvalue()


def _facts(card: HealthCard, station: str, language: str) -> Table:
    none = _say("none", language)
    told = [
        ("station", station),
        ("battery", card.battery),
        ("model", card.model),
        ("codes", ", ".join(card.codes) or none),
        ("at", f"{card.at:%Y-%m-%d %H:%M}"),
        ("observations", str(card.observations)),
        ("period", _period(card) or none),
        ("production_date", card.production_date.isoformat() if card.production_date else none),
        ("charge_count", none if card.charge_count is None else str(card.charge_count)),
        ("faults", ", ".join(card.faults) or none),
        ("quarantine", card.quarantine_reason if card.quarantined else none),
        ("grade", _say(card.grade.value, language)),
    ]
    rows = [[_cell(_say(name, language)), _cell(value)] for name, value in told]
    table = Table(rows, colWidths=(48 * mm, 126 * mm))
    shade = ("BACKGROUND", (1, len(rows) - 1), (1, len(rows) - 1), _SHADES[card.grade])
    table.setStyle(TableStyle([*_grid(), ("BACKGROUND", (0, 0), (0, -1), _GREY), shade]))
    return table


def _findings(card: HealthCard, language: str) -> Table:
    rows = [[_cell(_say(name, language)) for name in _HEADINGS]]
    rows += [[_cell(text) for text in _finding(finding, language)] for finding in card.findings]
    shades = [
        ("BACKGROUND", (-1, row), (-1, row), _SHADES[finding.grade])
        for row, finding in enumerate(card.findings, start=1)
    ]
    table = Table(rows, colWidths=_WIDTHS, repeatRows=1)
    table.setStyle(TableStyle([*_grid(), ("BACKGROUND", (0, 0), (-1, 0), _GREY), *shades]))
    return table


def _finding(finding: HealthFinding, language: str) -> tuple[str, ...]:
    off = "" if finding.uncertainty is None else f"± {_number(finding.uncertainty, finding.unit)}"
    grade = _say(finding.grade.value, language).partition(":")[0].partition(",")[0]
    return (
        _say(finding.figure, language),
        _number(finding.value, finding.unit),
        off,
        _number(finding.worn, finding.unit),
        _number(finding.suspect, finding.unit),
        str(finding.from_count),
        grade,
    )


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    digits = 3 if unit == "V" else 1
    return f"{value:.{digits}f} {unit}".strip()


def _period(card: HealthCard) -> str:
    if card.first_at is None or card.last_at is None:
        return ""
    return f"{card.first_at:%Y-%m-%d} - {card.last_at:%Y-%m-%d}"


def _grid() -> list[tuple[Any, ...]]:
    return [("GRID", (0, 0), (-1, -1), 0.4, _LINE), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]


def _cell(text: str) -> Paragraph:
    return Paragraph(_plain(text), _style(9))


def _plain(text: str) -> str:
    """Text whose signs are no markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _style(size: float) -> ParagraphStyle:
    return ParagraphStyle(f"text-{size}", fontName=FONT, fontSize=size, leading=size * 1.35, wordWrap="CJK")


@cache
def _register() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("swapstation") / "records" / "health_texts.toml").read_text(encoding="utf-8"))


def _say(name: str, language: str) -> str:
    return _texts()[name][language]
