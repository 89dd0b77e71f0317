"""Which truck this is: strong proofs, weak ones that agree, disagreement, and a person's last word."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.model.arriving import STRONG, Proof, Source, identify

AT = datetime(2026, 5, 1, tzinfo=UTC)


def proof(source: Source, vin: str) -> Proof:
    return Proof(source, vin or "?", vin, AT)


@pytest.mark.parametrize(
    ("proofs", "vin", "certain"),
    [
        ([], "", False),
        ([(Source.PLATE, "A")], "A", False),
        ([(Source.RFID, "A")], "A", True),
        ([(Source.TRUCK_LINK, "A")], "A", True),
        ([(Source.PLATE, "A"), (Source.BOOKING, "A")], "A", True),
        ([(Source.PLATE, "A"), (Source.PLATE, "A")], "A", False),
        ([(Source.PLATE, ""), (Source.RFID, "A")], "A", True),
        ([(Source.PLATE, "B"), (Source.RFID, "A")], "", False),
        ([(Source.PLATE, "B"), (Source.RFID, "A"), (Source.PERSON, "A")], "A", True),
        ([(Source.PERSON, "A"), (Source.PERSON, "B")], "B", True),
    ],
)
def test_the_rule(proofs: list[tuple[Source, str]], vin: str, certain: bool) -> None:
    told = identify(proof(*each) for each in proofs)
    assert (told.vin, told.certain) == (vin, certain)


PROOFS = st.lists(st.builds(proof, st.sampled_from(Source), st.sampled_from(["", "A", "B"])), max_size=8)


@given(PROOFS)
def test_nobody_is_certain_of_a_truck_that_no_proof_names(proofs: list[Proof]) -> None:
    told = identify(proofs)
    assert told.vin in {"", *(each.vin for each in proofs)}
    assert told.vin or not told.certain


@given(PROOFS)
def test_machines_that_disagree_are_never_certain_without_a_person(proofs: list[Proof]) -> None:
    machines = [each for each in proofs if each.source is not Source.PERSON]
    told = identify(machines)
    assert not (told.certain and told.disagree)
    if len({each.vin for each in machines if each.vin and each.source in STRONG}) == 2:
        assert told.disagree == ("A", "B")
