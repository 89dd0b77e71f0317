"""Builds the C node, once per test run, and says where its sources are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from swapstation.demo.c_node import TOOLS
from swapstation.wire_files import wire_file

NODE = wire_file("node", "Makefile").parent
HERE = Path(__file__).parent
CODECS = ("station.c", "gbt27930.c")
WARNINGS = ("-std=c99", "-D_DEFAULT_SOURCE", "-Wall", "-Wextra", "-Wconversion", "-Werror")


def missing_tool() -> str | None:
    """What the build needs and this machine does not have."""
    return next((tool for tool in TOOLS if shutil.which(tool) is None), None)


def make(target: str, build: Path, *variables: str) -> Path:
    """Make one target of the node's Makefile in `build`; returns its path."""
    program = build / target
    command = [
        "make",
        "-s",
        "-j2",
        "-C",
        str(NODE),
        f"BUILD={build}",
        f"PYTHON={sys.executable}",
        *variables,
        str(program),
    ]
    run(command)
    return program


def shared_library(build: Path) -> Path:
    """The node's parts as a library that Python loads; without sanitizers, which want to be there first."""
    library = build / "node_bench.so"
    sources = [path for path in sorted(NODE.glob("*.c")) if path.name != "main.c"]
    sources += [build / codec for codec in CODECS] + [HERE / "bench.c"]
    run(["gcc", *WARNINGS, "-O1", "-shared", "-fPIC", f"-I{NODE}", f"-I{build}", "-o", str(library)]
        + [str(source) for source in sources] + ["-lm"])  # fmt: skip
    return library


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
