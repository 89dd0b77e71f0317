"""Planted bugs: defects of the product that the twin has to find. Each patches the product, never the twin's checks.

`python -m tests.twin.planted --schedules 2000 [--only NAME]` looks for each from seed 0 on and prints a table; with
`--known` it runs only the seed on record.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest
import structlog

from swapstation.model.inventory import Battery
from swapstation.model.seen import Seen
from swapstation.station import (
    decide,
    fire,
    fire_plan,
    order_tracking,
    sequence,
)
from swapstation.station.draft import Draft
from swapstation.twin.pool import run_schedule, schedule_of
from swapstation.twin.run import Outcome
from tests.twin import planting
from tests.twin.planting import Patch


@dataclass(frozen=True, slots=True)
class Planted:
    """One bug: what it breaks, how it gets into the product; a seed that shows it, the invariant that it breaks there.

    `seed` is None while nobody has looked for it long enough.
    """

    name: str
    breaks: str
    plant: Callable[[Patch], None]
    seed: int | None = None
    invariant: int | None = None


PLANTED = (
    Planted(
        "stale_is_good",
        "a value is used however old it is",
        planting.instead(Seen, "good", property(lambda seen: seen.value)),
        11,
        26,
    ),
    Planted(
        "let_go_unlocked", "the locks are not asked before the robot lets go", planting.met("truck_locked"), 56, 10
    ),
    Planted(
        "lift_locked", "the locks are not asked before the battery is lifted", planting.met("truck_unlocked"), 969, 10
    ),
    Planted(
        "put_on_another", "the bay is not asked whether it is empty", planting.met("destination_bay_empty"), 145, 9
    ),
    Planted("live_is_dead", "a bay under current counts as dead", planting.live_is_dead, 147, 9),
    Planted(
        "answers_unseen", "the PLC's requests are answered without looking", planting.met("robot_request_met"), 1, 10
    ),
    Planted("sent_in_any_state", "orders leave while the station is held", planting.sent_in_any_state, 9, 6),
    Planted("smoke_ignored", "smoke stops no charge", planting.met("bay_without_smoke"), 31, 13),
    Planted(
        "no_neighbours",
        "smoke stops only its own bay",
        planting.instead(fire, "_with_neighbours", lambda config, signs: set(signs)),
        31,
        13,
    ),
    Planted(
        "three_witnesses",
        "two signs of fire in a bay confirm none",
        planting.instead(fire, "WITNESSES_NEEDED", 3),
        35,
        26,
    ),
    Planted(
        "no_fire_mode",
        "a confirmed fire leaves the mode as it is",
        planting.instead(fire_plan, "_enter_fire_mode", lambda draft, state: None),
        13,
        13,
    ),
    Planted(
        "identity_not_compared",
        "nobody compares what a BMS says with the record",
        planting.identity_not_compared,
        8,
        26,
    ),
    Planted(
        "doubt_not_written",
        "a contradicted battery is not put in doubt",
        planting.instead(decide, "doubt_contradicted", lambda draft: None),
        8,
        26,
    ),
    Planted(
        "sound_always",
        "quarantine and doubt forbid nothing",
        planting.instead(Battery, "sound", property(lambda battery: True)),
        37,
        14,
    ),
    Planted(
        "hold_without_stop",
        "a hold does not stop the robot",
        planting.instead(decide, "_stand_still", planting.hold_without_stop),
        5,
        29,
    ),
    Planted(
        "held_at_once",
        "the station is held before the robot stands",
        planting.instead(decide, "_stand_still", planting.held_at_once),
        5,
        29,
    ),
    Planted("hold_ignored", "a hold is answered and does nothing", planting.hold_ignored, 14, 29),
    Planted("truck_not_watched", "nobody notices that the truck moves", planting.without_group("_truck"), 17, 26),
    Planted("chain_not_watched", "nobody notices an open safety chain", planting.without_group("_robot"), 3, 26),
    Planted("links_not_watched", "nobody notices a dead link", planting.without_group("_links"), 11, 26),
    Planted("fire_not_watched", "no sign of fire is an alarm", planting.without_group("_fire"), 31, 13),
    Planted(
        "record_not_watched", "bays that contradict the record are no alarm", planting.without_group("_record"), 5, 26
    ),
    Planted(
        "alarms_hold_nothing",
        "alarms do not hold the swap",
        planting.instead(decide, "must_hold", lambda draft: False),
        3,
        6,
    ),
    Planted("latch_forgotten", "a latching alarm ends with its cause", planting.forgets_latched, 31, 26),
    Planted(
        "alarms_not_kept",
        "alarms are forgotten over a restart",
        lambda patch: patch.setattr(f"{planting.TWIN}.standing_alarms", lambda connection: ()),
        4,
        26,
    ),
    Planted(
        "order_before_intent",
        "an order leaves before its intent is durable",
        planting.instead(Draft, "durable", lambda draft, command_id: True),
        82,
        15,
    ),
    Planted("ids_from_one", "command ids begin anew after a restart", planting.ids_from_one, 1, 28),
    Planted("orders_forgotten", "open orders are forgotten over a restart", planting.orders_forgotten, 1, 15),
    Planted("new_id_when_resent", "a repeated order gets another id", planting.new_id_when_resent, 20, 15),
    Planted(
        "never_resent",
        "a lost order is not repeated",
        planting.instead(order_tracking, "RESEND_S", float("inf")),
        704,
        28,
    ),
    Planted("lost_on_full_disk", "what a full disk refuses is forgotten", planting.lost_on_full_disk, 10, 28),
    Planted("answered_too_early", "answers leave before they are durable", planting.answered_too_early, 0, 15),
    Planted("nobody_confirms", "a restarted station moves without confirmation", planting.nobody_confirms, 0, 20),
    Planted("confirmed_blindly", "a start is confirmed in spite of contradictions", planting.confirmed_blindly, 43, 20),
    Planted("resumes_by_itself", "a held swap goes on when its cause is gone", planting.resumes_by_itself, 1, 20),
    Planted("believes_record", "the survey repeats the record", planting.believes_the_record, 5, 26),
    Planted("only_pauses", "an unsafe charge is paused and goes on by itself", planting.only_pauses, 69, 13),
    Planted("by_order_alone", "the robot's word is taken for the sensors'", planting.by_order_alone, 12, 3),
    Planted("wrong_bay", "a battery is recorded in another bay than it was put in", planting.wrong_bay, 0, 28),
    Planted("always_completed", "a failed swap is booked as completed", planting.always_completed, 5, 18),
    Planted("keeps_holds", "a closed swap keeps its bays", planting.keeps_holds, 0, 9),
    Planted(
        "wall_clock",
        "time-outs run by the wall clock",
        planting.instead(Draft, "now_s", property(lambda draft: draft.snapshot.at.timestamp())),
        45,
        24,
    ),
    Planted("same_boot_again", "a restart keeps its boot number", planting.same_boot_again, 1, 20),
    Planted("acts_twice", "a request sent twice acts twice", planting.acts_twice, 84, 28),
    Planted(
        "answer_not_found",
        "the answer to a repeated key is not looked up",
        lambda patch: patch.setattr(f"{planting.TWIN}.find_answer", lambda connection, request: None),
        84,
        17,
    ),
    Planted("one_releases", "one person ends a quarantine", planting.one_releases, 31, 14),
    Planted(
        "no_time_outs",
        "a step that does not end is not told",
        planting.instead(sequence, "overdue", lambda draft, step, missing: None),
        37,
        28,
    ),
)


def run_with(bug: Planted, seed: int) -> Outcome:
    """Run a seed with a bug in the product; the bug is gone afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        bug.plant(patch)
        return run_schedule(schedule_of(seed), to_first=True)


def search(bug: Planted, seeds: Iterable[int]) -> tuple[int, Outcome] | None:
    """The first seed that shows a bug, and what it showed."""
    outcomes = ((seed, run_with(bug, seed)) for seed in seeds)
    return next(((seed, outcome) for seed, outcome in outcomes if outcome.violations), None)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.twin.planted", description="Look for every planted bug.")
    parser.add_argument("--schedules", type=int, default=2000, help="at most, for each bug (default 2000)")
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--known", action="store_true", help="run only the seed on record of each bug")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    wanted = options.only.split(",") if options.only else [bug.name for bug in PLANTED]
    survived = 0
    print("| planted bug | breaks | first seed | invariants |\n| --- | --- | --- | --- |")
    for bug in (bug for bug in PLANTED if bug.name in wanted and not (options.known and bug.seed is None)):
        seeds = range(options.schedules) if bug.seed is None or not options.known else range(bug.seed, bug.seed + 1)
        found = search(bug, seeds)
        survived += found is None
        seed, outcome = found or ("survived", None)
        invariants = ", ".join(str(each.invariant) for each in outcome.violations) if outcome else ""
        print(f"| {bug.name} | {bug.breaks} | {seed} | {invariants} |", flush=True)
    return 1 if survived else 0


if __name__ == "__main__":
    raise SystemExit(main())
