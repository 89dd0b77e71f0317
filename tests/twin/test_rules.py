"""Any attack at any target in any order, crashes, people and their requests: no invariant is broken in the model.

Where a schedule is drawn from a seed, here every step is chosen, so that a breach shrinks to the fewest steps.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack

import pytest
import structlog
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from swapstation.config.settings import Charging, Exchange
from swapstation.model.mode import Mode
from swapstation.model.request import ChangeMode, ConfirmStartUp, HoldStation, RequestSwap, ResumeStation
from swapstation.twin.attacks import Target, attacks_at
from swapstation.twin.invariants import Watch
from swapstation.twin.level import Level
from swapstation.twin.people import People
from swapstation.twin.schedule import MOST_ATTACKS, SAFETY_INPUTS
from swapstation.twin.station import TwinStation
from swapstation.twin.yard import BAYS, TRUCKS, twin_of, yard
from tests.twin.planted import PLANTED

ATTACKS = attacks_at(Level.MESSAGE)
LONGEST_S = 60.0
REQUESTS = (
    ConfirmStartUp(),
    HoldStation("looked odd"),
    ResumeStation(),
    RequestSwap(TRUCKS[0]),
    ChangeMode(Mode.MAINTENANCE, "have a look"),
    ChangeMode(Mode.AUTOMATIC, "have looked"),
)
UnderWay = tuple[str, str]


def aims(name: str) -> st.SearchStrategy[str]:
    """What an attack may be aimed at, as its row says."""
    targets = set(ATTACKS[name].targets)
    if targets & {Target.ANY_BAY, Target.TO_BAY, Target.FROM_BAY}:
        return st.sampled_from([str(bay) for bay in BAYS])
    return st.sampled_from(SAFETY_INPUTS) if Target.SAFETY in targets else st.just("")


class AnyNight(RuleBasedStateMachine):
    """A station from power-on, and all that may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self._stack = ExitStack()
        self.under_way: set[UnderWay] = set()

    @initialize(exchange=st.sampled_from(Exchange), charging=st.sampled_from(Charging))
    def power_on(self, exchange: Exchange, charging: Charging) -> None:
        self.twin: TwinStation = self._stack.enter_context(twin_of(yard(exchange, charging), 0))
        self.people = People(self.twin, list(TRUCKS[:1]))
        self.watch = Watch(self.twin)
        self.twin.on_send, self.twin.on_record = self.watch.sent, self.watch.recorded
        self.twin.start()
        self.pass_time(5.0)

    def teardown(self) -> None:
        self._stack.close()

    @rule(seconds=st.floats(0.1, LONGEST_S))
    def pass_time(self, seconds: float) -> None:
        """People look around meanwhile and do what they would do."""
        until_s = self.twin.now_s + seconds
        while self.twin.now_s < until_s:
            self.people.look()
            self.twin.step(min(until_s, self.people.next_look_s))
            self.watch.after_event({name for name, _ in self.under_way})

    @rule(reach=st.sampled_from(["work", "carry"]))
    def go_on(self, reach: str) -> None:
        """Let the night go on, at most for five minutes, until a swap is open or the robot carries a battery."""
        for _ in range(60):
            plant, inventory = self.twin.world.plant, self.twin.inventory
            there = (
                plant.hanging is not None if reach == "carry" else inventory is not None and inventory.swap is not None
            )
            if there:
                return
            self.pass_time(5.0)

    @precondition(lambda self: len(self.under_way) < MOST_ATTACKS)
    @rule(attack=st.sampled_from(sorted(ATTACKS)).flatmap(lambda name: st.tuples(st.just(name), aims(name))))
    def begin(self, attack: UnderWay) -> None:
        if attack in self.under_way:
            return
        name, target = attack
        ATTACKS[name].begin(self.twin, target)
        self.twin.stir()
        self.under_way.add(attack)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        name, target = attack = data.draw(st.sampled_from(sorted(self.under_way)))
        self.under_way.discard(attack)
        ATTACKS[name].end(self.twin, target)
        self.twin.stir()

    @rule()
    def crash(self) -> None:
        self.twin.crash()

    @precondition(lambda self: self.twin.core is None)
    @rule()
    def restart(self) -> None:
        self.twin.start()

    @rule(payload=st.sampled_from(REQUESTS))
    def ask(self, payload: ConfirmStartUp) -> None:
        """Somebody asks for something, sensible or not."""
        self.twin.submit(payload, "somebody", lambda answer: None)
        self.pass_time(0.5)

    @invariant()
    def nothing_is_broken(self) -> None:
        assert not self.watch.violations, self.watch.violations


TestAnyNight = AnyNight.TestCase
TestAnyNight.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=20)


def test_a_planted_bug_is_found() -> None:
    bug = next(bug for bug in PLANTED if bug.name == "nobody_confirms")
    quick = settings(
        max_examples=10, stateful_step_count=10, phases=[Phase.generate], derandomize=True, database=None, deadline=None
    )
    with pytest.MonkeyPatch.context() as patch:
        bug.plant(patch)
        with pytest.raises(AssertionError, match="invariant=20"):
            run_state_machine_as_test(AnyNight, settings=quick)
