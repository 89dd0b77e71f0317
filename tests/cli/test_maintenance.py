"""`swapstation maintenance`: what is due, the way of a work order, spare parts, with every change in the audit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from swapstation.business.database import open_business_database
from swapstation.config.file import load_config
from swapstation.inventory.database import migrate
from tests.cli.test_account_and_audit import run
from tests.config.test_config_file import TEXT
from tests.maintenance.plans import plan_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A station with a plan beside its file, and its databases."""
    plan_file(tmp_path)
    file = tmp_path / "station.toml"
    text = TEXT.replace('"/var/lib/swapstation"', '"data"') + '\n[maintenance]\nplan = "maintenance.toml"\n'
    file.write_text(text, encoding="utf-8")
    config = load_config(file)
    config.data.mkdir(exist_ok=True)
    migrate(config.station_database_url)
    open_business_database(config).dispose()
    return file


def test_an_order_is_opened_begun_and_finished(file: Path) -> None:
    assert run(file, "maintenance open robot.hoist --subject grease").exit_code == 0
    assert run(file, "maintenance open robot.hoist --subject grease").exit_code == 2
    assert run(file, "maintenance open crane").exit_code == 2
    assert run(file, "maintenance finish 1").exit_code == 2
    for command in ("begin 1", "finish 1 --text greased"):
        assert run(file, f"maintenance {command}").exit_code == 0
    (order,) = json.loads(run(file, "maintenance orders --json").stdout)
    assert [each["state"] for each in order["steps"]] == ["open", "begun", "done"]
    assert "加脂 Grease" in run(file, "maintenance orders").stdout
    assert json.loads(run(file, "maintenance orders --open --json").stdout) == []
    told = run(file, "maintenance due --all --json")
    assert {"grease", "rope", "look"} <= {each["name"] for each in json.loads(told.stdout)}
    assert "work_order_done" in run(file, "audit list").output


def test_parts_devices_and_figures_are_listed(file: Path) -> None:
    assert run(file, "maintenance move rope --change 2 --note bought").exit_code == 0
    assert run(file, "maintenance move rope --change -3").exit_code == 2
    (part,) = json.loads(run(file, "maintenance parts --json").stdout)
    assert (part["stock"], part["least"]) == (2, 1)
    assert "robot.hoist" in run(file, "maintenance devices").stdout
    assert "MTTR" in run(file, "maintenance reliability").stdout
    assert "maintenance" in run(file, "doctor --json").stdout


def test_a_wrong_plan_is_told_with_its_line_before_the_station_starts(file: Path) -> None:
    plan = file.parent / "maintenance.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace('kind = "service"', 'kind = "x"'), encoding="utf-8")
    assert run(file, "maintenance due").exit_code == 2
    assert f"{plan}:" in run(file, "maintenance due").output
