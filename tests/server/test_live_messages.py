"""The messages of the live stream: the same for all who are shown the same, another one as soon as anything differs."""

from __future__ import annotations

import json
import time

import pytest
from fastapi.testclient import TestClient

from swapstation.contract.controller_link import Received
from swapstation.server.live_messages import AGE_STEP_S, LiveMessages
from swapstation.server.parts import Context
from tests.server import station_sample


@pytest.fixture
def here(client_alone: TestClient) -> Context:
    """A server whose controller is not there: what came last is what a test says."""
    context: Context = client_alone.app.state.context  # type: ignore[attr-defined]
    return context


@pytest.fixture
def live(here: Context) -> LiveMessages:
    here.link.latest = Received(station_sample.station(1), time.monotonic() + 60.0)
    return here.live


def test_two_that_are_shown_the_same_get_the_same_message(live: LiveMessages) -> None:
    assert live.told(None, False) is live.told(None, False)


def test_each_is_shown_its_own_cells_and_its_own_control(live: LiveMessages) -> None:
    numbers = (None, 1, 2)
    said = {(number, yours): json.loads(live.told(number, yours)) for number in numbers for yours in (False, True)}
    assert all(each["control"]["yours"] is yours for (_, yours), each in said.items())
    assert all((each["cells"] is None) is (number is None) for (number, _), each in said.items())


def test_a_bay_that_is_not_there_has_no_cells(live: LiveMessages) -> None:
    assert json.loads(live.told(999, False))["cells"] is None


def test_a_new_snapshot_and_a_new_age_make_a_new_message(here: Context, live: LiveMessages) -> None:
    first = live.told(None, False)
    here.link.latest = Received(station_sample.station(2), time.monotonic() + 60.0)
    second = live.told(None, False)
    here.link.latest = Received(here.link.latest.snapshot, time.monotonic() - 60.0)
    third = live.told(None, False)
    time.sleep(2 * AGE_STEP_S)
    fourth = live.told(None, False)
    assert [json.loads(each)["snapshot"]["sequence"] for each in (first, second)] == [1, 2]
    assert json.loads(third)["age_s"] < json.loads(fourth)["age_s"]
