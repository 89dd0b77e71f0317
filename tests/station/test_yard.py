"""The devices before the lane: when the barrier opens and closes, what the sign says, which alarms they raise."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.link_settings import Links
from swapstation.model.command import CloseGate, Command, OpenGate, ShowSign
from swapstation.model.lane_sign import LaneSign, lane_signs
from swapstation.model.mode import Mode
from swapstation.model.request import Accepted, Refused, Request
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot, StationState
from swapstation.model.yard import Gate, GateState, Guide
from swapstation.model.yard_request import AdmitTruck
from swapstation.station.draft import Draft
from swapstation.station.gate import admit, run_gate
from swapstation.station.guide import run_guide
from swapstation.station.lane_sign import lane_sign
from swapstation.station.memory import GateMemory, GuideMemory
from swapstation.station.yard_watch import yard_complaints
from tests.station.situations import VIN, config, draft, fresh, robot, rules, swapping, truck, with_mode
from tests.station.yard_inputs import CLOSED, called

OPEN = replace(CLOSED, state=GateState.OPEN)
UNDER = replace(OPEN, loop_occupied=True)


def cycle(now: Snapshot, **memory: Any) -> Draft:
    """A cycle of a station with a barrier and a sign."""
    made = draft(now, **memory)
    links = Links("", "", "", gate="modbus-tcp://h:1", guide="tcp://h:2")
    return replace(made, rules=replace(rules(), config=replace(config(), links=links)))


def sent(made: Draft) -> list[Command]:
    return [sending.command for sending in made.sendings]


@dataclass
class Barrier:
    """A station with a barrier, cycle by cycle, a second apart."""

    memory: GateMemory = field(default_factory=GateMemory)
    now_s: float = 100.0

    def call(self, vin: str = VIN) -> Accepted | Refused:
        made = cycle(replace(called(), now_s=self.now_s), gate=self.memory)
        answer, _ = admit(made, Request("k", "li", AdmitTruck(vin)), AdmitTruck(vin))
        self.memory = made.memory.gate
        assert isinstance(answer, Accepted | Refused)
        return answer

    def cycle(self, gate: Gate | None, seconds: float = 1.0, **changes: Any) -> list[Command]:
        self.now_s += seconds
        seen: Seen[Gate] = Seen() if gate is None else fresh(gate)
        now = replace(called(gate=seen, admitted=self.memory.admitted), now_s=self.now_s, **changes)
        made = cycle(now, gate=self.memory)
        run_gate(made)
        self.memory = made.memory.gate
        return sent(made)


def test_it_opens_for_a_truck_that_was_called_and_closes_once_it_has_passed() -> None:
    barrier = Barrier()
    assert barrier.cycle(CLOSED) == []
    barrier.call()
    assert barrier.cycle(CLOSED) == [OpenGate(VIN)]
    assert barrier.cycle(CLOSED) == [], "it is not told again at once"
    assert barrier.cycle(CLOSED) == [OpenGate(VIN)]
    assert barrier.cycle(OPEN) == []
    assert [barrier.cycle(UNDER) for _ in range(60)] == [[]] * 60
    assert [barrier.cycle(OPEN) for _ in range(3)] == [[], [], []]
    assert barrier.cycle(OPEN) == [CloseGate()]
    assert barrier.cycle(CLOSED) == []
    assert barrier.memory.admitted == ""


def test_it_stays_closed_while_the_lane_is_not_free_and_opens_when_it_is() -> None:
    barrier = Barrier()
    barrier.call()
    assert barrier.cycle(CLOSED, truck=fresh(truck(vin="LZZ5BLSJ4MA000123"))) == []
    assert barrier.cycle(CLOSED, robot=Seen()) == [], "a robot that does not speak does not say that the lane is free"
    assert barrier.cycle(CLOSED) == [OpenGate(VIN)]


def test_a_call_ends_when_it_is_taken_back_or_nobody_came() -> None:
    barrier = Barrier()
    barrier.call()
    barrier.call("")
    assert barrier.cycle(CLOSED) == []
    barrier.call()
    barrier.cycle(OPEN, 299.0)
    assert barrier.memory.admitted == VIN
    barrier.cycle(OPEN, 2.0)
    assert barrier.memory.admitted == ""


def test_a_call_is_refused_without_a_barrier_and_for_an_unknown_truck() -> None:
    answer, _ = admit(draft(called()), Request("k", "li", AdmitTruck(VIN)), AdmitTruck(VIN))
    assert isinstance(answer, Refused)
    assert answer.reasons == ("no_gate",)
    unknown = Barrier().call("LZZ5BLSJ4MA000999")
    assert isinstance(unknown, Refused)
    assert unknown.reasons == ("truck_registered",)


def test_a_barrier_that_was_left_open_is_closed_only_over_a_free_loop() -> None:
    """After a restart nobody is called, and the loop must have been free for a while again."""
    barrier = Barrier()
    assert [barrier.cycle(each) for each in (OPEN, UNDER, OPEN, None, OPEN, OPEN, OPEN)] == [[]] * 7
    assert barrier.cycle(OPEN) == [CloseGate()]


GATES = st.one_of(st.none(), st.builds(Gate, st.sampled_from(GateState), st.booleans(), st.sampled_from((0, 1))))


@given(st.lists(st.tuples(GATES, st.booleans(), st.booleans()), max_size=40))
def test_it_never_closes_on_a_truck_and_never_opens_into_a_lane_that_is_not_free(
    looks: list[tuple[Gate | None, bool, bool]],
) -> None:
    barrier = Barrier()
    for gate, calls, taken in looks:
        if calls:
            barrier.call()
        there = fresh(truck(vin="LZZ5BLSJ4MA000123")) if taken else Seen()
        orders = barrier.cycle(gate, truck=there)
        if CloseGate() in orders:
            assert gate is not None
            assert not gate.loop_occupied
        if OpenGate(VIN) in orders:
            assert not taken


SIGNS = [
    (called(), "lane_call"),
    (called(state=StationState.HELD), "lane_stop"),
    (called(state=StationState.ABORTED), "lane_stop"),
    (with_mode(called(), Mode.FIRE), "lane_fire"),
    (called(robot=Seen()), "lane_taken"),
    (called(truck=fresh(truck())), "lane_go"),
    (called(truck=fresh(truck()), robot=fresh(robot(truck_in_position=True))), "lane_wait"),
    (called(truck=fresh(truck()), robot=Seen()), "lane_wait"),
    (swapping("lift"), "lane_running"),
    (swapping("lift", truck=Seen()), "lane_running"),
    (swapping("release"), "lane_done"),
]


@pytest.mark.parametrize(("now", "word"), SIGNS)
def test_the_sign_says(now: Snapshot, word: str) -> None:
    assert lane_sign(cycle(now)).word == word
    assert word in lane_signs()


def test_who_was_called_is_asked_in_and_told_how_far_it_is() -> None:
    assert lane_sign(cycle(called(), gate=GateMemory(admitted=VIN))).word == "lane_free"
    assert lane_sign(draft(called())).word == "lane_free", "without a barrier the sign calls"
    near = called(truck=fresh(truck()), robot=fresh(robot(truck_in_position=False, pose_x_mm=-240)))
    assert lane_sign(cycle(near)) == LaneSign("lane_go", 24)


def shown(now: Snapshot, memory: GuideMemory) -> tuple[list[Command], GuideMemory]:
    made = cycle(now, guide=memory)
    run_guide(made)
    return sent(made), made.memory.guide


def test_the_sign_is_told_at_once_and_again_and_speaks_a_word_once() -> None:
    other = called(guide=fresh(Guide("lane_unsafe", 0)))
    orders, memory = shown(other, GuideMemory())
    text = lane_signs()["lane_call"]
    told = ShowSign("lane_call", stop=True, say=True, zh=text.zh, en=text.en)
    assert orders == [told]
    same = called(guide=fresh(Guide("lane_call", 0)))
    assert shown(replace(same, now_s=101.0), memory)[0] == []
    assert shown(replace(same, now_s=102.0), memory)[0] == [replace(told, say=False)]
    silent, memory = shown(replace(same, guide=Seen()), memory)
    assert silent == []


DEVICES = {"gate": CLOSED, "guide": Guide("lane_call", 0)}
ALARMS = [
    ({"gate": Seen(), "guide": Seen()}, {}, {("YARD_DEVICE_SILENT", "gate"), ("YARD_DEVICE_SILENT", "guide")}),
    ({"gate": fresh(replace(CLOSED, fault_code=1))}, {}, {("YARD_DEVICE_FAULT", "gate")}),
    ({}, {"gate": GateMemory(asked=True)}, {("YARD_DEVICE_FAULT", "gate")}),
    ({}, {"guide": GuideMemory(LaneSign("lane_stop"))}, {("YARD_DEVICE_FAULT", "guide")}),
    ({}, {"guide": GuideMemory(LaneSign("lane_call"))}, set()),
]


@pytest.mark.parametrize(("devices", "memory", "told"), ALARMS)
def test_what_alarms_say_of_them(devices: dict[str, Any], memory: dict[str, Any], told: set[tuple[str, str]]) -> None:
    sound = {name: fresh(value) for name, value in DEVICES.items()}
    made = cycle(called(**(sound | devices)), **memory)
    assert {(each.code, each.source) for each in yard_complaints(made)} == told
    assert all(each.delay_s > 0.0 for each in yard_complaints(made))


def test_a_station_without_them_tells_nothing() -> None:
    made = draft(called(gate=Seen(), guide=Seen()))
    run_gate(made)
    run_guide(made)
    assert not made.sendings
    assert not list(yard_complaints(made))
