"""Recipes: the shipped ones, every mistake a recipe can have, and what their conditions and facts prove."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.settings import Exchange
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.errors import ConfigurationError
from swapstation.model.command import GripBattery, UnlockTruck
from swapstation.model.inventory import ROBOT, truck_place
from swapstation.model.seen import Quality
from swapstation.model.snapshot import Snapshot
from swapstation.station.conditions import CONDITIONS
from swapstation.station.facts import FACTS
from swapstation.station.orders import BUILDERS
from swapstation.station.permit import permit
from swapstation.station.recipe import Step, load_recipe, parse_recipe
from swapstation.station.situation import Order, OrderPhase, Situation
from tests.station.record import recorded
from tests.station.situations import MASS_KG, RECIPES, VIN, blind, config, rules, situation, swapping, with_value
from tests.station.walk import entering

STEPS = [(exchange, step) for exchange in Exchange for name in RECIPES for step in rules(exchange, name).recipe.steps]
RECORDED = ("allocated",)
"""Conditions that the record answers, not a device."""
RECEIPTS = ("exchange_running", "truck_released")
"""Conditions that the device's answer to our order proves once for all."""

GOOD = """
name = "short"
exchange = "station"
title_zh = "短"
title_en = "Short"

[[step]]
name = "position"
title_zh = "停车"
title_en = "Position"
done = "truck_positioned"
timeout_s = 10
alarm = "TRUCK_NOT_IN_POSITION"
"""


def _mistakes(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse_recipe(text, "short.toml", alarm_catalogue())
    return "\n".join(caught.value.mistakes)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("exchange", Exchange)
def test_the_shipped_recipes_are_read_and_identified_by_their_text(exchange: Exchange, name: str) -> None:
    recipe = load_recipe(name, exchange.value, alarm_catalogue())
    assert (recipe.name, recipe.exchange) == (name, exchange)
    assert 240 <= sum(step.target_s or 0.0 for step in recipe.steps) <= 300
    assert recipe.steps[-1].action == "close"
    assert len(recipe.hash) == 16
    assert recipe.after(recipe.steps[-1].name) is None
    assert [recipe.step(step.name) for step in recipe.steps] == list(recipe.steps)


def test_another_text_has_another_hash() -> None:
    first = parse_recipe(GOOD, "short.toml", alarm_catalogue())
    second = parse_recipe(GOOD + "# a remark\n", "short.toml", alarm_catalogue())
    assert first.steps == second.steps
    assert first.hash != second.hash


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('title_en = "Position"\n', "", "step 'position': title_en is missing"),
        ("timeout_s = 10\n", "", "step 'position': timeout_s is missing"),
        ("timeout_s = 10", "timeout_s = 4000", "timeout_s = 4000: seconds from 0 to 3600"),
        ("timeout_s = 10", "timeout_s = -1", "timeout_s = -1: seconds from 0 to 3600"),
        ("timeout_s = 10", "timeout_s = '10'", "timeout_s = '10': seconds from 0 to 3600"),
        ("timeout_s = 10", "timeout_s = true", "timeout_s = True: seconds from 0 to 3600"),
        ("timeout_s = 10", "timeout_s = 10\nretries = -1", "retries = -1: 0 to 9"),
        ("timeout_s = 10", "timeout_s = 10\nretries = 'two'", "retries = 'two': 0 to 9"),
        ("timeout_s = 10", "timeout_s = 10\ntarget_s = 11", "target_s = 11: seconds from 0 to timeout_s"),
        ("timeout_s = 10", "timeout_s = 10\ntarget_s = 'x'", "target_s = 'x': seconds from 0 to timeout_s"),
        ('name = "short"\n', 'name = "short"\npose_x_mm = -1\n', "short.toml: pose_x_mm = -1: a number from 0 to 500"),
        ('name = "short"\n', 'name = "short"\ncolour = 1\n', "short.toml: colour is not a key of a recipe"),
        ("timeout_s = 10", "timeout_s = 10\nspeed = 3", "speed is not a key of a step"),
        ("timeout_s = 10", "timeout_s = 10\nagain = 'lift'", "again = 'lift': one of "),
        (
            "truck_positioned",
            "truck_floats",
            "done = 'truck_floats': one of allocated, battery_gripped",
        ),
        ('"truck_positioned"', "['truck_positioned']", "done = ['truck_positioned']: one of allocated"),
        ("TRUCK_NOT_IN_POSITION", "NO_SUCH", "alarm = 'NO_SUCH': one of BATTERY_DOUBTFUL, BATTERY_HEATING"),
        ("timeout_s = 10", 'timeout_s = 10\ncommand = "dance"', "command = 'dance': one of exchange_battery"),
        (
            "timeout_s = 10",
            'timeout_s = 10\naction = "dance"',
            "action = 'dance': one of allocate, choose_another",
        ),
        ("timeout_s = 10", 'timeout_s = 10\nfact = "dance"', "fact = 'dance': one of fresh_gripped"),
        ("timeout_s = 10", 'timeout_s = 10\nowner = "dancer"', "owner = 'dancer': one of plc, station"),
        ("timeout_s = 10", 'timeout_s = 10\ninterlocks = ["dance"]', "interlock 'dance': one of"),
        ("timeout_s = 10", 'timeout_s = 10\ninterlocks = "confirmed"', "interlocks = 'confirmed': a list of names"),
        (
            "timeout_s = 10",
            'timeout_s = 10\nowner = "plc"\ncommand = "lift_battery"',
            "a step with owner = 'plc' orders nothing",
        ),
        ('name = "short"\n', "", "short.toml: name is missing"),
        ('title_zh = "短"\n', "", "short.toml: title_zh is missing"),
        ("[[step]]", "[step]", "short.toml: no [[step]]"),
        ("[[step]]", "[[steps]]", "short.toml: no [[step]]"),
        ('name = "short"', "name = ", "short.toml: Invalid value"),
    ],
)
def test_every_mistake_is_named(before: str, after: str, message: str) -> None:
    assert before in GOOD
    assert message in _mistakes(GOOD.replace(before, after, 1))


def test_a_step_that_appears_twice_is_named() -> None:
    assert "step 'position' appears twice" in _mistakes(GOOD + GOOD[GOOD.index("[[step]]") :])


def test_all_mistakes_are_told_at_once() -> None:
    wrong = GOOD.replace("truck_positioned", "x").replace("TRUCK_NOT_IN_POSITION", "Y").replace("timeout_s = 10", "")
    assert len(_mistakes(wrong).splitlines()) == 3


def test_a_recipe_that_does_not_exist_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"side_lift_plc\.toml"):
        load_recipe("side_lift", "plc", alarm_catalogue())


@pytest.mark.parametrize(
    ("pose", "missing"), [({"pose_yaw_mrad": 30}, "pose_yaw_in_range"), ({"pose_x_mm": 90}, "pose_x_in_range")]
)
def test_forks_ask_for_a_tighter_pose_than_a_spreader(pose: dict[str, int], missing: str) -> None:
    now = with_value(swapping("position"), "robot", lambda robot: replace(robot, **pose))
    side = rules(Exchange.STATION, "side").recipe
    assert CONDITIONS["truck_positioned"](situation(now)) == ()
    assert CONDITIONS["truck_positioned"](Situation(now, config(), recipe_pose=side.pose)) == (missing,)
    assert permit(GripBattery(), situation(now)) == ()
    assert permit(GripBattery(), Situation(now, config(), recipe_pose=side.pose)) == ("truck_pose_in_range",)


@pytest.mark.parametrize("load_kg", [0.0, MASS_KG - 151, MASS_KG + 151])
def test_a_platform_that_does_not_carry_the_battery_opens_no_lock(load_kg: float) -> None:
    """Neither where the station orders the unlocking nor where the PLC asks for it."""
    for exchange in Exchange:
        station = entering(exchange, "bottom")["unlock"].change("robot", load_kg=load_kg)
        sent = {type(each) for cycle in station.run(5.0).since(station) for each in cycle.commands}
        assert UnlockTruck not in sent
        assert UnlockTruck in {
            type(each) for cycle in entering(exchange, "bottom")["lift"].past for each in cycle.commands
        }


def _with_orders(now: Snapshot, step: Step, phase: OrderPhase) -> Situation:
    builder = BUILDERS[step.command or "exchange_battery"]
    command = builder(situation(now))
    assert command is not None
    order = Order(7, command, step.name, phase, 0.0)
    return Situation(now, config(), robot_order=order, truck_order=order)


@pytest.mark.parametrize("quality", [Quality.STALE, Quality.NEVER])
@pytest.mark.parametrize(("exchange", "step"), STEPS, ids=lambda value: getattr(value, "name", value))
def test_unknown_is_not_done(exchange: Exchange, step: Step, quality: Quality) -> None:
    """Not even when the device has reported the order as done."""
    unknown = blind(swapping(step.name), quality)
    if step.done not in RECORDED:
        assert CONDITIONS[step.done](situation(unknown)) != ()
    if step.done not in (*RECORDED, *RECEIPTS):
        assert CONDITIONS[step.done](_with_orders(unknown, step, OrderPhase.DONE)) != ()


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("exchange", Exchange)
def test_the_facts_of_a_recipe_bring_each_battery_over_the_robot_to_its_end(exchange: Exchange, name: str) -> None:
    now = situation(swapping())
    swap = now.swap
    assert swap is not None
    moves = []
    for step in rules(exchange, name).recipe.steps:
        move = FACTS[step.fact](now, swap) if step.fact else None
        if move is not None:
            moves.append(move)
            now = replace(now, snapshot=replace(now.snapshot, inventory=recorded(now.snapshot.inventory, [move])))
    assert [(move.battery, move.origin, move.destination) for move in moves] == [
        ("B3", truck_place(VIN), ROBOT),
        ("B3", ROBOT, "bay-3"),
        ("B1", "bay-1", ROBOT),
        ("B1", ROBOT, truck_place(VIN)),
    ]


@pytest.mark.parametrize("name", FACTS)
def test_a_swap_without_batteries_proves_nothing(name: str) -> None:
    now = situation(swapping())
    assert now.swap is not None
    unallocated = replace(now.swap, fresh=None, returned=None, from_bay=None, to_bay=None)
    assert FACTS[name](now, unallocated) is None


@pytest.mark.parametrize("name", BUILDERS)
def test_a_command_is_built_only_when_the_swap_knows_its_places(name: str) -> None:
    now = swapping()
    without = replace(now, inventory=replace(now.inventory, swap=None))
    needs_places = name in ("put_battery", "pick_battery", "put_fresh_back", "pick_returned", "exchange_battery")
    assert (BUILDERS[name](situation(without)) is None) is needs_places
    assert BUILDERS[name](situation(now)) is not None
