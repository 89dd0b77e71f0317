"""The catalogues of alarms and reasons: everything the decisions can say has its texts, in Chinese and English."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from importlib.resources import files

import pytest

from swapstation.config.settings import Exchange
from swapstation.contract.alarm_catalogue import alarm_catalogue, parse_alarm_catalogue
from swapstation.errors import ConfigurationError
from swapstation.model.alarm import AlarmDefinition, AlarmText, Level, Priority, Reaction
from swapstation.model.reasons import reason, reason_catalogue
from swapstation.station.interlocks import INTERLOCKS
from swapstation.station.permit import NO_ROW
from tests.station.situations import rules

PACKAGES = ("station", "inventory", "controller")
MAKES_ALARM = ("Complaint", "Standing", "StepFault", "fail", "Detection")

GOOD = """
[ROBOT_BORED]
priority = 4
level = 3
reaction = "none"
respond_min = 60
zh = { title = "a", cause = "b", consequence = "c", action = "d" }
en = { title = "a", cause = "b", consequence = "c", action = "d" }
"""


def _calls(*names: str) -> Iterator[ast.Call]:
    """Every call of these names in the packages that decide."""
    for package in PACKAGES:
        for source in files(f"swapstation.{package}").iterdir():
            if source.name.endswith(".py"):
                for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                        yield node


def _words(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _alarm_codes() -> set[str]:
    in_recipes = {step.alarm for exchange in Exchange for step in rules(exchange).recipe.steps}
    arguments = [argument for call in _calls(*MAKES_ALARM) for argument in call.args[:2]]
    return in_recipes | {word for argument in arguments for word in _words(argument) if word.isupper()}


def _reason_codes() -> set[str]:
    conditions = {keyword.arg for call in _calls("_missing") for keyword in call.keywords if keyword.arg}
    refusals = {word for call in _calls("ChangeRefused") for word in _words(call.args[0])}
    refusals |= {word for call in _calls("Refused") for word in _words(call.args[1])}
    tuples = {word for call in _calls("_refused") for argument in call.args[1:2] for word in _words(argument)}
    return {*INTERLOCKS, NO_ROW, *conditions, *refusals, *tuples}


@pytest.mark.parametrize("code", sorted(_alarm_codes()))
def test_every_alarm_the_decisions_raise_is_in_the_catalogue(code: str) -> None:
    assert code in alarm_catalogue()


def test_every_alarm_of_the_catalogue_is_raised_somewhere() -> None:
    assert set(alarm_catalogue()) - _alarm_codes() == set()


@pytest.mark.parametrize("code", alarm_catalogue())
def test_every_alarm_has_all_its_texts(code: str) -> None:
    definition = alarm_catalogue()[code]
    assert definition.code == code
    for language in (definition.zh, definition.en):
        assert all(getattr(language, field.name).strip() for field in fields(AlarmText))
    assert not any(getattr(definition.zh, field.name).isascii() for field in fields(AlarmText))
    assert definition.en.title.isascii()
    assert 0 < definition.respond_min <= 24 * 60


def test_no_alarm_explains_itself_whatever_the_chain() -> None:
    catalogue = alarm_catalogue()
    above = {code: {root.partition("@")[0] for root in each.explained_by} for code, each in catalogue.items()}
    while True:
        further = {code: roots.union(*(above[root] for root in roots)) for code, roots in above.items()}
        if further == above:
            break
        above = further
    assert {code for code, roots in above.items() if code in roots} == set()


@pytest.mark.parametrize("code", sorted(_reason_codes()))
def test_every_reason_the_decisions_give_is_in_the_catalogue(code: str) -> None:
    assert code in reason_catalogue()


@pytest.mark.parametrize("code", reason_catalogue())
def test_every_reason_has_both_texts(code: str) -> None:
    known = reason(code)
    assert known.zh
    assert not known.zh.isascii()
    assert known.en
    assert known.en.isascii()


def test_an_unknown_reason_is_its_own_text() -> None:
    assert (reason("the driver sleeps").zh, reason("the driver sleeps").en) == ("the driver sleeps",) * 2


def test_a_catalogue_is_read() -> None:
    definition = parse_alarm_catalogue(GOOD)["ROBOT_BORED"]
    text = AlarmText("a", "b", "c", "d")
    bored = AlarmDefinition("ROBOT_BORED", Priority.DIAGNOSTIC, Level.NOTICE, Reaction.NONE, 60.0, text, text)
    assert definition == bored


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("priority = 4", "priority = 9", "ROBOT_BORED.priority"),
        ('reaction = "none"', 'reaction = "run"', "ROBOT_BORED.reaction"),
        ('title = "a", ', "", "ROBOT_BORED.zh.title"),
        ("priority = 4\n", "", "ROBOT_BORED.priority"),
        ("level = 3", "level = 4", "ROBOT_BORED.level"),
        ("respond_min = 60\n", "", "ROBOT_BORED.respond_min"),
        ("level = 3", 'level = 3\nexplained_by = ["TIRED"]', "'TIRED' is no alarm"),
        ("level = 3", 'level = 3\nexplained_by = ["ROBOT_BORED@same"]', "cannot explain itself"),
    ],
)
def test_a_mistake_in_the_catalogue_names_alarm_and_key(before: str, after: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message.replace(".", r"\.")):
        parse_alarm_catalogue(GOOD.replace(before, after, 1))


def test_a_catalogue_that_is_not_toml_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="broken"):
        parse_alarm_catalogue("[ROBOT", "broken.toml")
