"""The snapshot as people see it: state, alarms in the order of their priority, and how far the swap is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.settings import Exchange
from swapstation.model.alarm import Priority
from swapstation.model.snapshot import Snapshot
from swapstation.station.alarms import run_alarms
from swapstation.station.draft import Draft
from swapstation.station.people import for_people
from tests.station.situations import draft, rules, snapshot, with_value
from tests.station.walk import Answering, entering


def _shown(station: Answering) -> Snapshot:
    return for_people(Draft(station.rules, station.snapshot, station.memory))


@pytest.mark.parametrize("exchange", Exchange)
def test_the_running_swap_shows_its_steps_as_done_running_and_waiting(exchange: Exchange) -> None:
    names = [step.name for step in rules(exchange).recipe.steps]
    for name, station in entering(exchange).items():
        swap = _shown(station.cycle()).swap if name != "close" else _shown(station).swap
        assert swap is not None
        present = names.index(swap.step)
        states = [step.state for step in swap.steps]
        assert [step.name for step in swap.steps] == names
        assert states == ["done"] * present + ["running"] + ["waiting"] * (len(names) - present - 1)


def test_the_running_step_shows_its_seconds_and_what_it_waits_for() -> None:
    station = replace(entering(Exchange.STATION)["grip"], deaf=True).run(3.0)
    swap = _shown(station).swap
    assert swap is not None
    (running,) = [step for step in swap.steps if step.state == "running"]
    assert running.name == "grip"
    assert running.elapsed_s == pytest.approx(3.0, abs=0.2)
    assert set(swap.waiting_for) == {"robot_order_done", "robot_gripped_and_seated"}
    assert (swap.fresh, swap.returned, swap.from_bay, swap.to_bay, swap.attempt) == ("B1", "B3", 1, 3, 1)


def test_without_a_swap_there_is_nothing_to_show() -> None:
    assert for_people(draft(snapshot())).swap is None


def test_the_gravest_alarm_comes_first() -> None:
    now = with_value(snapshot(), "1.io", lambda io: replace(io, smoke=True))
    now = with_value(now, "truck", lambda truck: replace(truck, vin="TRUCK"))
    now = with_value(now, "1.charge", lambda charge: replace(charge, serial=77))
    cycle = draft(now)
    run_alarms(cycle)
    priorities = [alarm.priority for alarm in for_people(cycle).alarms]
    assert len(priorities) == 3
    assert priorities == sorted(priorities)
    assert priorities[0] is Priority.CRITICAL


def test_a_refused_command_is_shown_with_its_reasons() -> None:
    station = entering(Exchange.STATION)["grip"].change("robot", homed=False).cycle()
    (refused,) = _shown(station).refused
    assert refused.command == "GripBattery"
    assert refused.reasons == ("robot_ready",)
