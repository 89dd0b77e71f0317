"""The soak sees what it is there for; a short one really runs."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from swapstation.demo.run import some_ready
from swapstation.server.api.batteries import ReadyBattery, ReadyModel
from tests.soak.sample import NAMES, Sample, keep, kept
from tests.soak.station import soak
from tests.soak.table import WARM_S, rows, table


def run_of(memory_mb: list[float], lateness_ms: float = 3.0, run: str = "one") -> list[Sample]:
    """A sample each minute; the planner keeps its memory, the others have what is given."""
    rest = {"planner": 50.0}
    return [
        Sample(
            run,
            60.0 * (1 + number),
            dict.fromkeys(NAMES, each) | rest,
            dict.fromkeys(NAMES, 20),
            lateness_ms,
            number,
            0,
            10.0,
        )
        for number, each in enumerate(memory_mb)
    ]


def test_what_grows_before_a_process_is_warm_does_not_count() -> None:
    warm = int(WARM_S / 60.0)
    (row,) = rows(run_of([10.0] * (warm - 1) + [100.0] * 30))
    assert row.growth_pct == dict.fromkeys(NAMES, 0.0)
    assert row.is_flat


def test_a_leak_and_a_missed_cycle_are_seen() -> None:
    leaking, late = run_of([100.0 + each for each in range(60)]), run_of([100.0] * 60, lateness_ms=130.0, run="two")
    first, second = rows(leaking + late)
    assert not first.is_flat
    assert not first.missed
    assert second.is_flat
    assert second.missed


def test_a_run_too_short_says_so() -> None:
    (row,) = rows(run_of([100.0] * 10))
    assert row.growth_pct is None
    assert "too short" in table(run_of([100.0] * 10))


def test_samples_are_read_as_they_were_kept(tmp_path: Path) -> None:
    samples = run_of([100.0, 101.5]) + [replace(each, run="two") for each in run_of([7.0])]
    for each in samples:
        keep(tmp_path / "samples", each)
    assert list(kept(tmp_path / "samples")) == samples
    assert list(kept(tmp_path / "none")) == []


def test_a_truck_comes_only_when_a_battery_is_ready() -> None:
    charged = ReadyModel("LFP-282", 1, (ReadyBattery("LFP-001", 3, 95.0),))
    assert not some_ready([asdict(ReadyModel("LFP-282", 0, ()))])
    assert some_ready([asdict(ReadyModel("LFP-300", 0, ())), asdict(charged)])


@pytest.mark.slow
def test_a_minute_of_a_fast_station(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "samples"
    data.mkdir()
    swaps = soak(1.0, 20.0, "short", file, data, period_s=2.0)
    told = list(kept(file))
    assert (swaps.completed, swaps.failed) == (1, 0)
    assert told
    assert all(each.rss_mb[name] > 20.0 and each.files[name] > 3 for each in told for name in NAMES)
    assert told[-1].data_mb > 0.0
