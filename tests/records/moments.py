"""Scan cycles of a calm station, and cycles in which something happens; recorders that write into a folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from swapstation.config.black_box_settings import BlackBox
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.journal import AlarmChanged, Record
from swapstation.model.snapshot import Snapshot
from swapstation.records.event_folders import Boot, Manifest, event_folders, read_manifest
from swapstation.records.recorder import Owner, Recorder
from swapstation.records.safety_events import safety_alarms
from swapstation.records.segments import OpenFile, append, lines_of
from swapstation.records.trace import Moment
from tests.station.situations import snapshot, with_value

AT = datetime(2026, 1, 1, tzinfo=UTC)
ALARMS = safety_alarms(alarm_catalogue())
CALM = snapshot()


def raised(code: str, source: str = "bay-1", state: AlarmState = AlarmState.UNACKNOWLEDGED) -> AlarmChanged:
    return AlarmChanged(Alarm(f"{code}@{source}", code, source, Priority.CRITICAL, state, AT))


def moment(now_s: float, *records: Record, now: Snapshot = CALM, **more: Any) -> Moment:
    seen = replace(now, now_s=now_s, at=AT + timedelta(seconds=now_s), sequence=round(now_s * 10))
    return Moment(seen, seen.state, records=records, **more)


def warmer(now_s: float) -> Moment:
    """A cycle whose bay 1 has a temperature of its own, so that something is told."""
    now = with_value(CALM, "1.io", lambda io: replace(io, temperature_c=20.0 + now_s % 7.0))
    return moment(now_s, now=now)


def recorder(
    folder: Path, boot: int = 1, limits: BlackBox | None = None, open_file: OpenFile = append, version: str = "0.1.0"
) -> Recorder:
    owner = Owner("demo", Boot(boot, version, "abc"))
    return Recorder(folder, owner, ALARMS, limits or BlackBox(), open_file)


def run(box: Recorder, seconds: Iterable[float]) -> None:
    for second in seconds:
        box.take(warmer(float(second)))


def manifests(folder: Path) -> list[Manifest]:
    return [read_manifest(each) for each in event_folders(folder)]


def only(folder: Path) -> Manifest:
    (manifest,) = manifests(folder)
    return manifest


def lines(folder: Path, manifest: Manifest) -> list[dict[str, Any]]:
    """Every line of an event, in order."""
    event = folder / "events" / manifest.event
    return [line for segment in manifest.segments for line in lines_of((event / segment.file).read_bytes())]
