"""Signed versions of a station's configuration: numbered folders beside the station file, each chained to the last.

Where a folder `trusted_keys` lies beside the station file, controller, server and planner start with nothing but the
newest signed version. A rollback is a new version with the files of an older one: numbers only grow, and a station that
has run a version refuses a lower one.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from swapstation.config.file import configuration_hash, load_config
from swapstation.config.own_files import own_files
from swapstation.config.settings import Config
from swapstation.errors import ConfigurationError, InputError
from swapstation.operations.signing import SignatureRefused, sign, signer, trusted_keys
from swapstation.wire_files import shipped_file

VERSIONS, TRUSTED = "config_versions", "trusted_keys"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
SEEN = "configuration_version"
"""In the data folder: the highest version that the station has run."""


@dataclass(frozen=True, slots=True)
class Version:
    """One signed version: files by their path beside the station file with their SHA-256.

    `previous` is the SHA-256 of the manifest before; `rolled_back_to` the version whose files these are, 0 for none.
    """

    version: int
    station: str
    made_at: datetime
    made_by: str
    comment: str
    configuration_hash: str
    files: dict[str, str]
    previous: str = ""
    rolled_back_to: int = 0


def sign_version(station_file: Path, key: Path, person: str, comment: str) -> Version:
    """Sign the files as they lie there as the next version. Raises ConfigurationError, InputError."""
    return _add(station_file, key, person, comment, 0)


def roll_back(station_file: Path, number: int, key: Path, person: str, comment: str) -> Version:
    """Put the files of an earlier version back and sign them as the next one."""
    found = {each.version: each for each in versions(station_file)}
    if number not in found:
        raise InputError("version", number, f"one of {', '.join(map(str, found)) or '-'}")
    _check(station_file, found[number])
    folder = _folder(station_file, number)
    for name, expected in found[number].files.items():
        content = (folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != expected:
            raise SignatureRefused(f"{folder / name}: 与签名的内容不符 | not what was signed")
        _write(station_file.parent / name, content)
    return _add(station_file, key, person, comment, number)


def versions(station_file: Path) -> list[Version]:
    """Every version, oldest first; its signature is not looked at."""
    folders = sorted((station_file.parent / VERSIONS).glob(f"*/{MANIFEST}"))
    return [msgspec.json.decode(file.read_bytes(), type=Version) for file in folders]


def verify_version(station_file: Path) -> Version:
    """The newest version, if it is signed, the chain before it whole, and the files are as signed.

    Raises SignatureRefused, one line for each file that differs.
    """
    every = versions(station_file)
    if not every:
        raise SignatureRefused(f"{station_file}: 没有签名的版本 | there is no signed version")
    before = ""
    for number, each in enumerate(every, start=1):
        if each.version != number or each.previous != before:
            raise SignatureRefused(f"{VERSIONS}/{number:04}: 版本链不完整 | the chain of versions is not whole")
        _check(station_file, each)
        before = _digest(station_file, each.version)
    newest = every[-1]
    if wrong := [f"{name}: {said}" for name, said in _differences(station_file, newest)]:
        raise SignatureRefused("\n".join(wrong))
    return newest


def require_signed(station_file: Path, config: Config) -> Version | None:
    """What a process asks at its start; None where no keys are trusted. Raises ConfigurationError."""
    if not (station_file.parent / TRUSTED).is_dir():
        return None
    try:
        newest = verify_version(station_file)
        seen = _seen(config)
        if newest.version < seen:
            said = f"低于本站运行过的版本 {seen} | older than {seen}, which this station has run"
            raise SignatureRefused(f"version {newest.version}: {said}")
    except (SignatureRefused, InputError) as error:
        raise ConfigurationError(str(error).splitlines()) from error
    config.data.mkdir(parents=True, exist_ok=True)
    if newest.version > seen:
        _write(config.data / SEEN, f"{newest.version}\n".encode())
    return newest


def changes(station_file: Path, old: int | None = None, new: int | None = None) -> Iterator[str]:
    """Unified difference of two versions; `new` None: the files as they lie there, `old` None: the newest version."""
    every = {each.version: each for each in versions(station_file)}
    one = every.get(old if old is not None else max(every, default=0))
    other = every.get(new) if new is not None else None
    if one is None or (new is not None and other is None):
        raise InputError("version", new if one else old, f"one of {', '.join(map(str, every)) or '-'}")
    present = own_names(station_file) if other is None else list(other.files)
    for name in dict.fromkeys((*one.files, *present)):
        target = station_file.parent if other is None else _folder(station_file, other.version)
        before, after = _lines(_folder(station_file, one.version) / name), _lines(target / name)
        yield from difflib.unified_diff(before, after, f"{one.version}/{name}", f"{new or 'now'}/{name}", n=2)


def own_names(station_file: Path) -> list[str]:
    """The files of the configuration, relative to the station file. Raises InputError for one that lies elsewhere."""
    folder = station_file.parent.absolute()
    names = []
    for file in own_files(load_config(station_file), station_file):
        if file == shipped_file("dbc", file.name):
            continue  # of the software, which has a signature of its own
        if not file.absolute().is_relative_to(folder):
            raise InputError("file", str(file), f"a file in {folder}, to be signed with the others")
        names.append(str(file.absolute().relative_to(folder)))
    return names


def _add(station_file: Path, key: Path, person: str, comment: str, rolled_back_to: int) -> Version:
    config = load_config(station_file)
    every = versions(station_file)
    number = every[-1].version + 1 if every else 1
    contents = {name: _read(station_file.parent / name) for name in own_names(station_file)}
    version = Version(
        version=number,
        station=config.name,
        made_at=datetime.now(UTC),
        made_by=person,
        comment=comment,
        configuration_hash=configuration_hash(config),
        files={name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        previous=_digest(station_file, number - 1) if every else "",
        rolled_back_to=rolled_back_to,
    )
    manifest = msgspec.json.format(msgspec.json.encode(version), indent=1) + b"\n"
    signature = sign(manifest, key)
    final = _folder(station_file, number)
    part = final.with_name(f"{final.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    for name, content in {**contents, MANIFEST: manifest, SIGNATURE: signature}.items():
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        _write(part / name, content)
    part.rename(final)
    return version


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError("file", str(file), f"a file that can be read: {error.strerror}") from error


def _check(station_file: Path, version: Version) -> str:
    folder = _folder(station_file, version.version)
    keys = trusted_keys(station_file.parent / TRUSTED)
    try:
        return signer((folder / MANIFEST).read_bytes(), (folder / SIGNATURE).read_bytes(), keys, folder.name)
    except OSError as error:
        raise SignatureRefused(f"{folder / SIGNATURE}: {error.strerror}") from error


def _differences(station_file: Path, version: Version) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys((*version.files, *own_names(station_file))):
        file = station_file.parent / name
        if name not in version.files:
            yield name, "没有签名 | is not signed"
        elif not file.is_file():
            yield name, "缺失 | is missing"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != version.files[name]:
            yield name, f"与签名的版本 {version.version} 不同 | differs from signed version {version.version}"


def _folder(station_file: Path, number: int) -> Path:
    return station_file.parent / VERSIONS / f"{number:04}"


def _digest(station_file: Path, number: int) -> str:
    return hashlib.sha256((_folder(station_file, number) / MANIFEST).read_bytes()).hexdigest()


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []


def _seen(config: Config) -> int:
    try:
        text = (config.data / SEEN).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return 0
    if not text.isdigit():
        raise SignatureRefused(f"{config.data / SEEN}: {text!r}: 不是版本号 | not the number of a version")
    return int(text)


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, and durable."""
    part = file.with_name(f"{file.name}.part")
    with part.open("wb") as out:
        out.write(content)
        os.fsync(out.fileno())
    part.replace(file)
