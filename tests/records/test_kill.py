"""A recorder that is killed while it writes: what it had written is there, what is complete is said to be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from swapstation.records.event_folders import damage, event_folders
from tests.records.conftest import Make
from tests.records.moments import lines, only, run
from tests.records.writer import EVENT_S


@pytest.mark.parametrize("after", [EVENT_S, EVENT_S + 7, 359, 360, 361])
def test_a_killed_recorder_leaves_every_cycle_it_said_it_had_written(tmp_path: Path, make: Make, after: float) -> None:
    command = [sys.executable, "-m", "tests.records.writer", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = ["0"]
        while int(said[0]) < after:
            said = writer.stdout.readline().split()
        writer.kill()
        said = [*writer.stdout.read().splitlines(), " ".join(said)]
    assert all(len(line.split()) == 1 for line in said), "an error of the recorder"
    last_s = max(int(line) for line in said if line.strip())
    (folder,) = event_folders(tmp_path)
    assert damage(folder) == [], "a running event is whole at any instant"
    run(make(boot=2), range(5000, 8700))
    manifest = only(tmp_path)
    assert damage(folder) == []
    told = [line for line in lines(tmp_path, manifest) if line["kind"] == "signal" and line["t"] < 5000]
    assert max(line["t"] for line in told) >= last_s - 1
    assert manifest.causes[0].t == EVENT_S
    assert "the controller was started anew" in [gap.reason for gap in manifest.gaps]
