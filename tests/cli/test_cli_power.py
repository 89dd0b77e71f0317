"""`swapstation power` at a controller that speaks the envelopes over a real Unix socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from swapstation.cli.acting import acting_person
from swapstation.cli.power import power_app
from swapstation.config.file import load_config
from swapstation.model.dispatch import DispatchKind
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.power import LimitCause, PowerNode, PowerState
from swapstation.model.request import Refused
from swapstation.model.snapshot import Snapshot
from tests.server import station_sample
from tests.server.controller_peer import ControllerPeer

EXAMPLE = Path(__file__).parents[2] / "examples" / "station.toml"
POWER = PowerState(
    charging_kw=612.0,
    causes=(LimitCause("limit_contract", 800.0),),
    nodes=(PowerNode("site", "", 800.0, 400.0, 700.0), PowerNode("bay-1", "site", None, 120.0, 150.0)),
)


def station(number: int) -> Snapshot:
    return replace(station_sample.station(number), power=POWER)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "station.toml"
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    text = "\n".join('data = "."' if line.startswith("data =") else line for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def peer(file: Path) -> Iterator[ControllerPeer]:
    with ControllerPeer(load_config(file).controller_socket, station) as peer:
        yield peer


def test_limits_and_tree_are_shown(peer: ControllerPeer, file: Path) -> None:
    shown = CliRunner().invoke(power_app, ["show", "--config", str(file)])
    assert shown.exit_code == 0
    assert "limit 612 kW" in shown.output
    assert "contract or" in shown.output
    assert "bay-1: 120 kW" in shown.output
    told = json.loads(CliRunner().invoke(power_app, ["show", "--config", str(file), "--json"]).output)
    assert told["charging_kw"] == 612.0


def test_a_record_is_put_and_ended(peer: ControllerPeer, file: Path) -> None:
    words = ["dispatch", "night", "--config", str(file), "--kind", "import_cap", "--value", "500", "--minutes", "60"]
    assert CliRunner().invoke(power_app, words).exit_code == 0
    assert CliRunner().invoke(power_app, ["end", "night", "--config", str(file), "--reason", "done"]).exit_code == 0
    assert {request.person for request in peer.requests} == {acting_person()}
    put, ended = (request.payload for request in peer.requests)
    assert isinstance(put, PutDispatch)
    assert (put.asks, put.value, (put.ends_at - put.starts_at).total_seconds()) == (
        DispatchKind.IMPORT_CAP,
        500.0,
        3600.0,
    )
    assert ended == EndDispatch("night", "done")


def test_a_refusal_says_why_in_both_languages(peer: ControllerPeer, file: Path) -> None:
    peer.answer = lambda request: Refused(request.key, "no_such_dispatch", "night", ("no_such_dispatch",))
    refused = CliRunner().invoke(power_app, ["end", "night", "--config", str(file), "--reason", "done"])
    assert refused.exit_code == 1
    assert "no such dispatch record stands: night" in refused.output


def test_without_a_controller_it_says_so(file: Path) -> None:
    nobody = CliRunner().invoke(power_app, ["show", "--config", str(file)])
    assert nobody.exit_code == 2
    assert "no controller runs" in nobody.output
