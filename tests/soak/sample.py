"""What is looked at each minute of a soak, kept as a line of JSON each: a run may end at any time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

NAMES = ("controller", "server", "planner", "simulator")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a running station; `run` begins anew with every start, `s` counts from it.

    `lateness_ms`: the latest that a control cycle began since the start. `data_mb`: all files of the station.
    """

    run: str
    s: float
    rss_mb: Mapping[str, float]
    files: Mapping[str, int]
    lateness_ms: float
    swaps: int
    failed: int
    data_mb: float


def look_at_process(pid: int) -> tuple[float, int]:
    """Resident memory (MB) and open files of a process."""
    place = Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
    return int(status["VmRSS"].split()[0]) / 1000.0, sum(1 for _ in (place / "fd").iterdir())


def size_mb(folder: Path) -> float:
    """All files below a folder; one that goes away meanwhile counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total / 1e6


def keep(file: Path, sample: Sample) -> None:
    """Add a sample to what is kept."""
    with file.open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(asdict(sample)) + "\n")


def kept(file: Path) -> Iterator[Sample]:
    """All samples of a file, in order."""
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            yield Sample(**json.loads(line))
