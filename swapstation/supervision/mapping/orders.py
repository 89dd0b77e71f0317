"""Charges as orders, their sums as statistics, and the comparison of both sides' orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from swapstation.errors import InputError
from swapstation.model.energy import ChargeDetail, Settlement
from swapstation.supervision.codes import (
    BMS_STOP,
    CHARGER_FAULT,
    DISCONNECTED,
    USER_STOP,
    DisputeReason,
)
from swapstation.supervision.mapping.places import Places, order_number
from swapstation.supervision.messages import ConnectorStats, EquipmentStats, StationStats
from swapstation.supervision.order_messages import ChargeOrder, CheckedOrder, DisputedOrder, OrderDetail
from swapstation.supervision.wire_fields import rounded

STATION_STOP = 5
"""Own StopReason: the station ended the charge itself at its target or its need, or nobody saw the end."""
_STOPS: Mapping[str, int] = {
    "manual": USER_STOP,
    "emergency_stop": USER_STOP,
    "connector_fault": DISCONNECTED,
    "fault": CHARGER_FAULT,
    "charger_over_temperature": CHARGER_FAULT,
    "internal_over_temperature": CHARGER_FAULT,
    "energy_not_delivered": CHARGER_FAULT,
    "self_test_fault": CHARGER_FAULT,
    "precharge_fault": CHARGER_FAULT,
    "soc_reached": BMS_STOP,
    "voltage_reached": BMS_STOP,
    "cell_voltage_reached": BMS_STOP,
    "bms_stopped": BMS_STOP,
    "pack_over_temperature": BMS_STOP,
    "insulation_fault": BMS_STOP,
    "over_current": BMS_STOP,
}
"""Words of GB/T 27930 for the end of a charge -> StopReason."""
_GRAVEST_FIRST = (DISCONNECTED, CHARGER_FAULT, USER_STOP, BMS_STOP)
Known = TypeVar("Known")


def charge_order(operator_id: str, places: Places, settlement: Settlement, reasons: Iterable[str]) -> ChargeOrder:
    """A settled charge as an order. Raises InputError where a figure is missing or sums do not agree to the cent."""
    energy_kwh = _known("energy_kwh", settlement.energy_kwh)
    electricity_yuan = _known("electricity_yuan", settlement.electricity_yuan)
    service_yuan = _known("service_yuan", settlement.service_yuan)
    connector = places.connectors.get(settlement.bay)
    order = ChargeOrder(
        order=order_number(operator_id, settlement.bay, settlement.started_at),
        connector_id=_known("bay", connector),
        start=settlement.started_at,
        end=settlement.ended_at,
        energy_kwh=energy_kwh,
        electricity_yuan=electricity_yuan,
        service_yuan=service_yuan,
        total_yuan=electricity_yuan + service_yuan,
        stop_reason=stop_reason(reasons),
        period_count=len(settlement.details),
        details=tuple(_detail(item) for item in settlement.details),
    )
    check_sums(order)
    return order


def check_sums(order: ChargeOrder) -> None:
    """Raises InputError unless the details of an order are its totals, to the cent."""
    for name in ("energy_kwh", "electricity_yuan", "service_yuan"):
        total, parts = getattr(order, name), sum((getattr(item, name) for item in order.details), Decimal(0))
        if total != parts:
            raise InputError(name, total, f"the sum of its details, {parts}")


def stop_reason(reasons: Iterable[str]) -> int:
    """StopReason of a charge that ended for these reasons, words of GB/T 27930."""
    found = {_STOPS[each] for each in reasons if each in _STOPS}
    return next((code for code in _GRAVEST_FIRST if code in found), STATION_STOP)


def station_stats(places: Places, charges: Iterable[tuple[int, Decimal]], first: date, last: date) -> StationStats:
    """Energy of charges (bay, kWh) by connector, rounded there, so that the sums agree level by level."""
    energy_kwh = dict.fromkeys(places.connectors, Decimal(0))
    for bay, kwh in charges:
        energy_kwh[bay] = energy_kwh.get(bay, Decimal(0)) + kwh
    equipment = []
    for name, cabinet in places.cabinets:
        connectors = tuple(
            ConnectorStats(places.connectors[bay], rounded(energy_kwh[bay], 1)) for bay in sorted(cabinet.bays)
        )
        equipment.append(EquipmentStats(name, sum((c.energy_kwh for c in connectors), Decimal(0)), connectors))
    total = sum((each.energy_kwh for each in equipment), Decimal(0))
    return StationStats(places.station, first, last, total, tuple(equipment))


def disputes(theirs: Sequence[CheckedOrder], ours: Sequence[CheckedOrder]) -> tuple[DisputedOrder, ...]:
    """What the two sides have differently, in the order of numbers, with our figures where we know the order."""
    mine, yours = {each.order: each for each in ours}, {each.order: each for each in theirs}
    found = []
    for number in sorted(mine.keys() | yours.keys()):
        reason = _difference(yours.get(number), mine.get(number))
        if reason is not None:
            known = mine.get(number) or yours[number]
            found.append(DisputedOrder(number, known.energy_kwh, known.total_yuan, reason))
    return tuple(found)


def _difference(theirs: CheckedOrder | None, ours: CheckedOrder | None) -> DisputeReason | None:
    if theirs is None or ours is None:
        return DisputeReason.MISSING
    if theirs.energy_kwh != ours.energy_kwh:
        return DisputeReason.ENERGY
    return DisputeReason.MONEY if theirs.total_yuan != ours.total_yuan else None


def _detail(item: ChargeDetail) -> OrderDetail:
    return OrderDetail(
        item.start,
        item.end,
        _known("electricity_price", item.electricity_price),
        _known("service_price", item.service_price),
        item.energy_kwh,
        _known("electricity_yuan", item.electricity_yuan),
        _known("service_yuan", item.service_yuan),
    )


def _known(name: str, value: Known | None) -> Known:
    if value is None:
        raise InputError(name, None, "a known figure: counter and tariff of the charge")
    return value
