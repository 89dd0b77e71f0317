"""The five jobs of a new operator, done by the page alone at a real demo station."""

from __future__ import annotations

import pytest

from tests.jobs.__main__ import DOCUMENT, SECTION, run
from tests.jobs.five import JOBS
from tests.reliability.document import section_of
from tests.ui.conftest import CHROMIUM

MOST_PRESSES = 8
"""For any of them, holding included."""


@pytest.mark.slow
@pytest.mark.timeout(600)  # two whole swaps and more, on a machine that others use too
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs chromium: apt-get install chromium fonts-noto-cjk")
def test_each_is_done_with_few_presses() -> None:
    told = run()
    assert [each.job for each in told] == list(JOBS)
    assert max(each.presses for each in told) <= MOST_PRESSES, told


def test_the_document_tells_of_all_of_them() -> None:
    said = section_of(SECTION, DOCUMENT)
    assert all(f"| {job} |" in said for job in JOBS)
