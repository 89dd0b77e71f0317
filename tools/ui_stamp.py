"""The stamp of the built operator console: python tools/ui_stamp.py [write]; without a word it only checks.

build.json in the server's static folder holds a hash of what the console is built from and one of what came out, so
that a bundle that does not belong to its source is found without Node (tests, the build of a wheel).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ("src", "public", "index.html", "openapi.json", "package-lock.json", "svelte.config.js", "vite.config.ts")
GENERATED = ("src/api.d.ts",)
STAMP = "build.json"


def source_hash(root: Path = ROOT) -> str:
    """Hash of everything that decides what the bundle looks like."""
    folder = root / "ops_ui"
    files = (file for name in SOURCES for file in _files(folder / name))
    return _hash(folder, (file for file in files if file.relative_to(folder).as_posix() not in GENERATED))


def output_hash(root: Path = ROOT) -> str:
    """Hash of the bundle as it is served, without its stamp."""
    folder = _static(root)
    return _hash(folder, (file for file in _files(folder) if file.name != STAMP))


def stamp(root: Path = ROOT) -> dict[str, str]:
    """What build.json holds for the files as they are now."""
    return {"source": source_hash(root), "output": output_hash(root)}


def fault(root: Path = ROOT) -> str:
    """What is wrong with the bundle; "" when it belongs to its source."""
    file = _static(root) / STAMP
    if not file.is_file():
        return f"{file} is missing: run `make ui` (needs Node 20)"
    kept = json.loads(file.read_text(encoding="utf-8"))
    if kept.get("source") != source_hash(root):
        return "ops_ui has changed since the console was built: run `make ui` (needs Node 20) and commit the result"
    if kept.get("output") != output_hash(root):
        return (
            "the built console was changed by hand, or by a merge: run `make ui` (needs Node 20) and commit the result"
        )
    return ""


def write(root: Path = ROOT) -> None:
    """Stamp the bundle that has just been built."""
    (_static(root) / STAMP).write_text(json.dumps(stamp(root), indent=1) + "\n", encoding="utf-8")


def _static(root: Path) -> Path:
    return root / "swapstation" / "server" / "static"


def _files(place: Path) -> list[Path]:
    return sorted(file for file in place.rglob("*") if file.is_file()) if place.is_dir() else [place]


def _hash(folder: Path, files: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for file in files:
        found.update(file.relative_to(folder).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        write()
    sys.exit(fault() or 0)
