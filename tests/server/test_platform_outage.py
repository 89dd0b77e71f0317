"""Seven simulated days without a platform: nothing is lost, nothing is doubled, and within an hour all is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from swapstation.mock_platform.misbehaviour import Misbehaviour, Mood
from swapstation.model.snapshot import Snapshot
from tests.server.platform_rig import BAYS, START, open_business, rig

pytestmark = pytest.mark.timeout(400)  # thousands of durable transactions, on a machine that others use too
DAYS, CHARGES_A_DAY = 7, 40
TICK = timedelta(hours=1)


def with_charging(snapshot: Snapshot, hour: int) -> Snapshot:
    """The sample, with other batteries in other bays every hour."""
    states = [bay.io for bay in snapshot.bays[:8]]
    turned = states[hour % 8 :] + states[: hour % 8]
    bays = [replace(bay, io=io) for bay, io in zip(snapshot.bays[:8], turned, strict=True)]
    return replace(snapshot, bays=(*bays, *snapshot.bays[8:]))


async def test_seven_days_of_outage(tmp_path: Path) -> None:
    outage_s = DAYS * 86_400.0
    with rig(tmp_path, Misbehaviour(outages=((0.0, outage_s),))) as station:
        database = open_business(station.config)
        link, whole = station.link(database), station.snapshot
        assert whole is not None
        charges = 0
        for hour in range(DAYS * 24):
            begin = START + TICK * hour
            for number in range(CHARGES_A_DAY * (hour + 1) // 24 - CHARGES_A_DAY * hour // 24):
                bay = (hour * 3 + number) % len(BAYS) + 1
                station.books.charge(bay, begin + timedelta(minutes=number), hours=0.5)
                charges += 1
            station.snapshot = with_charging(whole, hour)
            while await link.uplink.follow():
                pass
            await link.uplink.watch()
            while station.now < begin + TICK:
                station.now += timedelta(seconds=max(await link.delivery.step(), 0.1))
        assert station.mock.books.orders == {}
        waiting = link.outbox.figures().counts["pending"]
        assert waiting == charges + len(BAYS), "of the states only the newest waits"
        attempts = station.calls
        again, station.mock.mood = station.now, Mood(Misbehaviour(seed=2, lose_answer=0.02))
        while link.outbox.figures().counts["pending"]:
            station.now += timedelta(seconds=await link.delivery.step())
            if len(station.mock.books.states) < len(BAYS):
                assert station.mock.books.orders == {}, "the newest states go first"
        took = station.now - again
        books = station.mock.books
        assert len(books.orders) == charges
        ends = [order.end for order in books.orders.values()]
        assert ends == sorted(ends), "the backfill keeps its order"
        assert books.differing == set()
        assert took <= timedelta(hours=1)
        assert attempts <= DAYS * 24 * 60, "a platform that is away is asked less than once a minute"
        database.dispose()
