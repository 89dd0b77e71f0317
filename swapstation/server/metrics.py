"""What Prometheus scrapes: one table of metrics over the latest snapshot, in the text exposition format 0.0.4.

A value that is unknown or stale is left out, never zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from swapstation import __version__
from swapstation.contract.controller_link import ControllerLink
from swapstation.model.disk import DiskLevel
from swapstation.model.maintenance import Due, DueKind, DueState
from swapstation.model.snapshot import Snapshot, StationState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
GAUGE, COUNTER = "gauge", "counter"
Sample = tuple[dict[str, str], float | None]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: name with its unit last, kind, what it is, its samples (labels and value; None: unknown)."""

    name: str
    kind: str
    help: str
    samples: Callable[[Snapshot], Iterable[Sample]]


def _yes(value: Callable[[Snapshot], object]) -> Callable[[Snapshot], Iterable[Sample]]:
    return lambda snapshot: [({}, float(bool(value(snapshot))))]


def _one(value: Callable[[Snapshot], float | None]) -> Callable[[Snapshot], Iterable[Sample]]:
    return lambda snapshot: [({}, value(snapshot))]


def _of_links(field: str) -> Callable[[Snapshot], Iterable[Sample]]:
    return lambda snapshot: [({"link": link.name}, getattr(link, field)) for link in snapshot.links]


def _states(snapshot: Snapshot) -> Iterable[Sample]:
    return [({"state": state.value}, float(state is snapshot.state)) for state in StationState]


def _disk_levels(snapshot: Snapshot) -> Iterable[Sample]:
    disk = snapshot.disk.good
    return [({"level": level.value}, float(level is disk.level)) for level in DiskLevel] if disk else []


def _alarms(snapshot: Snapshot) -> Iterable[Sample]:
    counted = Counter((str(alarm.priority.value), alarm.state.value) for alarm in snapshot.alarms)
    return [({"priority": priority, "state": state}, float(n)) for (priority, state), n in sorted(counted.items())]


def _bay_soc(snapshot: Snapshot) -> Iterable[Sample]:
    return [({"bay": str(bay.number)}, bay.soc_pct) for bay in snapshot.bays if bay.battery]


def _bay_current(snapshot: Snapshot) -> Iterable[Sample]:
    known = ((bay.number, bay.modules.good) for bay in snapshot.bays)
    return [({"bay": str(number)}, modules.current_a) for number, modules in known if modules]


def _safety(snapshot: Snapshot) -> Iterable[Sample]:
    safety = snapshot.safety.good
    chain = ("estop_ok", "doors_closed", "light_curtain_clear", "overtravel_ok", "fire_ok")
    return [({"input": name}, float(getattr(safety, name))) for name in chain] if safety else []


def _energy_kwh(snapshot: Snapshot) -> float | None:
    return snapshot.meter.good.energy_kwh if snapshot.meter.good else None


def _power_kw(snapshot: Snapshot) -> float | None:
    return snapshot.meter.good.power_kw if snapshot.meter.good else None


def _charging_limit_kw(snapshot: Snapshot) -> float | None:
    return snapshot.power.charging_kw


def _disk_free(snapshot: Snapshot) -> float | None:
    return snapshot.disk.good.free_pct if snapshot.disk.good else None


METRICS = (
    Metric("swapstation_state", GAUGE, "1 for the state the station is in, 0 for the others", _states),
    Metric("swapstation_confirmed", GAUGE, "A person has confirmed the start-up", _yes(lambda s: s.confirmed)),
    Metric("swapstation_boot", COUNTER, "Starts of the controller", _one(lambda s: s.boot)),
    Metric("swapstation_cycles_total", COUNTER, "Scan cycles of this boot", _one(lambda s: s.sequence)),
    Metric(
        "swapstation_cycle_lateness_max_ms",
        GAUGE,
        "Latest cycle of this boot, ms",
        _one(lambda s: s.max_cycle_lateness_ms),
    ),
    Metric("swapstation_swap_running", GAUGE, "A swap runs", _yes(lambda s: s.swap)),
    Metric("swapstation_alarms", GAUGE, "Alarms that stand, by priority and state", _alarms),
    Metric("swapstation_alarm_flood", GAUGE, "More alarms than a person can read", _yes(lambda s: s.alarm_flood)),
    Metric("swapstation_safety_input", GAUGE, "1: safe, as the safety PLC reports", _safety),
    Metric("swapstation_bay_soc_pct", GAUGE, "SOC of the battery in a bay, %", _bay_soc),
    Metric("swapstation_bay_current_a", GAUGE, "Current of a bay's charging modules, A", _bay_current),
    Metric("swapstation_site_power_kw", GAUGE, "Power at the site's meter, kW", _one(_power_kw)),
    Metric("swapstation_site_energy_kwh_total", COUNTER, "Counter of the site's meter, kWh", _one(_energy_kwh)),
    Metric("swapstation_charging_limit_kw", GAUGE, "Most that charging may take, kW", _one(_charging_limit_kw)),
    Metric("swapstation_journal_pending", GAUGE, "Records not durable yet", _one(lambda s: s.journal_pending)),
    Metric("swapstation_journal_failed", GAUGE, "Records cannot be written", _yes(lambda s: s.journal_error)),
    Metric("swapstation_disk_free_pct", GAUGE, "Free space of the data folder's disk, %", _one(_disk_free)),
    Metric("swapstation_disk_level", GAUGE, "1 for what the free space leads to", _disk_levels),
    Metric("swapstation_link_connected", GAUGE, "A wire is connected", _of_links("connected")),
    Metric("swapstation_link_received_total", COUNTER, "Frames received on a wire", _of_links("rx")),
    Metric("swapstation_link_sent_total", COUNTER, "Frames sent on a wire", _of_links("tx")),
    Metric("swapstation_link_malformed_total", COUNTER, "Malformed frames on a wire", _of_links("malformed")),
    Metric("swapstation_link_dropped_total", COUNTER, "Frames thrown away on a wire", _of_links("dropped")),
    Metric("swapstation_link_reconnects_total", COUNTER, "Reconnects of a wire", _of_links("reconnects")),
    Metric("swapstation_link_timeouts_total", COUNTER, "Requests without an answer on a wire", _of_links("timeouts")),
)
OF_THE_SERVER = (
    "swapstation_up",
    "swapstation_snapshot_age_seconds",
    "swapstation_info",
    "swapstation_maintenance_works",
)
"""Told also while the controller is away."""
FRESH_S = 5.0
CALIBRATION = "calibration"


def exposition(link: ControllerLink, works: Sequence[Due] | None = None) -> str:
    """All metrics as text; those of the station only from a snapshot that is fresh."""
    latest, age_s = link.latest, link.age_s
    fresh = latest is not None and age_s is not None and age_s <= FRESH_S
    lines = [
        *_lines("swapstation_info", GAUGE, "Version of the software", [({"version": __version__}, 1.0)]),
        *_lines("swapstation_up", GAUGE, "The controller sends fresh snapshots", [({}, float(fresh))]),
        *_lines("swapstation_snapshot_age_seconds", GAUGE, "Age of the latest snapshot", [({}, age_s)]),
        *_lines("swapstation_maintenance_works", GAUGE, "Maintenance that is due now or soon", _works(works)),
    ]
    if fresh and latest is not None:
        for metric in METRICS:
            lines += _lines(metric.name, metric.kind, metric.help, metric.samples(latest.snapshot))
    return "\n".join(lines) + "\n"


def _works(works: Sequence[Due] | None) -> Iterator[Sample]:
    """By what it is (a calibration apart from other tasks) and how urgent; nothing before the first look."""
    if works is None:
        return
    counted = Counter((CALIBRATION if each.calibration else each.what, each.state) for each in works)
    for what in (*DueKind, CALIBRATION):
        for state in (DueState.DUE, DueState.SOON):
            yield {"what": what, "state": state}, float(counted[what, state])


def _lines(name: str, kind: str, about: str, samples: Iterable[Sample]) -> Iterator[str]:
    known = [(labels, value) for labels, value in samples if value is not None]
    if not known:
        return
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"
    for labels, value in known:
        told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{name}{{{told}}} {float(value)!r}" if told else f"{name} {float(value)!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
