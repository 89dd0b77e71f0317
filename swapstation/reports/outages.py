"""Times in which devices did no work, from the alarms that say so, and the figures that follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from swapstation.maintenance.register import named_source
from swapstation.maintenance.reliability import Outage, reliability
from swapstation.model.alarm_figures import AlarmPeriod
from swapstation.model.maintenance import Device, Reliability, WorkOrder

OUT_OF_WORK = frozenset(
    {
        *("ROBOT_LINK_LOST", "ROBOT_FAULT", "ROBOT_VERSION_MISMATCH", "STATION_LINK_LOST", "BAY_LINK_LOST"),
        *("CHARGE_FAILED", "METER_SILENT", "FIRE_PANEL_SILENT", "CLIMATE_SILENT", "STORE_LINK_LOST", "STORE_FAULT"),
        *("PROTOCOL_VERSION_MISMATCH", "DEVICE_FAULT"),
    }
)
"""Alarms that say that their source does no work."""


def outages_of(periods: Iterable[AlarmPeriod], devices: Sequence[Device]) -> tuple[Outage, ...]:
    """The outages of the devices of a register."""
    return tuple(
        Outage(named_source(devices, each.alarm.source), each.alarm.raised_at, each.gone_at)
        for each in periods
        if each.alarm.code in OUT_OF_WORK
    )


def device_reliability(
    devices: Sequence[Device],
    periods: Iterable[AlarmPeriod],
    orders: Sequence[WorkOrder],
    span: tuple[datetime, datetime],
    known_from: datetime | None,
) -> tuple[Reliability, ...]:
    """Figures of every device over a span; before `known_from`, the oldest event, nothing is claimed."""
    first = span[0] if known_from is None else min(max(span[0], known_from), span[1])
    return reliability(devices, outages_of(periods, devices), orders, first, span[1])
