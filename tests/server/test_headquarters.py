"""The link to a headquarters over real sockets, with a double that is killed and that misbehaves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from swapstation.config.energy_settings import Money
from swapstation.config.settings import Config
from swapstation.model.inventory import SwapResult
from swapstation.model.journal import SwapClosed, SwapOpened
from swapstation.model.people import Role
from tests.server.conftest import wait_until
from tests.server.fleet_rig import CONTRACTS, NORTH, NORTH_2, SOUTH, FleetRig, fleet_rig, swap_of
from tests.server.headquarters_rig import Double, double, settings
from tests.server.people import CABIN, OPERATOR, add_people, client_at, log_in
from tests.server.station_sample import AT

pytestmark = pytest.mark.slow
API = "/api/v1"
MODEL = "6x4-tractor"
MASTER: dict[str, Any] = {
    "revision": 3,
    "trucks": [{"vin": NORTH, "truck_model": MODEL, "plate": "N1"}, {"vin": NORTH_2, "truck_model": "barge"}],
    "rules": [
        {"vin": NORTH_2, "allowed": True, "reason": "pilot", "until": "2036-01-01T00:00:00Z"},
        {"vin": SOUTH, "allowed": False, "reason": "lease ended"},
    ],
    "contracts": CONTRACTS,
}


@dataclass
class Linked:
    """The station, a person at its page, the headquarters."""

    rig: FleetRig
    page: TestClient
    headquarters: Double

    def swap(self, vin: str, key: str) -> Any:
        """Ask for a swap; the answer's status and code."""
        answer = self.page.post(f"{API}/swaps", json={"vin": vin}, headers={"Idempotency-Key": key})
        return answer.status_code, answer.json().get("code", "")

    def permit(self, key: str) -> Any:
        """What was decided on a request."""
        found = self.page.get(f"{API}/permits").json()
        return next(each for each in found if each["request_id"] == key)

    def state(self) -> Any:
        return self.page.get(f"{API}/headquarters").json()

    def swaps(self, first: int, last: int) -> None:
        """Swaps begin and end at the station."""
        for number in range(first, last):
            at = AT + timedelta(minutes=5 * number)
            self.rig.happens(SwapOpened(swap_of(0, f"S-{number}"), ()), at=at)
            self.rig.happens(SwapClosed(f"S-{number}", SwapResult.COMPLETED, "", 240.0), at=at)

    def told(self, record: str) -> bool:
        """Whether the headquarters has a record; the link does not wait longer than it must."""
        self.page.post(f"{API}/headquarters/retry")
        return record in self.headquarters.books()["records"]


@pytest.fixture(scope="module")
def linked() -> Iterator[Linked]:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as name, double(Path(name)) as headquarters:
        headquarters.master = MASTER
        headquarters.start()
        data = Path(name) / "data"
        data.mkdir()
        link = settings(headquarters)

        def linked_with(config: Config) -> Config:
            add_people(config, {OPERATOR: Role.SHIFT_LEAD})
            return replace(config, headquarters=link, money=Money())

        with fleet_rig(data, linked_with) as rig:
            app: Any = rig.north.app
            yield Linked(rig, log_in(client_at(app, CABIN, rig.north)), headquarters)


def test_master_data_comes_down_and_says_what_it_could_not_take(linked: Linked) -> None:
    wait_until(lambda: bool(linked.state()["revision"] == 3))
    cards = {each["truck"]["vin"]: each for each in linked.page.get(f"{API}/trucks").json()}
    assert list(cards) == [NORTH]
    assert (cards[NORTH]["truck"]["plate"], cards[NORTH]["truck"]["taken_on_by"]) == ("N1", "headquarters")
    wait_until(lambda: bool(linked.page.get(f"{API}/trucks").json()[0]["fleet"] == "north"))
    (wrong,) = linked.state()["wrong"]
    assert NORTH_2 in wrong
    assert "barge" in wrong
    rules = linked.page.get(f"{API}/access-list").json()
    assert [(each["vin"], each["allowed"]) for each in rules] == [(SOUTH, False), (NORTH_2, True)]


def test_the_headquarters_permits_and_refuses(linked: Linked) -> None:
    assert linked.swap(NORTH, "online-1") == (202, "")
    assert linked.permit("online-1")["basis"] == "headquarters"
    linked.headquarters.say("refuse", {NORTH: "unpaid"})
    assert linked.swap(NORTH, "online-2") == (409, "headquarters_refuses")
    assert linked.permit("online-2")["reason"] == "unpaid"
    assert linked.swap(SOUTH, "online-3") == (409, "truck_blocked"), "a block counts without asking"
    linked.headquarters.say("refuse", {})


@pytest.mark.parametrize("how", [{"server_error": 1.0}, {"wrong_answer": 1.0}, {"garbage": 1.0}, {"timeout": 1.0}])
def test_without_an_answer_to_trust_the_list_decides_with_the_reason(linked: Linked, how: dict[str, float]) -> None:
    key = f"offline-{next(iter(how))}"
    linked.headquarters.say("behave", how)
    try:
        assert linked.swap(NORTH, f"{key}-known") == (202, "")
        assert linked.swap(NORTH_2, f"{key}-listed") == (202, "")
    finally:
        linked.headquarters.say("behave", {})
    known, listed = linked.permit(f"{key}-known"), linked.permit(f"{key}-listed")
    assert (known["basis"], listed["basis"], listed["reason"]) == ("known_truck", "allow_list", "pilot")
    assert known["offline"]
    wait_until(lambda: linked.told(f"permit:{key}-known"), 20.0)


def test_an_outage_loses_nothing_and_doubles_nothing(linked: Linked) -> None:
    linked.swaps(0, 20)
    wait_until(lambda: linked.told("swap:S-19"), 20.0)
    linked.headquarters.kill()
    linked.swaps(20, 60)
    wait_until(lambda: bool(linked.state()["records"]["pending"] >= 40))
    wait_until(lambda: linked.state()["link"]["condition"] == "waiting")
    linked.headquarters.start("--lose-answer", "0.08", "--wrong-answer", "0.04")

    wait_until(lambda: linked.told("swap:S-59") and linked.state()["records"]["pending"] == 0, 60.0)
    books = linked.headquarters.books()
    swaps = [name for name in books["records"] if name.startswith("swap:")]
    assert sorted(swaps) == sorted(f"swap:S-{number}" for number in range(60)), "none lost, none doubled"
    assert books["differing"] == []
    assert books["repeated"], "some were told twice, for their answers were lost"
    assert linked.state()["records"]["dead"] == 0
    body = books["records"]["swap:S-7"]["body"]
    assert (body["swap"]["vin"], body["swap"]["result"]) == (NORTH, "completed")


def test_wrong_contracts_leave_those_before(linked: Linked) -> None:
    linked.headquarters.say("behave", {})
    linked.headquarters.say("master", MASTER | {"revision": 4, "contracts": "[[trucks]]\nfleet = 'east'\n"})
    wait_until(lambda: bool(linked.state()["revision"] == 4), 20.0)
    assert any("contracts" in each for each in linked.state()["wrong"])
    assert linked.page.get(f"{API}/trucks").json()[0]["fleet"] == "north"
