"""The maintenance plan of a station: a TOML file of devices, tasks, budgets of wear and spare parts.

docs/maintenance.md tells its keys; mistakes name file and line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from swapstation.config.reading import Reader, Wrong, located, parsed, read_text
from swapstation.config.rule_kinds import Allowed, Day, Listed, Number, Rule, Tables, Text, Word
from swapstation.config.settings import Config
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.errors import ConfigurationError
from swapstation.maintenance.register import counters_of, devices_of, whole_of
from swapstation.model.maintenance import Budget, Counter, Device, Part, Plan, Task, TaskKind
from swapstation.toml_lines import KeyPath

_NAME = Text(
    r"[a-z0-9][a-z0-9._-]{0,39}",
    "应为小写字母, 数字, . _ - 的名称, 1 到 40 个字符",
    "must be a name of 1 to 40 lower-case letters, digits and . _ -",
)
_PATTERN = Text(
    r"[a-z0-9*][a-z0-9._*-]{0,39}",
    '应为设备名, 可用 * 代表任意字符, 例如 "bay-*"',
    'must be the name of a device, with * for any characters, such as "bay-*"',
)
_CODE = Text(r"[A-Z][A-Z0-9_]{1,59}", "应为报警代码", "must be the code of an alarm")
_TITLE = Text(r"[^\x00-\x1f]{1,100}", "应为 1 到 100 个字符的文字", "must be a text of 1 to 100 characters")
_LABEL = Text(r"[^\x00-\x1f]{0,100}", "应为最多 100 个字符的文字", "must be a text of at most 100 characters")
_AMOUNT = Number(0.001, 1e12)
_DEVICES = Listed(_PATTERN, 1, 100)
_PLAN: Mapping[str, Rule] = {
    "devices": Tables(
        Device,
        {
            "device": _NAME,
            "zh": _TITLE,
            "en": _TITLE,
            "part_of": _NAME,
            "maker": _LABEL,
            "model": _LABEL,
            "serial": _LABEL,
            "in_service_on": Day(),
        },
    ),
    "tasks": Tables(
        Task,
        {
            "task": _NAME,
            "devices": _DEVICES,
            "kind": Word(TaskKind),
            "zh": _TITLE,
            "en": _TITLE,
            "every_days": Number(1, 36500, "d", whole=True),
            "counter": Word(Counter),
            "every": _AMOUNT,
            "last_on": Day(),
            "warn_days": Number(0, 1000, "d", whole=True),
        },
    ),
    "budgets": Tables(
        Budget,
        {
            "budget": _NAME,
            "devices": _DEVICES,
            "zh": _TITLE,
            "en": _TITLE,
            "counter": Word(Counter),
            "amount": _AMOUNT,
            "part": _NAME,
            "used_before": Number(0.0, 1e12),
            "warn_days": Number(0, 1000, "d", whole=True),
        },
    ),
    "parts": Tables(Part, {"part": _NAME, "zh": _TITLE, "en": _TITLE, "least": Number(0, 10_000, whole=True)}),
    "alarms": Listed(_CODE, 0, 100),
}


def station_plan(config: Config) -> Plan:
    """The plan that a station's configuration names, patterns of devices resolved. Raises ConfigurationError.

    Without one there is the register, and no task.
    """
    path = config.maintenance.plan
    return Plan(devices=devices_of(config, ())) if path is None else load_plan(path, config)


def load_plan(path: Path, config: Config) -> Plan:
    """The plan of a file for a station. Raises ConfigurationError with one line per mistake."""
    reader = Reader()
    told = reader.part(parsed(path, read_text(path)), (), Plan, _PLAN)
    if told is None:
        raise ConfigurationError(located(path, reader.mistakes))
    devices = devices_of(config, told.devices)
    names = [each.device for each in devices]
    plan = replace(
        told,
        devices=devices,
        tasks=tuple(replace(each, devices=_matching(names, each.devices)) for each in told.tasks),
        budgets=tuple(replace(each, devices=_matching(names, each.devices)) for each in told.budgets),
    )
    wrongs = [*_names(told), *_parts_of(told, names), *_codes(told)] or list(_work(told, plan, config))
    if wrongs:
        raise ConfigurationError(located(path, wrongs))
    return plan


def _matching(names: Sequence[str], patterns: Iterable[str]) -> tuple[str, ...]:
    found = (name for pattern in patterns for name in names if fnmatchcase(name, pattern))
    return tuple(dict.fromkeys(found))


def _names(told: Plan) -> Iterator[Wrong]:
    """Each name once; tasks and budgets share theirs, as work orders name both."""
    listed = {
        "devices": [("device", each.device) for each in told.devices],
        "tasks": [("task", each.task) for each in told.tasks],
        "budgets": [("budget", each.budget) for each in told.budgets],
        "parts": [("part", each.part) for each in told.parts],
    }
    taken: set[tuple[str, str]] = set()
    for table, names in listed.items():
        for index, (key, name) in enumerate(names):
            about = "work" if table in ("tasks", "budgets") else table, name
            if about in taken:
                yield Wrong((table, index, key), name, Allowed("重复", "is told twice"))
            taken.add(about)


def _parts_of(told: Plan, names: Sequence[str]) -> Iterator[Wrong]:
    """A part belongs to a device that is there, and no ring of parts to itself."""
    wholes = {each.device: each.part_of for each in told.devices}
    for index, each in enumerate(told.devices):
        seen, device = {each.device}, each.part_of
        while device and device not in seen:
            seen.add(device)
            device = wholes.get(device, "")
        if (each.part_of and each.part_of not in names) or device:
            listed = ", ".join(name for name in names if name != each.device)
            allowed = Allowed(f"应为别的设备, 现有 {listed}", f"must be another device, there are {listed}")
            yield Wrong(("devices", index, "part_of"), each.part_of, allowed)


def _work(told: Plan, plan: Plan, config: Config) -> Iterator[Wrong]:
    """Tasks and budgets are of devices that are there, and count what is counted of them."""
    for index, task in enumerate(told.tasks):
        path = ("tasks", index)
        yield from _of_devices((*path, "devices"), task.devices, plan)
        if (task.counter is None) is not (task.every is None):
            allowed = Allowed("counter 和 every 要一起写", "counter and every belong together")
            yield Wrong((*path, "counter" if task.every is None else "every"), None, allowed)
        elif task.every_days is None and task.every is None:
            allowed = Allowed("要写 every_days, 或 counter 和 every", "needs every_days, or counter and every")
            yield Wrong((*path, "every_days"), None, allowed)
        if task.counter is not None:
            yield from _counted((*path, "counter"), task.counter, plan.tasks[index].devices, plan, config)
    parts = {each.part for each in told.parts}
    for index, budget in enumerate(told.budgets):
        path = ("budgets", index)
        yield from _of_devices((*path, "devices"), budget.devices, plan)
        yield from _counted((*path, "counter"), budget.counter, plan.budgets[index].devices, plan, config)
        if budget.part and budget.part not in parts:
            listed = ", ".join(sorted(parts)) or "-"
            allowed = Allowed(f"没有这个备件, 现有 {listed}", f"no such part, there are {listed}")
            yield Wrong((*path, "part"), budget.part, allowed)


def _of_devices(path: KeyPath, patterns: Sequence[str], plan: Plan) -> Iterator[Wrong]:
    names = [each.device for each in plan.devices]
    for pattern in patterns:
        if not _matching(names, (pattern,)):
            listed = ", ".join(names)
            yield Wrong(path, pattern, Allowed(f"没有这样的设备, 现有 {listed}", f"no such device, there are {listed}"))


def _counted(path: KeyPath, counter: Counter, devices: Sequence[str], plan: Plan, config: Config) -> Iterator[Wrong]:
    for device in devices:
        counted = counters_of(config, whole_of(plan.devices, device))
        if counter not in counted:
            listed = ", ".join(counted) or "-"
            yield Wrong(path, counter.value, Allowed(f"{device} 只计 {listed}", f"of {device} is counted {listed}"))
            return


def _codes(told: Plan) -> Iterator[Wrong]:
    for code in told.alarms:
        if code not in alarm_catalogue():
            yield Wrong(("alarms",), code, Allowed("报警目录里没有这个代码", "is no alarm of the catalogue"))
