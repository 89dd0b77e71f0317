"""A confirmed fire: cut-off, second path, quarantine, release by two people, drill."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.model.alarm import AlarmState
from swapstation.model.alarm_request import AcknowledgeAlarm
from swapstation.model.command import RequestFeederCutOff, ShutModules, TripBay
from swapstation.model.device import ChargerState, FirePanel, RobotState
from swapstation.model.fire_record import FireDrillEnded, FireDrillStarted, FireReleased
from swapstation.model.fire_request import ConfirmFire, EndFireDrill, ReleaseFire, StartFireDrill
from swapstation.model.journal import (
    BatteryQuarantined,
    IntentRecorded,
    IntentResolved,
    ModeChanged,
)
from swapstation.model.mode import Mode
from swapstation.model.request import (
    Accepted,
    ChangeMode,
    RequestSwap,
)
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import StationState
from swapstation.station.fire_plan import TRIP_AFTER_S
from tests.station.fire_station import Change, Plan, calm, charge_says, value
from tests.station.situations import (
    VIN,
    charging,
    fresh,
    robot,
    snapshot,
    swapping,
    with_battery,
    with_device,
    with_mode,
)

PANEL = FirePanel(alarm=True, zones=(2,), extinguishing_released=False, exhaust_running=True, cut_off_done=False)
CONFIRMED: dict[str, Change] = {
    "safety chain": value("safety", fire_ok=False),
    "fire panel": lambda now: replace(now, fire_panel=fresh(PANEL)),
    "two signs": lambda now: charge_says(max_temperature_c=56.0)(value("1.io", smoke=True)(now)),
}


@pytest.mark.parametrize("name", CONFIRMED)
def test_a_confirmed_fire_stops_everything_and_asks_for_the_cut_off_at_once(name: str) -> None:
    plan = Plan(charging())
    plan.cycle(CONFIRMED[name])
    assert plan.stopped() == (1, 2, 3, 9)
    assert plan.sent.count(RequestFeederCutOff()) == 1
    assert ShutModules(1) in plan.sent
    assert [record.command for record in plan.of(IntentRecorded)] == ["RequestFeederCutOff"]
    assert plan.memory.state is not StationState.IDLE


def test_a_person_confirms_a_fire() -> None:
    plan = Plan()
    plan.cycle(calm, ConfirmFire("flames"))
    assert isinstance(plan.answer(), Accepted)
    plan.cycle()
    assert RequestFeederCutOff() in plan.sent
    assert next(alarm for alarm in plan.memory.alarms).detail == "person wang"


@pytest.mark.parametrize("silence", [Seen(), Seen(PANEL, 60.0, Quality.STALE)])
def test_a_fire_panel_that_says_nothing_confirms_nothing(silence: Seen[FirePanel]) -> None:
    plan = Plan()
    plan.cycle(lambda now: replace(now, fire_panel=silence, safety=Seen()))
    assert not plan.seen.fire.reaction.confirmed


def test_the_cut_off_is_repeated_every_second_until_the_panel_says_that_it_is_done() -> None:
    fire = CONFIRMED["safety chain"]
    plan = Plan()
    plan.cycle(fire)
    asked = 0
    for _ in range(60):
        plan.cycle(fire)
        asked += RequestFeederCutOff() in plan.sent
    assert asked in (5, 6)
    assert "FEEDER_NOT_CUT_OFF@fire_panel" in plan.alarms
    done: Change = lambda now: replace(fire(now), fire_panel=fresh(replace(PANEL, cut_off_done=True)))  # noqa: E731
    plan.cycle(done, after_s=1.0)
    assert RequestFeederCutOff() not in plan.sent
    assert len(plan.of(IntentResolved)) == 1
    plan.cycle(done, after_s=2.0)
    assert (RequestFeederCutOff() in plan.sent, plan.of(IntentResolved)) == (False, [])
    assert plan.alarms["FEEDER_NOT_CUT_OFF@fire_panel"] is AlarmState.RETURNED_UNACKNOWLEDGED


def test_a_fire_holds_a_swap_where_it_is_and_refuses_the_next() -> None:
    """A battery hangs: the robot is told to hold, and nothing moves by itself."""
    moving = swapping("put", robot=fresh(robot(state=RobotState.BUSY, payload=True, gripped=True, running_id=1)))
    plan = Plan(moving)
    plan.cycle(CONFIRMED["two signs"])
    assert plan.memory.state is StationState.HOLDING
    assert [type(command).__name__ for command in plan.sent if "Robot" in type(command).__name__] == ["HoldRobot"]
    idle = Plan()
    idle.cycle(CONFIRMED["two signs"], RequestSwap(VIN))
    assert "FIRE_CONFIRMED" in idle.reasons()


def test_burning_batteries_are_quarantined_once() -> None:
    plan = Plan()
    plan.cycle(CONFIRMED["two signs"])
    assert [record.battery for record in plan.of(BatteryQuarantined)] == ["B1"]
    plan.cycle(CONFIRMED["two signs"])
    assert plan.of(BatteryQuarantined) == []
    plan.cycle(lambda now: value("2.io", smoke=True)(CONFIRMED["two signs"](now)))
    plan.cycle(lambda now: value("2.io", smoke=True)(CONFIRMED["two signs"](now)))
    assert plan.of(BatteryQuarantined) == []
    assert set(plan.seen.fire.reaction.quarantined) == {"B1", "B2"}


def _live(bay: int, current_a: float = 100.0) -> Change:
    path = f"{bay}.modules" if bay == 1 else f"{bay}.charger"
    state = {} if bay == 1 else {"state": ChargerState.CHARGING}
    return lambda now: value(f"{bay}.io", smoke=True)(value(path, current_a=current_a, **state)(now))


@pytest.mark.parametrize("bay", [1, 2])
def test_a_bay_still_live_after_its_stop_is_tripped_then_the_feeders(bay: int) -> None:
    plan = Plan()
    plan.cycle(_live(bay))
    while plan.now_s < 100.1 + TRIP_AFTER_S - 0.05:
        assert TripBay(bay) not in plan.sent
        plan.cycle(_live(bay))
    plan.cycle(_live(bay))
    assert TripBay(bay) in plan.sent
    plan.cycle(_live(bay))
    assert f"BAY_STILL_LIVE@bay-{bay}" in plan.alarms
    assert TripBay(bay) not in plan.sent, "repeated once a second"
    assert plan.seen.fire.tripped_bays == (bay,)
    tripped_s, asked_s = plan.now_s, None
    while asked_s is None and plan.now_s < tripped_s + 5.0:
        plan.cycle(_live(bay))
        asked_s = plan.now_s if RequestFeederCutOff() in plan.sent else None
    assert asked_s is not None, "a trip in vain ends in the cut-off of all"
    assert asked_s - tripped_s == pytest.approx(TRIP_AFTER_S, abs=0.2)
    plan.cycle(_live(bay, current_a=0.0))
    assert len(plan.of(IntentResolved)) == 2


def test_five_amperes_are_not_live_and_an_unknown_current_of_a_charger_that_charged_is() -> None:
    quiet = Plan()
    for _ in range(50):
        quiet.cycle(_live(1, current_a=5.0))
    assert quiet.seen.fire.tripped_bays == ()
    plan = Plan()
    plan.cycle(lambda now: with_battery(value("2.charger", state=ChargerState.CHARGING)(now), "B2", soc_pct=50.0))
    for _ in range(50):
        plan.cycle(lambda now: with_device(value("2.io", smoke=True)(now), "2.charger", Seen()))
    assert plan.seen.fire.tripped_bays == (2,)


def test_two_people_release_a_fire_once_no_sign_is_left() -> None:
    plan = Plan()
    plan.cycle(CONFIRMED["two signs"])
    plan.cycle(CONFIRMED["two signs"], ReleaseFire("out"))
    assert plan.reasons() == ("fire_stands",)
    plan.cycle()
    assert plan.stopped() == (1, 2, 3, 9), "it stays confirmed when its signs go"
    plan.cycle(calm, ReleaseFire("out"))
    assert plan.reasons() == ("fire_stands",), "the signs are not acknowledged"
    plan.acknowledge_all()
    plan.cycle(lambda now: replace(now, fire_panel=fresh(PANEL)), ReleaseFire("out"))
    assert plan.reasons() == ("fire_stands",)
    plan.cycle(calm, ReleaseFire("out"), by="console")
    assert plan.reasons() == ("bad_input",)
    plan.cycle(calm, ReleaseFire("out"), by="wang")
    assert isinstance(plan.answer(), Accepted)
    plan.cycle(calm, ReleaseFire("out"), by="Wang ")
    assert plan.reasons() == ("same_person",)
    assert plan.seen.fire.reaction.confirmed
    plan.cycle(calm, ReleaseFire("cold"), by="li")
    assert plan.of(FireReleased) == [FireReleased("wang", "li", "cold")]
    plan.cycle()
    assert plan.alarms == {"FIRE_CONFIRMED@station": AlarmState.RETURNED_UNACKNOWLEDGED}
    plan.cycle(calm, ReleaseFire("again"), by="li")
    assert plan.reasons() == ("no_fire",)
    plan.cycle(calm, AcknowledgeAlarm("FIRE_CONFIRMED@station"))
    plan.cycle()
    assert (plan.alarms, plan.stopped()) == ({}, ())


def test_a_fire_stays_confirmed_over_a_restart() -> None:
    """The alarms are in the database, the rest of the memory is gone."""
    plan = Plan()
    plan.cycle(CONFIRMED["two signs"])
    again = Plan(alarms=plan.memory.alarms)
    again.cycle()
    assert again.stopped() == (1, 2, 3, 9)
    assert RequestFeederCutOff() in again.sent


@pytest.mark.parametrize("name", CONFIRMED)
def test_a_confirmed_fire_puts_the_station_into_fire_mode_once_and_by_itself(name: str) -> None:
    plan = Plan()
    plan.cycle(CONFIRMED[name])
    (changed,) = plan.of(ModeChanged)
    assert (changed.before, changed.after, changed.person) == (Mode.AUTOMATIC, Mode.FIRE, "")
    assert changed.reason.startswith("FIRE_CONFIRMED")
    for _ in range(3):  # the record is not durable yet: the inventory still says automatic
        plan.cycle(CONFIRMED[name])
        assert plan.of(ModeChanged) == []
    plan.cycle(calm, ChangeMode(Mode.MAINTENANCE, "looked"))
    assert plan.reasons() == ("fire_stands",)


def test_a_single_sign_leaves_the_mode_alone() -> None:
    plan = Plan()
    plan.cycle(value("1.io", smoke=True))
    plan.cycle(value("1.io", smoke=True))
    assert plan.of(ModeChanged) == []


def test_fire_mode_survives_a_restart_and_is_left_by_people_after_the_release_only() -> None:
    plan = Plan()
    plan.cycle(CONFIRMED["two signs"])
    before_it_was_durable = Plan(alarms=plan.memory.alarms)
    before_it_was_durable.cycle()
    assert len(before_it_was_durable.of(ModeChanged)) == 1
    again = Plan(with_mode(snapshot(), Mode.FIRE), alarms=plan.memory.alarms)
    again.cycle(calm, ChangeMode(Mode.MAINTENANCE, "looked"))
    assert (again.of(ModeChanged), again.reasons()) == ([], ("fire_stands",))
    again.acknowledge_all()
    for person in ("wang", "li"):
        again.cycle(calm, ReleaseFire("cold"), by=person)
    again.cycle(calm, AcknowledgeAlarm("FIRE_CONFIRMED@station"))
    again.cycle(calm, ChangeMode(Mode.AUTOMATIC, "looked"))
    assert again.reasons() == ("mode_fire",)
    again.cycle(calm, ChangeMode(Mode.MAINTENANCE, "looked"))
    assert again.of(ModeChanged) == [ModeChanged(Mode.FIRE, Mode.MAINTENANCE, "wang", "looked")]


def test_a_drill_leaves_the_mode_alone() -> None:
    plan = Plan()
    plan.cycle(calm, StartFireDrill(2))
    plan.cycle()
    assert plan.seen.fire.drill is not None
    assert plan.seen.fire.drill.confirmed
    assert plan.of(ModeChanged) == []
    plan.cycle(calm, ChangeMode(Mode.MAINTENANCE, "new sensor"))
    assert isinstance(plan.answer(), Accepted)


def test_a_drill_walks_through_the_same_decision_and_drives_nothing() -> None:
    plan = Plan(charging())
    plan.cycle()
    before = list(plan.sent)
    plan.cycle(calm, StartFireDrill(2))
    assert plan.of(FireDrillStarted) == [FireDrillStarted(2, "wang")]
    plan.cycle()
    assert plan.sent == before
    drill = plan.seen.fire.drill
    assert drill is not None
    assert (drill.confirmed, drill.stopped_bays, drill.quarantined) == (True, (1, 2, 3, 9), ("B2",))
    assert (plan.stopped(), plan.seen.fire.drill_bay) == ((), 2)
    assert plan.alarms == {"FIRE_DRILL_RUNNING@station": AlarmState.UNACKNOWLEDGED}
    assert not plan.of(IntentRecorded)
    plan.cycle(calm, EndFireDrill())
    assert plan.of(FireDrillEnded) == [FireDrillEnded(2, "wang", "ended by a person")]
    plan.cycle()
    assert plan.seen.fire.drill is None


@pytest.mark.parametrize("name", ["safety chain", "two signs"])
def test_any_real_sign_ends_a_drill_and_is_acted_on(name: str) -> None:
    plan = Plan(charging())
    plan.cycle(calm, StartFireDrill(2))
    plan.cycle(CONFIRMED[name])
    assert plan.seen.fire.drill is None
    assert RequestFeederCutOff() in plan.sent
    assert len(plan.of(FireDrillEnded)) == 1


def test_a_drill_ends_by_itself_after_an_hour() -> None:
    plan = Plan()
    plan.cycle(calm, StartFireDrill(2))
    plan.cycle(after_s=3599.0)
    assert plan.seen.fire.drill is not None
    plan.cycle(after_s=1.0)
    assert plan.seen.fire.drill is None


def _actions(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {each.action: each.reasons for each in plan.seen.actions}


def test_what_people_may_say_about_a_fire_is_shown_with_its_reasons() -> None:
    plan = Plan()
    names = ("confirm_fire", "release_fire", "start_fire_drill", "end_fire_drill")
    plan.cycle()
    assert [_actions(plan)[name] for name in names] == [(), ("no_fire",), (), ("no_drill",)]
    plan.cycle(calm, StartFireDrill(2))
    assert [_actions(plan)[name] for name in names] == [(), ("no_fire",), ("drill_runs",), ()]
    plan.cycle(CONFIRMED["two signs"])
    assert [_actions(plan)[name] for name in names] == [(), ("fire_stands",), ("fire_stands",), ("no_drill",)]
    plan.cycle()
    plan.acknowledge_all()
    assert _actions(plan)["release_fire"] == ()
    assert _actions(plan)["change_mode_maintenance"] == ("fire_stands",)


def test_drills_are_refused_with_their_reason() -> None:
    plan = Plan()
    plan.cycle(calm, StartFireDrill(77))
    assert plan.reasons() == ("bad_input",)
    plan.cycle(calm, EndFireDrill())
    assert plan.reasons() == ("no_drill",)
    plan.cycle(calm, StartFireDrill(2))
    plan.cycle(calm, StartFireDrill(2))
    assert plan.reasons() == ("drill_runs",)
    burning = Plan()
    burning.cycle(value("1.io", smoke=True), StartFireDrill(2))
    assert burning.reasons() == ("fire_stands",)


def test_a_fire_panel_that_falls_silent_is_told_one_that_never_spoke_is_not() -> None:
    plan = Plan()
    for _ in range(30):
        plan.cycle()
    assert plan.alarms == {}
    for _ in range(30):
        plan.cycle(lambda now: replace(now, fire_panel=Seen(PANEL, 3.0, Quality.STALE)))
    assert set(plan.alarms) == {"FIRE_PANEL_SILENT@fire_panel"}
