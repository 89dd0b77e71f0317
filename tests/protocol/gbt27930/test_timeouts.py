"""Partners that fall silent: every timeout with its BEM or CEM, reconnects, and wires that lose frames."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.gbt27930 import EditionChoice
from swapstation.model.device import ChargePhase
from swapstation.protocol import j1939
from swapstation.protocol.gbt27930.words import BatteryFault, BmsTimeout
from swapstation.protocol.node import Frame
from tests.protocol.gbt27930.segment import SETTINGS, Segment, segment
from tests.protocol.gbt27930.test_sessions import BEM, BSM, CCS, CEM, CRM, CST, charger_phase, charging

CHARGER, BMS = 0x56, 0xF4


def message_lost(can_id: int) -> Callable[[Frame], bool]:
    return lambda frame: frame.can_id == can_id


def transfer_lost(pgn: int) -> Callable[[Frame], bool]:
    return lambda frame: (
        frame.can_id == 0x1CEC56F4 and frame.data[0] == 0x10 and int.from_bytes(frame.data[5:8], "little") == pgn
    )


def all_from(source: int) -> Callable[[Frame], bool]:
    return lambda frame: j1939.split(frame.can_id).source == source


def first(wires: Segment, can_id: int) -> str:
    return wires.sent(can_id)[0][1].hex(" ").upper()


def wait_for(wires: Segment, can_id: int, within_s: float) -> float:
    return wires.run(within_s, until=lambda: bool(wires.sent(can_id)))


def started(lost: Callable[[Frame], bool]) -> Segment:
    wires = segment()
    wires.lost = lost
    wires.charger.start(wires.now_s)
    return wires


@pytest.mark.parametrize(
    ("lost", "cem"),
    [
        (transfer_lost(0x0200), "FD F0 C0 FC"),
        (transfer_lost(0x0600), "FC F1 C0 FC"),
        (message_lost(0x100956F4), "FC F4 C0 FC"),
        (message_lost(0x181056F4), "FC F0 C4 FC"),
        (transfer_lost(0x1100), "FC F0 C1 FC"),
    ],
    ids=["BRM", "BCP", "BRO", "BCL", "BCS"],
)
def test_a_charger_says_what_it_waited_for(lost: Callable[[Frame], bool], cem: str) -> None:
    wires = started(lost)
    wait_for(wires, CEM, within_s=90)
    assert first(wires, CEM) == cem
    assert wires.charger.phase is ChargePhase.ERROR


@pytest.mark.parametrize(
    ("lost", "bem"),
    [
        (lambda frame: frame.can_id == CRM and frame.data[0] == 0x00, "F1 F0 F0 FC"),
        (lambda frame: frame.can_id == CRM and frame.data[0] == 0xAA, "F4 F0 F0 FC"),
        (message_lost(0x1808F456), "F0 F1 F0 FC"),
        (message_lost(0x100AF456), "F0 F4 F0 FC"),
        (message_lost(CCS), "F0 F0 F1 FC"),
    ],
    ids=["CRM 00", "CRM AA", "CML", "CRO", "CCS"],
)
def test_a_battery_says_what_it_waited_for(lost: Callable[[Frame], bool], bem: str) -> None:
    wires = started(lost)
    wires.charger._times = replace(wires.charger._times, bcp_s=60, bro_s=60, brm_s=60, bcl_s=60)
    wait_for(wires, BEM, within_s=90)
    assert first(wires, BEM) == bem
    assert wires.bms.phase is ChargePhase.ERROR


@pytest.mark.parametrize(
    ("lost", "said", "text"),
    [
        ({0x101956F4, 0x181C56F4}, CEM, "FC F0 D0 FC"),
        ({0x181C56F4}, CEM, "FC F0 C0 FD"),
        ({0x181DF456}, BEM, "F0 F0 F0 FD"),
    ],
    ids=["BST", "BSD", "CSD"],
)
def test_stop_and_statistics_that_never_come(lost: set[int], said: int, text: str) -> None:
    wires = charging()
    wires.lost = lambda frame: frame.can_id in lost
    wires.charger.stop(wires.now_s)
    wait_for(wires, said, within_s=20)
    assert first(wires, said) == text
    charger_phase(wires, ChargePhase.END)
    wires.run(5)
    assert not wires.charger.demand.enabled
    assert wires.sent(CRM)[-1][0] < wires.sent(CST)[0][0], "nobody reconnects after a stop"


def test_a_battery_whose_stop_is_not_answered() -> None:
    wires = charging()
    wires.lost = all_from(CHARGER)
    wires.status = replace(wires.status, faults=(BatteryFault.INSULATION_FAULT,))
    took_s = wait_for(wires, BEM, within_s=10)
    assert took_s == pytest.approx(5.0, abs=0.2)
    assert first(wires, BEM) == "F0 F0 F4 FC"


def test_timeouts_take_as_long_as_the_standard_says() -> None:
    wires = charging()
    wires.lost = all_from(BMS)
    last_heard_s = wires.now_s
    wait_for(wires, CEM, within_s=10)
    assert wires.now_s - last_heard_s == pytest.approx(1.0, abs=0.06)
    assert wires.charger.battery_charge(wires.now_s).timeouts == ("BCL",)
    assert wires.charger.demand.current_a == 0.0


def test_a_battery_that_falls_silent_is_called_three_times_then_given_up() -> None:
    wires = charging()
    wires.lost = all_from(BMS)
    wires.log.clear()
    wires.run(60)
    assert wires.charger.phase is ChargePhase.ERROR
    assert wires.charger.battery_charge(wires.now_s).timeouts == ("BCL", "BRM")
    assert not wires.charger.demand.enabled
    calls = [at_s for at_s, data in wires.sent(CRM) if data[0] == 0]
    rounds = 1 + sum(after - before > 0.5 for before, after in itertools.pairwise(calls))
    assert rounds == 3
    silent_from = len(wires.sent(CEM))
    wires.run(60)
    assert len(wires.sent(CEM)) == silent_from
    wires.lost = lambda frame: False
    charging(wires)


@pytest.mark.parametrize("source", [CHARGER, BMS])
def test_a_wire_cut_for_three_seconds_is_healed_by_a_reconnect(source: int) -> None:
    wires = charging()
    wires.lost = all_from(source)
    wires.run(3)
    assert wires.charger.demand.current_a == 0.0
    wires.lost = lambda frame: False
    wires.run(20, until=lambda: wires.charger.demand.current_a > 0)
    assert wires.charger.phase is ChargePhase.CHARGING
    assert wires.charger.battery_charge(wires.now_s).timeouts
    assert not wires.sent(0x1826F456)[-1][0] > wires.sent(CCS)[0][0]


def test_a_battery_error_turns_the_output_off_and_is_answered_by_a_reconnect() -> None:
    wires = charging()
    wires.log.clear()
    wires.charger.receive(Frame(BEM, bytes.fromhex("F0F0F1FC")), wires.now_s)
    assert wires.charger.phase is ChargePhase.ERROR
    assert wires.charger.demand.current_a == 0.0
    wires.run(20, until=lambda: wires.charger.demand.current_a > 0)
    assert wires.charger.demand.current_a == 240.0
    assert wires.sent(CEM) == []
    assert wires.sent(CRM)[0][0] - wires.log[0][0] == pytest.approx(1.0, abs=0.1)


def test_a_charger_error_takes_the_battery_out_of_charging_and_three_reconnects_are_answered() -> None:
    wires = charging()
    answered = []
    for _ in range(4):
        wires.bms.receive(Frame(CEM, bytes.fromhex("FCF0C4FC")), wires.now_s)
        assert wires.bms.phase is ChargePhase.ERROR
        wires.bms.receive(Frame(CRM, bytes.fromhex("00EA030000303130")), wires.now_s)
        answered.append(wires.bms.phase)
    assert answered == [ChargePhase.RECOGNITION] * 3 + [ChargePhase.ERROR]
    assert wires.bms.timeouts == ()


def test_what_the_battery_wanted_before_it_was_lost_is_forgotten() -> None:
    wires = charging()
    wires.lost = all_from(BMS)
    wires.run(2)
    wires.lost = message_lost(BSM)
    wires.run(15, until=lambda: wires.charger.phase is ChargePhase.CHARGING)
    wires.run(2)
    assert wires.charger.demand.current_a == 0.0


def test_no_battery_at_all_ends_in_an_error() -> None:
    wires = started(lambda frame: True)
    charger_phase(wires, ChargePhase.ERROR)
    wires.run(60)
    assert wires.charger.phase is ChargePhase.ERROR
    assert wires.charger.battery_charge(wires.now_s).timeouts == ("BRM",)
    assert wires.charger.battery_charge(wires.now_s).bms_age_s is None


def test_a_stop_while_the_partner_is_lost_ends_the_process() -> None:
    wires = charging()
    wires.lost = all_from(BMS)
    charger_phase(wires, ChargePhase.ERROR)
    wires.charger.stop(wires.now_s)
    charger_phase(wires, ChargePhase.END)
    assert not wires.charger.demand.enabled


def test_neither_side_opens_its_contactors_while_current_still_flows_after_a_loss() -> None:
    wires = charging()
    flowing = replace(wires.status, current_a=80.0)
    for now_s in (wires.now_s + 1.5, wires.now_s + 3.4):
        wires.charger.measured(640.0, 80.0, now_s)
        wires.bms.battery(flowing, now_s)
        assert wires.charger.phase is wires.bms.phase is ChargePhase.ERROR
        assert wires.charger.demand.enabled
        assert wires.charger.demand.current_a == 0.0
        assert wires.bms.contactors_wanted
    wires.charger.measured(640.0, 5.0, now_s)
    wires.bms.battery(replace(flowing, current_a=5.0), now_s)
    assert not wires.charger.demand.enabled
    assert not wires.bms.contactors_wanted


def test_the_battery_returns_to_rest_after_thirty_seconds_without_a_charger() -> None:
    wires = charging()
    wires.lost = all_from(CHARGER)
    wires.run(45)
    assert wires.bms.phase is ChargePhase.IDLE
    assert wires.bms.timeouts == (BmsTimeout.CCS,)
    assert not wires.bms.contactors_wanted


def test_a_2023_bay_also_waits_for_bsm() -> None:
    for edition, phase in ((EditionChoice.GB2015, ChargePhase.CHARGING), (EditionChoice.GB2023, ChargePhase.ERROR)):
        wires = charging(segment(settings=replace(SETTINGS, edition=edition)))
        wires.lost = message_lost(BSM)
        wires.run(10)
        assert wires.charger.phase is phase


@given(st.randoms(use_true_random=False), st.floats(0.0, 0.4))
def test_lossy_wires_never_open_contactors_under_load_and_never_raise(random: object, share: float) -> None:
    wires = segment()
    draw = random.random  # type: ignore[attr-defined]
    wires.lost = lambda frame: draw() < share
    wires.charger.start(wires.now_s)
    wires.run(12)
    wires.charger.stop(wires.now_s)
    wires.run(5)
    assert not wires.opened_under_load
    wires.lost = lambda frame: False
    wires.run(90)
    assert not wires.charger.demand.enabled
    wires.charger.start(wires.now_s)
    wires.run(60, until=lambda: wires.charger.demand.current_a > 0)
    assert wires.charger.demand.current_a == 240.0


_KNOWN_IDS = [
    0x182756F4, 0x100956F4, 0x181056F4, 0x181356F4, 0x101956F4, 0x181C56F4, 0x081E56F4, 0x1CEC56F4, 0x1CEB56F4,
    0x1826F456, 0x1801F456, 0x1808F456, 0x100AF456, 0x1812F456, 0x101AF456, 0x181DF456, 0x081FF456, 0x1CECF456,
]  # fmt: skip
_FRAMES = st.builds(Frame, st.sampled_from(_KNOWN_IDS) | st.integers(0, 0x1FFFFFFF), st.binary(max_size=8))


@given(st.lists(st.tuples(_FRAMES, st.floats(0.0, 0.3)), max_size=60), st.booleans())
def test_random_frames_never_raise_in_either_side(steps: list[tuple[Frame, float]], under_way: bool) -> None:
    wires = segment()
    wires.charger.start(wires.now_s)
    wires.run(4 if under_way else 0.5)
    for frame, wait_s in steps:
        wires.charger.receive(frame, wires.now_s)
        wires.bms.receive(frame, wires.now_s)
        wires.run(wait_s)
    wires.charger.stop(wires.now_s)
    wires.run(60)
    assert not wires.charger.demand.enabled
