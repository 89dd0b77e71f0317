"""Business messages of orders, prices and reconciliation, T/CEC 102-2016 part 3 (interop.md 1.6), and of swaps.

Every `*Seq` has 27 characters: 9 of the operator and 18 of its own. Energy in kWh, money in yuan. The standard of 2016
defines no swap: `SwapRecord` travels only by a profile that says how.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from swapstation.supervision.codes import DisputeReason, SuccStat
from swapstation.supervision.messages import CONNECTOR_ID
from swapstation.supervision.wire_fields import Clock, Code, Listed, Moment, Number, Part, Text, Whole, wire

ORDER_SEQ = Text(27, 27)
MOST_DETAILS = 32
_MONEY, _KWH, _PRICE = Number(2), Number(2), Number(4)
_REASON = Whole(0, 99)


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """The part of an order with one price: yuan per kWh, kWh, yuan."""

    start: datetime = wire("DetailStartTime", Moment())
    end: datetime = wire("DetailEndTime", Moment())
    electricity_price: Decimal = wire("ElecPrice", _PRICE)
    service_price: Decimal = wire("ServicePrice", _PRICE)
    energy_kwh: Decimal = wire("DetailPower", _KWH)
    electricity_yuan: Decimal = wire("DetailElecMoney", _MONEY)
    service_yuan: Decimal = wire("DetailServiceMoney", _MONEY)


@dataclass(frozen=True, slots=True)
class ChargeOrder:
    """notification_charge_order_info: one finished charge with its money by tariff period."""

    order: str = wire("StartChargeSeq", ORDER_SEQ)
    connector_id: str = wire("ConnectorID", CONNECTOR_ID)
    start: datetime = wire("StartTime", Moment())
    end: datetime = wire("EndTime", Moment())
    energy_kwh: Decimal = wire("TotalPower", _KWH)
    electricity_yuan: Decimal = wire("TotalElecMoney", _MONEY)
    service_yuan: Decimal = wire("TotalServiceMoney", _MONEY)
    total_yuan: Decimal = wire("TotalMoney", _MONEY)
    stop_reason: int = wire("StopReason", _REASON)
    period_count: int = wire("SumPeriod", Whole(0, MOST_DETAILS))
    details: tuple[OrderDetail, ...] = wire("ChargeDetails", Listed(Part(OrderDetail), MOST_DETAILS))


@dataclass(frozen=True, slots=True)
class OrderTaken:
    """Answer to notification_charge_order_info: 0 confirmed, 1 disputed, 2-99 the platform's own."""

    order: str = wire("StartChargeSeq", ORDER_SEQ)
    connector_id: str = wire("ConnectorID", CONNECTOR_ID)
    confirm_result: int = wire("ConfirmResult", _REASON)


@dataclass(frozen=True, slots=True)
class PolicyQuestion:
    """query_equip_business_policy."""

    seq: str = wire("EquipBizSeq", ORDER_SEQ)
    connector_id: str = wire("ConnectorID", CONNECTOR_ID)


@dataclass(frozen=True, slots=True)
class PolicyPeriod:
    """What a kWh costs from a time of day on, yuan."""

    start: time = wire("StartTime", Clock())
    electricity_price: Decimal = wire("ElecPrice", _PRICE)
    service_price: Decimal = wire("ServicePrice", _PRICE)


@dataclass(frozen=True, slots=True)
class PolicyAnswer:
    """Answer to query_equip_business_policy; `fail_reason` 1: there is no policy."""

    seq: str = wire("EquipBizSeq", ORDER_SEQ)
    connector_id: str = wire("ConnectorID", CONNECTOR_ID)
    success: SuccStat = wire("SuccStat", Code(SuccStat))
    fail_reason: int = wire("FailReason", _REASON)
    period_count: int = wire("SumPeriod", Whole(0, MOST_DETAILS))
    periods: tuple[PolicyPeriod, ...] = wire("PolicyInfos", Listed(Part(PolicyPeriod), MOST_DETAILS))


@dataclass(frozen=True, slots=True)
class CheckedOrder:
    """An order as one side has it."""

    order: str = wire("StartChargeSeq", ORDER_SEQ)
    energy_kwh: Decimal = wire("TotalPower", _KWH)
    total_yuan: Decimal = wire("TotalMoney", _MONEY)


@dataclass(frozen=True, slots=True)
class OrdersCheck:
    """check_charge_orders: the orders of a time, with their sums."""

    seq: str = wire("CheckOrderSeq", ORDER_SEQ)
    start: datetime = wire("StartTime", Moment())
    end: datetime = wire("EndTime", Moment())
    count: int = wire("OrderCount", Whole())
    energy_kwh: Decimal = wire("TotalOrderPower", _KWH)
    total_yuan: Decimal = wire("TotalOrderMoney", _MONEY)
    orders: tuple[CheckedOrder, ...] = wire("ChargeOrders", Listed(Part(CheckedOrder)))


@dataclass(frozen=True, slots=True)
class DisputedOrder:
    """An order that the two sides have differently; `reason` is a `DisputeReason` or 4-99."""

    order: str = wire("StartChargeSeq", ORDER_SEQ)
    energy_kwh: Decimal = wire("TotalPower", _KWH)
    total_yuan: Decimal = wire("TotalMoney", _MONEY)
    reason: int = wire("DisputeReason", Whole(DisputeReason.MISSING, 99))


@dataclass(frozen=True, slots=True)
class OrdersChecked:
    """Answer to check_charge_orders. The names of the sums are as three public implementations have them."""

    seq: str = wire("CheckOrderSeq", ORDER_SEQ)
    start: datetime = wire("StartTime", Moment())
    end: datetime = wire("EndTime", Moment())
    count: int = wire("TotalDisputeOrder", Whole())
    energy_kwh: Decimal = wire("TotalDisputePower", _KWH)
    total_yuan: Decimal = wire("TotalDisputeMoney", _MONEY)
    disputes: tuple[DisputedOrder, ...] = wire("DisputeOrders", Listed(Part(DisputedOrder)))


@dataclass(frozen=True, slots=True)
class SwapRecord:
    """One exchanged battery of a swap (own design). `codes_in` came off the truck, `codes_out` went onto it."""

    swap: str = wire("SwapSeq", ORDER_SEQ)
    station_id: str = wire("StationID", Text(20, 1))
    vin: str = wire("VIN", Text(17, 17))
    codes_in: tuple[str, ...] = wire("BatteryCodesIn", Listed(Text(24, 24)))
    codes_out: tuple[str, ...] = wire("BatteryCodesOut", Listed(Text(24, 24)))
    start: datetime = wire("StartTime", Moment())
    end: datetime = wire("EndTime", Moment())
    result: int = wire("Result", Whole(0, 1))
    soc_in_pct: Decimal | None = wire("SocIn", Number(1, high=Decimal(100)), None)
    soc_out_pct: Decimal | None = wire("SocOut", Number(1, high=Decimal(100)), None)


@dataclass(frozen=True, slots=True)
class SwapTaken:
    """Answer to a swap record."""

    swap: str = wire("SwapSeq", ORDER_SEQ)
    confirm_result: int = wire("ConfirmResult", _REASON)
