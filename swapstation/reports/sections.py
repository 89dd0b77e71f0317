"""A report as sections of words and values in one language: what the PDF, the CSV and the screen are made of."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from swapstation.reports.report import EnergyFigures, PeriodEnergy, Report

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_LISTED = frozenset(
    [
        "by_hour",
        "by_day",
        "by_truck_model",
        "periods",
        "shares",
        "most_frequent",
        "chattering",
        "stale",
        "first",
        "last",
        "work",
        "fleets",
    ]
)
"""Fields that are no single fact."""
_ALARM_WORDS = {"count": "alarm_count"}
_MAINTENANCE_WORDS = {"opened": "orders_opened", "mean_waiting_s": "order_waiting_s", "mean_work_s": "order_work_s"}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: single facts, and one table. Names of sections, facts and heads are words of the texts."""

    name: str
    facts: tuple[tuple[str, str], ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def sections(report: Report, language: str) -> tuple[Section, ...]:
    """The sections of a report in their order; `language` is zh or en."""
    return tuple(_Writer(report, language).sections())


def told(report: Report, language: str) -> tuple[Section, ...]:
    """The same with every name said: what a screen shows as it is."""
    return tuple(_told(section, language) for section in sections(report, language))


def _told(section: Section, language: str) -> Section:
    facts = tuple((say(name, language), value) for name, value in section.facts)
    heads = tuple(say(head, language) for head in section.heads)
    return Section(say(section.name, language), facts, heads, section.rows)


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((files("swapstation.reports") / "texts.toml").read_text(encoding="utf-8"))


def say(name: str, language: str) -> str:
    """A word of reports; one that is not ours (a step, a model) is its own."""
    return _texts().get(name, {}).get(language, name)


class _Writer:
    def __init__(self, report: Report, language: str) -> None:
        self._report, self._language = report, language

    def sections(self) -> Iterator[Section]:
        report = self._report
        trucks = tuple((model, str(count)) for model, count in report.swaps.by_truck_model)
        yield Section("swaps", self._facts(report.swaps), ("by_truck_model", "count"), trucks)
        yield self._table("steps", report.steps)
        yield Section("promises", self._facts(report.promises))
        yield self._optional("waiting", report.waiting)
        yield self._energy()
        yield Section("demand", self._facts(report.demand))
        yield self._optional("quality", report.quality)
        yield self._alarms()
        yield Section("time", self._facts(report.time))
        yield self._table("devices", report.devices)
        yield self._maintenance()
        yield self._haulage()
        yield self._table("batteries", report.batteries)

    def _optional(self, name: str, figures: DataclassInstance | None) -> Section:
        return Section(name) if figures is None else Section(name, self._facts(figures))

    def _haulage(self) -> Section:
        figures = self._report.haulage
        if figures is None or not figures.fleets:
            return Section("haulage")
        table = self._table("haulage", figures.fleets)
        return Section("haulage", self._facts(figures), table.heads, table.rows)

    def _maintenance(self) -> Section:
        """Figures, and what was done and what is due, by name in the language of the report."""
        figures = self._report.maintenance
        if figures is None:
            return Section("maintenance")
        told = ((getattr(row, self._language), row.device, row.state, str(row.day or "-")) for row in figures.work)
        rows = tuple((work, device, self._say(state), day) for work, device, state, day in told)
        words = tuple((_MAINTENANCE_WORDS.get(name, name), value) for name, value in self._facts(figures))
        return Section("maintenance", words, ("work", "device", "state", "day_of_work"), rows)

    def _energy(self) -> Section:
        energy = self._report.energy
        rows = [(self._say(each.period or "no_period"), *_amounts(each)) for each in energy.periods]
        heads = ("period", "energy_kwh", "electricity_yuan", "service_yuan")
        return Section("energy", self._facts(energy), heads, (*rows, (self._say("sum"), *_amounts(energy))))

    def _alarms(self) -> Section:
        alarms = self._report.alarms
        named = (("chattering", alarms.chattering), ("stale", alarms.stale))
        facts = *self._facts(alarms), *((name, ", ".join(told) or self._say("nothing")) for name, told in named)
        frequent = tuple((each.code, str(each.count)) for each in alarms.most_frequent)
        words = tuple((_ALARM_WORDS.get(name, name), value) for name, value in facts)
        return Section("alarms", words, ("most_frequent", "count"), frequent)

    def _facts(self, figures: DataclassInstance) -> tuple[tuple[str, str], ...]:
        names = (each.name for each in fields(figures) if each.name not in _LISTED)
        return tuple((name, self._value(getattr(figures, name))) for name in names)

    def _table(self, name: str, rows: Sequence[DataclassInstance]) -> Section:
        if not rows:
            return Section(name)
        heads = tuple(each.name for each in fields(rows[0]))
        told = tuple(tuple(self._value(getattr(row, head)) for head in heads) for row in rows)
        return Section(name, (), heads, told)

    def _value(self, value: object) -> str:
        if value is None:
            return "-"
        if isinstance(value, datetime):
            return f"{value.astimezone(self._report.period.first.tzinfo):%Y-%m-%d %H:%M}"
        if isinstance(value, tuple):
            return ", ".join(map(str, value)) or self._say("nothing")
        return self._say(value) if isinstance(value, str) else str(value)

    def _say(self, name: str) -> str:
        return say(name, self._language)


def _amounts(figures: PeriodEnergy | EnergyFigures) -> tuple[str, str, str]:
    return str(figures.energy_kwh), str(figures.electricity_yuan), str(figures.service_yuan)
