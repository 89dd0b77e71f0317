"""The monthly figures of alarm management (EEMUA 191, ISA-18.2 clause 16) from the alarms that came and went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from swapstation.model.alarm import Alarm, Priority

TARGET_SHARES_PCT = {Priority.CRITICAL: 5.0, Priority.HIGH: 15.0, Priority.MEDIUM: 80.0}
"""What EEMUA 191 asks for; diagnostic ones are not counted."""
FLOOD, FLOOD_WINDOW = 10, timedelta(minutes=10)
CHATTER, CHATTER_WINDOW = 3, timedelta(minutes=1)
STALE = timedelta(hours=24)
_TOP = 10


@dataclass(frozen=True, slots=True)
class AlarmPeriod:
    """An alarm as it last was and when it became normal again; `gone_at` None = it stands."""

    alarm: Alarm
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Raising:
    """One time that an alarm was raised."""

    alarm: str
    code: str
    priority: Priority
    at: datetime


@dataclass(frozen=True, slots=True)
class PriorityShare:
    """How many alarms of a priority came, their share, and the share that is aimed at (None: not counted)."""

    priority: Priority
    count: int
    share_pct: float | None
    target_pct: float | None


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How often an alarm code came."""

    code: str
    count: int


@dataclass(frozen=True, slots=True)
class AlarmFigures:
    """Figures of a span of time. `per_day` is the mean; `chattering` came three times within a minute."""

    first: datetime
    last: datetime
    count: int
    per_day: float
    shares: tuple[PriorityShare, ...]
    most_frequent: tuple[CodeCount, ...]
    floods: int
    chattering: tuple[str, ...]
    stale: tuple[str, ...]


def alarm_figures(
    raisings: Iterable[Raising], periods: Iterable[AlarmPeriod], first: datetime, last: datetime
) -> AlarmFigures:
    """Figures from `first` until before `last` (UTC); `stale` stood longer than a day."""
    raised = sorted((each for each in raisings if first <= each.at < last), key=lambda each: each.at)
    counted = Counter(each.priority for each in raised)
    shown = sum(counted[priority] for priority in TARGET_SHARES_PCT)
    codes = Counter(each.code for each in raised)
    days = max((last - first) / timedelta(days=1), 1.0)
    return AlarmFigures(
        first=first,
        last=last,
        count=len(raised),
        per_day=round(len(raised) / days, 2),
        shares=tuple(_share(priority, counted[priority], shown) for priority in Priority),
        most_frequent=tuple(CodeCount(code, count) for code, count in codes.most_common(_TOP)),
        floods=_floods([each.at for each in raised]),
        chattering=_chattering(raised),
        stale=tuple(sorted({each.alarm.alarm for each in periods if _stood(each, last) > STALE})),
    )


def _stood(period: AlarmPeriod, last: datetime) -> timedelta:
    return min(period.gone_at or last, last) - period.alarm.raised_at


def _share(priority: Priority, count: int, shown: int) -> PriorityShare:
    target_pct = TARGET_SHARES_PCT.get(priority)
    share_pct = round(100.0 * count / shown, 1) if shown and target_pct is not None else None
    return PriorityShare(priority, count, share_pct, target_pct)


def _floods(times: Sequence[datetime]) -> int:
    """Floods one after another: each begins with ten alarms in ten minutes and ends once fewer come."""
    floods, flooding = 0, False
    for index, at in enumerate(times):
        begun = index >= FLOOD - 1 and at - times[index - FLOOD + 1] <= FLOOD_WINDOW
        floods += begun and not flooding
        flooding = begun
    return floods


def _chattering(raised: Sequence[Raising]) -> tuple[str, ...]:
    times: dict[str, list[datetime]] = {}
    for raising in raised:
        times.setdefault(raising.alarm, []).append(raising.at)
    found = {
        name
        for name, at in times.items()
        if any(later - earlier <= CHATTER_WINDOW for earlier, later in zip(at, at[CHATTER - 1 :], strict=False))
    }
    return tuple(sorted(found))
