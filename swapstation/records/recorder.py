"""The black box itself: the last ten minutes always, and around every safety event from ten before to sixty after.

Synchronous: a thread of the controller calls it (black_box.py), tests call it with times of their own. A disk that
refuses costs cycles, which are counted and told, never more.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from swapstation.config.black_box_settings import BlackBox
from swapstation.records.event_folders import (
    Boot,
    EventState,
    Manifest,
    caused,
    event_folders,
    pin,
    read_manifest,
    with_causes,
    with_segments,
    write_manifest,
)
from swapstation.records.safety_events import SafetyEvent, safety_events
from swapstation.records.segments import (
    FORMAT,
    OPEN,
    SEALED,
    OpenFile,
    Segment,
    append,
    encoded,
    read_segment,
    seal,
    segment_name,
    sync_folder,
)
from swapstation.records.trace import Moment, Trace

BEFORE_S = 600.0
AFTER_S = 3600.0
LONGEST_EVENT_S = 6 * 3600.0
"""An event that goes on for ever, as a chattering detector's would, ends here; the next one has its own folder."""
SEGMENT_S = 60.0
MOST_SEGMENT_BYTES = 8_000_000
MOST_RING_SEGMENTS = 60
"""More than ten minutes need; they may be short where the controller is started again and again."""
SYNC_S = 5.0
"""A power cut costs at most so much of the trace."""
RETRY_S = 5.0
BYTES_PER_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose trace it is: the station, and the boot that writes."""

    station: str
    boot: Boot


class Recorder:
    """Writes the trace of a station into `folder`; `error` says why it cannot, in the words of the disk."""

    def __init__(
        self, folder: Path, owner: Owner, alarms: frozenset[str], limits: BlackBox, open_file: OpenFile = append
    ) -> None:
        self.error = ""
        self._folder = folder
        self._ring_folder = folder / "ring"
        self._owner = owner
        self._alarms = alarms
        self._limits = limits
        self._open_file = open_file
        self._trace = Trace()
        self._ring: list[Segment] | None = None
        self._file: BinaryIO | None = None
        self._path = Path()
        self._number = 0
        self._began_s = 0.0
        self._bytes = 0
        self._synced_s = 0.0
        self._event: Manifest | None = None
        self._until_s = float("inf")
        self._unwritten = False
        self._started = False
        self._now_s = 0.0
        self._retry_s = float("-inf")
        self._lost: tuple[datetime, int] | None = None

    def take(self, moment: Moment) -> None:
        """Write what is new in a cycle. A disk that refuses is asked again after some seconds."""
        self._now_s = now_s = moment.snapshot.now_s
        if not self._started:
            self._started = True
            self._resume(now_s)
        if events := safety_events(moment, self._alarms):
            self._note(moment, events, now_s)
        if now_s < self._retry_s:
            self.lose(moment, 1)
            return
        try:
            self._take(moment, now_s)
        except OSError as error:
            self._give_up(moment, error)
        else:
            self.error = ""

    def lose(self, moment: Moment, moments: int) -> None:
        """Count cycles that are not written; the next segment says so."""
        since, count = self._lost or (moment.snapshot.at, 0)
        self._lost = since, count + moments

    def close(self) -> None:
        """End the segment; an event that runs goes on after the next start."""
        try:
            if self._file is not None:
                self._end_segment(self._now_s)
        except OSError as error:
            self.error = str(error)

    def _take(self, moment: Moment, now_s: float) -> None:
        if self._ring is None:
            self._ring = self._recovered()
        if self._file is not None and self._is_full(now_s):
            self._end_segment(now_s)
        if self._file is None:
            self._begin_segment(moment, now_s)
        self._write(encoded(self._trace.lines(moment)))
        if self._unwritten:
            self._pin_ring(now_s)
            self._sync(now_s)
        elif now_s - self._synced_s >= SYNC_S:
            self._sync(now_s)

    def _is_full(self, now_s: float) -> bool:
        due = now_s - self._began_s >= SEGMENT_S or self._bytes >= MOST_SEGMENT_BYTES
        return due or now_s >= self._until_s or self._lost is not None

    def _begin_segment(self, moment: Moment, now_s: float) -> None:
        self._make_room()
        self._number += 1
        self._path = self._ring_folder / segment_name(self._owner.boot.boot, self._number)
        self._file = self._open_file(self._path)
        sync_folder(self._ring_folder)
        self._began_s = self._synced_s = now_s
        self._bytes = 0
        self._trace.begin()
        boot = self._owner.boot
        stamp = {"t": round(now_s, 3), "at": moment.snapshot.at}
        header = {**stamp, "kind": "segment", "format": FORMAT, "station": self._owner.station}
        lines = [{**header, "boot": boot.boot, "version": boot.version, "configuration": boot.configuration_hash}]
        if self._lost is not None:
            since, moments = self._lost
            reason = self.error or "the recorder was too slow"
            lines.append({**stamp, "kind": "lost", "since": since, "moments": moments, "reason": reason})
        self._write(encoded(lines))
        self._lost = None

    def _write(self, content: bytes) -> None:
        assert self._file is not None
        written = self._file.write(content)
        self._bytes += written
        if written != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _sync(self, now_s: float) -> None:
        assert self._file is not None
        os.fsync(self._file.fileno())
        self._synced_s = now_s

    def _end_segment(self, now_s: float) -> None:
        """Seal the segment, keep it for a running event, and let go of what is older than ten minutes."""
        assert self._file is not None
        assert self._ring is not None
        self._file.close()
        self._file = None
        sealed = seal(self._path, self._open_file)
        if sealed is not None:
            self._ring.append(sealed)
        self._pin_ring(now_s)
        kept_s = 0.0
        for at in range(len(self._ring) - 1, -1, -1):
            if kept_s >= BEFORE_S or len(self._ring) - at > MOST_RING_SEGMENTS:
                (self._ring_folder / self._ring.pop(at).file).unlink(missing_ok=True)
            else:
                kept_s += self._ring[at].duration_s

    def _note(self, moment: Moment, events: Sequence[SafetyEvent], now_s: float) -> None:
        """An event begins, or the one that runs goes on longer; written as soon as the disk takes it."""
        at = moment.snapshot.at
        causes = [caused(event, self._owner.boot.boot, now_s, at) for event in events]
        if self._event is None:
            name = f"{at:%Y%m%dT%H%M%SZ}-{events[0].code}-{self._owner.boot.boot:06d}-{moment.snapshot.sequence:08d}"
            self._event = Manifest(FORMAT, self._owner.station, name, EventState.RUNNING, AFTER_S, ())
            self._until_s = now_s + AFTER_S
        self._event = with_causes(self._event, causes)
        if self._event.recorded_s < LONGEST_EVENT_S:
            self._until_s = now_s + AFTER_S
        self._unwritten = True

    def _pin_ring(self, now_s: float) -> None:
        """Put what the ring has and the running event has not into its folder; end the event when its time is over."""
        event = self._event
        if event is None:
            return
        folder = self._folder / "events" / event.event
        folder.mkdir(parents=True, exist_ok=True)
        known = {segment.file for segment in event.segments}
        missing = [segment for segment in self._ring or () if segment.file not in known]
        for segment in missing:
            pin(self._ring_folder / segment.file, folder)
        over = now_s >= self._until_s
        event = with_segments(event, missing, self._owner.boot)
        event = replace(event, remaining_s=max(0.0, round(self._until_s - now_s, 1)))
        event = replace(event, state=EventState.COMPLETE) if over else event
        if self._unwritten or missing or over:
            write_manifest(folder, event, self._open_file)
        self._unwritten = False
        self._event = None if over else event
        self._until_s = float("inf") if over else self._until_s

    def _resume(self, now_s: float) -> None:
        """An event that ran when the controller ended goes on for what was left of it."""
        try:
            manifests = [_readable(folder) for folder in event_folders(self._folder)]
        except OSError:
            return
        for manifest in manifests:
            if manifest is not None and manifest.state is EventState.RUNNING:
                self._event, self._until_s = manifest, now_s + manifest.remaining_s
                self._unwritten = True  # what was left open is sealed with the first cycle, and belongs to it

    def _recovered(self) -> list[Segment]:
        """The segments of the last minutes; those that were left open are sealed."""
        self._ring_folder.mkdir(parents=True, exist_ok=True)
        for left in sorted(self._ring_folder.glob(f"*{OPEN}")):
            seal(left, self._open_file)
        ring = []
        for path in sorted(self._ring_folder.glob(f"*{SEALED}")):
            try:
                ring.append(read_segment(path))
            except ValueError:
                path.rename(path.with_name(path.name + ".damaged"))
        self._number = max((_number_of(each, self._owner.boot.boot) for each in ring), default=0)
        return ring

    def _make_room(self) -> None:
        """Keep no more events and no more bytes than the settings say; the oldest complete event goes first."""
        folders = event_folders(self._folder)
        manifests = [(folder, _readable(folder)) for folder in folders]
        size = sum(each.size for each in self._ring or ()) + sum(each.size for _, each in manifests if each)
        complete = [(folder, each) for folder, each in manifests if each and each.state is EventState.COMPLETE]
        while complete and (len(folders) > self._limits.events or size > self._limits.limit_mb * BYTES_PER_MB):
            folder, oldest = complete.pop(0)
            shutil.rmtree(folder)
            folders.remove(folder)
            size -= oldest.size
        if size > self._limits.limit_mb * BYTES_PER_MB:
            raise OSError(errno.EDQUOT, f"black_box.limit_mb = {self._limits.limit_mb} reached")

    def _give_up(self, moment: Moment, error: OSError) -> None:
        """Leave on disk what is there, say why, and try again from the start later."""
        self.error = str(error)
        self.lose(moment, 1)
        self._retry_s = moment.snapshot.now_s + RETRY_S
        if self._file is not None:
            self._file.close()
        self._file = None
        self._ring = None


def _readable(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder)
    except (OSError, ValueError):
        return None


def _number_of(segment: Segment, boot: int) -> int:
    return int(segment.file.removesuffix(SEALED).rsplit("-", 1)[1]) if segment.boot == boot else 0
