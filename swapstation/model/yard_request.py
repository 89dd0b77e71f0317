"""What is asked of the place before the lane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class AdmitTruck:
    """Call a truck into the lane: the barrier opens for it as soon as the lane is free. An empty VIN takes it back."""

    vin: str
    kind: Literal["admit_truck"] = "admit_truck"
