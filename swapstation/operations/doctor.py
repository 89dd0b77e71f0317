"""What is wrong with a station and the machine it runs on, and what to do about it. It changes nothing."""

from __future__ import annotations

import ctypes
import os
import shutil
import sqlite3
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509

from swapstation import __version__
from swapstation.config.settings import Config
from swapstation.errors import SwapstationError
from swapstation.model.snapshot import Snapshot
from swapstation.operations.backup import backups, read_manifest, verify_live
from swapstation.records.telemetry.retention import Room, storage

_UNSYNCHRONISED = 0x0040  # STA_UNSYNC of adjtimex(2)
_TIMEX_BYTES, _STATUS_WORD = 512, 5
_WAL_SAFE = (3, 51, 3)
_SOON = timedelta(days=30)
_BACKUP_OLD = timedelta(hours=48)
_FIRST_RELEASE = datetime(2026, 1, 1, tzinfo=UTC)
_OTHERS = 0o077


class Grade(StrEnum):
    """How bad a finding is: GOOD, worth seeing to (WARNING), or in the way of running (WRONG)."""

    GOOD = "good"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what it is, how it is, in both languages; `do_...` is empty where all is well."""

    about: str
    grade: Grade
    zh: str
    en: str
    do_zh: str = ""
    do_en: str = ""


def clock(now: datetime, newest_event_at: datetime | None) -> Iterator[Finding]:
    """Whether the kernel says that its clock is synchronised, and whether it stands before what is on record."""
    if now < _FIRST_RELEASE or (newest_event_at is not None and now < newest_event_at):
        behind = f"{now:%F %T} < {max(_FIRST_RELEASE, newest_event_at or _FIRST_RELEASE):%F %T} UTC"
        do = ("校准时钟后再启动", "set the clock before you start the station")
        yield Finding("clock", Grade.WRONG, f"时钟早于已有记录: {behind}", f"behind what is on record: {behind}", *do)
    if _synchronised():
        yield Finding("clock", Grade.GOOD, "时钟已同步", "synchronised")
    else:
        do = (
            "启用 systemd-timesyncd 并指定时间服务器",
            "enable systemd-timesyncd with a time server",
        )
        yield Finding("clock", Grade.WARNING, "时钟未同步", "not synchronised with a time server", *do)


def _synchronised() -> bool:
    timex = (ctypes.c_uint32 * (_TIMEX_BYTES // 4))()
    state: int = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    # modes and padding, offset, freq, maxerror, esterror are five words of eight bytes before the status
    return state >= 0 and not timex[_STATUS_WORD * 2] & _UNSYNCHRONISED


def disk(config: Config) -> Iterator[Finding]:
    """Free space of the data folder's disk against the limits of `[disk]`."""
    folder = config.data if config.data.exists() else config.data.parent
    try:
        total, _, free = shutil.disk_usage(folder)
    except OSError as error:
        said = f"{folder}: {error.strerror}"
        yield Finding("disk", Grade.WRONG, said, said, "检查 data 目录", "check the folder `data`")
        return
    free_pct = 100.0 * free / max(1, total)
    said = f"{free_pct:.1f} % ({free / 1e9:.1f} GB)"
    if free_pct > config.disk.low_pct:
        yield Finding("disk", Grade.GOOD, f"剩余 {said}", f"free {said}")
        return
    grade = Grade.WRONG if free_pct <= config.disk.stop_pct else Grade.WARNING
    do = (
        "删除旧录波与 replaced- 目录, 或换更大的磁盘",
        "delete old recordings and replaced- folders, or take a larger disk",
    )
    yield Finding("disk", grade, f"剩余 {said}", f"free {said}", *do)


def telemetry(config: Config, now: datetime) -> Iterator[Finding]:
    """The day on which telemetry uses up its budget or the disk, at the growth of its last days."""
    folder, settings = config.data / "telemetry", config.telemetry
    if not settings.enabled or not folder.exists():
        return
    free = shutil.disk_usage(folder).free
    found = storage(folder, free, settings.budget_gb, now.date(), settings.early_days)
    if found.room is Room.ENOUGH:
        until = "" if found.full_on is None else f" ({found.full_on})"
        yield Finding("telemetry", Grade.GOOD, f"空间足够{until}", f"room enough{until}")
        return
    grade = Grade.WRONG if found.room is Room.REACHED else Grade.WARNING
    do = (
        "换更大的磁盘, 提高 [telemetry] budget_gb, 或缩短保存期",
        "take a larger disk, raise budget_gb of [telemetry], or keep less",
    )
    yield Finding("telemetry", grade, f"空间将于 {found.full_on} 用完", f"room ends on {found.full_on}", *do)


def data(config: Config) -> Iterator[Finding]:
    """The databases, read whole."""
    try:
        found = verify_live(config)
    except SwapstationError as error:
        do = ("启动一次控制器和服务, 或恢复备份", "start controller and server once, or restore a backup")
        yield Finding("databases", Grade.WRONG, str(error), str(error), *do)
        return
    do = ("保留文件, 恢复备份: swapstation db restore", "keep the files and restore a backup: swapstation db restore")
    for line in found:
        yield Finding("databases", Grade.WRONG, line, line, *do)
    if not found:
        yield Finding("databases", Grade.GOOD, "完好", "sound: pages, keys, schema, events, audit")


def links(snapshot: Snapshot | None) -> Iterator[Finding]:
    """The wires as the controller sees them now."""
    if snapshot is None:
        do = ("systemctl status swapstation-controller", "systemctl status swapstation-controller")
        yield Finding("controller", Grade.WRONG, "控制器没有应答", "the controller does not answer", *do)
        return
    for link in snapshot.links:
        if link.connected:
            yield Finding(f"link {link.name}", Grade.GOOD, "已连接", f"connected, {link.malformed} malformed")
        else:
            why = link.last_error or "-"
            do = (
                "检查设备电源, 网线和 [links] 中的地址",
                "check the device's supply, its cable and the address in [links]",
            )
            yield Finding(f"link {link.name}", Grade.WRONG, f"未连接: {why}", f"not connected: {why}", *do)
    if snapshot.journal_error:
        yield Finding(
            "journal", Grade.WRONG, snapshot.journal_error, snapshot.journal_error, "检查磁盘", "check the disk"
        )


def certificate(config: Config, now: datetime) -> Iterator[Finding]:
    """The end of the server's certificate."""
    file = config.server.certificate
    if file is None:
        yield Finding("certificate", Grade.GOOD, "未使用, 只在本机", "none, loopback only")
        return
    try:
        ends = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        yield Finding(
            "certificate", Grade.WRONG, f"{file}: {error}", f"{file}: {error}", "换上 PEM 证书", "put a PEM file"
        )
        return
    said = f"{ends:%F}"
    if ends - now > _SOON:
        yield Finding("certificate", Grade.GOOD, f"有效至 {said}", f"valid until {said}")
        return
    grade = Grade.WRONG if ends <= now else Grade.WARNING
    do = ("换新证书并重启服务", "put a new one and restart the server")
    yield Finding("certificate", grade, f"有效至 {said}", f"valid until {said}", *do)


def secrets(config: Config) -> Iterator[Finding]:
    """Files that nobody but the owner may read, and the source of random numbers."""
    platform = config.platform.secrets if config.platform else None
    tokens = [each.token for each in (config.headquarters, config.payment) if each is not None]
    private = (config.server.key, platform, *tokens, config.data / "business.db", config.first_admin_file)
    for file in (each for each in private if each is not None and each.exists()):
        if file.stat().st_mode & _OTHERS:
            yield Finding(
                "secrets", Grade.WRONG, f"{file}: 他人可读", f"{file}: others may read it", *[f"chmod 600 {file}"] * 2
            )
        else:
            yield Finding("secrets", Grade.GOOD, f"{file.name}: 仅所有者可读", f"{file.name}: its owner only")
    if config.first_admin_file.exists():
        do = ("在操作台上使用一次性代码建立管理员", "make the first admin with the one-time code")
        yield Finding("secrets", Grade.WARNING, "还没有管理员", "there is no admin yet", *do)
    try:
        os.getrandom(16, os.GRND_NONBLOCK)
    except BlockingIOError:
        do = ("稍候, 或启用 rngd", "wait, or run rngd")
        yield Finding("random", Grade.WRONG, "随机数源未就绪", "the kernel has no random numbers yet", *do)


def versions() -> Iterator[Finding]:
    """What the software runs on."""
    python = ".".join(map(str, sys.version_info[:3]))
    said = f"swapstation {__version__}, Python {python}, SQLite {sqlite3.sqlite_version}, {ssl.OPENSSL_VERSION}"
    yield Finding("versions", Grade.GOOD, said, said)
    if sqlite3.sqlite_version_info < _WAL_SAFE:
        zh = "SQLite 早于 3.51.3: 由唯一写入者规避其 WAL 缺陷, 勿用其他工具写数据库"
        en = "SQLite before 3.51.3: one writer avoids its WAL defect; let no other tool write the databases"
        yield Finding("versions", Grade.GOOD, zh, en)


def kept(folder: Path | None, now: datetime) -> Iterator[Finding]:
    """The newest backup."""
    if folder is None:
        return
    every = backups(folder)
    do = (
        "swapstation db backup, 启用 swapstation-backup.timer",
        "swapstation db backup; enable swapstation-backup.timer",
    )
    if not every:
        yield Finding("backup", Grade.WRONG, f"{folder}: 没有备份", f"{folder}: there is none", *do)
        return
    try:
        made_at = read_manifest(every[-1]).made_at
    except SwapstationError as error:
        yield Finding("backup", Grade.WRONG, str(error), str(error), *do)
        return
    said = f"{made_at:%F %T} UTC"
    grade = Grade.WARNING if now - made_at > _BACKUP_OLD else Grade.GOOD
    told = do if grade is not Grade.GOOD else ("", "")
    yield Finding("backup", grade, f"最近 {said}", f"newest {said}", *told)


def examination(
    config: Config,
    snapshot: Snapshot | None,
    newest_event_at: datetime | None,
    backup_folder: Path | None,
    now: datetime,
) -> list[Finding]:
    """Everything that can be looked at with a configuration that is right."""
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        versions,
        lambda: clock(now, newest_event_at),
        lambda: disk(config),
        lambda: telemetry(config, now),
        lambda: secrets(config),
        lambda: certificate(config, now),
        lambda: data(config),
        lambda: links(snapshot),
        lambda: kept(backup_folder, now),
    )
    return [finding for look in looks for finding in look()]
