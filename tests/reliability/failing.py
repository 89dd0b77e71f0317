"""Failures as a station of the answering kind shows them: what its sensors tell from an instant on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from swapstation.model.device import FirePanel, LinkStatus, RobotState
from swapstation.model.seen import seen
from swapstation.model.snapshot import Snapshot
from swapstation.station.survey import survey
from tests.station.situations import device, fresh, with_device, with_value
from tests.station.walk import CYCLE_S, Answering

Failure = Callable[[Answering], Answering]
"""Turns a healthy station into one with the failure, from this instant on."""
Told = Callable[[Snapshot, float], Snapshot]
"""What the sensors tell, from the truth and the seconds since the failure began."""

AGE_LIMITS_S = {"robot": 1.0, "safety": 1.0, "truck": 2.0, "io": 0.5, "modules": 0.5, "charger": 2.0, "fire_panel": 1.0}


def telling(told: Told) -> Failure:
    """A failure that is seen in what the sensors tell; the survey follows from it as in the controller."""

    def begin(station: Answering) -> Answering:
        began_s = station.snapshot.now_s

        def with_survey(now: Snapshot) -> Snapshot:
            changed = told(now, now.now_s - began_s)
            return replace(changed, survey=survey(changed))

        return replace(station, told=with_survey)

    return begin


def healthy(station: Answering) -> Answering:
    """The failure is gone: the sensors tell the truth again."""
    return telling(lambda now, _: now)(station)


def says(path: str, **changes: Any) -> Failure:
    """A device says something wrong and stays fresh: a stuck sensor, or the thing itself."""
    return telling(lambda now, _: with_value(now, path, lambda value: replace(value, **changes)))


def silent(*paths: str) -> Failure:
    """Devices that say nothing any more; their last values get old."""

    def begin(station: Answering) -> Answering:
        last = {path: device(station.snapshot, path).value for path in paths}

        def told(now: Snapshot, since_s: float) -> Snapshot:
            for path, value in last.items():
                limit_s = AGE_LIMITS_S[path.rpartition(".")[2]]
                now = with_device(now, path, seen(value, 0.0, since_s + CYCLE_S / 2, limit_s))
            return now

        return telling(told)(station)

    return begin


def for_a_while(path: str, seconds: float, **changes: Any) -> Failure:
    """A device that says the wrong thing for a time, then the truth by itself."""

    def told(now: Snapshot, since_s: float) -> Snapshot:
        return now if since_s >= seconds else with_value(now, path, lambda value: replace(value, **changes))

    return telling(told)


def database_full(station: Answering) -> Answering:
    return telling(lambda now, _: replace(now, journal_error="database or disk is full"))(station)


def clock_jumps(hours: float) -> Failure:
    """The wall clock jumps; the label of every instant from now on is wrong by this much."""
    return telling(lambda now, _: replace(now, at=now.at + timedelta(hours=hours)))


def flooded(station: Answering) -> Answering:
    """A bay's bus carries twice what it was made for."""
    link = LinkStatus("bay-2", connected=True, bus_load_pct=95.0)
    return telling(lambda now, _: replace(now, links=(link,)))(station)


def garbled(station: Answering) -> Answering:
    """Messages of a bay's bus that cannot be read, ten a second."""

    def told(now: Snapshot, since_s: float) -> Snapshot:
        count = round(since_s * 10.0)
        return replace(now, links=(LinkStatus("bay-2", connected=True, malformed=count, malformed_per_s=10.0),))

    return telling(told)(station)


def fire_panel_alarms(station: Answering) -> Answering:
    """The fire panel's own alarm, over the safety chain and in its message; it cuts the feeders off by itself."""

    def told(now: Snapshot, _: float) -> Snapshot:
        panel = FirePanel(alarm=True, extinguishing_released=False, exhaust_running=True, cut_off_done=True, zones=(1,))
        now = with_value(now, "safety", lambda safety: replace(safety, fire_ok=False))
        return with_device(now, "fire_panel", fresh(panel))

    return telling(told)(station)


def robot_faults(station: Answering) -> Answering:
    """A drive fault: the order is over, the robot stands with what it holds."""
    return replace(station, job=None, deaf=True).change(
        "robot", state=RobotState.FAULT, fault_words=(4, 0), running_id=0
    )


def drives_off(station: Answering) -> Answering:
    """The robot says that its drives are off line, and moves no more."""
    return says("robot", state=RobotState.OFFLINE, running_id=0)(replace(station, job=None, deaf=True))
