"""Building the C node for the demo: what is missing is named, with what to install."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.demo.c_node import NodeNotBuilt, build_node


def test_a_machine_without_a_compiler_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NodeNotBuilt, match="apt-get install gcc make"):
        build_node(tmp_path)


def test_what_the_compiler_said_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiler that refuses everything; `make` is the real one."""
    compiler = tmp_path / "gcc"
    compiler.write_text("#!/bin/sh\necho 'no space left' >&2\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(NodeNotBuilt, match="no space left"):
        build_node(tmp_path / "build")
