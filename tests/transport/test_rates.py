"""Rates over the last second, and the load of a CAN bus by its formula."""

from __future__ import annotations

import can
import pytest

from swapstation.transport.links import can_link
from swapstation.transport.rates import SlidingSecond
from swapstation.transport.read_budget import ReadBudget
from swapstation.wire_address import parse_wire
from tests.transport.support import ListeningNode, eventually, running


def test_a_steady_rate_is_told_after_a_second_and_forgotten_after_another() -> None:
    rate = SlidingSecond()
    for tick in range(300):
        rate.add(2, 1000.0 + tick / 100)
    assert rate.per_s(1003.0) == pytest.approx(200, abs=2)
    assert rate.per_s(1003.5) == pytest.approx(100, abs=21)
    assert rate.per_s(1004.2) == 0
    assert rate.per_s(9000.0) == 0


def test_the_running_tenth_is_not_counted_yet() -> None:
    rate = SlidingSecond()
    rate.add(5, 20.01)
    assert rate.per_s(20.05) == 0
    assert rate.per_s(20.11) == 5
    assert rate.per_s(21.05) == 5
    assert rate.per_s(21.15) == 0


def test_a_budget_allows_a_second_at_once_and_then_its_rate() -> None:
    budget = ReadBudget(1000, 0.0)
    assert budget.take(1000, 0.0)
    assert not budget.take(1, 0.0)
    assert budget.take(100, 0.1001)
    assert not budget.take(100, 0.15)
    assert budget.take(1000, 60.0)
    assert not budget.take(1, 60.0)


async def test_the_load_of_a_bus_follows_the_formula() -> None:
    """Ten frames of 8 bytes and 29 bits: (67 + 64 + 29 / 2) x 10 bits of 10,000 per second."""
    link = can_link("bay-1", parse_wire("can", "can+virtual://load?bitrate=10000"), ListeningNode())
    loads = [0.0]
    with can.Bus(interface="virtual", channel="load") as peer:
        async with running(link.run()):
            await eventually(lambda: link.status.connected)
            for _ in range(10):
                peer.send(can.Message(arbitration_id=0x1812F456, data=bytes(8)))

            def forgotten() -> bool:
                loads.append(link.status.bus_load_pct or 0.0)
                return max(loads) > 0.0 == loads[-1]

            await eventually(forgotten)
    assert max(loads) == pytest.approx(14.55, abs=0.06)
