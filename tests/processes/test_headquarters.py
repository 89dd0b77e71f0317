"""A whole station and its headquarters, each a process: permits from there to the robot, lists without it, its loss.

The tests go on from one another: the headquarters is up at first and dead at the end.
"""

from __future__ import annotations

import asyncio
import json
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.contract.controller_link import ControllerLink
from swapstation.demo.run import Demo, station
from swapstation.demo.station_file import TRUCKS, DemoOptions, free_ports
from swapstation.model.request import Answer, Refused, Request, RequestSwap
from tests.server.headquarters_rig import STATION, Double, double

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PATIENCE_S = 60.0
PERMITTED, ALLOWED, BLOCKED = TRUCKS
MASTER: dict[str, Any] = {
    "revision": 1,
    "rules": [
        {"vin": BLOCKED, "allowed": False, "reason": "lease ended"},
        {"vin": ALLOWED, "allowed": True, "reason": "pilot", "until": "2036-01-01T00:00:00Z"},
    ],
}


@dataclass
class Linked:
    """The station and its headquarters."""

    demo: Demo
    headquarters: Double

    def refusal(self, vin: str) -> dict[str, Any]:
        """What people read when a swap is refused; {} where it is not."""
        try:
            self.demo.api.post("/swaps", {"vin": vin})
        except urllib.error.HTTPError as error:
            with error:
                told: dict[str, Any] = json.load(error)
                return told
        return {}

    def master(self, revision: int, *rules: dict[str, Any]) -> None:
        """Tell the headquarters' lists anew and wait until they have come down."""
        self.headquarters.say("master", {"revision": revision, "rules": rules})
        self.comes_down(revision)

    def comes_down(self, revision: int) -> None:
        """Wait until these master data count."""
        self.wait(f"master data {revision} came", lambda: self.demo.api.get("/headquarters")["revision"] == revision)

    def wait(self, what: str, met: Callable[[], object]) -> None:
        """Wait until something is so."""
        self.demo.until(what, PATIENCE_S, lambda: met() or None)

    def record(self, record_id: str) -> Any:
        """A record as the headquarters has it, None as long as it has not."""
        return self.headquarters.books()["records"].get(record_id)


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    folder, there = tmp_path_factory.mktemp("station"), tmp_path_factory.mktemp("headquarters")
    with double(there) as headquarters:
        headquarters.master = MASTER
        headquarters.start()
        link = f'url = "{headquarters.url}"\nstation_id = "{STATION}"\ntoken = "{there / "token"}"\n'
        link += 'offline = "listed"\nanswer_s = 5.0\nmaster_every_s = 1.0\nbills = true\nalarm_minutes = 0.1\n'
        options = DemoOptions(1, 30.0, "tcp", Exchange.STATION, Charging.DIRECT, 1)
        port, table = free_ports(1)[0], f"\n[headquarters]\n{link}"
        with station(options, folder, port, folder / "logs", lambda text: text + table) as demo:
            demo.start_up()
            made = Linked(demo, headquarters)
            made.comes_down(1)
            yield made


def told_to_the_controller(demo: Demo, wanted: RequestSwap) -> Answer:
    """The controller's answer to somebody who asks at its own socket."""

    async def ask() -> Answer:
        link = ControllerLink(demo.config.controller_socket)
        async with link.running():
            while not link.connected:
                await link.wait_for_news(1.0)
            return await link.request(Request("at-the-socket", "somebody", wanted))

    return asyncio.run(ask())


def test_a_swap_that_the_headquarters_permits_is_made_and_told_there(linked: Linked) -> None:
    swap = linked.demo.begin(PERMITTED)
    linked.demo.finish(swap)
    (permit,) = linked.demo.api.get("/permits")
    assert (permit["vin"], permit["granted"], permit["basis"]) == (PERMITTED, True, "headquarters")
    linked.wait("the swap is told", lambda: linked.record(f"swap:{swap}"))
    record = linked.record(f"swap:{swap}")
    assert (record["body"]["swap"]["vin"], record["body"]["swap"]["result"]) == (PERMITTED, "completed")
    assert record["body"]["energy"], "with the energy that it handed over, for who bills it"
    assert linked.demo.api.get("/orders") == [], "the station bills nothing"


def test_what_the_headquarters_refuses_and_blocks_the_robot_does_not_do(linked: Linked) -> None:
    linked.headquarters.say("refuse", {ALLOWED: "unpaid"})
    refused = linked.refusal(ALLOWED)
    assert (refused["status"], refused["code"], refused["detail"]) == (409, "headquarters_refuses", "unpaid")
    assert (refused["title_zh"], refused["title"]) == (
        "总部不许可该车换电",
        "the headquarters does not permit this truck's swap",
    )
    blocked = linked.refusal(BLOCKED)
    assert (blocked["code"], blocked["detail"]) == ("truck_blocked", "lease ended")
    answer = told_to_the_controller(linked.demo, RequestSwap(PERMITTED))
    assert isinstance(answer, Refused)
    assert "permit_missing" in answer.reasons


def test_without_the_headquarters_the_list_decides_until_its_allowance_expires(linked: Linked) -> None:
    until = datetime.now(UTC) + timedelta(seconds=10)
    allowed = {"vin": ALLOWED, "allowed": True, "reason": "pilot", "until": until.isoformat()}
    linked.master(2, allowed, MASTER["rules"][0])
    linked.headquarters.kill()
    assert linked.refusal(ALLOWED)["code"] not in ("allowance_expired", "permit_missing"), "it is not in the lane, only"
    granted = linked.demo.api.get("/permits")[0]
    assert (granted["vin"], granted["granted"], granted["basis"]) == (ALLOWED, True, "allow_list")
    assert linked.refusal(BLOCKED)["code"] == "truck_blocked"
    assert linked.refusal(PERMITTED)["code"] == "truck_not_allowed_offline"
    linked.demo.pause(max((until - datetime.now(UTC)).total_seconds() + 0.1, 0.0))
    expired = linked.refusal(ALLOWED)
    assert expired["code"] == "allowance_expired"
    assert until.strftime("%Y-%m-%dT%H:%M:%S") in expired["detail"], "since when"


def test_a_long_loss_is_an_alarm_and_what_waits_is_told_afterwards(linked: Linked) -> None:
    demo = linked.demo

    def stands() -> bool:
        found = demo.snapshot()["alarms"]
        return any(each["code"] == "UPLINK_LOST" and each["state"] != "returned_unacknowledged" for each in found)

    linked.wait("the loss is an alarm", stands)
    demo.processes.kill("server")
    demo.processes.restart("server")
    linked.wait("the alarm still stands", stands)
    linked.headquarters.start()
    linked.wait("the server answers", lambda: demo.api.post("/headquarters/retry"))
    linked.wait("the loss is over", lambda: not stands())
    linked.wait("all is told", lambda: demo.api.get("/headquarters")["records"]["pending"] == 0)
    told = [each["body"] for each in linked.headquarters.books()["records"].values() if each["kind"] == "permit"]
    assert {each["basis"] for each in told} == {"allow_list", "expired", "not_known"}
    lines = linked.headquarters.lines()
    assert len(lines) == len(set(lines)), "each once"
