"""What drivers at the lane are told: one word and how far it is; its texts are in lane_signs.toml.

The lane display of the console and the sign before the lane show the same (`Snapshot.lane_sign`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class LaneSign:
    """A word of the catalogue. `cm`: how far the truck is from its place along the lane; None: nothing to say."""

    word: str
    cm: int | None = None


UNSAFE = LaneSign("lane_unsafe")
"""The word of everybody who knows nothing."""


@dataclass(frozen=True, slots=True)
class LaneText:
    """The texts of one word. Stop signs are dark and framed, the others light."""

    stop: bool
    zh: str
    en: str


@cache
def lane_signs() -> Mapping[str, LaneText]:
    """Every word with its texts, and `cm_off` with {cm} in it."""
    rows = tomllib.loads((files("swapstation.model") / "lane_signs.toml").read_text(encoding="utf-8"))
    return {word: LaneText(**row) for word, row in rows.items()}


def sign_text(sign: LaneSign) -> LaneText:
    """What a sign says as one line, with the distance behind the words."""
    text, off = lane_signs()[sign.word], lane_signs()["cm_off"]
    if sign.cm is None:
        return text
    zh, en = (f"{words}, {of.format(cm=sign.cm)}" for words, of in ((text.zh, off.zh), (text.en, off.en)))
    return LaneText(text.stop, zh, en)
