"""The small station of the simulation tests, for foreign masters that talk to its devices."""

from __future__ import annotations

from tests.simulation.conftest import config, placement

__all__ = ["config", "placement"]
