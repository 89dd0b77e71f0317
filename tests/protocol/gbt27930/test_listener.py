"""A listener on the segment sees the same battery as the charger that drives it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from swapstation.model.device import BatteryCharge, ChargePhase
from swapstation.protocol.gbt27930.listener import Listener
from swapstation.protocol.node import Frame
from tests.protocol.gbt27930.segment import Segment
from tests.protocol.gbt27930.test_sessions import charger_phase, charging


def listened(wires: Segment) -> Listener:
    listener = Listener()
    for at_s, frame in wires.log:
        listener.receive(frame, at_s)
    return listener


def test_a_listener_tells_the_same_as_the_charger() -> None:
    wires = charging()
    heard = listened(wires).battery_charge(wires.now_s)
    driven = wires.charger.battery_charge(wires.now_s)
    assert heard == replace(driven, session_energy_kwh=None)
    assert heard.bms_age_s is not None
    assert heard.bms_age_s < 0.1


def test_a_listener_follows_to_the_end_with_energy_and_reasons() -> None:
    wires = charging()
    wires.energy_kwh += 12.0
    wires.charger.stop(wires.now_s)
    charger_phase(wires, ChargePhase.END)
    wires.run(3)
    listener = listened(wires)
    state = listener.battery_charge(wires.now_s)
    assert state.phase is ChargePhase.END
    assert state.stop_reasons == ("manual", "charger_stopped")
    assert state.session_energy_kwh is not None
    assert 12.0 <= state.session_energy_kwh < 13.0
    assert listener.messages["CST"] == len(wires.sent(0x101AF456))
    assert (listener.malformed, dict(listener.unknown_ids)) == (0, {})


def test_a_new_handshake_forgets_the_battery_before() -> None:
    wires = charging()
    listener = listened(wires)
    listener.receive(Frame(0x1826F456, bytes.fromhex("010100")), wires.now_s)
    assert listener.battery_charge(wires.now_s) == BatteryCharge(phase=ChargePhase.HANDSHAKE)


def test_a_listener_that_joins_late_knows_the_phase() -> None:
    listener = Listener()
    listener.receive(Frame(0x181056F4, bytes.fromhex("A81C400602")), 1.0)
    state = listener.battery_charge(3.0)
    assert (state.phase, state.wanted_current_a, state.bms_age_s) == (ChargePhase.CHARGING, 240.0, 2.0)


def test_errors_and_foreign_frames_are_told() -> None:
    listener = Listener()
    for can_id, text in ((0x081E56F4, "F0F0F1FC"), (0x081FF456, "FDF0C0FC"), (0x1885D0F3, "00"), (0x181056F4, "00")):
        listener.receive(Frame(can_id, bytes.fromhex(text)), 1.0)
    assert listener.phase is ChargePhase.ERROR
    assert listener.battery_charge(1.0).timeouts == ("CCS", "BRM")
    assert (dict(listener.unknown_ids), listener.malformed) == ({0x1885D0F3: 1}, 1)


def test_a_listener_sends_nothing() -> None:
    assert (Listener().due(0.0), Listener().next_deadline()) == ((), float("inf"))


@given(
    st.lists(st.builds(Frame, st.sampled_from([0x1CEC56F4, 0x1CEB56F4, 0x1CECF456, 0x181056F4]), st.binary(max_size=8)))
)
def test_random_frames_never_raise(frames: list[Frame]) -> None:
    listener = Listener()
    for frame in frames:
        listener.receive(frame, 1.0)
    assert listener.battery_charge(2.0).phase in ChargePhase
