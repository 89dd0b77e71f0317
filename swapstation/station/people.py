"""The snapshot as people see it: the frozen instant plus what the decisions think of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from swapstation.model.inventory import StepTime, Swap
from swapstation.model.snapshot import BayState, Snapshot, StepState, SwapState
from swapstation.station.alarm_rate import flood
from swapstation.station.draft import Draft
from swapstation.station.fire_plan import fire_state
from swapstation.station.lane_sign import lane_sign
from swapstation.station.planning import plan_watch
from swapstation.station.power_watch import power_state
from swapstation.station.recipe import Recipe, Step
from swapstation.station.requests import action_states
from swapstation.station.selection import battery_soc_pct
from swapstation.station.takt import bottleneck, timed
from swapstation.station.two_people import waiting_words


def for_people(draft: Draft) -> Snapshot:
    """Add state, alarms, running swap, allowed actions and refused commands to the frozen snapshot."""
    memory = draft.memory
    return replace(
        draft.snapshot,
        bays=tuple(_with_soc(draft, bay) for bay in draft.snapshot.bays),
        state=memory.state,
        confirmed=memory.confirmed,
        hold_reasons=memory.hold_reasons,
        alarms=tuple(sorted(memory.alarms, key=lambda alarm: (alarm.priority, alarm.raised_at))),
        fire=fire_state(draft),
        power=power_state(draft),
        plan_watch=plan_watch(draft),
        climate_goals=tuple(unit.goal for unit in memory.climates),
        store_goal=memory.store.goal if memory.store is not None else None,
        lane_sign=lane_sign(draft),
        admitted=memory.gate.admitted,
        charge_goals=tuple(charge.goal for charge in memory.charges if charge.goal is not None),
        alarm_flood=flood(memory.raisings, draft.now_s),
        refused=(*draft.snapshot.refused, *memory.refused),
        waiting_words=waiting_words(draft),
        actions=action_states(draft),
        swap=_swap_state(draft, draft.swap) if draft.swap else None,
    )


def _with_soc(draft: Draft, bay: BayState) -> BayState:
    battery = draft.snapshot.inventory.battery(bay.battery) if bay.battery else None
    return replace(bay, soc_pct=battery_soc_pct(bay, battery) if battery else None)


def _swap_state(draft: Draft, swap: Swap) -> SwapState:
    memory, recipe = draft.memory, draft.swap_recipe
    order = memory.robot_order or memory.truck_order
    running, *waiting = recipe.ahead(swap.step)
    taken = [recipe.step(time.step) for time in swap.step_seconds]
    path = pairwise([*taken, running])
    led_out = [following not in (recipe.after(step.name), _again(recipe, step)) for step, following in path]
    running_s = draft.now_s - memory.step_since_s if memory.step == running.name else 0.0
    so_far = _timed(draft, swap, running, running_s, memory.software_s)
    times = (*swap.step_seconds, so_far)
    return SwapState(
        swap=swap.swap,
        vin=swap.vin,
        step=swap.step,
        attempt=order.attempt if order else 1,
        steps=(
            *(
                _step_state(step, "left" if left else "done", time)
                for step, left, time in zip(taken, led_out, swap.step_seconds, strict=True)
            ),
            _step_state(running, "running", so_far),
            *(_step_state(step, "waiting", _timed(draft, swap, step)) for step in waiting),
        ),
        fresh=swap.fresh,
        returned=swap.returned,
        from_bay=swap.from_bay,
        to_bay=swap.to_bay,
        position=swap.position,
        positions=draft.now.positions,
        exchanged=swap.exchanged,
        waiting_for=memory.waiting_for,
        software_s=round(sum(time.software_s for time in times), 3),
        bottleneck=bottleneck(times),
    )


def _again(recipe: Recipe, step: Step) -> Step | None:
    """Where a swap goes on from this step with the next battery position."""
    return recipe.step(step.again) if step.again else None


def _timed(draft: Draft, swap: Swap, step: Step, seconds: float = 0.0, software_s: float = 0.0) -> StepTime:
    return timed(draft.memory.past, swap.recipe, step.name, step.target_s, seconds, software_s)


def _step_state(step: Step, state: str, time: StepTime) -> StepState:
    return StepState(
        name=step.name,
        owner=step.owner,
        title_zh=step.title_zh,
        title_en=step.title_en,
        state=state,
        elapsed_s=round(time.seconds, 1),
        timeout_s=step.timeout_s,
        target_s=time.target_s,
        baseline_s=time.baseline_s,
        software_s=time.software_s,
        slow=time.slow,
    )
