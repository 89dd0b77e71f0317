"""Chaos over real wires, beside the other work of a night: real processes mostly wait, the cores need not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

from tests.chaos.__main__ import CASES, CYCLES_PER_STATION
from tests.nightly.state import ROOT, Chaos, State

KILLS = ("kill_controller", "kill_server", "kill_simulator", "kill_in_commit")
"""Cases of kill -9."""
KILLS_ENOUGH, OTHERS_ENOUGH = 50, 20
"""Cycles of each case."""
END_S = 120.0


@dataclass(slots=True)
class _UnderWay:
    name: str
    words: list[str]
    process: subprocess.Popen[bytes]
    told: IO[bytes]


_under_way: list[_UnderWay] = []


def chaos(state: State, _: object) -> bool:
    """Take what the case under way has found, if it is over; then begin the next one in a new station."""
    for name in CASES:
        state.chaos.setdefault(name, Chaos())
    if _under_way:
        if _under_way[0].process.poll() is None:
            return True
        _take(state, _under_way.pop())
    following = _next_case(state)
    if following is not None:
        _under_way.append(_begun(following, seed=sum(done.cycles for done in state.chaos.values()) + 1))
    return following is not None


@contextmanager
def none_left() -> Iterator[None]:
    """A case under way ends with the night, and counts for nothing."""
    try:
        yield
    finally:
        for each in _under_way:
            each.process.send_signal(signal.SIGINT)
            each.process.wait(END_S)
        _under_way.clear()


def enough(name: str) -> int:
    """How many cycles of a case are asked for."""
    return KILLS_ENOUGH if name in KILLS else OTHERS_ENOUGH


def _next_case(state: State) -> str | None:
    """The one that has had the least of what is asked for."""
    left = [name for name, done in state.chaos.items() if not done.skipped and done.cycles < enough(name)]
    return min(left, key=lambda name: state.chaos[name].cycles / enough(name), default=None)


def _begun(name: str, seed: int) -> _UnderWay:
    words = ["--cycles", str(min(CYCLES_PER_STATION, enough(name))), "--seed", str(seed), "--only", name, "--json"]
    told = TemporaryFile()  # noqa: SIM115  # read when the case is over
    process = subprocess.Popen(_command(words), cwd=ROOT, stdout=told, stderr=subprocess.DEVNULL)
    return _UnderWay(name, words, process, told)


def _command(words: list[str]) -> list[str]:
    return [sys.executable, "-m", "tests.chaos", *words]


def _take(state: State, over: _UnderWay) -> None:
    with over.told:
        over.told.seek(0)
        told = over.told.read()
    done, case = state.chaos[over.name], _case(told, over)
    done.cycles += case["cycles"]
    done.acknowledged += case["acknowledged"]
    done.lost += len(case["lost"])
    done.violations += len(case["violations"])
    done.skipped = case["skipped"]
    breaches = [*case["lost"], *case["violations"]]
    state.violations += [{"chaos": " ".join(over.words), "text": str(each)} for each in breaches]


def _case(told: bytes, over: _UnderWay) -> dict[str, Any]:
    try:
        case: dict[str, Any] = json.loads(told)["cases"][over.name]
    except json.JSONDecodeError as error:
        text = f"{' '.join(over.words)} ended without a result: {error}"
        return {"cycles": 0, "acknowledged": 0, "lost": [], "violations": [text], "skipped": "no result"}
    return case
