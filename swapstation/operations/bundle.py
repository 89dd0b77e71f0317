"""A release as one file: a tar with every wheel it needs, units, installer, and a signed manifest of all of it."""

from __future__ import annotations

import io
import shutil
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from swapstation.errors import InputError, SwapstationError
from swapstation.operations.backup import sha256_of
from swapstation.operations.signing import TrustedKey, sign, signer

MANIFEST, SIGNATURE, SUMS = "manifest.json", "manifest.sig", "SHA256SUMS"
FORMAT = 1
PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
_SIGNED_BESIDE = (MANIFEST, SIGNATURE, SUMS)


class BundleRefused(SwapstationError):
    """A bundle is damaged, for another Python, or not newer than what runs."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle holds: files with their SHA-256."""

    format: int
    version: str
    python: str
    made_at: datetime
    files: dict[str, str]


def make_bundle(files: Mapping[str, Path], version: str, key: Path | None, target: Path) -> Bundle:
    """Write a bundle of files by their name inside; without `key` it can be installed, but is no update."""
    texts = {"VERSION": version, "PYTHON": PYTHON}
    sums = {name: sha256_of(file) for name, file in files.items()}
    manifest = Bundle(FORMAT, version, PYTHON, datetime.now(UTC), sums)
    content = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    extra = {MANIFEST: content, **{name: text.encode() for name, text in texts.items()}}
    extra[SUMS] = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
    if key is not None:
        extra[SIGNATURE] = sign(content, key)
    with tarfile.open(target, "w") as tar:
        for name, data in extra.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        for name, file in files.items():
            tar.add(file, name)
    return manifest


def unpack(file: Path, folder: Path, trusted: tuple[TrustedKey, ...]) -> Bundle:
    """Unpack a bundle whose signature and every file are right. Raises SignatureRefused, BundleRefused, InputError."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        _extract(file, folder)
        content, signature = (folder / MANIFEST).read_bytes(), (folder / SIGNATURE).read_bytes()
    except (OSError, tarfile.TarError) as error:
        raise InputError("bundle", str(file), f"a signed bundle: {error}") from error
    signer(content, signature, trusted, file.name)
    bundle = msgspec.json.decode(content, type=Bundle)
    if bundle.format != FORMAT or bundle.python != PYTHON:
        said = f"format {bundle.format}, {bundle.python}: 需要 needed: {FORMAT}, {PYTHON}"
        raise BundleRefused(f"{file.name}: {said}")
    there = {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}
    wrong = sorted(there - {*bundle.files, *_SIGNED_BESIDE, "VERSION", "PYTHON"})
    wrong += [name for name, digest in bundle.files.items() if name not in there or sha256_of(folder / name) != digest]
    if wrong:
        raise BundleRefused(f"{file.name}: 已损坏 | damaged: {', '.join(wrong)}")
    (folder / "VERSION").write_text(bundle.version, encoding="ascii")  # what is unsigned is not believed
    return bundle


def _extract(file: Path, folder: Path) -> None:
    """Plain files below the folder, nothing else: no link, device or way out of it."""
    with tarfile.open(file) as tar:
        for entry in tar:
            parts = Path(entry.name).parts
            if entry.isdir():
                continue
            content = tar.extractfile(entry) if entry.isreg() else None
            if content is None or Path(entry.name).is_absolute() or ".." in parts:
                raise tarfile.TarError(f"{entry.name}: not a plain file")
            target = folder / entry.name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as out:
                shutil.copyfileobj(content, out)


def newer(version: str, than: str) -> bool:
    """Whether a version of numbers, 1.10.0, comes after another."""
    try:
        one, other = (tuple(int(part) for part in each.split(".")) for each in (version, than))
    except ValueError:
        raise BundleRefused(f"{version}, {than}: 版本应为 | a version is NUMBER.NUMBER.NUMBER") from None
    return one > other
