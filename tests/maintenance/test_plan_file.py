"""Plans of maintenance as data: what is read, and every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.errors import ConfigurationError
from swapstation.maintenance.plan_file import load_plan, station_plan
from swapstation.maintenance.register import named_source, whole_of
from swapstation.model.maintenance import TaskKind
from tests.inventory.stock import station_config
from tests.maintenance.plans import TEXT, plan_file

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_patterns_are_resolved_against_the_register(tmp_path: Path) -> None:
    plan = load_plan(plan_file(tmp_path), station_config(tmp_path))
    names = [each.device for each in plan.devices]
    assert names[:4] == ["station", "robot", "meter", "fire_panel"]
    assert {"bay-1", "bay-3", "robot.hoist"} < set(names)
    by_name = {task.task: task for task in plan.tasks}
    assert by_name["look"].devices == ("bay-1", "bay-2", "bay-3")
    assert by_name["meter-calibration"].kind is TaskKind.CALIBRATION
    assert next(each for each in plan.devices if each.device == "robot").maker == "M"
    assert whole_of(plan.devices, "robot.hoist") == "robot"


def test_without_a_plan_there_is_the_register_and_no_task(tmp_path: Path) -> None:
    plan = station_plan(station_config(tmp_path))
    assert [plan.tasks, plan.budgets, plan.parts] == [(), (), ()]
    assert "bay-2" in [each.device for each in plan.devices]


@pytest.mark.parametrize(
    ("source", "device"),
    [
        ("robot", "robot"),
        ("bay-3:E17", "bay-3"),
        ("bay-3.fan", "bay-3"),
        ("robot.hoist", "robot.hoist"),
        ("x", "station"),
    ],
)
def test_an_alarm_is_about_the_nearest_device_of_the_register(tmp_path: Path, source: str, device: str) -> None:
    plan = load_plan(plan_file(tmp_path), station_config(tmp_path))
    assert named_source(plan.devices, source) == device


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('devices = ["bay-*"]', 'devices = ["rack-*"]', 'tasks[1].devices = "rack-*"'),
        ('counter = "matings"', 'counter = "moves"', "of bay-1 is counted matings, charges, charging_h, energy_kwh"),
        ("every = 50.0", "", "counter and every belong together"),
        ("every_days = 365\n", "", "needs every_days, or counter and every"),
        ('part = "rope"\nused', 'part = "chain"\nused', "no such part, there are rope"),
        ('part_of = "robot"', 'part_of = "crane"', "must be another device"),
        ('part_of = "robot"', 'part_of = "robot.hoist"', "must be another device"),
        ('budget = "rope"', 'budget = "grease"', "is told twice"),
        ('"DEVICE_NEEDS_SERVICE"', '"DEVICE_TIRED"', "is no alarm of the catalogue"),
        ("last_on = 2026-01-05", 'last_on = "2026-01-05"', "must be a date without quotes"),
        ('kind = "service"', 'kind = "servicing"', "must be one of"),
        ("amount = 900.0", "amounts = 900.0", "did you mean amount?"),
    ],
)
def test_every_mistake_is_told_with_file_and_line(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    assert right in TEXT
    file = plan_file(tmp_path, TEXT.replace(right, wrong, 1))
    with pytest.raises(ConfigurationError) as caught:
        load_plan(file, station_config(tmp_path))
    assert any(told in mistake and mistake.startswith(f"{file}:") for mistake in caught.value.mistakes), caught.value


def test_the_example_is_right(tmp_path: Path) -> None:
    plan = load_plan(EXAMPLES / "maintenance.toml", load_config(EXAMPLES / "station.toml"))
    assert len(plan.tasks) == 5
