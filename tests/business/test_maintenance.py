"""Work orders, spare parts and days of use in the business database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from swapstation.business.device_use import count_day, readings_of, use_of_devices
from swapstation.business.spare_parts import move, movements, stocks
from swapstation.business.upkeep import device_cards, due_at, finish
from swapstation.business.work_orders import NEXT, add_step, find, list_orders, open_order
from swapstation.errors import InputError
from swapstation.maintenance.asking import wanted_work
from swapstation.maintenance.plan_file import load_plan
from swapstation.model.maintenance import Counter, Part, PartMovement, Plan, WorkKind, WorkState, WorkStep
from tests.inventory.stock import station_config
from tests.maintenance.plans import plan_file

AT = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)
DAY = date(2026, 6, 10)
ZONE = ZoneInfo("Asia/Shanghai")
ROPES = (Part("rope", "绳", "Rope", least=2),)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return load_plan(plan_file(tmp_path), station_config(tmp_path))


def step(state: WorkState, minutes: int) -> WorkStep:
    return WorkStep(state, "wang", AT + timedelta(minutes=minutes), "seen to")


def test_an_order_keeps_the_time_and_the_person_of_each_step(engine: sa.Engine, plan: Plan) -> None:
    wanted = wanted_work(plan, "", "the hoist hums", alarm="DEVICE_NEEDS_SERVICE@robot.hoist:W7")
    assert (wanted.device, wanted.kind) == ("robot.hoist", WorkKind.CORRECTIVE)
    with engine.begin() as connection:
        number = open_order(connection, wanted, "li", AT).number
        assert [each.number for each in list_orders(connection, only_open=True)] == [number]
        add_step(connection, number, step(WorkState.BEGUN, 30))
        add_step(connection, number, step(WorkState.DONE, 90))
    with engine.connect() as connection:
        told = find(connection, number)
        assert list_orders(connection) == [told]
        assert list_orders(connection, only_open=True) == []
    assert told is not None
    assert (told.wanted, [each.person for each in told.steps]) == (wanted, ["li", "wang", "wang"])
    assert told.seconds(WorkState.OPEN, WorkState.BEGUN) == 1800.0
    assert told.seconds(WorkState.BEGUN, WorkState.DONE) == 3600.0


@pytest.mark.parametrize("state", WorkState)
def test_only_what_may_follow_follows_and_time_does_not_go_back(
    engine: sa.Engine, plan: Plan, state: WorkState
) -> None:
    with engine.begin() as connection:
        number = open_order(connection, wanted_work(plan, "robot", "look"), "li", AT).number
        with pytest.raises(InputError, match=r"not before|after open"):
            add_step(connection, number, step(state, -1))
        if state in NEXT[WorkState.OPEN]:
            assert add_step(connection, number, step(state, 1)).state is state
        else:
            with pytest.raises(InputError, match="begun, cancelled after open"):
                add_step(connection, number, step(state, 1))
        with pytest.raises(InputError, match="the number of a work order"):
            add_step(connection, 99, step(WorkState.BEGUN, 1))


def test_one_order_stands_for_a_thing_at_a_time(engine: sa.Engine, plan: Plan) -> None:
    wanted = wanted_work(plan, "robot.hoist", "", subject="grease")
    assert (wanted.kind, wanted.text) == (WorkKind.PREVENTIVE, "加脂 Grease")
    with engine.begin() as connection:
        number = open_order(connection, wanted, "li", AT).number
        with pytest.raises(InputError, match="1 is open"):
            open_order(connection, wanted, "li", AT)
        add_step(connection, number, step(WorkState.CANCELLED, 1))
        assert open_order(connection, wanted, "li", AT).number == 2
    for device, subject in (("crane", ""), ("robot", "grease")):
        with pytest.raises(InputError):
            wanted_work(plan, device, "", subject=subject)


def test_a_day_is_counted_again_and_a_done_order_begins_its_task_anew(engine: sa.Engine, plan: Plan) -> None:
    with engine.begin() as connection:
        for amount in (40.0, 95.0):
            count_day(connection, DAY, {("robot", Counter.MOVES): amount, ("bay-1", Counter.MATINGS): 0.0})
        assert use_of_devices(connection) == {("robot", Counter.MOVES): {DAY: 95.0}}
        assert use_of_devices(connection, DAY - timedelta(days=1)) == {}
        due = {each.name: each for each in due_at(connection, plan, AT, ZONE)}
        assert (due["grease"].used, due["grease"].limit, due["grease"].per_day) == (95.0, 100.0, 95.0)
        order = open_order(connection, wanted_work(plan, "robot.hoist", "", subject="grease"), "li", AT)
        add_step(connection, order.number, step(WorkState.BEGUN, 1))
        done = finish(connection, plan, order.number, "wang", AT + timedelta(minutes=5), "greased")
        assert done.readings == readings_of(connection, "robot") == {"moves": 95.0}
        later = AT + timedelta(days=1)
        after = {each.name: each for each in due_at(connection, plan, later, ZONE)}["grease"]
        assert (after.used, after.since, after.order) == (0.0, date(2026, 6, 11), None)
        before = {each.name: each for each in due_at(connection, plan, AT, ZONE)}["grease"]
        assert (before.used, before.order) == (95.0, 1), "as it was known then"


def test_the_register_shows_what_is_counted_of_each_device(engine: sa.Engine, plan: Plan, tmp_path: Path) -> None:
    with engine.begin() as connection:
        count_day(connection, DAY, {("robot", Counter.MOVES): 3.0})
        cards = {each.device.device: each.counters for each in device_cards(connection, plan, station_config(tmp_path))}
    assert cards["robot"] == cards["robot.hoist"]
    assert cards["robot"] == {"moves": 3.0, "running_h": 0.0, "travel_km": 0.0, "load_distance_tkm": 0.0}
    assert cards["meter"] == {}


def test_the_stock_of_a_part_is_the_sum_of_its_movements_and_never_below_nothing(engine: sa.Engine, plan: Plan) -> None:
    def moved(change: int, order: int | None = None) -> PartMovement:
        return PartMovement(0, "rope", AT, change, "li", "", order)

    with engine.begin() as connection:
        assert move(connection, ROPES, moved(3)).short is False
        open_order(connection, wanted_work(plan, "robot", "rope"), "li", AT)
        left = move(connection, ROPES, moved(-2, order=1))
        assert (left.stock, left.short) == (1, True)
        for wrong, told in ((moved(-2), "there are 1"), (moved(1, order=7), "number of a work order")):
            with pytest.raises(InputError, match=told):
                move(connection, ROPES, wrong)
        with pytest.raises(InputError, match="one of rope"):
            move(connection, ROPES, PartMovement(0, "chain", AT, 1, "li"))
        assert stocks(connection, ROPES) == [left]
        assert [(each.change, each.work_order) for each in movements(connection, "rope", 10)] == [(-2, 1), (3, None)]
