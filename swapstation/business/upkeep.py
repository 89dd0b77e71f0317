"""The maintenance of a station as its records tell it: what is due, and the cards of its devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from swapstation.business.device_use import readings_of, use_of_devices
from swapstation.business.work_orders import add_step, find, list_orders
from swapstation.config.settings import Config
from swapstation.maintenance.due import Records, due_work
from swapstation.maintenance.register import counters_of, whole_of
from swapstation.model.maintenance import Device, Due, Plan, WorkOrder, WorkState, WorkStep


@dataclass(frozen=True, slots=True)
class DeviceCard:
    """One device of the register; `counters`: what was counted of it, or of what it is a part of."""

    device: Device
    counters: Mapping[str, float]


def records_at(connection: sa.Connection, at: datetime, zone: ZoneInfo) -> Records:
    """What was on record at an instant: use up to that day, orders as they were then."""
    today = at.astimezone(zone).date()
    orders = [known for order in list_orders(connection) if (known := _as_known(order, at)) is not None]
    return Records(use_of_devices(connection, today), orders, today, zone)


def due_at(connection: sa.Connection, plan: Plan, at: datetime, zone: ZoneInfo) -> tuple[Due, ...]:
    """What is due at an instant, the most urgent first."""
    return due_work(plan, records_at(connection, at, zone))


def device_cards(connection: sa.Connection, plan: Plan, config: Config) -> tuple[DeviceCard, ...]:
    """The register with its counters; one that is counted and was not used yet stands at 0."""
    cards = []
    for device in plan.devices:
        whole = whole_of(plan.devices, device.device)
        counted = readings_of(connection, whole)
        counters = {counter.value: counted.get(counter, 0.0) for counter in counters_of(config, whole)}
        cards.append(DeviceCard(device, counters))
    return tuple(cards)


def finish(connection: sa.Connection, plan: Plan, number: int, person: str, at: datetime, text: str) -> WorkOrder:
    """Finish an order, with the counters of its device at that moment. Raises InputError."""
    order = find(connection, number)
    readings = {} if order is None else readings_of(connection, whole_of(plan.devices, order.wanted.device))
    return add_step(connection, number, WorkStep(WorkState.DONE, person, at, text), readings)


def _as_known(order: WorkOrder, at: datetime) -> WorkOrder | None:
    steps = tuple(step for step in order.steps if step.at <= at)
    return WorkOrder(order.number, order.wanted, steps, order.readings) if steps else None
