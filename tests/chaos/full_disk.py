"""A whole station on a small disk of its own that fills up to the last byte while a swap runs, and is emptied again."""

from __future__ import annotations

import errno
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from swapstation.config.settings import Charging, Exchange
from swapstation.model.disk import DiskLevel
from swapstation.operations.backup import verify_live
from tests.chaos.people import Snapshot
from tests.chaos.site import PATIENCE_S, Site, Tally, options_of, site

SPEED = 20.0
DISK_MB = 400
FULL_S = 10.0
SWAP_S = 8.0
_BLOCK = bytes(1 << 20)


def full_disk(cycles: int, seed: int) -> Tally:
    """The disk is full for a while: people are told, nothing acknowledged is lost, all goes on once there is room."""
    options = options_of(SPEED, exchange=Exchange.STATION, charging=Charging.DIRECT, planner=True)
    with _small_disk() as place, site(options, seed, parent=place) as here:
        for _ in range(cycles):
            here.work()
            here.demo.pause(here.random.uniform(0.0, SWAP_S))
            filler = _fill(place)
            _look_on(here)
            filler.unlink()
            here.people.until("the disk has room", PATIENCE_S, lambda snapshot: _level(snapshot) == DiskLevel.ENOUGH)
            here.tally.cycles += 1
            here.check()
        here.finish()
        for finding in verify_live(here.demo.config):
            here.note(19, f"after {cycles} full disks: {finding}")
    return here.tally


def _look_on(here: Site) -> None:
    """All processes live on, the server answers, and once the station has noticed the robot begins nothing new."""
    told = here.people.until(
        "people are told", PATIENCE_S, lambda snapshot: _level(snapshot) == DiskLevel.STOP, act=False
    )
    here.tally.counts["full disks told"] += any(each["code"] == "DISK_FULL" for each in told["alarms"])
    end_s = time.monotonic() + FULL_S
    while time.monotonic() < end_s:
        here.demo.processes.check()
        here.demo.snapshot()
        time.sleep(0.2)
    held = here.people.until("nothing new begins", PATIENCE_S, lambda s: s["state"] != "execute", act=False)
    here.expect(held["state"] in ("held", "idle", "aborted"), 6, f"{held['state']} on a full disk")
    order = here.truth()["robot"]["accepted_id"]
    here.demo.pause(2.0)
    here.expect(here.truth()["robot"]["accepted_id"] == order, 6, "an order went out on a full disk")


def _level(snapshot: Snapshot) -> str | None:
    space = snapshot["disk"]["value"]
    return None if space is None else space["level"]


def _fill(place: Path) -> Path:
    """Write until nothing more fits, to the byte."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for block in (_BLOCK, _BLOCK[:4096], _BLOCK[:1]):
            try:
                while True:
                    file.write(block)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return filler


@contextmanager
def _small_disk() -> Iterator[Path]:
    """A file system in memory of some hundred megabytes."""
    with tempfile.TemporaryDirectory(prefix="swapstation-disk-") as place:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", place], check=True)
        try:
            yield Path(place)
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)
