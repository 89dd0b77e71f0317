"""One folder for each safety event: its segments and a manifest that says what is there and what is missing."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import msgspec

from swapstation.records.safety_events import SafetyEvent
from swapstation.records.segments import FORMAT, OpenFile, Segment, append, read_segment, sync_folder, write_durably

MANIFEST = "manifest.json"
MOST_CAUSES = 200
SILENCE_S = 15.0
"""Longer than the recorder is ever quiet: what is missing between two segments of one boot."""
NO_HARD_LINKS = (errno.EPERM, errno.EXDEV, errno.EOPNOTSUPP, errno.EMLINK)


class EventState(StrEnum):
    """Whether an event is still being recorded."""

    RUNNING = "running"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Cause:
    """One safety event of the folder, and when it came."""

    code: str
    source: str
    detail: str
    boot: int
    t: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Boot:
    """Under what a controller ran that wrote segments of the event."""

    boot: int
    version: str
    configuration_hash: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What the trace does not hold. `moments`: scan cycles that were lost, where they were counted."""

    since: datetime
    until: datetime | None
    reason: str
    moments: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an event folder holds. `remaining_s`: how long the recording still goes on, if nothing else comes."""

    format: int
    station: str
    event: str
    state: EventState
    remaining_s: float
    causes: tuple[Cause, ...]
    causes_not_listed: int = 0
    boots: tuple[Boot, ...] = ()
    segments: tuple[Segment, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def recorded_s(self) -> float:
        return sum(segment.duration_s for segment in self.segments)

    @property
    def size(self) -> int:
        """Bytes of the segments on disk."""
        return sum(segment.size for segment in self.segments)


def caused(event: SafetyEvent, boot: int, t: float, at: datetime) -> Cause:
    return Cause(event.code, event.source, event.detail, boot, round(t, 3), at)


def with_causes(manifest: Manifest, causes: Sequence[Cause]) -> Manifest:
    """The manifest with further causes; beyond the first hundreds they are only counted."""
    room = max(0, MOST_CAUSES - len(manifest.causes))
    unlisted = manifest.causes_not_listed + max(0, len(causes) - room)
    return replace(manifest, causes=(*manifest.causes, *causes[:room]), causes_not_listed=unlisted)


def with_segments(manifest: Manifest, segments: Sequence[Segment], boot: Boot) -> Manifest:
    """The manifest with further segments, and the gaps between all of them."""
    everything = (*manifest.segments, *segments)
    known = {each.boot: each for each in (*manifest.boots, boot)}
    return replace(
        manifest, segments=everything, gaps=tuple(gaps(everything)), boots=tuple(known[each] for each in sorted(known))
    )


def gaps(segments: Sequence[Segment]) -> Iterator[Gap]:
    """What is missing within and between segments, in their order."""
    for before, after in pairwise((*segments, None)):
        if before is None:
            continue
        yield from (Gap(each.since, before.first_at, each.reason, each.moments) for each in before.lost)
        if before.torn:
            yield Gap(before.last_at, after.first_at if after else None, "the last line was not written whole")
        if after is not None and after.boot != before.boot:
            yield Gap(before.last_at, after.first_at, "the controller was started anew")
        elif after is not None and after.first_t - before.last_t > SILENCE_S and not after.lost:
            yield Gap(before.last_at, after.first_at, "segments are missing")


def write_manifest(folder: Path, manifest: Manifest, open_file: OpenFile = append) -> None:
    content = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    write_durably(folder / MANIFEST, content + b"\n", open_file)


def read_manifest(folder: Path) -> Manifest:
    """Raises OSError, or ValueError when it is no manifest."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"{MANIFEST}: {error}") from error
    if manifest.format != FORMAT:
        raise ValueError(f"{MANIFEST}: format {manifest.format}, this software reads {FORMAT}")
    return manifest


def pin(segment: Path, folder: Path) -> None:
    """Put a segment into an event folder: a second name for the same file, or a copy where a disk knows no such."""
    name = folder / segment.name
    name.unlink(missing_ok=True)
    try:
        os.link(segment, name)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        shutil.copyfile(segment, name)
    sync_folder(folder)


def event_folders(folder: Path) -> list[Path]:
    """The event folders of a black box, oldest first."""
    events = folder / "events"
    return sorted(each for each in events.iterdir() if each.is_dir()) if events.is_dir() else []


def damage(folder: Path) -> list[str]:
    """What is wrong with an event folder, each line with its file; nothing where all is as the manifest says."""
    try:
        manifest = read_manifest(folder)
    except (OSError, ValueError) as error:
        return [str(error)]
    found = [
        f"{segment.file}: {wrong}"
        for segment in manifest.segments
        if (wrong := _wrong(folder / segment.file, segment)) is not None
    ]
    listed = {MANIFEST, *(segment.file for segment in manifest.segments)}
    if manifest.state is EventState.COMPLETE:  # a running event's next segment may be there before its line
        found += [f"{path.name}: not in the manifest" for path in sorted(folder.iterdir()) if path.name not in listed]
    if tuple(gaps(manifest.segments)) != manifest.gaps:
        found.append(f"{MANIFEST}: its gaps are not those of its segments")
    return found


def _wrong(path: Path, listed: Segment) -> str | None:
    try:
        held = read_segment(path)
    except OSError as error:
        return error.strerror or str(error)
    except ValueError as error:
        return str(error)
    return None if held == listed else "not what the manifest says"
