"""A small plan of maintenance for tests, on the station of `tests.inventory.stock`."""

from __future__ import annotations

from pathlib import Path

TEXT = """
alarms = ["DEVICE_NEEDS_SERVICE"]

[[devices]]
device = "robot"
zh = "机器人"
en = "Robot"
maker = "M"
in_service_on = 2026-01-01

[[devices]]
device = "robot.hoist"
zh = "起升机构"
en = "Hoist"
part_of = "robot"
in_service_on = 2026-01-01

[[tasks]]
task = "grease"
devices = ["robot.hoist"]
kind = "service"
zh = "加脂"
en = "Grease"
every_days = 90
counter = "moves"
every = 100.0

[[tasks]]
task = "look"
devices = ["bay-*"]
kind = "inspection"
zh = "检查触头"
en = "Look at the contacts"
counter = "matings"
every = 50.0

[[tasks]]
task = "meter-calibration"
devices = ["meter"]
kind = "calibration"
zh = "电表检定"
en = "Verification of the meter"
every_days = 365
last_on = 2026-01-05
warn_days = 30

[[budgets]]
budget = "rope"
devices = ["robot.hoist"]
zh = "钢丝绳"
en = "Rope"
counter = "load_distance_tkm"
amount = 900.0
part = "rope"
used_before = 100.0

[[parts]]
part = "rope"
zh = "钢丝绳"
en = "Rope"
least = 1
"""


def plan_file(folder: Path, text: str = TEXT) -> Path:
    """The plan in a file."""
    file = folder / "maintenance.toml"
    file.write_text(text, encoding="utf-8")
    return file
