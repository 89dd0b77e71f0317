"""Which truck this is: proofs from plate camera, RFID, the truck itself, a booking or a person, put together.

Every proof names at most one truck. A person's word decides; else a truck is certain when the proofs that name a truck
all name the same one and one of them is strong (its own link or its RFID tag), or two different weak ones agree. Own
design.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Source(StrEnum):
    """Where a proof comes from."""

    TRUCK_LINK = "truck_link"
    RFID = "rfid"
    PLATE = "plate"
    BOOKING = "booking"
    PERSON = "person"


STRONG = frozenset({Source.TRUCK_LINK, Source.RFID})
"""They are fixed to the truck; a plate is misread in snow and dust, and a booking only says who was expected."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a source read (a VIN, a plate, a tag), and the truck that it stands for; "": none that is known.

    Proofs of one `passage` of the devices before the lane are of one vehicle, whatever they name.
    """

    source: Source
    value: str
    vin: str
    at: datetime
    person: str = ""
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the proofs come to: the truck, "" while nobody can say; `disagree`: proofs name different trucks."""

    vin: str
    certain: bool
    disagree: tuple[str, ...] = ()


def identify(proofs: Iterable[Proof]) -> Identity:
    """Put proofs together. The last word of a person decides whatever the others say."""
    told = tuple(proofs)
    decided = [proof for proof in told if proof.source is Source.PERSON and proof.vin]
    named = sorted({proof.vin for proof in told if proof.vin and proof.source is not Source.PERSON})
    disagree = tuple(named) if len(named) > 1 else ()
    if decided:
        return Identity(decided[-1].vin, certain=True, disagree=disagree)
    if len(named) != 1:
        return Identity("", certain=False, disagree=disagree)
    sources = {proof.source for proof in told if proof.vin}
    return Identity(named[0], certain=bool(sources & STRONG) or len(sources) > 1)
