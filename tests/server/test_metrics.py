"""Metrics: the exposition is well formed, unknown is left out, and the dashboard asks for what there is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from swapstation.contract.controller_link import ControllerLink
from swapstation.model.disk import DiskLevel, DiskSpace
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import Snapshot
from swapstation.server.metrics import METRICS, OF_THE_SERVER, exposition
from tests.server.station_sample import station

DASHBOARD = Path(__file__).parents[2] / "packaging" / "grafana_dashboard.json"
_SAMPLE = re.compile(r'([a-z_]+)(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? (\S+)')


def told(snapshot: Snapshot | None, age_s: float | None = 0.1) -> dict[str, float]:
    """The samples of an exposition, by name and labels."""
    latest = None if snapshot is None else SimpleNamespace(snapshot=snapshot)
    link = cast(ControllerLink, SimpleNamespace(latest=latest, age_s=age_s))
    samples = {}
    for line in exposition(link).splitlines():
        if not line.startswith("# "):
            match = _SAMPLE.fullmatch(line)
            assert match is not None, line
            samples[match[1] + (match[2] or "")] = float(match[4])
    return samples


def test_a_snapshot_is_told_and_what_is_unknown_is_left_out() -> None:
    disk = Seen(DiskSpace(DiskLevel.LOW, 17.5), 0.1, Quality.GOOD)
    known = told(replace(station(), disk=disk, max_cycle_lateness_ms=4.5))
    assert known["swapstation_up"] == 1.0
    assert known["swapstation_cycle_lateness_max_ms"] == 4.5
    assert known["swapstation_disk_free_pct"] == 17.5
    assert [name for name, value in known.items() if name.startswith("swapstation_disk_level") and value] == [
        'swapstation_disk_level{level="low"}'
    ]
    assert sum(value for name, value in known.items() if name.startswith("swapstation_state{")) == 1.0
    stale = told(replace(station(), disk=replace(disk, quality=Quality.STALE)))
    assert not any(name.startswith("swapstation_disk") for name in stale)


def test_an_old_snapshot_says_nothing_of_the_station() -> None:
    assert set(told(station(), age_s=60.0)) == {
        'swapstation_info{version="0.1.0"}',
        "swapstation_snapshot_age_seconds",
        "swapstation_up",
    }, "and nothing of maintenance before the first look"
    assert told(None, None)["swapstation_up"] == 0.0


def test_names_are_unique_and_counters_are_named_so() -> None:
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"swapstation_[a-z_]+", name) for name in names)
    assert [metric.name for metric in METRICS if metric.name.endswith("_total") != (metric.kind == "counter")] == [
        "swapstation_boot"
    ]


def test_the_dashboard_asks_for_every_metric_and_no_other() -> None:
    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    assert set(re.findall(r"swapstation_[a-z_]+", asked)) == {*OF_THE_SERVER, *(metric.name for metric in METRICS)}
