"""`swapstation booking` at a controller that speaks the envelopes over a real Unix socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from swapstation.cli.acting import acting_person
from swapstation.cli.main import command_line
from swapstation.config.file import load_config
from swapstation.model.request import Accepted, CancelBooking, ChangeBooking, CreateBooking, Refused
from tests.cli.test_cli_power import EXAMPLE
from tests.server.controller_peer import ControllerPeer
from tests.server.station_sample import PROMISES, VIN, promised

AT = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "station.toml"
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join('data = "."' if line.startswith("data =") else line for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def peer(file: Path) -> Iterator[ControllerPeer]:
    with ControllerPeer(load_config(file).controller_socket, promised) as peer:
        yield peer


def run(file: Path, *words: str) -> Result:
    return CliRunner().invoke(command_line("booking"), ["booking", *words, "--config", str(file)])


@pytest.mark.usefixtures("peer")
def test_bookings_are_listed_in_the_order_of_their_trucks(file: Path) -> None:
    shown = run(file, "list")
    assert shown.exit_code == 0, shown.output
    told = json.loads(run(file, "list", "--json").stdout)
    assert {hold["hold"] for hold in told} >= {hold.hold for hold in PROMISES}
    times = [hold["needed_at"] for hold in told if hold["needed_at"]]
    assert times == sorted(times)
    for hold in told:
        assert hold["hold"] in shown.stdout


def test_a_booking_is_made_changed_and_cancelled(peer: ControllerPeer, file: Path) -> None:
    peer.answer = lambda request: Accepted(request.key, {"booking": "B1"})
    made = run(file, "add", "--vin", VIN, "--model", "LFP-282", "--at", "2026-11-21T09:30+08:00", "--soc", "80")
    assert (made.exit_code, "booking=B1" in made.stdout) == (0, True)
    changed = run(file, "change", "B1", "--at", "2026-11-21T01:45Z", "--json")
    assert json.loads(changed.stdout) == {"booking": "B1"}
    assert run(file, "cancel", "B1").exit_code == 0
    assert run(file, "add", "--vin", VIN, "--model", "LFP-282", "--minutes", "30").exit_code == 0
    assert [request.payload for request in peer.requests] == [
        CreateBooking(VIN, "LFP-282", arrives_at=AT, soc_pct=80.0),
        ChangeBooking("B1", AT + timedelta(minutes=15)),
        CancelBooking("B1"),
        CreateBooking(VIN, "LFP-282", minutes=30),
    ]
    assert {request.person for request in peer.requests} == {acting_person()}


def test_a_refusal_says_why_in_both_languages_and_from_when_it_could_be(peer: ControllerPeer, file: Path) -> None:
    detail = "earliest_at = 2026-11-21T08:00:00Z"
    peer.answer = lambda request: Refused(request.key, "cannot_be_promised", detail, ("cannot_be_promised",))
    refused = run(file, "change", "B1", "--at", "2026-11-21T01:45Z")
    assert refused.exit_code == 1
    assert detail in refused.stderr
    assert " | " in refused.stderr


def test_wrong_input_and_a_controller_that_is_away_are_told_with_exit_2(file: Path) -> None:
    wrong = run(file, "change", "B1", "--at", "noon")
    assert (wrong.exit_code, "noon" in wrong.stderr) == (2, True)
    away = run(file, "list")
    assert (away.exit_code, "no controller runs" in away.stderr) == (2, True)
    assert run(file, "add", "--model", "LFP-282").exit_code == 2
