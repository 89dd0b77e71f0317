"""Segments of a trace on disk: JSON lines while they are written, then gzip, whole and never changed again.

A segment begins with a line that says whose it is. What a power cut leaves is sealed at the next start without its torn
last line. All functions raise OSError as the disk does.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

FORMAT = 1
OPEN, SEALED = ".jsonl", ".jsonl.gz"
_ENCODER = msgspec.json.Encoder()

OpenFile = Callable[[Path], BinaryIO]


@dataclass(frozen=True, slots=True)
class Lost:
    """Cycles that were not written: how many, since when, why."""

    since: datetime
    moments: int
    reason: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A sealed segment: its file, its size and SHA-256 as on disk, what it holds. `torn`: its last line was cut off.

    `t` are seconds of a clock that only runs forward within one boot; `at` are labels of the wall clock (UTC).
    """

    file: str
    size: int
    sha256: str
    boot: int
    lines: int
    first_t: float
    last_t: float
    first_at: datetime
    last_at: datetime
    torn: bool = False
    lost: tuple[Lost, ...] = ()

    @property
    def duration_s(self) -> float:
        return self.last_t - self.first_t


def append(path: Path) -> BinaryIO:
    """Open a new segment; every write goes to the kernel at once, so that a killed process loses nothing."""
    return path.open("xb", buffering=0)


def encoded(lines: list[dict[str, Any]]) -> bytes:
    return b"".join(_ENCODER.encode(line) + b"\n" for line in lines)


def segment_name(boot: int, number: int) -> str:
    """Names sort as the segments came."""
    return f"segment-{boot:06d}-{number:06d}{OPEN}"


def seal(path: Path, open_file: OpenFile = append) -> Segment | None:
    """Compress an open segment and remove it; None, and removed too, when no line but its first is whole."""
    written = path.read_bytes()
    lines = list(_whole_lines(written))
    if len(lines) <= 1:
        path.unlink()
        return None
    cut = len(written) - sum(len(line) for line in lines)
    if cut:
        last = msgspec.json.decode(lines[-1])
        lines.append(encoded([{"t": last["t"], "at": last["at"], "kind": "torn", "bytes": cut}]))
    sealed = path.with_suffix(SEALED)
    write_durably(sealed, gzip.compress(b"".join(lines), 6, mtime=0), open_file)
    path.unlink()
    return read_segment(sealed)


def _whole_lines(written: bytes) -> Iterator[bytes]:
    """The lines before the first that was not written whole; a power cut may also leave zeros."""
    for line in written.splitlines(keepends=True):
        try:
            msgspec.json.decode(line)
        except msgspec.DecodeError:
            return
        if not line.endswith(b"\n"):
            return
        yield line


def write_durably(path: Path, content: bytes, open_file: OpenFile = append) -> None:
    """Make a file whole or not at all, and durable before it has its name."""
    partial = path.with_name(path.name + ".part")
    partial.unlink(missing_ok=True)
    try:
        with open_file(partial) as file:
            file.write(content)
            os.fsync(file.fileno())
        partial.rename(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_segment(path: Path) -> Segment:
    """What a sealed segment holds. Raises ValueError when it is no segment, or damaged."""
    packed = path.read_bytes()
    try:
        return _described(path.name, packed, *lines_of(packed))
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"no segment of format {FORMAT}") from error


def _described(name: str, packed: bytes, header: dict[str, Any], *told: dict[str, Any]) -> Segment:
    if header["kind"] != "segment" or header["format"] != FORMAT:
        raise KeyError("kind")
    times = [datetime.fromisoformat(line["at"]) for line in (told[0], told[-1])]
    lost = [line for line in told if line["kind"] == "lost"]
    return Segment(
        file=name,
        size=len(packed),
        sha256=hashlib.sha256(packed).hexdigest(),
        boot=header["boot"],
        lines=len(told),
        first_t=told[0]["t"],
        last_t=told[-1]["t"],
        first_at=times[0],
        last_at=times[1],
        torn=told[-1]["kind"] == "torn",
        lost=tuple(Lost(datetime.fromisoformat(each["since"]), each["moments"], each["reason"]) for each in lost),
    )


def lines_of(packed: bytes) -> Iterator[dict[str, Any]]:
    """The lines of a sealed segment. Raises ValueError when it is damaged."""
    try:
        for line in gzip.decompress(packed).splitlines():
            yield msgspec.json.decode(line)
    except (OSError, EOFError, zlib.error, msgspec.DecodeError) as error:
        raise ValueError(f"damaged: {error}") from error
