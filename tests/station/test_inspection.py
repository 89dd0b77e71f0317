"""The inspection in the bays: a finding that stands quarantines the battery and ends its charge; a glitch does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from swapstation.config.limits import Limits
from swapstation.model.command import StartCharge
from swapstation.model.device import BatteryCells
from swapstation.model.journal import BatteryQuarantined
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot
from swapstation.protocol.gbt27930.words import BatteryFault
from swapstation.station.draft import Draft
from swapstation.station.inspection import CRITICAL_FAULTS, STANDS_S, findings, inspect_batteries
from swapstation.station.permit import permit
from tests.station.situations import FRESH_BAY, draft, fresh, situation, snapshot, with_battery, with_device, with_value

BAD: list[dict[str, Any]] = [
    *({"faults": (fault,)} for fault in CRITICAL_FAULTS),
    {"max_temperature_c": 45.0, "min_temperature_c": 24.9},
    {"cell_spread_v": 0.501},
]
SOUND: list[dict[str, Any]] = [
    {},
    {"faults": ("soc_low", "over_current")},
    {"max_temperature_c": 45.0, "min_temperature_c": 25.0},
    {"max_temperature_c": 45.0, "min_temperature_c": None},
    {"cell_spread_v": 0.5},
]


def _saying(**changes: Any) -> Snapshot:
    return with_value(snapshot(), f"{FRESH_BAY}.charge", lambda charge: replace(charge, **changes))


def _after(now: Snapshot, memory: Draft | None, seconds: float) -> Draft:
    cycle = draft(replace(now, now_s=now.now_s + seconds))
    if memory is not None:
        cycle.memory = memory.memory
    inspect_batteries(cycle)
    return cycle


@pytest.mark.parametrize("said", BAD, ids=str)
def test_a_finding_that_stands_quarantines_the_battery_once(said: dict[str, Any]) -> None:
    now = _saying(**said)
    begun = _after(now, None, 0.0)
    assert begun.records == []
    (record,) = _after(now, begun, STANDS_S).records
    assert isinstance(record, BatteryQuarantined)
    assert (record.battery, record.person, record.evidence) == ("B1", "", ("BMS bay-1",))
    assert record.reason.startswith("inspection: ")
    quarantined = with_battery(now, "B1", quarantined=True)
    assert _after(quarantined, begun, STANDS_S).records == []
    assert "battery_not_quarantined" in permit(StartCharge(FRESH_BAY, 95.0, 100.0), situation(quarantined))


@pytest.mark.parametrize("said", SOUND, ids=str)
def test_a_sound_battery_stays(said: dict[str, Any]) -> None:
    assert findings(_saying(**said).bay(FRESH_BAY), Limits()) == ()


def test_the_faults_are_words_of_the_codec() -> None:
    assert set(CRITICAL_FAULTS) <= {fault.value for fault in BatteryFault}


def test_a_finding_that_goes_away_begins_anew() -> None:
    bad, good = _saying(faults=("insulation_fault",)), snapshot()
    gone = _after(good, _after(bad, None, 0.0), STANDS_S / 2)
    assert _after(bad, gone, STANDS_S).records == []


def test_what_a_silent_bms_said_last_is_no_finding() -> None:
    assert findings(_saying(faults=("insulation_fault",), bms_age_s=5.0).bay(FRESH_BAY), Limits()) == ()
    unseen: Seen[object] = Seen()
    silent = with_device(_saying(faults=("insulation_fault",)), f"{FRESH_BAY}.charge", unseen)
    assert findings(silent.bay(FRESH_BAY), Limits()) == ()


def test_the_cells_are_read_where_the_bms_names_no_spread() -> None:
    cells = fresh(BatteryCells(voltages_v=(3.2, None, 3.9)))
    bay = replace(snapshot().bay(FRESH_BAY), cells=cells)
    assert findings(bay, Limits()) == ("cell spread 0.700 V",)


def test_nothing_is_written_while_the_journal_is_behind() -> None:
    now = _saying(faults=("insulation_fault",))
    begun = _after(now, None, 0.0)
    assert _after(replace(now, journal_pending=1), begun, STANDS_S).records == []
