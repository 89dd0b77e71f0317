"""First-out: an alarm that another standing one explains is shown under it, so that one fault has one root alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from swapstation.model.alarm import OF_SWAP, SAME, Alarm, AlarmDefinition

Catalogue = Mapping[str, AlarmDefinition]


def grouped(
    alarms: tuple[Alarm, ...], catalogue: Catalogue, of_swap: frozenset[str] = frozenset()
) -> tuple[Alarm, ...]:
    """The alarms, each with its root ("" where it is one itself); `of_swap` are the sources that the swap is about."""
    return tuple(replace(alarm, root=_root(alarm, alarms, catalogue, of_swap)) for alarm in alarms)


def _root(alarm: Alarm, alarms: tuple[Alarm, ...], catalogue: Catalogue, of_swap: frozenset[str]) -> str:
    """Up the chain of explanations; the catalogue has no rings (it is checked when it is read)."""
    found = alarm
    while (reason := _explanation(found, alarms, catalogue, of_swap)) is not None:
        found = reason
    return "" if found is alarm else found.alarm


def _explanation(
    alarm: Alarm, alarms: tuple[Alarm, ...], catalogue: Catalogue, of_swap: frozenset[str]
) -> Alarm | None:
    for entry in catalogue[alarm.code].explained_by:
        code, _, of = entry.partition("@")
        devices = {_device(alarm)} if of == SAME else of_swap if of == OF_SWAP else {of}
        for other in alarms:
            if other.code == code and other is not alarm and (not of or _device(other) in devices):
                return other
    return None


def _device(alarm: Alarm) -> str:
    """The source without the maker's code that a device's own fault adds to it."""
    return alarm.source.partition(":")[0]
