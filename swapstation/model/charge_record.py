"""The record of one finished charge as the charger itself kept it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChargeRecord:
    """What a charger put down about a charge: energy in kWh, SOC in %, duration in s, its meter before and after.

    `order_id` is the command id of the start, "" for a charge that somebody else began. `started` and `ended` are by
    the charger's own clock, labels only: it may jump, or be no date at all (None). Who settles charges takes each
    record once: `charger_id`, `number`, `order_id` and `started` together tell it from every other.
    """

    charger_id: str
    number: int
    order_id: str
    started: str | None
    ended: str | None
    duration_s: int
    energy_kwh: float
    soc_start_pct: float | None
    soc_end_pct: float | None
    meter_start_kwh: float
    meter_end_kwh: float
    end_reason: int
