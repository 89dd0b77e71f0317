"""No cell is taken for a formula, and nothing else is touched."""

from __future__ import annotations

import pytest

from swapstation.business.csv_cells import harmless


@pytest.mark.parametrize("text", ["", "-", "-1.5", "-.5", "12", "2026-11", "a=b", "晋H00011"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "@SUM(A1)", "-A1", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_reckon_is_marked_as_text(text: str) -> None:
    assert harmless(text) == f"'{text}"
