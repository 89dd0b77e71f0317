"""The monthly alarm figures: rates, shares, floods, chattering and stale alarms, at and beside their limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.alarm_figures import AlarmPeriod, CodeCount, Raising, alarm_figures

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
LAST = datetime(2026, 12, 1, tzinfo=UTC)


def _raised(minute: float, alarm: str = "LINK@robot", priority: Priority = Priority.MEDIUM) -> Raising:
    return Raising(alarm, alarm.partition("@")[0], priority, FIRST + timedelta(minutes=minute))


def _stood(hours: float | None, alarm: str = "LINK@robot") -> AlarmPeriod:
    raised = Alarm(alarm, "LINK", "robot", Priority.MEDIUM, AlarmState.ACKNOWLEDGED, FIRST)
    return AlarmPeriod(raised, None if hours is None else FIRST + timedelta(hours=hours))


def test_a_quiet_month_has_zero_of_everything() -> None:
    figures = alarm_figures([], [], FIRST, LAST)
    assert (figures.count, figures.per_day, figures.floods) == (0, 0.0, 0)
    assert [share.share_pct for share in figures.shares] == [None] * 4


def test_only_the_month_counts() -> None:
    figures = alarm_figures([_raised(-1), _raised(0), _raised(30 * 1440.0)], [], FIRST, LAST)
    assert figures.count == 1


def test_shares_leave_diagnostic_alarms_out() -> None:
    raised = [_raised(60.0 * each, priority=Priority.MEDIUM) for each in range(8)]
    raised += [_raised(1, priority=Priority.CRITICAL), _raised(2, priority=Priority.HIGH)]
    raised += [_raised(60.0 * each + 3, priority=Priority.DIAGNOSTIC) for each in range(5)]
    shares = {share.priority: (share.count, share.share_pct) for share in alarm_figures(raised, [], FIRST, LAST).shares}
    assert shares == {
        Priority.CRITICAL: (1, 10.0),
        Priority.HIGH: (1, 10.0),
        Priority.MEDIUM: (8, 80.0),
        Priority.DIAGNOSTIC: (5, None),
    }


def test_the_most_frequent_come_first() -> None:
    raised = [_raised(1, "A@x"), _raised(200, "B@x"), _raised(400, "B@y")]
    assert alarm_figures(raised, [], FIRST, LAST).most_frequent == (CodeCount("B", 2), CodeCount("A", 1))


def test_ten_alarms_in_ten_minutes_are_one_flood_and_nine_none() -> None:
    flood = [_raised(each, f"A{each}@x") for each in range(10)]
    assert alarm_figures(flood[:9], [], FIRST, LAST).floods == 0
    assert alarm_figures(flood, [], FIRST, LAST).floods == 1
    longer = [*flood, _raised(10, "B@x"), *(_raised(500.0 + each, f"C{each}@x") for each in range(12))]
    assert alarm_figures(longer, [], FIRST, LAST).floods == 2


def test_three_times_within_a_minute_is_chattering() -> None:
    assert alarm_figures([_raised(1), _raised(1.4), _raised(2.0)], [], FIRST, LAST).chattering == ("LINK@robot",)
    assert alarm_figures([_raised(1), _raised(1.4), _raised(2.1)], [], FIRST, LAST).chattering == ()


def test_longer_than_a_day_is_stale() -> None:
    assert alarm_figures([], [_stood(24.0)], FIRST, LAST).stale == ()
    assert alarm_figures([], [_stood(24.1), _stood(None, "M@x")], FIRST, LAST).stale == ("LINK@robot", "M@x")
