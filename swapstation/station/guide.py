"""The drivers' sign before the lane shows the station's word: at once when it changes, again as long as it counts."""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.command import ShowSign
from swapstation.model.lane_sign import sign_text
from swapstation.station.draft import Draft
from swapstation.station.lane_sign import lane_sign

RENEW_S = 2.0
DISTANCE_S = 0.5
"""A distance alone is not told more often: nobody reads faster."""


def run_guide(draft: Draft) -> None:
    """Tell the sign, where there is one; it speaks a word until it shows it."""
    guide, memory = draft.snapshot.guide.good, draft.memory.guide
    if not draft.rules.config.links.guide:
        return
    sign = lane_sign(draft)
    new = memory.sign is None or sign.word != memory.sign.word
    since_s, moved = draft.now_s - memory.told_s, sign != memory.sign
    memory = replace(memory, sign=sign)
    if guide is not None and (new or since_s >= (DISTANCE_S if moved else RENEW_S)):
        text = sign_text(sign)
        if draft.send(ShowSign(sign.word, text.stop, guide.word != sign.word, text.zh, text.en)):
            memory = replace(memory, told_s=draft.now_s)
    draft.remember(guide=memory)
