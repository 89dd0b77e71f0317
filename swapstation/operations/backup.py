"""A backup of a station: one folder with both databases, every file of records, the configuration, and a manifest.

It is made while the station runs. The business database is copied first: its cursor may lie behind the station's events
then, never before them, and what follows from events is derived once more. What did not change since the backup before
it is a second name for the same file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from swapstation import __version__
from swapstation.business import audit
from swapstation.business.audit_check import Fault, check, read_heads
from swapstation.business.database import BUSINESS
from swapstation.config.settings import Config
from swapstation.database.copying import check_dump, copy_sqlite, dump_postgresql, is_sqlite, sqlite_file
from swapstation.database.examination import examine, frozen_sqlite
from swapstation.database.store import Database, Store
from swapstation.errors import SwapstationError
from swapstation.inventory.database import STATION
from swapstation.inventory.event_gaps import missing_events

MANIFEST, RECORDS, CONFIGURATION = "manifest.json", "records", "configuration"
FORMAT = 1
_NAME = "%Y%m%dT%H%M%SZ"
_NOT_RECORDS = ("ballast", "first_admin_code.txt")
_NOT_ENDINGS = (".lock", ".sock", "-wal", "-shm", "-journal", ".part", ".tmp")
_NOT_FOLDERS = ("replaced-",)
_READ_BYTES = 1 << 20
_HEADS = "audit_heads.txt"


class BackupError(SwapstationError):
    """A backup cannot be made, read or put back."""


@dataclass(frozen=True, slots=True)
class Held:
    """One file of a backup."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; `databases` are the files of the two databases by the name of their store."""

    format: int
    station: str
    version: str
    made_at: datetime
    databases: dict[str, str]
    revisions: dict[str, str]
    files: dict[str, Held]

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.files.values())


@dataclass(frozen=True, slots=True)
class Source:
    """A database of a station: the name of its copies, its store, its URL."""

    name: str
    store: Store
    url: str

    @property
    def copy(self) -> str:
        return f"{self.name}.db" if is_sqlite(self.url) else f"{self.name}.dump"


def databases(config: Config) -> tuple[Source, Source]:
    """The databases in the order in which they are copied."""
    return Source("business", BUSINESS, config.business_url), Source("station", STATION, config.station_database_url)


def back_up(config: Config, folder: Path, files: tuple[Path, ...], keep: int | None = None) -> Path:
    """Make a backup in a folder of backups and return where it is; of the older ones only `keep` - 1 stay.

    `files` are the files of the configuration. Raises BackupError, DatabaseError; then nothing is left half made.
    """
    if folder.absolute().is_relative_to(config.data.absolute()):
        said = "不能放在数据目录里, 应在另一块磁盘上 | not inside the data folder, best on another disk"
        raise BackupError(f"{folder}: {said}")
    at = datetime.now(UTC)
    final = folder / f"{at:{_NAME}}"
    part = final.with_name(f"{final.name}.part")
    before = backups(folder)
    try:
        part.mkdir(mode=0o700, parents=True)
        _fill(config, part, files, before[-1] if before else None, at)
        part.rename(final)
        _sync(folder)
    except OSError as error:
        raise BackupError(f"{part}: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    for old in before[: max(0, len(before) + 1 - keep)] if keep else ():
        shutil.rmtree(old)
    return final


def backups(folder: Path) -> list[Path]:
    """The whole backups in a folder, oldest first."""
    return sorted(each.parent for each in folder.glob(f"*Z/{MANIFEST}"))


def _fill(config: Config, part: Path, files: tuple[Path, ...], before: Path | None, at: datetime) -> None:
    taken: list[Path] = []
    for each in databases(config):
        if is_sqlite(each.url):
            copy_sqlite(sqlite_file(each.url), part / each.copy)
            taken.append(sqlite_file(each.url).absolute())
        else:
            dump_postgresql(each.url, part / each.copy)
    for source in _records(config.data, taken):
        _copy_record(source, RECORDS / source.relative_to(config.data), part, before)
    for file in files:
        if file.is_file():
            (part / CONFIGURATION).mkdir(exist_ok=True)
            shutil.copy2(file, part / CONFIGURATION / file.name)
    known = _known(before)
    held = {
        str(file.relative_to(part)): _held(file, known.get((file.stat().st_dev, file.stat().st_ino)))
        for file in sorted(part.rglob("*"))
        if file.is_file()
    }
    names = {each.name: each.copy for each in databases(config)}
    revisions = {each.name: each.store.head() for each in databases(config)}
    manifest = Manifest(FORMAT, config.name, __version__, at, names, revisions, held)
    with (part / MANIFEST).open("wb") as file_:
        file_.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
        os.fsync(file_.fileno())
    _sync(part)


def _records(data: Path, databases_: list[Path]) -> Iterator[Path]:
    """Every file of the data folder that is worth keeping, without the two databases."""
    for root, folders, names in os.walk(data):
        folders[:] = sorted(each for each in folders if not each.startswith(_NOT_FOLDERS))
        for name in sorted(names):
            file = Path(root) / name
            if name in _NOT_RECORDS or name.endswith(_NOT_ENDINGS) or file.absolute() in databases_:
                continue
            if file.is_file():
                yield file


def _copy_record(source: Path, name: Path, part: Path, before: Path | None) -> None:
    """Copy a file that may vanish meanwhile; one that is as it was before gets a second name."""
    target = part / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if _is_database(source):
        copy_sqlite(source, target)
        return
    try:
        there = source.stat()
        earlier = before / name if before else None
        if earlier is not None and earlier.is_file():
            then = earlier.stat()
            if (then.st_size, then.st_mtime_ns) == (there.st_size, there.st_mtime_ns):
                os.link(earlier, target)
                return
        shutil.copy2(source, target)
        _sync(target)
    except FileNotFoundError:
        return


def _is_database(file: Path) -> bool:
    """Whether a record is a SQLite database; one that was set aside as broken is kept as it lies."""
    return file.suffix in (".db", ".sqlite") and ".broken-" not in file.name


def _known(before: Path | None) -> dict[tuple[int, int], Held]:
    """What is known of the files of an earlier backup, by device and inode: linked ones are not read again."""
    if before is None:
        return {}
    held = read_manifest(before).files
    stats = ((before / name).stat() for name in held if (before / name).exists())
    there = (each for name, each in held.items() if (before / name).exists())
    return {(stat.st_dev, stat.st_ino): each for stat, each in zip(stats, there, strict=True)}


def _held(file: Path, known: Held | None) -> Held:
    return known or Held(file.stat().st_size, sha256_of(file))


def sha256_of(file: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while block := content.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_manifest(backup: Path) -> Manifest:
    """The manifest of a backup. Raises BackupError."""
    try:
        manifest = msgspec.json.decode((backup / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BackupError(f"{backup / MANIFEST}: 不是备份 | not a backup: {error}") from error
    if manifest.format != FORMAT:
        raise BackupError(f"{backup / MANIFEST}: format {manifest.format}, this software reads {FORMAT}")
    return manifest


def verify_backup(backup: Path) -> list[str]:
    """What is wrong with a backup, one line each: files against the manifest, databases inside, audit, events."""
    manifest = read_manifest(backup)
    found = [f"{name}: {wrong}" for name, held in manifest.files.items() if (wrong := _wrong(backup / name, held))]
    if found:
        return found
    heads = backup / RECORDS / _HEADS
    for name, store in (("business", BUSINESS), ("station", STATION)):
        file = backup / manifest.databases[name]
        if file.suffix == ".dump":
            check_dump(file)
            continue
        engine = frozen_sqlite(store, file)
        try:
            found += [f"{file.name}: {each}" for each in verify_database(name, store, engine, heads, copied=True)]
        finally:
            engine.dispose()
    return found


def _wrong(file: Path, held: Held) -> str:
    if not file.is_file():
        return "缺失 | missing"
    if file.stat().st_size != held.bytes or sha256_of(file) != held.sha256:
        return "与清单不符 | not what the manifest says"
    return ""


def verify_live(config: Config) -> list[str]:
    """What is wrong with the databases of a station, read only, also while it runs."""
    found = []
    for each in databases(config):
        engine = each.store.open_reader(each.url)
        try:
            lines = verify_database(each.name, each.store, engine, config.audit_heads_file)
            found += [f"{each.name}: {line}" for line in lines]
        finally:
            engine.dispose()
    return found


def verify_database(name: str, store: Store, engine: Database, heads: Path, *, copied: bool = False) -> list[str]:
    """What is wrong with one database, `name` being business or station; `heads` are exported heads of the audit.

    Where the database was `copied`, a head behind its end was exported after that, which is no fault.
    """
    found = examine(store, engine, older_too=copied)
    if found:
        return found
    with store.errors(), engine.connect() as connection:
        if name == "station":
            return [f"event {first} to {last}: missing" for first, last in missing_events(connection)]
        checked = check(audit.read(connection), read_heads(heads))
        return [
            f"audit row {each.number} to {each.last}: {each.fault.value}"
            for each in checked.findings
            if not (copied and each.fault is Fault.TRUNCATED)
        ]
