"""The monthly statement as a PDF: in both languages, the same bytes for the same statement, however long it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from swapstation.model.order import Correction, MonthlyFee, Statement, StatementOrder
from swapstation.records.paper import LANGUAGES
from swapstation.records.statement_paper import statement_pdf

AT = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)
ORDER = StatementOrder("S1", "V1", AT, Decimal("100.00"), ("peak",), Decimal("90.00"), Decimal("22.00"), late=True)
STATEMENT = Statement(
    "pit/2026-06",
    "pit",
    "2026-06",
    AT,
    "li",
    (ORDER,),
    (Correction(1, "S1", "pit", AT, "wang", "<not> full & old", Decimal("-5.00"), Decimal(0)),),
    (MonthlyFee("package", 1, Decimal("1000.00")), MonthlyFee("battery_lease", 2, Decimal("3000.00"))),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_statement_is_a_page_and_the_same_each_time(language: str) -> None:
    paper = statement_pdf(STATEMENT, "A & B <x>", language)
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") == 1
    assert paper == statement_pdf(STATEMENT, "A & B <x>", language)


def test_a_long_month_goes_on_over_further_pages() -> None:
    paper = statement_pdf(replace(STATEMENT, orders=(ORDER,) * 200), "station", "zh")
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") > 3


def test_what_a_statement_comes_to_is_the_sum_of_its_lines() -> None:
    assert STATEMENT.electricity_yuan == Decimal("85.00")
    assert STATEMENT.service_yuan == Decimal("22.00")
    assert STATEMENT.total_yuan == Decimal("7107.00")
