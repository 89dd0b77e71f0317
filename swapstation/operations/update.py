"""An update without network: the new release is built in the folder that is not in use (A/B), and put in use only while
no swap runs; one that does not come up healthy is replaced by the old one by itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx2
import structlog

from swapstation import __version__
from swapstation.config.settings import Config
from swapstation.contract.controller_link import ControllerLink
from swapstation.database.store import DatabaseError
from swapstation.errors import SwapstationError
from swapstation.model.request import HoldStation, Refused, Request
from swapstation.model.snapshot import Snapshot
from swapstation.operations.backup import back_up, databases
from swapstation.operations.bundle import BundleRefused, newer, unpack
from swapstation.operations.restore import restore
from swapstation.operations.signing import TrustedKey

SLOTS = ("a", "b")
CURRENT, STATE, INCOMING, BACKUPS = "current", "update.json", "incoming", "before-update"
_LOOK_S = 3.0
_SETTLED_S = 2.0

log = structlog.get_logger("update")


class UpdateRefused(SwapstationError):
    """The update is not begun: nothing was changed, but that the station may be held."""


class UpdateFailed(SwapstationError):
    """The new release did not come up; the old one runs again, unless the message says otherwise."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the station is installed, by which commands its processes start and stop, how long they may take (s)."""

    prefix: Path
    station_file: Path
    start: str = "systemctl start swapstation.target"
    stop: str = "systemctl stop swapstation.target"
    patience_s: float = 60.0

    @property
    def slot(self) -> str:
        """The slot in use."""
        try:
            return os.readlink(self.prefix / CURRENT)
        except OSError as error:
            raise UpdateRefused(f"{self.prefix / CURRENT}: 不是安装目录 | not installed there") from error

    @property
    def other(self) -> str:
        return SLOTS[1 - SLOTS.index(self.slot)]


def install(place: Place, config: Config, bundle_file: Path, trusted: tuple[TrustedKey, ...], person: str) -> str:
    """Put a newer release in use and return its version.

    Raises UpdateRefused, BundleRefused, BackupError, UpdateFailed.
    """
    old, new = place.slot, place.other
    files = place.prefix / INCOMING
    bundle = unpack(bundle_file, files, trusted)
    if not newer(bundle.version, __version__):
        raise BundleRefused(f"{bundle.version}: 不比现有版本新 | not newer than {__version__}, which is installed")
    asyncio.run(_look(config))
    _run(["sh", str(files / "make_slot.sh"), str(files), str(place.prefix / new), sys.executable], "make_slot")
    shutil.rmtree(files)
    _run([str(place.prefix / new / "bin" / "swapstation"), "check-config", str(place.station_file)], "check-config")
    before = quiet(config, person)
    _shell(place.stop)
    try:
        backup = back_up(config, place.prefix / BACKUPS, (), keep=2)
    except SwapstationError:
        _shell(place.start)  # nothing was changed: the station does not stand still for a full disk
        raise
    _note(place, "trying", old, new, bundle.version)
    log.info("update", version=bundle.version, slot=new)
    try:
        _use(place, new)
        _shell(place.start)
        _wait_healthy(config, before, place.patience_s)
    except (SwapstationError, OSError) as error:
        _back(place, config, old, backup)
        _note(place, "rolled back", old, old, __version__)
        said = "新版本未能正常启动, 已退回 | the new release did not come up, the old one is back"
        raise UpdateFailed(f"{bundle.version}: {said}: {error}") from error
    _note(place, "done", old, new, bundle.version)
    return bundle.version


def roll_back(place: Place, config: Config, person: str) -> str:
    """Use the other slot again, by a person's wish. Refused where its software cannot read the databases."""
    other = place.other
    program = place.prefix / other / "bin" / "swapstation"
    if not program.exists():
        raise UpdateRefused(f"{program}: 没有可退回的版本 | there is no release to go back to")
    verified = [str(program), "db", "verify", "--config", str(place.station_file)]
    done = subprocess.run(verified, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (
            "旧版本不能读取数据库, 请用 swapstation db restore | it cannot read the databases: swapstation db restore"
        )
        raise UpdateRefused(f"{said}: {done.stdout}{done.stderr}")
    before = quiet(config, person)
    _shell(place.stop)
    _use(place, other)
    _shell(place.start)
    _wait_healthy(config, before, place.patience_s)
    _note(place, "rolled back by hand", other, other, "")
    return other


def quiet(config: Config, person: str) -> int:
    """Hold the station while nothing runs on it, and return its boot, 0 where no controller runs.

    Raises UpdateRefused while a swap or a job runs. A held station begins none.
    """
    snapshot = asyncio.run(_held(config, person))
    return 0 if snapshot is None else snapshot.boot


async def _look(config: Config) -> None:
    """Refuse at once while a swap runs, before time is spent; it is asked again when all is prepared."""
    link = ControllerLink(config.controller_socket)
    async with link.running():
        snapshot = await _snapshot(link)
        if snapshot is not None:
            _refuse_work(snapshot)


async def _held(config: Config, person: str) -> Snapshot | None:
    link = ControllerLink(config.controller_socket)
    async with link.running():
        first = await _snapshot(link)
        if first is None:
            return None
        _refuse_work(first)
        answer = await link.request(Request(f"update-{time.time_ns()}", person, HoldStation("update")))
        if isinstance(answer, Refused):
            raise UpdateRefused(f"{answer.code}: {answer.detail}")
        await asyncio.sleep(_LOOK_S / 2)
        held = await _snapshot(link)
        if held is not None:
            _refuse_work(held)
        return held


def _refuse_work(snapshot: Snapshot) -> None:
    inventory = snapshot.inventory
    if inventory.swap is not None or inventory.job is not None:
        raise UpdateRefused("正在换电或作业, 结束后再更新 | a swap or a job runs: update when it has ended")


async def _snapshot(link: ControllerLink) -> Snapshot | None:
    """The next snapshot, None if none comes."""
    before, until_s = link.latest, time.monotonic() + _LOOK_S
    while link.latest is before and time.monotonic() < until_s:
        await link.wait_for_news(0.1)
    return link.latest.snapshot if link.latest is not None and link.latest is not before else None


def _wait_healthy(config: Config, before: int, patience_s: float) -> None:
    """Until a controller of a later boot cycles and the server answers, and still do a moment later."""
    until_s = time.monotonic() + patience_s
    settled_s = None
    why = ""
    while time.monotonic() < until_s:
        why = asyncio.run(_ill(config, before)) or _server_ill(config)
        if why:
            settled_s = None
        elif settled_s is None:
            settled_s = time.monotonic()
        elif time.monotonic() - settled_s >= _SETTLED_S:
            return
        time.sleep(0.2)
    raise UpdateFailed(f"{patience_s:g} s: {why or 'never settled'}")


async def _ill(config: Config, before: int) -> str:
    link = ControllerLink(config.controller_socket)
    async with link.running():
        snapshot = await _snapshot(link)
        if snapshot is None:
            return "controller: no snapshot"
        return "" if snapshot.boot > before else f"controller: still boot {snapshot.boot}"


def _server_ill(config: Config) -> str:
    anybody = ssl._create_unverified_context()  # its own certificate names others than loopback
    try:
        with httpx2.Client(verify=anybody, timeout=_LOOK_S, trust_env=False) as client:
            answer = client.get(f"{config.server.address}/api/v1/session", headers={"Host": "127.0.0.1"})
            answer.raise_for_status().json()
    except (httpx2.HTTPError, OSError, ValueError) as error:
        return f"server: {error}"
    return ""


def _back(place: Place, config: Config, old: str, backup: Path) -> None:
    _shell(place.stop)
    _use(place, old)
    if not all(_readable(each.store.open_reader, each.url) for each in databases(config)):
        log.warning("the databases were migrated: the backup is put back", backup=str(backup))
        restore(config, backup)
    _shell(place.start)
    _wait_healthy(config, 0, place.patience_s)


def _readable(opener: object, url: str) -> bool:
    assert callable(opener)
    try:
        opener(url).dispose()
    except DatabaseError:
        return False
    return True


def _use(place: Place, slot: str) -> None:
    """Point `current` at a slot, in one step."""
    link = place.prefix / f"{CURRENT}.part"
    link.unlink(missing_ok=True)
    link.symlink_to(slot)
    link.replace(place.prefix / CURRENT)
    os.sync()


def _note(place: Place, state: str, old: str, new: str, version: str) -> None:
    told = {"state": state, "from": old, "to": new, "version": version, "at_s": round(time.time())}
    (place.prefix / STATE).write_text(json.dumps(told) + "\n", encoding="ascii")


def _shell(command: str) -> None:
    _run(shlex.split(command), command)


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise UpdateRefused(f"{what}: {done.stdout.strip()}")
