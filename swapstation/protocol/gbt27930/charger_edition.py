"""Which edition a charger speaks: as its settings say before the battery was heard, as both say once its BRM came."""

from __future__ import annotations

from swapstation.config.gbt27930 import EditionChoice
from swapstation.protocol.gbt27930.words import Edition, spoken_edition

_VERSION_2015 = (1, 1)
_VERSION_NOT_TOLD = (0xFFFF, 0xFF)


def first_edition(choice: EditionChoice) -> Edition:
    """The edition before the battery has said anything."""
    return Edition.GB2011 if choice is EditionChoice.GB2011 else Edition.GB2015


def chosen_edition(choice: EditionChoice, bhm_seen: bool, version: str, brm_bytes: int) -> Edition:
    """The edition to go on in; a BRM settles it (see `EditionChoice`)."""
    if choice is EditionChoice.GB2011:
        return Edition.GB2011
    spoken = spoken_edition(bhm_seen, version, brm_bytes)
    later = choice is EditionChoice.AUTO and _VERSION_2015 < _numbers(version) < _VERSION_NOT_TOLD
    return Edition.GB2023 if spoken is Edition.GB2015 and (later or choice is EditionChoice.GB2023) else spoken


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
