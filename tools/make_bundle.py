"""Build a release: `python tools/make_bundle.py [--key FILE] [--out DIR]` writes a bundle and a one-file installer.

Needs the package index once, for the wheels; what it writes needs none.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from swapstation import __version__
from swapstation.operations.bundle import make_bundle

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "packaging"


def files_of(wheelhouse: Path) -> dict[str, Path]:
    """What goes into a bundle, by its name there."""
    files = {f"wheelhouse/{wheel.name}": wheel for wheel in sorted(wheelhouse.glob("*.whl"))}
    files |= {f"share/systemd/{unit.name}": unit for unit in sorted((PACKAGING / "systemd").iterdir())}
    files |= {name: PACKAGING / name for name in ("install.sh", "make_slot.sh")}
    files |= {f"share/{name}": ROOT / "examples" / name for name in ("station.toml", "inventory.toml")}
    files["share/grafana_dashboard.json"] = PACKAGING / "grafana_dashboard.json"
    files["share/operations.md"] = ROOT / "docs" / "operations.md"
    return files


def build_wheels(wheelhouse: Path) -> None:
    """The product's own wheel, and pinned ones of all that it needs."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", "constraints.txt", "-w", str(wheelhouse), ".", "pip"], cwd=ROOT, check=True)


def make_installer(bundle: Path, installer: Path) -> None:
    """The bundle behind a shell script that unpacks itself."""
    header = (PACKAGING / "header.sh").read_text(encoding="utf-8")
    header = header.replace("@LINES@", str(header.count("\n") + 1))
    with installer.open("wb") as out, bundle.open("rb") as content:
        out.write(header.encode())
        shutil.copyfileobj(content, out)
    installer.chmod(0o755)


def main() -> None:
    parser = argparse.ArgumentParser(description="Build a bundle and a one-file installer.")
    parser.add_argument("--key", type=Path, help="private key that signs the bundle; without it it is no update")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    bundle, installer = (options.out / f"swapstation-{__version__}.{end}" for end in ("bundle", "run"))
    with tempfile.TemporaryDirectory() as wheelhouse:
        build_wheels(Path(wheelhouse))
        make_bundle(files_of(Path(wheelhouse)), __version__, options.key, bundle)
    make_installer(bundle, installer)
    for file in (bundle, installer):
        print(f"{file}: {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
