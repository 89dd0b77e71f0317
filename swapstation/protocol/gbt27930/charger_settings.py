"""What a charger is told before it charges: its identity, limits and times, each with the source of its default."""

from __future__ import annotations

from dataclasses import dataclass, field

from swapstation.errors import InputError
from swapstation.protocol.gbt27930.words import Edition

WIRE_MAX_CURRENT_A = 400.0


@dataclass(frozen=True, slots=True)
class ChargerTimes:
    """Seconds of the charger side. Sources: GB/T 27930-2015 unless said otherwise."""

    bhm_s: float = 5.0  # no BHM: the battery is of the 2011 edition (practice of dual-edition chargers)
    brm_s: float = 5.0
    bcp_s: float = 5.0
    bro_s: float = 5.0
    bro_ready_s: float = 60.0
    bcl_s: float = 1.0
    bcs_s: float = 5.0
    bsm_s: float = 5.0  # 2023 edition only, after the first BSM
    bst_s: float = 5.0
    bsd_s: float = 10.0  # one source says 5 s
    pause_s: float = 600.0
    precharge_s: float = 30.0  # own design: modules that do not reach the pack voltage
    reconnect_s: float = 1.0  # CEM on the wire before CRM again; the standard allows 30 s
    statistics_s: float = 1.0  # CSD after BSD, as seen in recorded charging processes


@dataclass(frozen=True, slots=True)
class ChargerSettings:
    """Identity and limits of one charger, V and A; InputError for what the wire cannot say.

    The pre-charge check (5 % and 10 V) follows a real charger's firmware, 5 A at opening the standard.
    """

    charger_number: int
    max_voltage_v: float
    min_voltage_v: float
    max_current_a: float
    min_current_a: float = 0.0
    location: str | None = None
    edition: Edition = Edition.GB2015
    insulation_test_s: float = 1.0
    precharge_tolerance_v: float = 10.0
    precharge_tolerance_pct: float = 5.0
    opening_current_a: float = 5.0
    reconnects: int = 3
    times: ChargerTimes = field(default_factory=ChargerTimes)

    def __post_init__(self) -> None:
        if not 0 < self.max_current_a <= WIRE_MAX_CURRENT_A:
            raise InputError(
                "max_current_a", self.max_current_a, f"above 0 up to {WIRE_MAX_CURRENT_A:g} A (GB/T 27930)"
            )
        if not 0 <= self.min_current_a <= self.max_current_a:
            raise InputError("min_current_a", self.min_current_a, f"0 to max_current_a = {self.max_current_a:g} A")
        if not 0 <= self.min_voltage_v < self.max_voltage_v <= 1500:
            raise InputError("max_voltage_v", self.max_voltage_v, "above min_voltage_v, up to 1500 V")
        if not 0 <= self.charger_number < 0xFFFFFFFF:
            raise InputError("charger_number", self.charger_number, "0 to 4294967294")
