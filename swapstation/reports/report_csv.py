"""A report as CSV: a line per figure, `section,row,figure,value`, for spreadsheets and other programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from swapstation.business.csv_cells import harmless
from swapstation.reports.report import Report
from swapstation.reports.sections import say, sections

HEADINGS = ("section", "row", "figure", "value")


def report_csv(report: Report, language: str) -> str:
    """The report as CSV with UTF-8 byte order mark, as spreadsheets want it; `language` is zh or en."""
    paper = StringIO()
    writer = csv.writer(paper, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows(tuple(harmless(value) for value in row) for row in _rows(report, language))
    return "\ufeff" + paper.getvalue()


def _rows(report: Report, language: str) -> Iterator[tuple[str, str, str, str]]:
    period = report.period
    yield "report", "", say("station", language), report.station
    yield "report", "", say("from_to", language), f"{period.first.isoformat()}, {period.last.isoformat()}"
    yield "report", "", say("made_at", language), report.made_at.isoformat(timespec="seconds")
    for section in sections(report, language):
        name = say(section.name, language)
        for fact, value in section.facts:
            yield name, "", say(fact, language), value
        for row in section.rows:
            for head, value in zip(section.heads[1:], row[1:], strict=True):
                yield name, row[0], say(head, language), value
