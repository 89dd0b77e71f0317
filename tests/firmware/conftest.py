"""The C node, built once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.firmware.bench import Bench
from tests.firmware.build import make, missing_tool, shared_library


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the node has been built with strict warnings and sanitizers."""
    if (tool := missing_tool()) is not None:
        pytest.skip(f"{tool} is not installed")
    folder = tmp_path_factory.mktemp("node")
    make("swapstation-node", folder)
    return folder


@pytest.fixture(scope="session")
def node_program(build: Path) -> Path:
    return build / "swapstation-node"


@pytest.fixture(scope="session")
def library(build: Path) -> Path:
    return shared_library(build)


@pytest.fixture
def bench(library: Path) -> Bench:
    return Bench(library)
