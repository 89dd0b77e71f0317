"""The link to the platform: everything arrives once, whatever the platform does and wherever the server dies."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from swapstation.business.database import BUSINESS, Database
from swapstation.business.platform_outbox import PlatformOutbox
from swapstation.mock_platform.misbehaviour import Misbehaviour, Mood
from swapstation.model.platform_outbox import MessageState
from swapstation.model.seen import Quality, Seen
from swapstation.server.uplinks.link_state import LinkCondition
from swapstation.supervision.caller import Call
from swapstation.supervision.codes import ConnectorStatus
from tests.server.platform_rig import START, Rig, open_business, rig

pytestmark = pytest.mark.timeout(400)  # hundreds of durable transactions, on a machine that others use too
HOUR, RESTART = timedelta(hours=1), timedelta(seconds=1)
"""A process needs a second at least to start again."""


@pytest.fixture(scope="module")
def empty_business(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated business database, to copy."""
    file = tmp_path_factory.mktemp("business") / "business.db"
    BUSINESS.migrate(f"sqlite:///{file}")
    return file


def business(station: Rig, empty_business: Path) -> Database:
    file = station.config.data / "business.db"
    for left in station.config.data.glob("business.db*"):
        left.unlink()
    shutil.copy(empty_business, file)
    return BUSINESS.open_writer(f"sqlite:///{file}")


def charges(station: Rig, count: int = 6) -> None:
    """So many charges, one an hour."""
    for number in range(count):
        station.books.charge(number % 8 + 1, START + HOUR * number, energy_kwh=100.0 + number)
    station.now = START + HOUR * (count + 2)


def told(station: Rig) -> list[str]:
    return sorted(station.mock.books.orders)


async def test_charges_and_states_arrive(tmp_path: Path) -> None:
    with rig(tmp_path) as station:
        charges(station)
        database = open_business(station.config)
        link = station.link(database)
        await station.settle(link)
        books = station.mock.books
        assert len(books.orders) == 6
        assert set(books.came.values()) == {1}
        assert [n for n, state in enumerate(books.states.values(), 1) if state.status is ConnectorStatus.CHARGING] == [
            3,
            5,
            7,
        ]
        order = next(iter(books.orders.values()))
        assert (order.stop_reason, order.period_count) == (2, 1)
        assert link.delivery.link.condition is LinkCondition.UP
        database.dispose()


async def test_only_what_changes_is_told_again_also_after_a_restart(tmp_path: Path) -> None:
    with rig(tmp_path) as station:
        database = open_business(station.config)
        await station.settle(station.link(database))
        assert station.mock.books.states_told == 8
        again = station.link(database)
        assert await again.uplink.watch() == 0
        assert station.snapshot is not None
        bays = tuple(
            replace(bay, io=Seen(bay.io.value, 9.0, Quality.STALE)) if bay.number == 2 else bay
            for bay in station.snapshot.bays
        )
        station.snapshot = replace(station.snapshot, bays=bays)
        await station.settle(again)
        assert station.mock.books.states_told == 9
        station.snapshot = None
        assert await again.uplink.watch() == 0, "a controller that restarts is no reason to tell that all is offline"
        station.now += timedelta(seconds=31)
        await station.settle(again)
        assert {state.status for state in station.mock.books.states.values()} == {ConnectorStatus.OFFLINE}
        database.dispose()


async def test_a_platform_that_misbehaves_in_every_way_has_everything_once(tmp_path: Path) -> None:
    bad = Misbehaviour(
        seed=7,
        wrong_ret=0.1,
        server_error=0.1,
        timeout=0.1,
        lose_answer=0.15,
        stale_answer=0.1,
        forget_token=0.1,
        token_life_s=120,
    )
    with rig(tmp_path, bad) as station:
        charges(station, 24)
        database = open_business(station.config)
        await station.settle(station.link(database))
        books = station.mock.books
        assert len(books.orders) == 24
        assert books.differing == set()
        assert max(books.came.values()) > 1, "some answers were lost, so some came again"
        assert PlatformOutbox(database).figures().counts["dead"] == 0
        database.dispose()


@pytest.mark.parametrize(
    ("ret", "state", "condition"),
    [
        (4003, MessageState.DEAD, LinkCondition.UP),
        (4004, MessageState.DEAD, LinkCondition.UP),
        (1234, MessageState.DEAD, LinkCondition.UP),
        (500, MessageState.PENDING, LinkCondition.UP),
        (-1, MessageState.PENDING, LinkCondition.WAITING),
        (4001, MessageState.PENDING, LinkCondition.SUSPENDED),
        (4002, MessageState.PENDING, LinkCondition.WAITING),
    ],
)
async def test_every_result_code_has_its_consequence(
    tmp_path: Path, ret: int, state: MessageState, condition: LinkCondition
) -> None:
    with rig(tmp_path) as station:
        station.snapshot = None
        charges(station, 1)
        database = open_business(station.config)
        link = station.link(database)
        await station.settle(link)
        station.books.charge(8, station.now)
        await link.uplink.follow()
        station.mock.mood = Mood(Misbehaviour(wrong_ret=1.0, ret=ret))
        await link.delivery.step()
        message = link.outbox.messages((), 1, None)[0]
        assert message.state is state
        assert link.delivery.link.condition is condition
        station.mock.mood = Mood(Misbehaviour())
        if state is MessageState.DEAD:
            link.outbox.resend(message.number)
        link.delivery.link.open()
        station.now += timedelta(minutes=31)
        await station.settle(link)
        assert len(station.mock.books.orders) == 2
        assert link.outbox.receipts(message.number)[-1].ret == 0
        database.dispose()


async def test_a_charge_without_money_waits_for_a_person(tmp_path: Path) -> None:
    with rig(tmp_path) as station:
        station.snapshot = None
        station.books.prices = None
        charges(station, 2)
        database = open_business(station.config)
        link = station.link(database)
        await station.settle(link, 3)
        dead = link.outbox.messages((MessageState.DEAD,), 10, None)
        assert len(dead) == 2
        assert "electricity_yuan" in dead[0].reason
        assert dead[0].body["settlement"]["energy_kwh"] == "101.00"
        database.dispose()


async def test_what_ended_in_the_last_second_is_reconciled_in_all_books(tmp_path: Path) -> None:
    with rig(tmp_path) as station:
        last = START.replace(hour=15, minute=59, second=59)
        station.books.charge(1, last - HOUR + timedelta(milliseconds=400))
        station.now = last + HOUR
        database = open_business(station.config)
        link = station.link(database)
        await station.settle(link)
        found = await link.reconciling.reconcile(START, last)
        assert (found.charges, found.told, found.missing, found.waiting) == (1, 1, (), ())
        assert (await link.reconciling.reconcile(START, last - timedelta(seconds=1))).charges == 0
        database.dispose()


async def test_charges_before_the_link_was_switched_on_are_not_told(tmp_path: Path) -> None:
    with rig(tmp_path, orders_from="") as station:
        charges(station, 3)
        database = open_business(station.config)
        link = station.link(database)
        await station.settle(link)
        assert told(station) == []
        station.books.charge(1, station.now)
        await station.settle(link)
        assert len(told(station)) == 1
        database.dispose()


class Killed(BaseException):
    """The server's process is gone."""


class Fuse:
    """Kills at the n-th crossing: before every transaction and every commit, before and after every call."""

    def __init__(self, left: int) -> None:
        self.left = left

    def cross(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


async def run_until_killed(station: Rig, database: Database, fuse: Fuse) -> bool:
    """Whether the fuse blew before everything was done."""
    post = station.post

    async def fused(call: Call) -> tuple[int, bytes]:
        fuse.cross()
        answer = await post(call)
        fuse.cross()
        return answer

    for event in ("begin", "commit"):
        sa.event.listen(database, event, fuse.cross)
    link = station.link(database, fused)
    try:
        await station.settle(link)
    except Killed:
        return True
    finally:
        for event in ("begin", "commit"):
            sa.event.remove(database, event, fuse.cross)
        database.dispose()
    return False


async def test_killed_at_any_step_nothing_is_lost_and_nothing_is_doubled(tmp_path: Path, empty_business: Path) -> None:
    with rig(tmp_path) as station:
        charges(station, 3)
        killed_at = 0
        for crossing in range(1, 500):
            station.mock.books.orders.clear()
            station.mock.books.states.clear()
            database = business(station, empty_business)
            station.now += RESTART
            killed = await run_until_killed(station, database, Fuse(crossing))
            station.now += RESTART
            again = BUSINESS.open_writer(station.config.business_url)
            await station.settle(station.link(again))
            counts = PlatformOutbox(again).figures().counts
            again.dispose()
            assert len(station.mock.books.orders) == 3, crossing
            assert len(station.mock.books.states) == 8, crossing
            assert station.mock.books.differing == set(), crossing
            assert (counts["delivered"], counts["dead"], counts["pending"]) == (11, 0, 0), crossing
            if not killed:
                break
            killed_at = crossing
        assert killed_at > 50


async def test_an_older_station_database_is_followed_from_its_begin(tmp_path: Path) -> None:
    """A copy was put in the place of a damaged one: what was told already is not told again."""
    with rig(tmp_path) as station:
        charges(station, 2)
        database = open_business(station.config)
        link = station.link(database)
        await station.settle(link)
        link.outbox.queue((), station.now, 10_000)
        station.books.charge(5, station.now)
        station.now += HOUR * 2
        await station.settle(link)
        assert len(told(station)) == 3
        assert set(station.mock.books.came.values()) == {1}
        database.dispose()


def test_the_runner_ends_with_the_server(tmp_path: Path) -> None:
    """Follow, watch and deliver as tasks, as the server runs them."""

    async def run() -> None:
        with rig(tmp_path) as station:
            charges(station, 2)
            database = open_business(station.config)
            link = station.link(database)
            async with link.running():
                async with asyncio.timeout(20):
                    while len(station.mock.books.orders) < 2:
                        await asyncio.sleep(0.05)
            assert link.uplink.stopped == ""
            database.dispose()

    asyncio.run(run())
