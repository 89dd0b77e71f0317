"""AA F5 under whatever a night brings: cuts, losses, reconnects, garbage, orders, in any order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from swapstation.protocol.aaf5_messages import PileState, Start
from tests.protocol.aaf5_pile import FIRST_ID, Cable, Pile, Yard, record

LOST = st.sampled_from([(), (), (1,), (5,), (7,), (105,), (221,), (101, 103)])
MOSTLY = st.sampled_from([True, True, True, False])
HEALING_S = 30.0


class Night(RuleBasedStateMachine):
    """One charger, one station; the wire between them does what it likes."""

    @initialize()
    def begin(self) -> None:
        self.yard = Yard()
        self.pile = Pile(FIRST_ID)
        self.cable: Cable = self.yard.plug(self.pile)
        self.order_ids = count(1)
        self.record_numbers = count(1)
        self.taken: list[int] = []
        self.yard.run(1.0)

    @rule(seconds=st.sampled_from([0.05, 0.7, 2.5, 2.5, 7.0]))
    def time_passes(self, seconds: float) -> None:
        self.yard.run(seconds)

    @rule(up=MOSTLY, down=MOSTLY, lost=LOST)
    def the_wire_changes(self, up: bool, down: bool, lost: tuple[int, ...]) -> None:
        self.cable.up, self.cable.down, self.cable.lost = up, down, set(lost)

    @rule(again=MOSTLY)
    def the_connection_breaks(self, again: bool) -> None:
        if self.cable.is_open():
            self.cable.close(self.yard.time.now_s)
        if again:
            self.the_charger_connects()
            self.yard.run(1.0)

    @rule()
    def the_charger_connects(self) -> None:
        if not self.cable.is_open():
            self.cable = self.yard.plug(self.pile)

    @rule(noise=st.binary(min_size=1, max_size=40), to_station=st.booleans())
    def noise(self, noise: bytes, to_station: bool) -> None:
        if self.cable.is_open():
            end = self.cable.station if to_station else self.cable.charger
            end.receive(noise, self.yard.time.now_s)

    @rule(answered=st.booleans(), seconds=st.sampled_from([0.1, 2.5, 5.0]))
    def a_start_is_ordered(self, answered: bool, seconds: float) -> None:
        self.yard.station.start(FIRST_ID, str(next(self.order_ids)), 95.0, 180.0, self.yard.time.now_s)
        self.cable.up = answered
        self.yard.run(seconds)

    @rule()
    def a_stop_is_ordered(self) -> None:
        self.yard.station.stop(FIRST_ID, self.yard.time.now_s)

    @rule()
    def a_charge_is_recorded(self) -> None:
        self.pile.end.keep_record(record(number=next(self.record_numbers)))

    @rule()
    def the_station_takes_over(self) -> None:
        for waiting, _ in self.yard.station.records:
            self.taken.append(waiting.record_number)
            self.yard.station.take_over(waiting)

    @invariant()
    def no_order_acts_twice(self) -> None:
        acted = Counter(act.order_id for act in getattr(self, "pile", Pile("")).acts if isinstance(act, Start))
        assert all(times == 1 for times in acted.values()), acted

    @invariant()
    def no_record_is_taken_twice(self) -> None:
        taken = getattr(self, "taken", [])
        assert len(taken) == len(set(taken))

    def teardown(self) -> None:
        """When the wire is whole again, the station knows the charger as it is, and no record is left behind."""
        if not hasattr(self, "yard"):
            return
        self.cable.up = self.cable.down = True
        self.cable.lost = set()
        self.pile.shown = replace(self.pile.shown, state=PileState.FAULT, alarm_code=4711)
        for _ in range(2):
            self.the_charger_connects()
            self.yard.run(HEALING_S / 2)
        peer = self.yard.station.charger(FIRST_ID)
        assert peer is not None
        assert peer.view.charger is not None
        assert peer.view.charger[0].fault_code == 4711
        while self.pile.end.records_waiting:
            before = self.pile.end.records_waiting
            self.yard.run(12.0)
            self.the_station_takes_over()
            self.yard.run(1.0)
            assert self.pile.end.records_waiting < before
        self.no_record_is_taken_twice()


TestNight = Night.TestCase
TestNight.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
