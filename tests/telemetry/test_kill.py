"""An archiver that is killed at any instant leaves whole files or none, and every row."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from swapstation.records.telemetry.archive import archive_due, damage, files_of
from tests.telemetry.days import NEXT_S, START_S, archived, cells, pack, read, with_rows

KILLS = 6


@pytest.mark.slow
def test_a_killed_archiver_loses_nothing_and_leaves_no_half_file(tmp_path: Path) -> None:
    packs = [pack(START_S + at) for at in range(3000)]
    store = with_rows(tmp_path, *packs, *(cells(START_S + 10 * at, (3.3,) * 100) for at in range(100)))
    chance = random.Random(7)
    for _ in range(KILLS):
        command = [sys.executable, "-m", "tests.telemetry.archiver", str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as archiver:
            assert archiver.stdout is not None
            assert archiver.stdout.readline() == b"begins\n"
            time.sleep(chance.uniform(0.0, 0.4))
            archiver.kill()
        for kind, rows in (("pack", 3000), ("cells", 100)):
            for day in files_of(tmp_path, kind):
                assert len(read(tmp_path, kind, day)) == rows, "what has its name is whole"
    assert len(archive_due(tmp_path, NEXT_S)) == 2
    archived(tmp_path, store)
    assert not list(tmp_path.glob("archive/*/*.part"))
    assert [damage(path) for kind in ("pack", "cells") for path in files_of(tmp_path, kind).values()] == [None, None]
    assert [row["t"] for row in read(tmp_path, "pack")] == [row.t for row in packs]
