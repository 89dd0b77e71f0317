"""A fleet's monthly statement as a PDF, in Chinese or English: electricity and service apart, changes, fees."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from reportlab.lib.units import mm
from reportlab.platypus import Spacer

from swapstation.model.order import Statement
from swapstation.records.paper import GREY, document, grid, line

_HEADINGS = ("swap", "vin", "at", "energy", "periods", "electricity", "service", "note")
_WIDTHS = (24 * mm, 32 * mm, 28 * mm, 17 * mm, 18 * mm, 19 * mm, 19 * mm, 17 * mm)


def statement_pdf(statement: Statement, station: str, language: str) -> bytes:
    """The statement as a PDF document; `language` is zh or en. The same statement gives the same bytes."""
    title = f"{_say('title', language)} {statement.statement}"
    rows = [tuple(_say(name, language) for name in _HEADINGS), *_rows(statement, language)]
    parts = [
        line(title, 18),
        Spacer(0, 4 * mm),
        grid(tuple(_facts(statement, station, language)), (64 * mm, 110 * mm), ("BACKGROUND", (0, 0), (0, -1), GREY)),
        Spacer(0, 6 * mm),
        grid(rows, _WIDTHS, ("BACKGROUND", (0, 0), (-1, 0), GREY), head=1),
    ]
    return document(parts, title, station)


def _facts(statement: Statement, station: str, language: str) -> Iterator[tuple[str, str]]:
    told = {
        "station": station,
        "fleet": statement.fleet,
        "month": statement.month,
        "statement": statement.statement,
        "issued_at": f"{statement.issued_at:%Y-%m-%d %H:%M}",
        "person": statement.person,
        "electricity": f"{statement.electricity_yuan:.2f}",
        "service": f"{statement.service_yuan:.2f}",
        "fees": f"{statement.fees_yuan:.2f}",
        "total": f"{statement.total_yuan:.2f}",
        "still_open": str(statement.still_open),
    }
    for name, value in told.items():
        yield _say(name, language), value


def _rows(statement: Statement, language: str) -> Iterator[tuple[str, ...]]:
    for each in statement.orders:
        periods = ", ".join(_say(period, language) for period in each.periods)
        money = f"{each.electricity_yuan:.2f}", f"{each.service_yuan:.2f}"
        note = _say("late", language) if each.late else ""
        yield each.swap, each.vin, f"{each.at:%m-%d %H:%M}", f"{each.energy_kwh:.2f}", periods, *money, note
    for change in statement.corrections:
        money = f"{change.electricity_yuan:.2f}", f"{change.service_yuan:.2f}"
        yield change.swap, "", f"{change.at:%m-%d %H:%M}", "", _say("correction", language), *money, change.reason
    for fee in statement.fees:
        yield _say(fee.what, language), "", "", "", "", "", f"{fee.yuan:.2f}", f"{fee.quantity} x {fee.each_yuan:.2f}"


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("swapstation") / "records" / "statement_texts.toml").read_text(encoding="utf-8"))


def _say(name: str, language: str) -> str:
    return _texts()[name][language]
