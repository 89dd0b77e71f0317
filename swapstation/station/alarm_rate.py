"""How often alarms come: chattering of one, flood of all (limits of EEMUA 191 and ISA-18.2)."""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.alarm import Alarm
from swapstation.model.alarm_figures import CHATTER, CHATTER_WINDOW, FLOOD, FLOOD_WINDOW

Raisings = tuple[tuple[str, float], ...]

_CHATTER_S, _FLOOD_S = CHATTER_WINDOW.total_seconds(), FLOOD_WINDOW.total_seconds()


def noted(raisings: Raisings, alarm: str, now_s: float) -> Raisings:
    """The raisings of the last ten minutes with one more; bounded, the oldest fall off."""
    recent = tuple(each for each in raisings if now_s - each[1] < _FLOOD_S)
    return (*recent, (alarm, now_s))[-500:]


def chattering(alarm: Alarm, raisings: Raisings, now_s: float) -> Alarm:
    """The alarm, marked while it has been raised three times within a minute."""
    times = sum(1 for name, at_s in raisings if name == alarm.alarm and now_s - at_s < _CHATTER_S)
    return replace(alarm, chattering=times >= CHATTER)


def flood(raisings: Raisings, now_s: float) -> bool:
    """Whether more alarms come than people can look at: ten within ten minutes."""
    return sum(1 for _, at_s in raisings if now_s - at_s < _FLOOD_S) >= FLOOD
