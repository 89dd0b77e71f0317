"""The health card of a battery as a PDF, one page, in Chinese or English."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.platypus import Spacer, Table

from swapstation.model.health import HealthCard, HealthFinding, HealthGrade
from swapstation.records.paper import GREY, document, grid, line

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
    title = f"{_say('title', language)} {card.battery}"
    parts = [
        line(title, 18),
        Spacer(0, 4 * mm),
        _facts(card, station, language),
        Spacer(0, 6 * mm),
        _findings(card, language),
        Spacer(0, 6 * mm),
        line(_say("method", language), 8),
    ]
    return document(parts, title, station)


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
    rows = [(_say(name, language), value) for name, value in told]
    shade = ("BACKGROUND", (1, len(rows) - 1), (1, len(rows) - 1), _SHADES[card.grade])
    return grid(rows, (48 * mm, 126 * mm), ("BACKGROUND", (0, 0), (0, -1), GREY), shade)


def _findings(card: HealthCard, language: str) -> Table:
    rows = [tuple(_say(name, language) for name in _HEADINGS)]
    rows += [_finding(finding, language) for finding in card.findings]
    shades = [
        ("BACKGROUND", (-1, row), (-1, row), _SHADES[finding.grade])
        for row, finding in enumerate(card.findings, start=1)
    ]
    return grid(rows, _WIDTHS, ("BACKGROUND", (0, 0), (-1, 0), GREY), *shades, head=1)


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


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("swapstation") / "records" / "health_texts.toml").read_text(encoding="utf-8"))


def _say(name: str, language: str) -> str:
    return _texts()[name][language]
