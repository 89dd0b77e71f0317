"""The golden vectors of firmware_proto, run in C."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.firmware.build import make
from tests.firmware.vector_cases import written


def test_the_generated_codecs_agree_with_every_vector(build: Path) -> None:
    program = make("node_vectors", build, f"CASES={written(build)}")
    done = subprocess.run([program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "vectors, 0 failures" in done.stdout
