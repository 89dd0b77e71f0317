"""Is it this battery? The declared sources, how many must agree, and what a person's word can and cannot replace."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.settings import Evidence, EvidenceSource
from swapstation.model.device import Truck
from swapstation.station.identity import known_on_truck
from tests.station.situations import pack_code, situation, swap, swapping, truck

CODE, PRESENCE = EvidenceSource.TRUCK_CODE, EvidenceSource.TRUCK_PRESENCE
BOTH = (CODE, PRESENCE)
SILENT, WRONG = truck(codes=()), truck(codes=(pack_code(66),))


def missing(
    seen: Truck, sources: tuple[EvidenceSource, ...] = BOTH, minimum: int = 2, attested: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """What is missing to know that B3 is on the truck."""
    now = swapping()
    stock = replace(now.inventory, swap=replace(swap(), attested=attested))
    there = situation(replace(now, inventory=stock))
    declared = replace(there, config=replace(there.config, evidence=Evidence(sources, minimum)))
    return known_on_truck(declared, seen.positions[0], stock.battery("B3"))


@pytest.mark.parametrize(
    ("sources", "minimum", "attested"),
    [(BOTH, 2, ()), ((CODE,), 1, ()), ((CODE,), 2, ("B3",)), (BOTH, 3, ("B3",))],
)
def test_enough_sources_that_agree_are_enough(
    sources: tuple[EvidenceSource, ...], minimum: int, attested: tuple[str, ...]
) -> None:
    assert missing(truck(), sources, minimum, attested) == ()


def test_too_few_sources_are_too_little() -> None:
    assert missing(truck(), (CODE,)) == ("evidence_enough",)
    assert missing(truck(battery_present=False)) == ("evidence_enough",)


def test_a_silent_reader_is_replaced_by_a_person_who_has_looked_at_this_battery() -> None:
    assert missing(SILENT) == ("battery_codes_read", "evidence_enough")
    assert missing(SILENT, attested=("B1",)) == ("battery_codes_read", "evidence_enough")
    assert missing(SILENT, attested=("B3",)) == ()


def test_presence_alone_is_no_identity() -> None:
    assert missing(SILENT, (PRESENCE,), 1) == ("battery_codes_read",)


@pytest.mark.parametrize("sources", [BOTH, (PRESENCE,)])
def test_no_word_outvotes_a_code_that_says_otherwise(sources: tuple[EvidenceSource, ...]) -> None:
    assert "battery_codes_match" in missing(WRONG, sources, 1, ("B3",))


def test_a_truck_without_a_battery_on_record_is_not_known() -> None:
    assert known_on_truck(situation(swapping()), truck().positions[0], None) == ("battery_codes_match",)
