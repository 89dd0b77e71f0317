"""The exhaustive check of recipes: the shipped ones pass, every kind of careless change is found."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest

from swapstation.config.rule_kinds import recipe_names
from swapstation.config.settings import Exchange
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.model.inventory import Cause
from swapstation.station.conditions import CONDITIONS
from swapstation.station.interlocks import INTERLOCKS
from swapstation.station.orders import BUILDERS
from swapstation.station.permit import PERMIT
from swapstation.station.recipe import Recipe, load_recipe, parse_recipe
from swapstation.station.recipe_check import FAULTS, RecipeFault, explore
from swapstation.station.recipe_diff import CHANGES, differences
from swapstation.station.recipe_world import ASKED_FOR, COMMANDS, DEMANDED, INTERLOCKS_DEMANDED, OPENERS
from swapstation.station.way_conditions import WAY_CONDITIONS

RECIPES = files("swapstation.station") / "recipes"
SHIPPED = load_recipe("top_lift", "station", alarm_catalogue())


def _text(name: str) -> str:
    return (RECIPES / name).read_text(encoding="utf-8")


def _changed(before: str, after: str, file: str = "top_lift_station.toml") -> Recipe:
    texts = {name: _text(name) for name in ("top_lift_station.toml", "top_lift_plc.toml", "ways_out.toml")}
    assert before in texts[file]
    texts[file] = texts[file].replace(before, after, 1)
    main = "top_lift_plc.toml" if file == "top_lift_plc.toml" else "top_lift_station.toml"
    return parse_recipe(texts[main], main, alarm_catalogue(), texts["ways_out.toml"])


def _without(step: str, file: str = "top_lift_station.toml") -> Recipe:
    text = _text(file)
    start = text.index(f'[[step]]\nname = "{step}"')
    end = text.find("[[step]]", start + 1)
    return _changed(text[start:end], "", file)


def _found(recipe: Recipe) -> set[tuple[str, str]]:
    return {(fault.step, fault.fault) for fault in explore(recipe).faults}


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("exchange", Exchange)
def test_the_shipped_recipes_have_no_fault(exchange: Exchange, name: str) -> None:
    explored = explore(load_recipe(name, exchange.value, alarm_catalogue()))
    assert explored.faults == ()
    assert explored.states > 500


@pytest.mark.parametrize(
    ("step", "file", "fault"),
    [
        ("unlock", "top_lift_station.toml", ("lift", "never_permitted")),
        ("lock", "top_lift_station.toml", ("ungrip", "never_permitted")),
        ("verify", "top_lift_station.toml", ("release", "never_permitted")),
        ("park", "top_lift_station.toml", ("release", "never_permitted")),
        ("handshake", "top_lift_station.toml", ("grip", "never_permitted")),
        ("position", "top_lift_station.toml", ("grip", "never_permitted")),
        ("deaden_bay", "top_lift_station.toml", ("pick", "never_permitted")),
        ("allocate", "top_lift_station.toml", ("pick", "never_permitted")),
        ("put", "top_lift_station.toml", ("pick", "never_permitted")),
        ("release", "top_lift_station.toml", ("close", "closed_unfinished")),
        ("close", "top_lift_station.toml", ("release", "not_closed")),
        ("unlock", "top_lift_plc.toml", ("lift", "never_permitted")),
        ("lock", "top_lift_plc.toml", ("ungrip", "never_permitted")),
        ("clear_zone", "top_lift_plc.toml", ("exchange", "never_permitted")),
        ("unlock", "side_station.toml", ("lift", "never_permitted")),
        ("lock", "bottom_station.toml", ("ungrip", "never_permitted")),
        ("grip", "bottom_plc.toml", ("unlock", "never_permitted")),
    ],
)
def test_a_missing_step_is_found(step: str, file: str, fault: tuple[str, str]) -> None:
    ways = _text("ways_out.toml")
    for name in ("allocate", "verify"):
        if step == name:
            ways = ways.replace(f'then = "{name}"', 'then = "release"')
    text = _text(file)
    if step == "deaden_bay":
        text, ways = (each.replace('again = "deaden_bay"', 'again = "clear_zone"') for each in (text, ways))
    start = text.index(f'[[step]]\nname = "{step}"')
    end = text.find("[[step]]", start + 1)
    shortened = text[:start] + (text[end:] if end > 0 else "")
    assert fault in _found(parse_recipe(shortened, file, alarm_catalogue(), ways))


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('causes = ["mechanical", "doubt", "go_on"]\nwhen = ["robot_free"]', None, "no_way_out"),
        ('when = ["old_hanging", "old_sound"]\nthen = "let_go"', None, "never_permitted"),
        ("timeout_s = 60", "timeout_s = 0", "no_time_limit"),
        ('action = "close_failed"', 'action = "close"', "closed_unfinished"),
        ('again = "deaden_bay"', "", "closed_unfinished"),
    ],
)
def test_a_careless_way_out_is_found(before: str, after: str | None, fault: str) -> None:
    if after is None:
        after = before.replace('"robot_free"', '"old_on_truck"').replace('"old_hanging", "old_sound"', '"old_stored"')
    assert fault in {kind for _, kind in _found(_changed(before, after, "ways_out.toml"))}


@pytest.mark.parametrize(
    ("file", "step", "again", "fault"),
    [
        ("top_lift_station.toml", "place", "deaden_bay", ("place", "position_left_open")),
        ("top_lift_station.toml", "lock", "deaden_bay", ("lock", "position_left_open")),
        ("top_lift_station.toml", "put", "deaden_bay", ("put", "position_left_open")),
        ("top_lift_plc.toml", "lock", "deaden_bay", ("lock", "position_left_open")),
        ("top_lift_station.toml", "ungrip", "locate", ("pick", "never_permitted")),
        ("top_lift_station.toml", "ungrip", "grip", ("grip", "never_permitted")),
        ("top_lift_station.toml", "release", "deaden_bay", ("release", "position_left_open")),
    ],
)
def test_a_truck_that_would_go_on_or_leave_half_done_is_found(
    file: str, step: str, again: str, fault: tuple[str, str]
) -> None:
    """Nothing but an exchanged and locked position may be left for the next one, or with the truck."""
    recipe = parse_recipe(_text(file), file, alarm_catalogue(), _text("ways_out.toml"))
    assert recipe.exchanges_several
    moved = [replace(each, again=again if each.name == step else "") for each in recipe.steps]
    assert fault in _found(replace(recipe, steps=tuple(moved)))


def test_a_recipe_that_goes_on_nowhere_is_explored_with_one_battery() -> None:
    alone = replace(SHIPPED, steps=tuple(replace(step, again="") for step in SHIPPED.steps))
    explored = explore(alone)
    assert explored.faults == ()
    assert explored.states < explore(SHIPPED).states


def test_a_platform_that_only_touches_the_battery_may_not_unlock() -> None:
    text = _text("bottom_station.toml").replace('done = "weight_carried"', 'done = "battery_gripped"')
    recipe = parse_recipe(text, "bottom", alarm_catalogue(), _text("ways_out.toml"))
    assert RecipeFault("unlock", "never_permitted", ("weight_carried",)) in explore(recipe).faults


def test_a_recipe_without_ways_out_has_none() -> None:
    alone = parse_recipe(_text("top_lift_station.toml"), "alone", alarm_catalogue())
    found = explore(alone).faults
    assert {fault.detail for fault in found if fault.fault == "no_way_out"} == {(cause.value,) for cause in Cause}


def test_the_worlds_tables_know_every_command_and_every_opener() -> None:
    assert set(COMMANDS) == set(BUILDERS)
    assert set(DEMANDED) <= set(COMMANDS)
    assert set(CONDITIONS) >= ASKED_FOR
    assert set(INTERLOCKS) >= set(INTERLOCKS_DEMANDED)
    assert set(OPENERS) <= set(WAY_CONDITIONS)
    assert {name for way in SHIPPED.ways for name in way.when} <= set(OPENERS)
    permitted = {name for row in PERMIT.values() for name in row}
    demanded = {name for row in DEMANDED.values() for name in row}
    assert demanded - permitted <= {"robot_located", "zone_clear", "verified", "isolation_empty"}


def test_every_fault_and_every_change_has_words_in_both_languages() -> None:
    for zh, en in (*FAULTS.values(), *CHANGES.values()):
        assert zh != en
        assert zh
        assert en


def test_a_change_of_a_recipe_is_said_step_by_step() -> None:
    assert differences(SHIPPED, SHIPPED) == ()
    slower = _changed("timeout_s = 120", "timeout_s = 240")
    (change,) = differences(SHIPPED, slower)
    assert (change.kind, change.step, change.key, change.before, change.after) == (
        "changed",
        "position",
        "timeout_s",
        "120",
        "240",
    )
    again = _changed('again = "deaden_bay"', 'again = "locate"')
    (change,) = differences(SHIPPED, again)
    told = CHANGES[change.kind][1].format(step=change.step, before=change.before, after=change.after)
    assert told == "ungrip: with another battery position it goes on at locate (was deaden_bay)"
    kinds = [(change.kind, change.step) for change in differences(SHIPPED, _without("clear_zone"))]
    assert ("removed", "clear_zone") in kinds
    back = [(change.kind, change.step) for change in differences(_without("clear_zone"), SHIPPED)]
    assert ("added", "clear_zone") in back
