"""Truck, battery and recipe fit together, or the swap is refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from swapstation.config.settings import Config, Exchange
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.model.inventory import Inventory
from swapstation.model.journal import SwapOpened
from swapstation.model.reasons import reason_catalogue
from swapstation.model.request import Accepted, Refused, Request, RequestSwap
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.station.compatibility import mismatches
from swapstation.station.draft import Draft, Rules
from swapstation.station.memory import Memory
from swapstation.station.recipe import load_recipes
from swapstation.station.requests import run_requests
from tests.station.situations import VIN, battery, config, inventory, snapshot, with_battery


def _two_positions(settings: Config) -> Config:
    (truck,) = settings.truck_models
    return replace(settings, truck_models=(replace(truck, positions=("left", "right")),))


def _other_trucks(settings: Config) -> Config:
    (truck,) = settings.truck_models
    return replace(settings, truck_models=(replace(truck, name="loader"),))


CASES: list[tuple[Callable[[Config], Config], Inventory, tuple[str, ...]]] = [
    (lambda settings: settings, inventory(), ()),
    (lambda settings: settings, inventory(trucks=()), ("truck_registered",)),
    (_other_trucks, inventory(), ("truck_model_known",)),
    (_two_positions, inventory(), ()),
    (
        _two_positions,
        inventory(batteries=(*inventory().batteries, battery(4, f"truck:{VIN}#2", model="NMC-100"))),
        ("battery_model_fits",),
    ),
    (
        lambda settings: settings,
        with_battery(snapshot(), "B3", model="NMC-100").inventory,
        ("battery_model_fits",),
    ),
]


@pytest.mark.parametrize(("change", "stock", "reasons"), CASES)
def test_what_does_not_fit_is_named(
    change: Callable[[Config], Config], stock: Inventory, reasons: tuple[str, ...]
) -> None:
    assert mismatches(change(config()), stock, VIN) == reasons
    assert set(reasons) <= set(reason_catalogue())


def _asked(settings: Config, now: Snapshot) -> Draft:
    alarms = alarm_catalogue()
    recipe, *others = load_recipes(settings.recipes, Exchange.STATION.value, alarms)
    memory = Memory(next_command_id=1, state=now.state, confirmed=True)
    draft = Draft(Rules(settings, recipe, alarms, tuple(others)), now, memory)
    run_requests(draft, (Request("key", "li", RequestSwap(VIN)),))
    return draft


def test_a_request_for_a_truck_that_does_not_fit_is_refused_with_the_reason() -> None:
    (batch,) = _asked(_other_trucks(config()), snapshot()).batches
    assert isinstance(batch.answer, Refused)
    assert batch.answer.reasons == ("truck_model_known",)


def test_a_recipe_that_exchanges_one_battery_is_none_for_a_truck_with_two() -> None:
    asked = _asked(_two_positions(config()), snapshot())
    assert isinstance(asked.batches[0].answer, Accepted)
    steps = tuple(replace(step, again="") for step in asked.rules.recipe.steps)
    rules = replace(asked.rules, recipe=replace(asked.rules.recipe, steps=steps))
    draft = Draft(rules, snapshot(), Memory(next_command_id=1, state=StationState.IDLE, confirmed=True))
    run_requests(draft, (Request("key", "li", RequestSwap(VIN)),))
    (batch,) = draft.batches
    assert isinstance(batch.answer, Refused)
    assert batch.answer.reasons == ("recipe_exchanges_one",)


def test_the_recipe_of_the_truck_model_leads_its_swap() -> None:
    (truck,) = config().truck_models
    settings = replace(config(), truck_models=(replace(truck, recipe="bottom"),))
    draft = _asked(settings, snapshot())
    (opened,) = (record for batch in draft.batches for record in batch.records if isinstance(record, SwapOpened))
    bottom = draft.rules.recipe_of("bottom")
    assert bottom.name == "bottom"
    assert (opened.swap.recipe, opened.swap.recipe_hash) == ("bottom", bottom.hash)
    running = replace(draft, snapshot=snapshot(inventory=inventory(swap=opened.swap)))
    assert running.recipe is bottom
    assert running.now.recipe_pose == bottom.pose
