"""A record that people correct in the middle of a swap holds it where the swap does not fit any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.model.inventory import ROBOT, Inventory, truck_place
from swapstation.model.journal import BatteryMoved
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.aborting import caught_up
from swapstation.station.decide import decide
from swapstation.station.requests import confirm_reasons, resume_reasons
from swapstation.station.survey import survey
from swapstation.station.swap_course import off_course
from tests.station.situations import VIN, draft, rack, situation, snapshot, swap, swapping, with_battery, with_value

TRUCK = truck_place(VIN)


def _corrected(asset: str, place: str, step: str = "unlock", **changes: object) -> Snapshot:
    return with_battery(swapping(step, **changes), asset, place=place)


def _said(now: Snapshot) -> str:
    return off_course(situation(now), draft(now).swap_recipe)


@pytest.mark.parametrize(
    ("asset", "place"),
    [("B1", "bay-1"), ("B1", ROBOT), ("B3", ROBOT), ("B3", "bay-3"), ("B2", "bay-2")],
)
def test_batteries_on_their_ways_fit_the_swap(asset: str, place: str) -> None:
    assert _said(_corrected(asset, place)) == ""


@pytest.mark.parametrize(
    ("asset", "place"),
    [
        ("B1", "bay-3"),
        ("B1", "away:B1"),
        ("B1", "isolation"),
        ("B3", "isolation"),
        ("B3", "bay-1"),
        ("B3", "away:B3"),
        ("B2", "bay-3"),
        ("B2", ROBOT),
    ],
)
def test_a_battery_off_its_way_or_a_stranger_on_it_is_named(asset: str, place: str) -> None:
    assert f"{asset}: {place}" in _said(_corrected(asset, place))


@pytest.mark.parametrize("asset", ["B1", "B3"])
def test_the_isolation_place_fits_once_no_step_ahead_takes_the_battery_up(asset: str) -> None:
    """A robot that still has to fetch it would fetch whatever stands in its place."""
    assert f"{asset}: isolation" in _said(_corrected(asset, "isolation", step="unlock"))
    assert _said(_corrected(asset, "isolation", step="isolate_fresh_put" if asset == "B1" else "isolate_old_put")) == ""


def test_nothing_is_said_before_the_batteries_are_chosen_and_in_a_job() -> None:
    assert _said(replace(swapping(), inventory=Inventory(swap=swap(allocated=False)))) == ""
    assert _said(snapshot()) == ""
    assert _said(_corrected("B1", "bay-3", step="another_choose")) == ""


def test_a_swap_on_its_way_out_does_not_ask_for_the_battery_it_has_given_up() -> None:
    """Found by seed 64: the old battery was to be locked on the truck again, and nobody could resume."""
    assert _said(_corrected("B1", "bay-3", step="detain_lock")) == ""
    assert "B3" in _said(_corrected("B3", "bay-1", step="detain_lock"))


def test_the_running_swap_is_held_and_cannot_be_resumed() -> None:
    now = _corrected("B1", "bay-3")
    decision = decide(draft(now).rules, now, draft(now).memory, ())
    assert "SWAP_OFF_COURSE" in {alarm.code for alarm in decision.memory.alarms}
    assert decision.memory.state is StationState.HELD
    held = draft(replace(now, state=StationState.HELD), alarms=decision.memory.alarms)
    assert "SWAP_OFF_COURSE" in resume_reasons(held)


def test_the_start_up_is_confirmed_and_the_swap_led_out_of_its_course() -> None:
    """Else nobody could put it right: a way out wants the hold that only a confirmation gives."""
    now = _corrected("B1", "bay-3", state=StationState.ABORTED, confirmed=False)
    now = with_value(with_value(now, "1.io", lambda _: rack(occupied=False)), "3.io", lambda _: rack(occupied=True))
    alarms = decide(draft(now).rules, now, draft(now).memory, ()).memory.alarms
    assert "SWAP_OFF_COURSE" not in confirm_reasons(draft(replace(now, survey=survey(now)), alarms=alarms))


def test_no_fact_is_read_off_the_sensors_against_what_people_wrote() -> None:
    """Something stands in the fresh battery's bay, and it is not the fresh battery."""
    lagging = with_battery(swapping("lift", state=StationState.HELD), "B3", place=TRUCK)
    open_swap = lagging.inventory.swap
    assert open_swap is not None
    stray = with_battery(with_battery(lagging, "B1", place="bay-2"), "B2", place="bay-1")
    assert caught_up(draft(stray), open_swap) == ()


def test_a_gripped_battery_stays_where_the_record_has_it_of_robot_and_truck() -> None:
    """A battery that the lock holds and the robot still grips is not written down as hanging."""
    now = swapping("ungrip", state=StationState.HELD)
    now = with_battery(with_battery(now, "B3", place="bay-3"), "B1", place=TRUCK)
    now = with_value(now, "1.io", lambda _: rack(occupied=False))
    now = with_value(now, "3.io", lambda _: rack(occupied=True))
    now = with_value(now, "robot", lambda robot: replace(robot, gripped=True, seated=True, clear_of_truck=False))
    open_swap = now.inventory.swap
    assert open_swap is not None
    assert caught_up(draft(now), open_swap) == ()
    lagging = with_battery(now, "B1", place="bay-1")
    (fact,) = caught_up(draft(lagging), open_swap)
    assert isinstance(fact, BatteryMoved)
    assert (fact.battery, fact.origin, fact.destination) == ("B1", "bay-1", ROBOT)
    assert "robot grip" in fact.evidence
