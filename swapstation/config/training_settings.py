"""Settings of a training station; `swapstation.config.settings` holds them in the whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Training:
    """`simulator`: the control socket of the simulator that plays the station, in the data folder."""

    simulator: str = "simulator.sock"
