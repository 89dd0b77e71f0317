"""Putting a backup in the place of a station's data, while nothing runs; what was there is moved aside, never deleted.

A drill puts it into an empty folder instead, migrates and examines it there, and touches nothing of the station.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from swapstation.config.settings import Config
from swapstation.database.copying import is_sqlite, restore_postgresql, sqlite_file
from swapstation.operations.backup import (
    RECORDS,
    BackupError,
    Manifest,
    databases,
    read_manifest,
    verify_backup,
    verify_live,
)

_SIDE_FILES = ("", "-wal", "-shm", "-journal")


def restore(config: Config, backup: Path) -> Path:
    """Put a backup in place and return the folder to which the present files were moved.

    Raises DatabaseOwned while controller or server run, and BackupError when backup and station do not fit, or the
    backup is not whole: then nothing was changed.
    """
    manifest = _checked(config, backup)
    config.data.mkdir(parents=True, exist_ok=True)
    aside = config.data / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    with ExitStack() as stack:
        for each in databases(config):
            stack.enter_context(each.store.owned(each.url))
        _put(config, backup, manifest, aside)
    return aside


def drill(config: Config, backup: Path, folder: Path | None = None) -> list[str]:
    """Restore into a new folder, beside the backup unless another is named, and say what is wrong there."""
    manifest = _checked(config, backup)
    with tempfile.TemporaryDirectory(prefix="drill-", dir=folder or backup.parent) as place:
        other = replace(config, data=Path(place), database_url="", business_database_url="")
        if any(name.endswith(".dump") for name in manifest.databases.values()):
            return verify_backup(backup)
        _put(other, backup, manifest, Path(place) / "replaced-nothing")
        for each in databases(other):
            each.store.migrate(each.url)
        return verify_live(other)


def _checked(config: Config, backup: Path) -> Manifest:
    manifest = read_manifest(backup)
    if manifest.station != config.name:
        said = f"是另一个站的备份 | a backup of another station, not of {config.name}"
        raise BackupError(f"{backup}: {manifest.station}: {said}")
    if found := verify_backup(backup):
        raise BackupError("\n".join((f"{backup}: 备份已损坏 | the backup is damaged", *found)))
    return manifest


def _put(config: Config, backup: Path, manifest: Manifest, aside: Path) -> None:
    """First everything is copied beside its place, then moved: a full disk is told before anything has changed."""
    sources = databases(config)
    for each in sources:
        if (manifest.databases[each.name].endswith(".db")) != is_sqlite(each.url):
            raise BackupError(f"{manifest.databases[each.name]}: 与数据库类型不符 | not of the kind of {each.url}")
    incoming = config.data / "replaced-incoming"
    try:
        shutil.rmtree(incoming, ignore_errors=True)
        incoming.mkdir(mode=0o700)
        moves = _copies(config, backup, manifest, incoming)
        aside.mkdir(mode=0o700)
        for copied, final in moves:
            _set_aside(config.data, final, aside)
            final.parent.mkdir(parents=True, exist_ok=True)
            copied.rename(final)
        for each in sources:
            if not is_sqlite(each.url):
                restore_postgresql(each.url, backup / manifest.databases[each.name])
        os.sync()
    except OSError as error:
        raise BackupError(f"{error.filename}: {error.strerror}") from error
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
        for each in sources:
            if is_sqlite(each.url):
                _beside(sqlite_file(each.url)).unlink(missing_ok=True)


def _beside(final: Path) -> Path:
    """Where the copy of a database waits that lies outside the data folder, as on another disk."""
    return final.with_name(f"{final.name}.incoming")


def _set_aside(data: Path, final: Path, aside: Path) -> None:
    """Move a file, and what SQLite keeps beside it, out of the way; a database elsewhere stays on its disk."""
    for side in _SIDE_FILES:
        old = final.with_name(final.name + side)
        if old.exists():
            inside = old.is_relative_to(data)
            kept = aside / old.relative_to(data) if inside else old.with_name(f"{aside.name}-{old.name}")
            kept.parent.mkdir(parents=True, exist_ok=True)
            old.rename(kept)


def _copies(config: Config, backup: Path, manifest: Manifest, incoming: Path) -> list[tuple[Path, Path]]:
    """Copy all files and return each copy with its final place."""
    wanted = [
        (manifest.databases[each.name], sqlite_file(each.url)) for each in databases(config) if is_sqlite(each.url)
    ]
    records = (name for name in manifest.files if name.startswith(f"{RECORDS}/"))
    wanted += [(name, config.data / Path(name).relative_to(RECORDS)) for name in records]
    moves = []
    for number, (name, final) in enumerate(wanted):
        copied = incoming / str(number) if final.is_relative_to(config.data) else _beside(final)
        shutil.copy2(backup / name, copied)
        moves.append((copied, final))
    return moves
