"""A planner that dies, hangs or plans nonsense: charging goes on within the limit, people are told, promises are kept.

In virtual time: the real decisions and database over the simulated plant; the planner's own planning, called as its
process would be. Every promise is one that the station gave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from swapstation.config.settings import Planner
from swapstation.energy.tariff_files import load_tariff
from swapstation.model.alarm import AlarmState
from swapstation.model.charge_plan import ChargePlan, PlannedBay
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.request import Accepted, Answer, ConfirmStartUp, CreateBooking
from swapstation.model.snapshot import Snapshot
from swapstation.planner.inputs import Surroundings
from swapstation.planner.planning import plan_of
from swapstation.study.site import Case, station_of
from swapstation.twin.station import TwinStation

STANDS = (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)
INTERVAL_S = 60.0
KILLED_S = 900.0
SITE_KW = 700.0
ENDS_S = 3.2 * 3600.0
DUE_MINUTES = (40, 60, 80, 110, 140, 170)
VINS = tuple(f"LSWAPTRK{digit}T000000{number}" for number, digit in enumerate("7924680", start=1))
AROUND = Surroundings(load_tariff(Path(__file__).parents[2] / "examples" / "tariff.toml"))

Planning = Callable[[Snapshot, Callable[[], ChargePlan]], ChargePlan | None]
"""What the planner hands in, given the station and how the plan is made that it should hand in."""


def alive(_: Snapshot, make: Callable[[], ChargePlan]) -> ChargePlan | None:
    return make()


def killed(now: Snapshot, make: Callable[[], ChargePlan]) -> ChargePlan | None:
    return make() if now.now_s < KILLED_S else None


def late(now: Snapshot, make: Callable[[], ChargePlan]) -> ChargePlan | None:
    """A plan comes every three minutes: each one but the first is more than 60 s too late."""
    return make() if now.now_s % 181.0 < INTERVAL_S else None


def never(_: Snapshot, make: Callable[[], ChargePlan]) -> ChargePlan | None:
    return None


def asleep(now: Snapshot, make: Callable[[], ChargePlan]) -> ChargePlan | None:
    """Nonsense that the controller cannot see: every battery is to wait for ever."""
    waiting = (PlannedBay(bay.number, bay.battery, 0.0, 95.0) for bay in now.bays if bay.charges and bay.battery)
    return ChargePlan(f"P{now.sequence}", now.at, tuple(waiting))


@dataclass(slots=True)
class Seen:
    """What happened: promises given and kept, most power of all charging (kW DC), alarms, whether it charged then."""

    given: list[str] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    most_kw: float = 0.0
    late_alarms: int = 0
    charged_on: bool = False
    refused: int = 0


@contextmanager
def station() -> Iterator[TwinStation]:
    with station_of(Case(7, SITE_KW, direct=True), seed=3) as twin:
        twin.config = replace(twin.config, planner=Planner(enabled=True, reserve_batteries=0))
        twin.rules = replace(twin.rules, config=twin.config)
        twin.start()
        while not any(each.action == "confirm_start_up" and each.allowed for each in shown(twin).actions):
            twin.step(twin.now_s + 5.0)
        twin.submit(ConfirmStartUp(), "li", lambda _: None)
        twin.step(twin.now_s + 1.0)
        yield twin


def shown(twin: TwinStation) -> Snapshot:
    if twin.snapshot is None:
        twin.step(twin.now_s + 0.1)
    assert twin.snapshot is not None
    return twin.snapshot


def run(twin: TwinStation, planning: Planning) -> Seen:
    seen = Seen()
    _book(twin, seen)
    due = {hold.hold: hold for hold in shown(twin).inventory.holds if hold.kind is HoldKind.BOOKING}
    planned_s = twin.now_s - INTERVAL_S
    while twin.now_s < ENDS_S:
        twin.step(twin.now_s + 5.0)
        now = shown(twin)
        if twin.now_s - planned_s >= INTERVAL_S:
            planned_s = twin.now_s
            plan = planning(now, partial(plan_of, now, twin.config, AROUND))
            if plan is not None:
                twin.submit(SubmitPlan(plan), "planner", lambda answer: _count(seen, answer))
        _look(twin, now, seen)
        in_time = (hold for hold in now.inventory.holds if hold.hold in due and _is_due(hold, now) and hold.battery)
        seen.kept.update(hold.hold for hold in in_time)
    return seen


def _is_due(hold: Hold, now: Snapshot) -> bool:
    """Its truck comes in this very step."""
    return hold.needed_at is not None and hold.needed_at <= now.at < hold.needed_at + timedelta(seconds=10)


def _book(twin: TwinStation, seen: Seen) -> None:
    for vin, minutes in zip(VINS, DUE_MINUTES, strict=False):
        arrives_at = twin.at + timedelta(minutes=minutes)

        def given(answer: Answer) -> None:
            if isinstance(answer, Accepted):
                seen.given.append(answer.result["booking"])

        twin.submit(CreateBooking(vin, "LFP", arrives_at=arrives_at), "dispatcher", given)
        twin.step(twin.now_s + 0.1)
        twin.step(twin.now_s + 0.2)


def _count(seen: Seen, answer: Answer) -> None:
    seen.refused += not isinstance(answer, Accepted)


def _look(twin: TwinStation, now: Snapshot, seen: Seen) -> None:
    modules = [bay.modules.value for bay in now.bays if bay.modules.value is not None]
    power_kw = sum(each.voltage_v * each.current_a for each in modules) / 1000.0
    seen.most_kw = max(seen.most_kw, power_kw)
    late = any(
        alarm.code == "CHARGE_PLAN_LATE" and alarm.state.value != "returned_unacknowledged" for alarm in now.alarms
    )
    seen.late_alarms += late
    seen.charged_on = seen.charged_on or (late and power_kw > 50.0)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("planning", [alive, killed, late, never, asleep])
def test_whatever_becomes_of_the_planner_no_promise_is_missed(planning: Planning) -> None:
    with station() as twin:
        seen = run(twin, planning)
    print(planning.__name__, seen)
    assert len(seen.given) >= 4
    assert seen.kept == set(seen.given)
    assert seen.most_kw <= SITE_KW * 0.95 * 1.02
    assert seen.refused == 0
    assert (seen.late_alarms > 0) == (planning in (killed, late, never))
    assert seen.charged_on == (planning in (killed, late, never))
