"""A training station as real processes: the instructor's faults reach the station, drills are timed and scored."""

from __future__ import annotations

import urllib.error
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import Demo, station
from swapstation.demo.station_file import TRUCKS, DemoOptions, free_ports
from tests.processes.test_kills import alarm_stands, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    options = DemoOptions(0, 5.0, "tcp", Exchange.STATION, Charging.DIRECT, 1, training=True)
    folder = tmp_path_factory.mktemp("training")
    with station(options, folder, free_ports(1)[0], folder / "logs") as running:
        running.start_up()
        yield running


def refused(demo: Demo, path: str, body: dict[str, Any]) -> str:
    with pytest.raises(urllib.error.HTTPError) as caught:
        demo.api.post(path, body)
    return caught.value.read().decode()


def ended(demo: Demo) -> dict[str, Any]:
    result: dict[str, Any] = demo.until("the drill ends", 20.0, lambda: _last(demo))
    return result


def _last(demo: Demo) -> dict[str, Any] | None:
    if demo.api.get("/training")["running"] is not None:
        return None
    results: list[dict[str, Any]] = demo.api.get("/training/results")
    return results[0]


def raised(demo: Demo, code: str) -> str:
    snapshot = wait(demo, code, alarm_stands(code))
    return next(str(alarm["alarm"]) for alarm in snapshot["alarms"] if alarm["code"] == code)


def test_every_screen_can_say_that_this_is_training(demo: Demo) -> None:
    assert demo.api.get("/snapshot")["training"] is True


def test_smoke_that_is_answered_at_once_gives_all_points(demo: Demo) -> None:
    demo.api.post("/training/drills", {"drill": "smoke", "bay": 2})
    assert "smoke has to end first" in refused(demo, "/training/drills", {"drill": "hot_battery", "bay": 5})
    raised(demo, "BAY_SMOKE")
    assert demo.api.get("/training")["faults"] == ["smoke:2"]
    battery = next(each for each in demo.api.get("/batteries") if each["place"] == "bay-2")["battery"]
    demo.api.post(f"/batteries/{battery}/quarantine", {"reason": "smoke"})
    result = ended(demo)
    assert (result["drill"], result["score"]["points"], result["score"]["mistakes"]) == ("smoke", 100, 0)
    assert [each["judgement"] for each in result["score"]["judged"]] == ["right"]
    assert demo.api.get(f"/training/results/{result['number']}") == result
    assert demo.api.get("/training")["faults"] == []


def test_a_mistake_costs_points(demo: Demo) -> None:
    demo.api.post("/training/drills", {"drill": "silent_bms", "bay": 7})
    alarm = raised(demo, "CHARGE_FAILED")
    demo.api.post(f"/alarms/{alarm}/shelve", {"minutes": 10, "reason": "noise"})
    demo.api.post(f"/alarms/{alarm}/acknowledge", {})
    demo.api.post("/bays/7/lock-out", {"reason": "its BMS is silent"})
    result = ended(demo)
    assert (result["score"]["points"], result["score"]["mistakes"]) == (75, 1)
    assert [each["judgement"] for each in result["score"]["judged"]] == ["wrong", "right", "right"]


def test_a_drill_that_nobody_answers_can_be_ended_and_gives_nothing(demo: Demo) -> None:
    demo.api.post("/training/drills", {"drill": "smoke", "bay": 1})
    result = demo.api.post("/training/drills/end", {})
    assert (result["score"]["points"], result["score"]["seconds"]) == (0, None)
    assert demo.api.get("/training")["faults"] == []
    assert demo.api.post("/training/drills/end", {}) is None


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/training/drills", {"drill": "flood"}, "one of person_in_the_lane"),
        ("/training/drills", {"drill": "smoke"}, "the number of a bay"),
        ("/training/drills", {"drill": "robot_fault"}, "while a swap runs"),
        ("/training/faults", {"name": "gremlin"}, "one of presence_stuck"),
        ("/training/faults", {"name": "smoke", "target": "77"}, "a bay number"),
        ("/training/speed", {"speed": -1}, "speed"),
        ("/training/weather", {"ambient_c": 99}, "ambient_c"),
        ("/training/trucks", {"vin": "LSWAPTRK7T0000099"}, "one of LSWAPTRK"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_can(demo: Demo, path: str, body: dict[str, Any], words: str) -> None:
    assert words in refused(demo, path, body)


def test_the_instructor_makes_the_weather_and_sends_trucks(demo: Demo) -> None:
    assert demo.api.post("/training/weather", {"ambient_c": -25.0})["ambient_c"] == -25.0
    assert demo.api.post("/training/speed", {"speed": 20.0})["speed"] == 20.0
    assert demo.api.post("/training/trucks", {"vin": TRUCKS[0]})["truck"] == TRUCKS[0]
    wait(demo, "the truck is seen", _sees(TRUCKS[0]))
    demo.until("its driver may leave", 10.0, lambda: _leaves(demo))


def _sees(vin: str) -> Callable[[dict[str, Any]], bool]:
    return lambda snapshot: (snapshot["truck"]["value"] or {}).get("vin") == vin


def _leaves(demo: Demo) -> bool | None:
    try:
        demo.api.post("/training/trucks/leave", {})
    except urllib.error.HTTPError as error:
        error.close()
        return None
    return True
