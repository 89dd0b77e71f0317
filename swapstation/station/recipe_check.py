"""Explores a recipe exhaustively: every step done, refused, timed out or failed (before or after its battery moved),
held, restarted, and led out for every cause. What it cannot finish safely is a fault of the recipe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from swapstation.model.inventory import MOST_POSITIONS, Cause
from swapstation.station.recipe import Recipe, Step, Way
from swapstation.station.recipe_world import (
    ASKED_FOR,
    COMMANDS,
    DEMANDED,
    FORGOTTEN,
    INTERLOCKS_DEMANDED,
    OPENERS,
    PLC_DEMANDED,
    PLC_MOVES,
    TOLD,
    At,
    Question,
    World,
)


@dataclass(frozen=True, slots=True)
class RecipeFault:
    """What is wrong at a step: `fault` is a word of FAULTS, `detail` the reason codes or the cause it is about."""

    step: str
    fault: str
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exploration:
    """How much was looked at and what was found."""

    states: int
    outcomes: int
    faults: tuple[RecipeFault, ...]


@dataclass(frozen=True, slots=True)
class _At:
    """A step about to begin in a world."""

    step: str
    world: World


def explore(recipe: Recipe) -> Exploration:
    """Walk through everything that can happen in a recipe and its ways out, with every number of battery positions."""
    most = MOST_POSITIONS if recipe.exchanges_several else 1
    starts = [_At(recipe.steps[0].name, World(ahead=ahead)) for ahead in range(most)]
    seen, open_states = set(starts), starts
    faults: dict[RecipeFault, None] = dict.fromkeys(_untimed(recipe))
    outcomes = 0
    while open_states:
        here = open_states.pop()
        for outcome in _outcomes(recipe, here):
            outcomes += 1
            if isinstance(outcome, RecipeFault):
                faults[outcome] = None
            elif outcome not in seen:
                seen.add(outcome)
                open_states.append(outcome)
    return Exploration(len(seen), outcomes, tuple(faults))


def _untimed(recipe: Recipe) -> Iterator[RecipeFault]:
    steps = (*recipe.steps, *(step for way in recipe.ways for step in way.steps))
    yield from (RecipeFault(step.name, "no_time_limit") for step in steps if step.timeout_s <= 0)


def _outcomes(recipe: Recipe, here: _At) -> Iterator[_At | RecipeFault]:
    """What can come of a step: it is done, or it is held before or after its effect and led out for every cause."""
    step = recipe.step(here.step)
    refused = _refusals(step, here.world)
    if refused:
        yield RecipeFault(step.name, "never_permitted", refused)
        return
    moved = _moved(step, here.world)
    for held in {here.world, moved}:
        for cause in Cause:
            yield _led_out(recipe, step, held, cause)
    if step.action in ("close", "close_failed"):
        yield from _closed(step, here.world)
        return
    told = TOLD[step.fact](moved) if step.fact else moved
    if step.again and told.ahead:
        yield _gone_on(step, told)
        return
    following = recipe.after(step.name)
    if following is None:
        yield RecipeFault(step.name, "not_closed")
    else:
        yield _At(following.name, replace(told, known=moved.known | ({step.done} & ASKED_FOR)))


def _gone_on(step: Step, world: World) -> _At | RecipeFault:
    """The next position begins; what is open or unrecorded at one that is left would leave with the truck."""
    if not world.exchanged:
        return RecipeFault(step.name, "position_left_open")
    if not world.recorded:
        return RecipeFault(step.name, "closed_unrecorded")
    return _At(step.again, world.at_next_position())


def _refusals(step: Step, world: World) -> tuple[str, ...]:
    demanded: dict[str, Question] = {}
    if step.command is not None:
        demanded = dict(DEMANDED[step.command])
    elif step.owner == "plc":
        demanded = dict(PLC_DEMANDED.get(step.done, {}))
    own = {name: INTERLOCKS_DEMANDED[name] for name in step.interlocks if name in INTERLOCKS_DEMANDED}
    return tuple(name for name, holds in (demanded | own).items() if not holds(world))


def _moved(step: Step, world: World) -> World:
    if step.action == "allocate":
        return replace(world, fresh=At.BAY, fresh_told=At.BAY)
    if step.action == "choose_another":
        if world.fresh is At.BAY and not world.fresh_in_doubt:
            return world
        return replace(
            world, fresh=At.BAY, fresh_told=At.BAY, fresh_in_doubt=False, known=world.known - {"from_bay_dead"}
        )
    if step.command is not None:
        forgotten = FORGOTTEN.get(step.command, frozenset())
        return COMMANDS[step.command](replace(world, known=world.known - forgotten))
    return PLC_MOVES[step.done](world) if step.owner == "plc" and step.done in PLC_MOVES else world


def _led_out(recipe: Recipe, step: Step, world: World, cause: Cause) -> _At | RecipeFault:
    if world.released or step.action in ("close", "close_failed"):
        return _At(step.name, world)
    way = next((way for way in recipe.ways if cause in way.causes and _open(way, world)), None)
    if way is None:
        return RecipeFault(step.name, "no_way_out", (cause.value,))
    about_fresh = world.stored
    doubted = replace(
        world.caught_up(),
        old_in_doubt=world.old_in_doubt or (cause is Cause.DOUBT and not about_fresh),
        fresh_in_doubt=world.fresh_in_doubt or (cause is Cause.DOUBT and about_fresh),
    )
    return _At(recipe.entered_by(way.name)[0].name, doubted)


def _open(way: Way, world: World) -> bool:
    return all(OPENERS[name](world) for name in way.when)


def _closed(step: Step, world: World) -> Iterator[RecipeFault]:
    if not world.free:
        yield RecipeFault(step.name, "closed_with_a_load")
    if world.on_truck and not world.locked:
        yield RecipeFault(step.name, "closed_unlocked")
    if not world.recorded:
        yield RecipeFault(step.name, "closed_unrecorded")
    if step.action == "close" and not (world.fresh is At.TRUCK and world.released and not world.ahead):
        yield RecipeFault(step.name, "closed_unfinished")


FAULTS: Mapping[str, tuple[str, str]] = {
    "no_time_limit": ("没有时限", "has no time limit"),
    "never_permitted": ("按联锁永远不会被允许", "would never be permitted"),
    "not_closed": ("之后没有结束换电的步骤", "is followed by nothing that closes the swap"),
    "no_way_out": ("没有退出方式", "has no way out"),
    "position_left_open": (
        "换下一电池位时, 本电池位没有锁好的电池, 或车辆已放行",
        "goes on with the next battery position while this one has no locked battery, or the truck is released",
    ),
    "closed_with_a_load": ("结束时机器人还抓着电池", "closes the swap while the robot holds a battery"),
    "closed_unlocked": ("结束时车上的电池没有锁", "closes the swap with an unlocked battery on the truck"),
    "closed_unrecorded": (
        "结束时电池不在记录的位置，会丢失",
        "closes the swap while a battery is not where the record has it: lost",
    ),
    "closed_unfinished": ("没有换完就记为完成", "calls the swap completed although it is not"),
}
"""The words of faults in Chinese and English."""
