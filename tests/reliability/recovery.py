"""What follows a crash: what the survey finds, what a person is told, how the work ends after the confirmation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from swapstation.config.settings import Exchange
from swapstation.model.command import Command
from swapstation.model.inventory import Cause
from swapstation.model.request import Accepted, Answer, ConfirmStartUp, DivertSwap, HoldStation, Payload, ResumeStation
from swapstation.model.snapshot import StationState, Survey
from tests.reliability.crashes import LONG_S, SHORT_S, Crash, Phase, at_rest, crashes, restarted
from tests.station.situations import bay, rules
from tests.station.test_jobs import STARTS
from tests.station.walk import Answering, requested

UNCONFIRMED_S = 0.5
LIMIT_S = 300.0


@dataclass(frozen=True, slots=True)
class Recovered:
    """One crash and what came of it. `unasked`: what left before a person confirmed; `held`: where it stopped again."""

    crash: Crash
    down_s: float
    survey: Survey
    unasked: tuple[Command, ...]
    answer: Answer
    confirmed: Answering
    end: Answering
    held: str


def recovered(crash: Crash, down_s: float) -> Recovered:
    """Restart after a crash, wait, confirm, resume, and run until the work is closed or people are needed again."""
    started = restarted(crash.left, down_s)
    seen = started.run(UNCONFIRMED_S)
    unasked = tuple(command for cycle in seen.since(started) for command in cycle.commands)
    confirmed, answer = asked(seen, ConfirmStartUp())
    end = resumed(confirmed)
    held = "" if end.memory.state is not StationState.HELD else reason_held(end)
    return Recovered(crash, down_s, seen.told(seen.snapshot).survey, unasked, answer, confirmed, end, held)


def asked(station: Answering, payload: Payload) -> tuple[Answering, Answer]:
    """The station one cycle after a request, and its answer."""
    after = station.cycle(payload)
    (answer,) = (batch.answer for batch in after.past[-1].decision.batches if batch.answer is not None)
    return after, answer


def resumed(station: Answering) -> Answering:
    """Resume once it stands still, and run until nothing is under way or it is held again."""
    if station.memory.state in (StationState.IDLE, StationState.ABORTED):
        return station
    still = station.until(lambda now: now.memory.state is StationState.HELD)
    end = still.cycle(ResumeStation()).until(lambda now: at_rest(now) or now.memory.state is StationState.HELD, LIMIT_S)
    return resumed(end) if end.memory.hold_reasons == ("single_step",) else end


def reason_held(station: Answering) -> str:
    fault = station.memory.step_fault
    return f"{fault.alarm}: {fault.detail}" if fault else ", ".join(station.memory.hold_reasons)


@cache
def swap_recoveries(exchange: Exchange) -> tuple[Recovered, ...]:
    """Every crash of an undisturbed swap, with a controller that is back at once and one that is away for long."""
    found = [crash for crash in crashes(requested(exchange)) if crash.phase is not Phase.NONE]
    waiting = [crash for crash in crashes(requested(exchange), quiet_cycles=False) if crash.phase is Phase.NONE]
    both = [recovered(crash, down_s) for crash in found for down_s in (SHORT_S, LONG_S)]
    return (*both, *(recovered(crash, LONG_S) for crash in waiting))


def ways_out(exchange: Exchange) -> dict[str, Answering]:
    """A swap that has just taken a way out and been resumed, one for each way and step that it was left in."""
    found: dict[str, Answering] = {}
    station, step = requested(exchange), ""
    while not at_rest(station):
        if station.step != step:
            step = str(station.step)
            for stopped in (_held(station), _held(station.run(0.6))):
                for cause in Cause:
                    way, left = _diverted(stopped, cause)
                    if way:
                        found.setdefault(way, left)
        station = station.cycle()
    return found


def _held(station: Answering) -> Answering:
    held = station.cycle(HoldStation())
    return held.until(lambda now: now.memory.state is StationState.HELD or at_rest(now), 10.0)


def _diverted(station: Answering, cause: Cause) -> tuple[str, Answering]:
    """The way that a cause opens, "" for none, and the station that has taken it."""
    swap = station.snapshot.inventory.swap
    if swap is None:
        return "", station
    left, answer = asked(station, DivertSwap(swap.swap, cause, "tried"))
    return (answer.result["way"] if isinstance(answer, Accepted) else ""), left.cycle(ResumeStation())


@cache
def way_recoveries() -> tuple[Recovered, ...]:
    """A crash at each order and phase of each step of every way out; the PLC stands or goes on, by turns."""
    found, known = [], set()
    for exchange in Exchange:
        course = {step.name for step in rules(exchange).recipe.steps}
        for left in ways_out(exchange).values():
            for crash in crashes(left, quiet_cycles=False):
                key = crash.step, crash.order, crash.phase
                if key not in known and crash.step not in course:
                    known.add(key)
                    found.append(recovered(crash, (SHORT_S, LONG_S)[len(known) % 2]))
    return tuple(found)


@cache
def job_recoveries() -> tuple[Recovered, ...]:
    """Every crash of each kind of job, begun in the situation that suits it."""
    found = []
    for station, payload in STARTS.values():
        for crash in crashes(_as_recorded(station).cycle(payload), quiet_cycles=False):
            found += [recovered(crash, down_s) for down_s in (SHORT_S, LONG_S)]
    return tuple(found)


def _as_recorded(station: Answering) -> Answering:
    """Every bay has in it what the record says."""
    now, stock = station.snapshot, station.snapshot.inventory
    held = {each.number: stock.at(each.place) for each in now.bays}
    bays = tuple(bay(number, battery.battery if battery else None) for number, battery in held.items())
    return replace(station, snapshot=replace(now, bays=bays))
