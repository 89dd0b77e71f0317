"""What a charger is told before it charges: its identity, its limits and its bay's settings of GB/T 27930."""

from __future__ import annotations

from dataclasses import dataclass, field

from swapstation.config.gbt27930 import EditionChoice, Gbt27930
from swapstation.errors import InputError

WIRE_MAX_CURRENT_A = 400.0


@dataclass(frozen=True, slots=True)
class ChargerSettings:
    """Identity and limits of one charger, V and A; InputError for what the wire cannot say.

    The smallest current and every time and tolerance are in `gbt27930`, each with the source of its default.
    """

    charger_number: int
    max_voltage_v: float
    min_voltage_v: float
    max_current_a: float
    location: str | None = None
    edition: EditionChoice = EditionChoice.GB2015
    gbt27930: Gbt27930 = field(default_factory=Gbt27930)

    def __post_init__(self) -> None:
        if not 0 < self.max_current_a <= WIRE_MAX_CURRENT_A:
            raise InputError(
                "max_current_a", self.max_current_a, f"above 0 up to {WIRE_MAX_CURRENT_A:g} A (GB/T 27930)"
            )
        if not 0 <= self.gbt27930.min_current_a <= self.max_current_a:
            allowed = f"0 to max_current_a = {self.max_current_a:g} A"
            raise InputError("min_current_a", self.gbt27930.min_current_a, allowed)
        if not 0 <= self.min_voltage_v < self.max_voltage_v <= 1500:
            raise InputError("max_voltage_v", self.max_voltage_v, "above min_voltage_v, up to 1500 V")
        if not 0 <= self.charger_number < 0xFFFFFFFF:
            raise InputError("charger_number", self.charger_number, "0 to 4294967294")
