"""The catalogue is whole: every row has its tests or says what is missing, and the page shows this run."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from swapstation.contract.alarm_catalogue import alarm_catalogue
from tests.reliability.catalogue import CASES
from tests.reliability.document import section_of
from tests.reliability.rows import ROWS, Row
from tests.reliability.table import section

ROOT = Path(__file__).parents[2]


def test_the_rows_are_numbered_as_in_the_catalogue() -> None:
    assert [row.number for row in ROWS] == list(range(1, 27))
    assert {case.row for case in CASES} <= {row.number for row in ROWS}
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.number))
def test_every_row_has_a_test_that_exists_or_says_what_is_missing(row: Row) -> None:
    assert row.tests or row.not_yet
    for node in row.tests:
        path, _, name = node.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        names = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in names, node


def test_every_root_that_a_failure_may_have_is_an_alarm() -> None:
    assert {root for case in CASES for root in case.roots} <= set(alarm_catalogue())


@pytest.mark.timeout(600)  # it carries every failure out once more where another process ran the steps
def test_the_table_in_the_docs_is_that_of_this_run() -> None:
    assert section_of("catalogue") == section().strip(), "run python -m tests.reliability.table"
