"""What the queue makes of the lane: nothing is derived twice, a silent radio is no truck that left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swapstation.business import queue
from swapstation.business.database import open_business_database
from swapstation.model.queue import HERE, QueueState
from swapstation.server.queue_watch import Lane, follow
from tests.server import station_sample

AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
ONE, OTHER = "LFWSRXSJ7M1F00011", "LFWSRXSJ7M1F00022"
EMPTY = Lane("", "", silent=False)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    engine = open_business_database(station_sample.config(Path(tmp_path_factory.mktemp("queue"))))
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def seen(connection: sa.Connection, *lanes: Lane) -> list[tuple[str, str]]:
    for second, lane in enumerate(lanes):
        follow(connection, lane, AT + timedelta(seconds=second))
    return [(entry.identity.vin, entry.state.value) for entry in reversed(queue.list_entries(connection, 100, None))]


def test_a_truck_comes_is_swapped_and_leaves_as_one_stay(connection: sa.Connection) -> None:
    lanes = [Lane(ONE, "", silent=False), Lane(ONE, "S1", silent=False), Lane(ONE, "", silent=False)]
    assert seen(connection, *lanes) == [(ONE, "done")]
    assert seen(connection, *lanes[2:], EMPTY) == [(ONE, "left")]


def test_a_radio_that_fails_for_a_moment_is_no_truck_that_left(connection: sa.Connection) -> None:
    lanes = [Lane(ONE, "S1", silent=False), Lane("", "S1", silent=True), Lane(ONE, "S1", silent=False)]
    assert seen(connection, *lanes) == [(ONE, "swapping")]


def test_what_happened_while_nobody_looked_is_caught_up_with(connection: sa.Connection) -> None:
    assert seen(connection, Lane(ONE, "S1", silent=False), Lane(OTHER, "S2", silent=False)) == [
        (ONE, "left"),
        (OTHER, "swapping"),
    ]


def test_a_truck_that_is_swapped_again_without_leaving_has_a_stay_of_its_own_for_it(connection: sa.Connection) -> None:
    lanes = [Lane(ONE, "S1", silent=False), Lane(ONE, "", silent=False), Lane(ONE, "S2", silent=False)]
    assert seen(connection, *lanes) == [(ONE, "left"), (ONE, "swapping")]


_LANES = st.builds(Lane, st.sampled_from(["", ONE, OTHER]), st.sampled_from(["", "S1", "S2"]), st.booleans())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(_LANES, max_size=8))
def test_whatever_the_lane_says_one_truck_at_most_is_swapped_and_the_same_look_changes_nothing(
    engine: sa.Engine, lanes: list[Lane]
) -> None:
    with engine.connect() as connection:
        before = seen(connection, *lanes)
        here = [state for _, state in before if state in HERE]
        assert here.count(QueueState.SWAPPING.value) <= 1
        assert not lanes or seen(connection, lanes[-1]) == before
        connection.rollback()
