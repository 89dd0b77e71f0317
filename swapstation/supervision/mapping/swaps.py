"""Swaps as records, one for every battery that was exchanged, for a profile that defines them."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.errors import InputError
from swapstation.model.inventory import Swap, SwapResult
from swapstation.supervision.mapping.places import Places, swap_number
from swapstation.supervision.order_messages import SwapRecord
from swapstation.supervision.wire_fields import rounded

_COMPLETED, _FAILED = 0, 1


def swap_records(
    operator_id: str, places: Places, swap: Swap, codes: Mapping[str, tuple[str, ...]]
) -> tuple[SwapRecord, ...]:
    """The records of a closed swap; `codes` are the pack codes of the batteries. Raises InputError for an open one."""
    if swap.opened_at is None or swap.closed_at is None:
        raise InputError("closed_at", None, "a swap that is closed")
    return tuple(
        SwapRecord(
            swap=swap_number(operator_id, each.position, swap.opened_at),
            station_id=places.station,
            vin=swap.vin,
            codes_in=codes.get(each.returned, ()),
            codes_out=codes.get(each.fresh, ()),
            start=swap.opened_at,
            end=swap.closed_at,
            result=_COMPLETED if swap.result is SwapResult.COMPLETED else _FAILED,
            soc_in_pct=None if each.returned_soc_pct is None else rounded(each.returned_soc_pct, 1),
            soc_out_pct=None if each.fresh_soc_pct is None else rounded(each.fresh_soc_pct, 1),
        )
        for each in swap.exchanged
    )
