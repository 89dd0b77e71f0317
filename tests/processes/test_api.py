"""The API of a running station as a dispatcher uses it: what was just accepted can be read at once."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import Demo, station
from swapstation.demo.station_file import TRUCKS, DemoOptions, free_ports

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

MODEL = "LFP-282"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("station")
    options = DemoOptions(1, 20.0, "tcp", Exchange.STATION, Charging.DIRECT, 1)
    with station(options, folder, free_ports(1)[0], folder / "logs") as running:
        running.start_up()
        yield running


def ready(demo: Demo) -> list[str]:
    return [each["battery"] for row in demo.api.get(f"/batteries/ready?model={MODEL}") for each in row["batteries"]]


def test_a_booking_can_be_read_at_once_holds_its_battery_and_can_be_cancelled(demo: Demo) -> None:
    before = ready(demo)
    for _ in range(5):
        booking = demo.api.post("/bookings", {"vin": TRUCKS[1], "model": MODEL, "minutes": 5})["result"]
        assert demo.api.get(f"/bookings/{booking['booking']}")["battery"] == booking["battery"]
        assert booking["battery"] not in ready(demo)
        delete(demo, f"/bookings/{booking['booking']}")
        assert ready(demo) == before


def test_a_repeated_key_gets_the_same_answer_and_has_no_second_effect(demo: Demo) -> None:
    answers = [keyed(demo, "once") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(demo.api.get("/bookings")) == 1
    with pytest.raises(urllib.error.HTTPError) as refused:
        keyed(demo, "once", minutes=6)
    refused.value.close()
    assert refused.value.code == 409


def keyed(demo: Demo, key: str, minutes: int = 5) -> object:
    body = {"vin": TRUCKS[2], "model": MODEL, "minutes": minutes}
    return demo.api.ask("POST", "/bookings", body, {"Idempotency-Key": key})


def delete(demo: Demo, path: str) -> None:
    demo.api.ask("DELETE", path)
