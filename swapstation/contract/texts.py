"""What people read for a code: a reason of the catalogue, or the title of an alarm that stands in the way."""

from __future__ import annotations

from functools import cache

from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.model.reasons import Reason, reason_catalogue


@cache
def texts() -> dict[str, Reason]:
    """Every code that can be given as a reason, with its texts."""
    titles = {code: Reason(code, alarm.zh.title, alarm.en.title) for code, alarm in alarm_catalogue().items()}
    return titles | reason_catalogue()


def text(code: str) -> Reason:
    """The texts of a code; an unknown code is its own text."""
    return texts().get(code, Reason(code, code, code))
