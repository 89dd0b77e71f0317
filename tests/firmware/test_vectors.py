"""The golden vectors of firmware_proto, run in C."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from swapstation.protocol.node import Frame
from swapstation.wire_files import wire_file
from tests.firmware.bench import Bench
from tests.firmware.build import make
from tests.firmware.vector_cases import written

TO_BMS = ("CHM", "CRM", "CML", "CRO", "CCS", "CST", "CSD", "CEM")
LONGEST_FRAME = 8


def vectors(file: str, *messages: str) -> list[dict[str, Any]]:
    """The vectors of some messages that fit into one frame."""
    document = tomllib.loads(wire_file("vectors", f"{file}.toml").read_text("utf-8"))
    return [
        vector
        for vector in document["vector"]
        if vector["message"] in messages and len(bytes.fromhex(vector["data"])) <= LONGEST_FRAME
    ]


def test_the_generated_codecs_agree_with_every_vector(build: Path) -> None:
    program = make("node_vectors", build, f"CASES={written(build)}")
    done = subprocess.run([program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "vectors, 0 failures" in done.stdout


@pytest.mark.parametrize("vector", vectors("gbt27930", *TO_BMS), ids=lambda each: f"{each['message']} {each['data']}")
def test_the_bms_counts_what_a_receiver_refuses(bench: Bench, vector: dict[str, Any]) -> None:
    bench.to_bms(Frame(vector["can_id"], bytes.fromhex(vector["data"])), 100.0)
    assert bench.malformed == (0 if vector["valid"] else 1)


@pytest.mark.parametrize("vector", vectors("station", "ModuleSetpoint"), ids=lambda each: str(each["data"]))
def test_the_modules_act_on_no_refused_set_point(bench: Bench, vector: dict[str, Any]) -> None:
    bench.to_modules(Frame(0x1821A327, bytes.fromhex(vector["data"])), 100.0)
    (_, feedback) = bench.from_modules(100.0)
    enabled = vector["valid"] and vector["values"]["Enable"] == 1
    assert feedback.data[4] & 0x0F == (1 if enabled else 0)
