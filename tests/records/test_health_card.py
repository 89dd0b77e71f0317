"""The health card as a PDF: one page, in both languages, the same bytes for the same card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.model.health import HealthGrade
from swapstation.records.health_card import health_pdf
from swapstation.records.paper import LANGUAGES
from tests.energy.test_health import card, charges


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_is_one_page_with_a_chinese_font(language: str) -> None:
    paper = health_pdf(card(charges(*[{}] * 5)), "示例站", language)
    assert paper.startswith(b"%PDF-")
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") == 1
    assert b"STSong-Light" in paper
    assert paper == health_pdf(card(charges(*[{}] * 5)), "示例站", language)


def test_cards_without_any_observation_and_with_odd_names_are_written_too() -> None:
    empty = replace(card([]), battery="<B&1>", quarantined=True, quarantine_reason="<leaks> & smokes")
    assert empty.grade is HealthGrade.UNKNOWN
    assert health_pdf(empty, "A & B <x>", "en").startswith(b"%PDF-")
