"""Schedules that broke an invariant once, shrunk; each test is named after the seed that found it."""

from __future__ import annotations

from swapstation.config.settings import Charging, Exchange
from swapstation.twin.pool import run_schedule
from swapstation.twin.schedule import Planned, Schedule


def test_seed_57_a_battery_that_somebody_set_down_is_not_taken_for_the_returned_one() -> None:
    filled = Planned("bay_filled", swap=1, step="put", delay_s=5.0, target="to_bay", lasts_s=20.0)
    outcome = run_schedule(Schedule(57, Exchange.PLC, Charging.DIRECT, (filled,)))
    assert not outcome.violations
    assert outcome.swaps == 2


def test_seed_1154_a_robot_does_not_go_on_to_a_bay_where_people_say_that_another_battery_stands() -> None:
    swapped = Planned("swapped_by_hand", swap=1, step="put", delay_s=0.0, target="", lasts_s=2.0)
    outcome = run_schedule(Schedule(1154, Exchange.PLC, Charging.CHARGER, (swapped,)))
    assert not outcome.violations


def test_seed_1302_a_battery_that_stands_gripped_on_its_truck_is_not_written_down_on_the_robot() -> None:
    fault = Planned("robot_fault", swap=1, step="ungrip", delay_s=0.0, target="", lasts_s=72.7)
    outcome = run_schedule(Schedule(1302, Exchange.STATION, Charging.CHARGER, (fault,)))
    assert not outcome.violations


def test_seed_1333_a_start_up_is_confirmed_where_people_have_corrected_the_record_of_an_open_swap() -> None:
    filled = Planned("bay_filled", swap=2, step="lift", delay_s=0.0, target="to_bay", lasts_s=9.3)
    carried = Planned("carried_by_hand", swap=2, step="position", delay_s=0.57, target="", lasts_s=2.0)
    outcome = run_schedule(Schedule(1333, Exchange.STATION, Charging.DIRECT, (filled, carried)))
    assert not outcome.violations


def test_seed_64_a_swap_that_gives_up_its_fresh_battery_can_be_resumed() -> None:
    swapped = Planned("swapped_by_hand", swap=1, step="lift", delay_s=0.05, target="", lasts_s=28.0)
    outcome = run_schedule(Schedule(64, Exchange.STATION, Charging.CHARGER, (swapped,)))
    assert not outcome.violations


def test_seed_271_an_order_that_waited_for_the_disk_has_its_time_from_when_it_left() -> None:
    hangs = Planned("disk_hangs", swap=1, step="park", delay_s=0.0, target="intent", lasts_s=29.7)
    outcome = run_schedule(Schedule(271, Exchange.STATION, Charging.DIRECT, (hangs,)))
    assert not outcome.violations
    assert sum("sends" in line and "ReleaseTruck" in line for line in outcome.story) == 2, "one for each truck"


def test_seed_2266_a_start_up_is_confirmed_with_locks_that_are_not_as_the_swap_left_them() -> None:
    """The PLC had gone on and locked the truck; nobody could confirm, and no way out was open before a confirmation."""
    heavy = Planned("overweight", swap=1, step="exchange", delay_s=2.42, target="", lasts_s=64.5)
    outcome = run_schedule(Schedule(2266, Exchange.PLC, Charging.DIRECT, (heavy,), frozenset({172})))
    assert not outcome.violations


def test_seed_2793_an_order_that_the_permit_kept_back_has_its_time_from_when_it_left() -> None:
    slips = Planned("lock_slips", swap=1, step="release", delay_s=0.0, target="", lasts_s=20.3)
    outcome = run_schedule(Schedule(2793, Exchange.PLC, Charging.CHARGER, (slips,), frozenset({181})))
    assert not outcome.violations
    assert sum("sends" in line and "ReleaseTruck" in line for line in outcome.story) == 2, "one for each truck"


def test_seed_507_a_spreader_that_a_person_opens_at_its_panel_is_no_motion_of_a_held_robot() -> None:
    unseen = Planned("grip_no_confirm", swap=2, step="pick", delay_s=7.3, target="", lasts_s=103.7)
    outcome = run_schedule(Schedule(507, Exchange.STATION, Charging.CHARGER, (unseen,)))
    assert not outcome.violations


def test_seed_891_a_record_that_people_correct_as_the_station_goes_on_does_not_end_the_controller() -> None:
    """The correction and the step's own fact were in one cycle: the fact was refused, and the controller gave up."""
    unseen = Planned("grip_no_confirm", swap=1, step="ungrip", delay_s=0.0, target="", lasts_s=49.9)
    outcome = run_schedule(Schedule(891, Exchange.STATION, Charging.DIRECT, (unseen,)))
    assert not outcome.violations
    assert outcome.swaps == 2


def test_seed_1214_people_are_told_of_an_order_to_the_truck_that_the_permit_keeps_back() -> None:
    """Each time-out began the step anew without a try, so that nobody was told for three times as long."""
    rolled = Planned("truck_moves", swap=1, step="lock", delay_s=0.0, target="", lasts_s=43.6)
    outcome = run_schedule(Schedule(1214, Exchange.STATION, Charging.CHARGER, (rolled,)))
    assert not outcome.violations
    assert any("alarm LOCK_NOT_CLOSED" in line for line in outcome.story)


def test_seed_1862_nobody_knows_of_a_lock_that_slips_at_the_instant_at_which_an_order_leaves() -> None:
    quarantined = Planned("quarantined", swap=1, step="pick", delay_s=0.0, target="to_bay", lasts_s=101.5)
    slips = Planned("lock_slips", swap=1, step="release", delay_s=0.0, target="", lasts_s=28.0)
    outcome = run_schedule(Schedule(1862, Exchange.STATION, Charging.DIRECT, (quarantined, slips), frozenset({78})))
    assert not outcome.violations
