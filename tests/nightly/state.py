"""What the nights have done so far: one JSON file per commit, replaced whole, so that a night may end at any time."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHANGED = "-changed"
_RUN = ("swapstation", "tests", "firmware_proto", "pyproject.toml", "constraints.txt")
"""What a night's results depend on: the table that a night writes is not in it."""


@dataclass(slots=True)
class Schedules:
    """`next_seed`: all seeds before it have run. `reactions`, `transitions`: what was seen of all there is, by name."""

    next_seed: int = 0
    swaps: int = 0
    violations: int = 0
    reactions: list[str] = field(default_factory=list)
    transitions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Crashes:
    """One arrangement: how many points and classes of points it has, how many of the classes were run, in order.

    `pairs_from`: so many classes have met every second crash, `pairs` of them in all.
    """

    points: int = 0
    classes: int = 0
    singles: int = 0
    pairs_from: int = 0
    pairs: int = 0
    violations: int = 0


@dataclass(slots=True)
class Tries:
    """Swaps under one kind of day: asked for, completed, completed at the first attempt, from seeds before the next."""

    next_seed: int = 0
    asked: int = 0
    completed: int = 0
    at_first_try: int = 0


@dataclass(slots=True)
class Bug:
    """A planted bug: whether the seed on record was tried, how many from 0 on, and the first found to show it."""

    known: bool = False
    tried: int = 0
    seed: int | None = None


@dataclass(slots=True)
class Chaos:
    """One case over real wires; `skipped` says why it cannot run on this machine."""

    cycles: int = 0
    acknowledged: int = 0
    lost: int = 0
    violations: int = 0
    skipped: str = ""


@dataclass(slots=True)
class State:
    """All of one commit. `violations` are kept with what replays them; times are UTC, `seconds` the time spent."""

    commit: str
    begun: str = ""
    ended: str = ""
    seconds: float = 0.0
    schedules: Schedules = field(default_factory=Schedules)
    byte_schedules: Schedules = field(default_factory=Schedules)
    crashes: dict[str, Crashes] = field(default_factory=dict)
    tries: dict[str, Tries] = field(default_factory=dict)
    bugs: dict[str, Bug] = field(default_factory=dict)
    chaos: dict[str, Chaos] = field(default_factory=dict)
    violations: list[dict[str, Any]] = field(default_factory=list)

    def save(self, folder: Path) -> None:
        """Replace the file of the commit."""
        folder.mkdir(parents=True, exist_ok=True)
        self.ended = now()
        self.begun = self.begun or self.ended
        draft = folder / f"{self.commit}.new"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(_file(folder, self.commit))


def load(folder: Path, commit: str) -> State | None:
    """The state of a commit, None when no night has run on it."""
    file = _file(folder, commit)
    if not file.exists():
        return None
    told = json.loads(file.read_text(encoding="utf-8"))
    for level in ("schedules", "byte_schedules"):
        told[level] = Schedules(**told[level])
    for name, kind in (("crashes", Crashes), ("tries", Tries), ("bugs", Bug), ("chaos", Chaos)):
        told[name] = {key: kind(**values) for key, values in told[name].items()}
    return State(**told)


def latest(folder: Path) -> State | None:
    """The state that was written last, of whatever commit."""
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
    return load(folder, files[-1].stem) if files else None


def commit_of(root: Path = ROOT) -> str:
    """The commit that is checked out; with CHANGED when what is run differs from it."""
    commit = _git(root, "rev-parse", "HEAD")
    return commit + CHANGED if _git(root, "status", "--porcelain", "--", *_RUN) else commit


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def _file(folder: Path, commit: str) -> Path:
    return folder / f"{commit}.json"
