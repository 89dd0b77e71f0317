"""A robot that cannot move a battery from place to place does not fit a station that stores by a second order."""

from __future__ import annotations

import pytest

from swapstation.config.settings import Exchange
from swapstation.devices.packed_plc import PackedPlc
from swapstation.devices.roles import missing_orders
from swapstation.model.command import MoveBattery
from swapstation.protocol.packed_files import load_packed_layout


@pytest.mark.parametrize("stores", [True, False])
def test_an_exchanger_must_take_the_order_that_stores(stores: bool) -> None:
    class WithoutMoves(PackedPlc):
        orders = PackedPlc.orders - {MoveBattery}

    layout = load_packed_layout("packed_plc")
    assert missing_orders(WithoutMoves(layout, epoch=1), Exchange.PLC, stores) == ([MoveBattery] if stores else [])
    assert missing_orders(PackedPlc(layout, epoch=1), Exchange.PLC, stores) == []
