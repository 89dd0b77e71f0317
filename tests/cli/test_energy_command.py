"""`swapstation energy` and `swapstation battery`: what is on record of charges, cases and batteries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from swapstation.cli.main import command_line
from swapstation.config.file import load_config
from swapstation.inventory.journal import open_station_database, write
from swapstation.model.energy import EnergyCaseOpened
from swapstation.model.health import BatteryObserved, Observation
from tests.energy.test_station_tariff import station
from tests.inventory.stock import AT
from tests.inventory.test_energy import CASE, charged

RUNNER = CliRunner()


def run(*arguments: object) -> Result:
    verb = str(arguments[0])
    return RUNNER.invoke(command_line(verb), [*map(str, arguments)])


@pytest.fixture
def station_file(tmp_path: Path) -> Iterator[Path]:
    file = station(tmp_path, "")
    engine = open_station_database(load_config(file))
    charged(engine)
    seen = [Observation(AT + timedelta(hours=hour), 1, 20.0, 80.0, 170.0, 1.0) for hour in range(3)]
    write(engine, [EnergyCaseOpened(CASE), *(BatteryObserved("B1", each) for each in seen)], AT, 1)
    yield file
    engine.dispose()


def told(said: Result) -> object:
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)


def test_charges_and_their_packets_are_shown(station_file: Path, tmp_path: Path) -> None:
    listed = run("energy", "charges", "--config", station_file)
    assert "170.00" in listed.stdout
    assert "110.50" in listed.stdout
    charges = told(run("energy", "charges", "--config", station_file, "--json"))
    assert isinstance(charges, list)
    number = charges[0]["charge"]
    packet = tmp_path / "packet.json"
    assert run("energy", "packet", number, "--config", station_file, "--file", packet).exit_code == 0
    body = json.loads(packet.read_text(encoding="utf-8"))
    assert body["order"] == 11
    assert [reading["reading"]["dc_meter_kwh"] for reading in body["readings"]] == [900.0, 1070.0]
    assert [case["case"]["case"] for case in body["cases"]] == ["c1"]
    assert run("energy", "packet", 4711, "--config", station_file).exit_code == 2


def test_cases_are_shown(station_file: Path) -> None:
    assert "-40.00" in run("energy", "cases", "--config", station_file, "--open").stdout
    case = told(run("energy", "case", "c1", "--config", station_file))
    assert isinstance(case, dict)
    assert case["case"]["evidence"] == {"readings": [1.0], "name": "电表"}
    assert run("energy", "case", "c9", "--config", station_file).exit_code == 2
    away = run("energy", "close-case", "c1", "--reason", "done", "--config", station_file)
    assert away.exit_code == 2


def test_a_battery_has_its_card(station_file: Path, tmp_path: Path) -> None:
    card = told(run("battery", "health", "B1", "--config", station_file, "--json"))
    assert isinstance(card, dict)
    assert (card["battery"], card["grade"], card["observations"]) == ("B1", "good", 3)
    assert "capacity" in run("battery", "health", "B1", "--config", station_file).stdout
    pdf = tmp_path / "card.pdf"
    written = run("battery", "health", "B1", "--config", station_file, "--pdf", pdf, "--language", "zh")
    assert written.exit_code == 0, written.output
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert run("battery", "health", "B9", "--config", station_file).exit_code == 2
