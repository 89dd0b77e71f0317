"""The three bad nights of docs/bad_nights.md: each story holds, and the logs in the docs are those of this run."""

from __future__ import annotations

import re

import pytest

from tests.reliability.bad_nights import DOCUMENT, NIGHTS
from tests.reliability.document import section_of

pytestmark = pytest.mark.timeout(600)  # the first of these to run walks through all three nights


@pytest.fixture(scope="module")
def logs() -> dict[str, str]:
    return {name: walked() for name, walked in NIGHTS.items()}


def _after(log: str, words: str) -> str:
    """What follows a line with these words."""
    assert words in log
    return log[log.index(words) :]


def _seconds(log: str, words: str) -> float:
    """When the first line with these words was written (s)."""
    (line, *_) = (line for line in log.splitlines() if words in line)
    return float(line.split(" s ")[0])


def test_nothing_lets_go_of_a_battery_whose_locks_do_not_confirm(logs: dict[str, str]) -> None:
    log = logs["lock"]
    frozen = log[: log.index("clears the ice")]
    assert frozen.count("LockTruck") == 4
    assert frozen.count("state execute -> held (LOCK_NOT_CLOSED)") == 2
    assert "operator asks abandon swap: refused" in frozen
    assert not re.search("UngripBattery|ParkRobot|ReleaseTruck", frozen)
    mended = _after(log, "clears the ice")
    assert mended.index("step lock done") < mended.index("UngripBattery") < mended.index("ReleaseTruck")
    assert "swap completed" in mended


def test_a_battery_hangs_through_a_power_cut_until_a_person_lets_it_go_on(logs: dict[str, str]) -> None:
    dark = _after(logs["power"], "mains fail")
    assert "ExchangeBattery: running [robot: paused]" in dark
    unconfirmed = dark[: dark.index("start-up confirmed")]
    assert not re.search(r"order \d+: ", unconfirmed.replace("survey: order", ""))
    assert "moved" not in unconfirmed
    assert dark.count("ExchangeBattery {") == 0, "the order keeps its id"
    assert "swap completed" in dark


def test_a_hot_battery_is_stopped_before_it_smokes_and_the_truck_gets_out(logs: dict[str, str]) -> None:
    log = logs["fire"]
    assert _seconds(log, "charge of LFP-006 in bay 6 ended") - _seconds(log, "BATTERY_HEATING@bay-6") < 2.0
    assert _seconds(log, "BATTERY_HEATING@bay-6") < _seconds(log, "BAY_SMOKE@bay-6")
    assert _seconds(log, "RequestFeederCutOff") - _seconds(log, "FIRE_CONFIRMED@station") <= 0.2
    burning = _after(log, "runs away")
    assert "begins" not in burning, "no charge, no step, no swap"
    assert not re.search("LocateTruck|GripBattery|UnlockTruck", burning)
    assert "LFP-006 quarantined" in burning
    assert "operator asks swap: refused" in _after(burning, "the driver leaves the lane")


@pytest.mark.parametrize("name", NIGHTS)
def test_the_logs_in_the_docs_are_those_of_this_run(logs: dict[str, str], name: str) -> None:
    written = section_of(name, DOCUMENT)
    assert written == f"```text\n{logs[name]}\n```", "run `python -m tests.reliability.bad_nights --write`"
