"""Plans that come, that are wrong, that come late or not at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.settings import Planner
from swapstation.errors import InputError
from swapstation.model.alarm import AlarmState
from swapstation.model.alarm_request import AcknowledgeAlarm
from swapstation.model.charge_plan import Availability, ChargePlan, PlannedBay, PlanReason, PlanStep
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.request import Accepted, Answer, Payload, Refused, Request
from swapstation.station.decide import decide
from swapstation.station.draft import Draft, Rules
from swapstation.station.memory import Decision, Memory
from swapstation.station.people import for_people
from swapstation.station.plan_check import MOST_STEPS, check_plan
from swapstation.station.planning import PLAN_VALID_S, forecast_in_force, orders_in_force
from tests.station.situations import AT, MODEL, draft, rules, snapshot

PLAN = ChargePlan(
    "P1",
    AT,
    (PlannedBay(1, "B1", 60.0, 95.0, AT, AT, (PlanReason("planner_off", {"at": "14:20"}),)),),
    (PlanStep(AT, 63.2, 800.0, Decimal("0.3205")),),
    (Availability(MODEL, AT, 90.0, 2),),
    Decimal("12.50"),
)
LATE = "CHARGE_PLAN_LATE@planner"


def planned(enabled: bool = True) -> Rules:
    return replace(rules(), config=replace(rules().config, planner=Planner(enabled)))


class Cycles:
    """The same quiet station, cycle after cycle."""

    def __init__(self, enabled: bool = True) -> None:
        self.rules = planned(enabled)
        self.memory: Memory = draft(snapshot()).memory
        self.now_s = 1000.0

    def ask(self, payload: Payload) -> Answer:
        decision = self.cycle(payload)
        (answer,) = (batch.answer for batch in decision.batches if batch.request)
        assert answer is not None
        return answer

    def cycle(self, *payloads: Payload, after_s: float = 0.1) -> Decision:
        self.now_s += after_s
        requests = tuple(Request(f"{self.now_s}", "planner", payload) for payload in payloads)
        decision = decide(self.rules, snapshot(now_s=self.now_s), self.memory, requests)
        self.memory = decision.memory
        return decision

    @property
    def alarms(self) -> dict[str, AlarmState]:
        return {alarm.alarm: alarm.state for alarm in self.memory.alarms}


def test_a_plan_counts_for_two_minutes_and_then_the_station_charges_on_arrival() -> None:
    station = Cycles()
    assert station.ask(SubmitPlan(PLAN)) == Accepted(f"{station.now_s}", {"plan": "P1"})
    arrived_s, planning = station.now_s, station.memory.planning
    orders = orders_in_force(planning, arrived_s + PLAN_VALID_S - 0.1)
    assert orders == replace(PLAN, steps=(), availability=())
    assert forecast_in_force(planning, arrived_s + PLAN_VALID_S - 0.1) == PLAN
    assert orders_in_force(planning, arrived_s + PLAN_VALID_S + 0.1) is None
    assert forecast_in_force(planning, arrived_s + PLAN_VALID_S + 0.1) is None


def test_a_plan_is_not_written_down() -> None:
    decision = Cycles().cycle(SubmitPlan(PLAN))
    (batch,) = (batch for batch in decision.batches if batch.request)
    assert batch.records == ()


def test_the_same_plan_again_does_not_become_younger_and_another_one_does() -> None:
    station = Cycles()
    station.ask(SubmitPlan(PLAN))
    first_s = station.memory.planning.since_s
    station.now_s += 50.0
    station.ask(SubmitPlan(PLAN))
    assert station.memory.planning.since_s == first_s
    station.ask(SubmitPlan(replace(PLAN, plan="P2")))
    assert station.memory.planning.since_s == station.now_s


def test_a_late_plan_is_told_and_the_alarm_returns_by_itself_when_plans_come() -> None:
    station = Cycles()
    station.ask(SubmitPlan(PLAN))
    station.cycle(after_s=PLAN_VALID_S - 0.1)
    assert LATE not in station.alarms
    station.cycle(after_s=0.2)
    assert station.alarms[LATE] is AlarmState.UNACKNOWLEDGED
    station.ask(SubmitPlan(replace(PLAN, plan="P2")))
    station.cycle()
    assert station.alarms[LATE] is AlarmState.RETURNED_UNACKNOWLEDGED
    station.ask(AcknowledgeAlarm(LATE))
    assert LATE not in station.alarms


def test_the_first_plan_after_a_start_may_take_as_long() -> None:
    station = Cycles()
    station.cycle()
    station.cycle(after_s=PLAN_VALID_S - 1.0)
    assert LATE not in station.alarms
    station.cycle(after_s=2.0)
    assert LATE in station.alarms


def test_a_station_without_planner_waits_for_no_plan_and_takes_none() -> None:
    station = Cycles(enabled=False)
    answer = station.ask(SubmitPlan(PLAN))
    assert isinstance(answer, Refused)
    assert answer.code == "planner_off"
    station.cycle(after_s=1000.0)
    assert LATE not in station.alarms


def test_a_wrong_plan_is_refused_by_field_counted_and_told() -> None:
    station = Cycles()
    station.ask(SubmitPlan(PLAN))
    wrong = replace(PLAN, plan="P2", bays=(replace(PLAN.bays[0], power_kw=nan),))
    answer = station.ask(SubmitPlan(wrong))
    assert isinstance(answer, Refused)
    assert (answer.code, answer.detail) == ("bad_input", "bays[1].power_kw = nan: -250 to 250")
    assert station.memory.planning.plan == PLAN
    shown = for_people(Draft(station.rules, snapshot(now_s=station.now_s), station.memory)).plan_watch
    assert (shown.enabled, shown.late, shown.taken) == (True, False, 1)
    assert (shown.refused, shown.refusal) == (1, answer.detail)
    station.cycle(after_s=PLAN_VALID_S)
    (alarm,) = (alarm for alarm in station.memory.alarms if alarm.alarm == LATE)
    assert alarm.detail == answer.detail


BAY, STEP, ROW = PLAN.bays[0], PLAN.steps[0], PLAN.availability[0]
NAIVE = AT.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("plan", {"plan": ""}),
        ("plan", {"plan": "P 1"}),
        ("made_at", {"made_at": NAIVE}),
        ("bays.bay", {"bays": (BAY, BAY)}),
        ("bays[9].bay", {"bays": (replace(BAY, bay=9),)}),
        ("bays[1].battery", {"bays": (replace(BAY, battery="B999"),)}),
        ("bays[1].power_kw", {"bays": (replace(BAY, power_kw=251.0),)}),
        ("bays[1].power_kw", {"bays": (replace(BAY, power_kw=-inf),)}),
        ("bays[1].target_soc_pct", {"bays": (replace(BAY, target_soc_pct=100.1),)}),
        ("bays[1].goes_on_at", {"bays": (replace(BAY, goes_on_at=NAIVE),)}),
        ("bays[1].ready_at", {"bays": (replace(BAY, ready_at=NAIVE),)}),
        ("bays[1].reasons", {"bays": (replace(BAY, reasons=(PlanReason("planner_off"),) * 9),)}),
        ("bays[1].reasons.code", {"bays": (replace(BAY, reasons=(PlanReason("because"),)),)}),
        ("bays[1].reasons.values", {"bays": (replace(BAY, reasons=(PlanReason("planner_off", {"a": "x" * 121}),)),)}),
        ("steps", {"steps": (STEP,) * (MOST_STEPS + 1)}),
        ("steps.at", {"steps": (STEP, STEP)}),
        ("steps[0].at", {"steps": (replace(STEP, at=NAIVE),)}),
        ("steps[0].site_kw", {"steps": (replace(STEP, site_kw=nan),)}),
        ("steps[0].limit_kw", {"steps": (replace(STEP, limit_kw=-1.0),)}),
        ("steps[0].price_per_kwh", {"steps": (replace(STEP, price_per_kwh=Decimal("NaN")),)}),
        ("availability[0].model", {"availability": (replace(ROW, model="LFP-999"),)}),
        ("availability[0].at", {"availability": (replace(ROW, at=NAIVE),)}),
        ("availability[0].soc_pct", {"availability": (replace(ROW, soc_pct=nan),)}),
        ("availability[0].free", {"availability": (replace(ROW, free=-1),)}),
        ("cost", {"cost": Decimal("Infinity")}),
    ],
)
def test_each_wrong_field_is_named(field: str, changes: dict[str, Any]) -> None:
    stock = snapshot().inventory
    check_plan(PLAN, rules().config, stock)
    with pytest.raises(InputError) as refused:
        check_plan(replace(PLAN, **changes), rules().config, stock)
    assert refused.value.field == field


bays = st.builds(
    PlannedBay,
    bay=st.integers(-1, 12),
    battery=st.sampled_from(["B1", "B2", "B3", "", "B9"]),
    power_kw=st.floats() | st.floats(-300.0, 300.0),
    target_soc_pct=st.floats() | st.floats(-1.0, 101.0),
)


@given(bays=st.lists(bays, max_size=4))
def test_of_any_set_points_only_finite_ones_in_range_for_known_batteries_count(bays: list[PlannedBay]) -> None:
    config, stock = rules().config, snapshot().inventory
    try:
        check_plan(replace(PLAN, bays=tuple(bays)), config, stock)
    except InputError:
        return
    numbers = [each.bay for each in bays]
    assert len(set(numbers)) == len(numbers)
    for each in bays:
        assert abs(each.power_kw) <= config.bay(each.bay).max_power_kw
        assert 0.0 <= each.target_soc_pct <= 100.0
        assert config.bay(each.bay).charges
        assert stock.battery(each.battery) is not None
