"""What the platform is to be told of the station's events: charges that were settled, swaps that were closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Protocol

from pydantic import TypeAdapter

from swapstation.errors import InputError
from swapstation.inventory.apply_energy import SETTLEMENT
from swapstation.inventory.queries import Event
from swapstation.model.energy import ChargeSettled, Settlement
from swapstation.model.inventory import Swap
from swapstation.model.journal import SwapClosed
from swapstation.model.platform_outbox import Draft, Lane
from swapstation.supervision.envelope import plain
from swapstation.supervision.interfaces import ORDER_NOTICE, SWAP_RECORD
from swapstation.supervision.mapping.orders import charge_order
from swapstation.supervision.mapping.places import Places, order_number
from swapstation.supervision.mapping.swaps import swap_records
from swapstation.supervision.wire_fields import CHINA, Spelling, write_message

CANONICAL = Spelling()
"""How messages are kept: a profile's spelling comes when they are sent."""
_SWAP_CLOSED = TypeAdapter(SwapClosed)


class Records(Protocol):
    """What an event alone does not say."""

    def charge_reasons(self, settlement: Settlement) -> tuple[str, ...]: ...
    def swap(self, swap: str) -> Swap | None: ...
    def pack_codes(self) -> Mapping[str, tuple[str, ...]]: ...


class Derivation:
    """Drafts of one station's events; only of what the profile has an interface for, from a day on."""

    def __init__(
        self, operator_id: str, places: Places, interfaces: Iterable[str], first_day: date | None, records: Records
    ) -> None:
        self._operator_id = operator_id
        self._places = places
        self._first_day = first_day
        self._records = records
        told: dict[str, tuple[str, Callable[[Event], list[Draft]]]] = {
            ORDER_NOTICE: (ChargeSettled.__name__, self._order),
            SWAP_RECORD: (SwapClosed.__name__, self._swap),
        }
        self._by_kind = dict(told[interface] for interface in interfaces if interface in told)

    def drafts(self, event: Event) -> list[Draft]:
        """The messages of an event."""
        derive = self._by_kind.get(event.kind)
        made = [] if derive is None else derive(event)
        first = self._first_day
        return [each for each in made if first is None or each.happened_at.astimezone(CHINA).date() >= first]

    def settled(self, settlement: Settlement) -> Draft:
        """The order of a settled charge; one with a figure missing cannot be sent, and says so."""
        number = order_number(self._operator_id, settlement.bay, settlement.started_at)
        body: dict[str, Any]
        try:
            reasons = self._records.charge_reasons(settlement)
            order = charge_order(self._operator_id, self._places, settlement, reasons)
            body, wrong = plain(write_message(order, CANONICAL)), ""
        except InputError as error:
            body, wrong = {"settlement": SETTLEMENT.dump_python(settlement, mode="json")}, str(error)
        return Draft(ORDER_NOTICE, Lane.RECORD, number, body, settlement.ended_at, wrong)

    def _order(self, event: Event) -> list[Draft]:
        return [self.settled(SETTLEMENT.validate_python(event.body["settlement"]))]

    def _swap(self, event: Event) -> list[Draft]:
        swap = self._records.swap(_SWAP_CLOSED.validate_python(event.body).swap)
        if swap is None or swap.closed_at is None:
            return []
        drafts = []
        for record in swap_records(self._operator_id, self._places, swap, self._records.pack_codes()):
            try:
                body, wrong = plain(write_message(record, CANONICAL)), ""
            except InputError as error:
                body, wrong = {"swap": swap.swap}, str(error)
            drafts.append(Draft(SWAP_RECORD, Lane.RECORD, record.swap, body, swap.closed_at, wrong))
        return drafts
