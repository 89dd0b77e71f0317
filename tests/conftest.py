"""Test-wide settings: bounded, deterministic Hypothesis; each test finds the logs as they were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

slow_is_fine = [HealthCheck.too_slow]
settings.register_profile(
    "default", max_examples=60, deadline=None, derandomize=True, suppress_health_check=slow_is_fine
)
settings.register_profile("nightly", max_examples=5000, deadline=None)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command of ours that is called in this process sets the logs up for itself, and mostly silences them."""
    yield
    structlog.reset_defaults()
