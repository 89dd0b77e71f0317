"""Small releases for tests of updates: our own wheel alone, in any version; what it needs is lent."""

from __future__ import annotations

import sys
import sysconfig
import zipfile
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

from swapstation.operations.bundle import make_bundle

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable


def lent_packages(folder: Path) -> Path:
    """A folder with every installed package but the product itself, for PYTHONPATH."""
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "swapstation" not in entry.name:
            (folder / entry.name).symlink_to(entry)
    return folder


def release(folder: Path, version: str, key: Path, changed: Mapping[str, str] | None = None) -> Path:
    """A signed bundle of the working copy as `version`; `changed` are files of the package, other or new, by path."""
    folder.mkdir()
    product, pip = folder / f"swapstation-{version}-py3-none-any.whl", folder / "pip-0-py3-none-any.whl"
    _write_wheel(product, version, {"__init__.py": f'"""Test."""\n\n__version__ = "{version}"\n', **(changed or {})})
    with zipfile.ZipFile(pip, "w") as wheel:
        _add_tree(wheel, Path(sysconfig.get_path("purelib")) / "pip", "pip")
    share = ROOT / "docs" / "operations.md"
    files = {f"wheelhouse/{each.name}": each for each in (product, pip)} | {"share/operations.md": share}
    files["make_slot.sh"] = ROOT / "packaging" / "make_slot.sh"
    bundle = folder / f"swapstation-{version}.bundle"
    make_bundle(files, version, key, bundle)
    return bundle


def _write_wheel(file: Path, version: str, changed: Mapping[str, str]) -> None:
    info = f"swapstation-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as wheel:
        _add_tree(wheel, ROOT / "swapstation", "swapstation", frozenset(changed))
        _add_tree(wheel, ROOT / "firmware_proto", "swapstation/firmware_proto")
        for name, text in changed.items():
            wheel.writestr(f"swapstation/{name}", text)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: swapstation\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/entry_points.txt", distribution("swapstation").read_text("entry_points.txt") or "")
        wheel.writestr(f"{info}/RECORD", "")


def _add_tree(wheel: zipfile.ZipFile, folder: Path, name: str, without: frozenset[str] = frozenset()) -> None:
    for file in folder.rglob("*"):
        path = str(file.relative_to(folder))
        if file.is_file() and "__pycache__" not in file.parts and path not in without:
            wheel.write(file, f"{name}/{path}")
