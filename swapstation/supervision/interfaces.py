"""Every interface that the product speaks: its message and its answer, by the standard's own name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from swapstation.supervision import messages, order_messages

QUERY_TOKEN = "query_token"
STATIONS_INFO = "query_stations_info"
STATION_STATUS = "query_station_status"
STATION_STATS = "query_station_stats"
BUSINESS_POLICY = "query_equip_business_policy"
CHECK_ORDERS = "check_charge_orders"
STATE_NOTICE = "notification_stationStatus"
ORDER_NOTICE = "notification_charge_order_info"
SWAP_RECORD = "swap_record"
"""Own name: no published interface carries a swap (interop.md 1.8)."""


@dataclass(frozen=True, slots=True)
class Interface:
    """What is sent and what is answered."""

    asks: type[Any]
    answers: type[Any]


INTERFACES: dict[str, Interface] = {
    QUERY_TOKEN: Interface(messages.TokenRequest, messages.TokenGiven),
    STATIONS_INFO: Interface(messages.StationsQuestion, messages.StationsAnswer),
    STATION_STATUS: Interface(messages.StatesQuestion, messages.StatesAnswer),
    STATION_STATS: Interface(messages.StatsQuestion, messages.StatsAnswer),
    BUSINESS_POLICY: Interface(order_messages.PolicyQuestion, order_messages.PolicyAnswer),
    CHECK_ORDERS: Interface(order_messages.OrdersCheck, order_messages.OrdersChecked),
    STATE_NOTICE: Interface(messages.StateNotice, messages.StateTaken),
    ORDER_NOTICE: Interface(order_messages.ChargeOrder, order_messages.OrderTaken),
    SWAP_RECORD: Interface(order_messages.SwapRecord, order_messages.SwapTaken),
}
ANSWERED_BY_STATION = (QUERY_TOKEN, STATIONS_INFO, STATION_STATUS, STATION_STATS, BUSINESS_POLICY, CHECK_ORDERS)
"""What a platform may ask of the station's side."""
SENT_BY_STATION = (QUERY_TOKEN, STATE_NOTICE, ORDER_NOTICE, CHECK_ORDERS, SWAP_RECORD)
"""What the station's side sends to a platform."""
