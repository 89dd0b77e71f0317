"""What ends or holds a charging process, and how the current falls before anything opens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from swapstation.config.gbt27930 import Gbt27930
from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.charger_output import Demand
from swapstation.protocol.gbt27930.words import BatteryFault
from swapstation.protocol.node import Frame
from tests.protocol.gbt27930.segment import FACTS, SETTINGS, STATUS, segment
from tests.protocol.gbt27930.test_sessions import BRO, BSM, CCS, CML, CRM, CRO, CST, charger_phase, charging

CTS = 0x1807F456


def pair(byte: int, first_bit: int, value: int) -> bytes:
    """A BSM with all normal and charging allowed, but for one state pair."""
    data = bytearray.fromhex("565103 4D0A 00D0")
    data[byte - 1] |= value << (first_bit - 1)
    return bytes(data)


@pytest.mark.parametrize("value", [0b01, 0b10, 0b11])
@pytest.mark.parametrize("place", [(6, 1), (6, 3), (6, 5), (6, 7), (7, 1), (7, 3)])
def test_any_state_that_is_not_normal_ends_the_charge_with_a_fault(place: tuple[int, int], value: int) -> None:
    wires = charging()
    wires.charger.receive(Frame(BSM, pair(*place, value)), wires.now_s)
    assert wires.charger.phase is ChargePhase.STOP
    wires.run(1)
    assert wires.sent(CST)[0][1].hex() == "1000f4f0"


def test_the_same_message_with_all_normal_ends_nothing() -> None:
    wires = charging()
    wires.charger.receive(Frame(BSM, pair(6, 1, 0b00)), wires.now_s)
    assert wires.charger.phase is ChargePhase.CHARGING


def test_a_fault_ends_a_charge_that_is_paused_too() -> None:
    wires = charging()
    wires.status = replace(wires.status, permitted=False)
    wires.run(1)
    wires.status = replace(wires.status, faults=(BatteryFault.INSULATION_FAULT,))
    charger_phase(wires, ChargePhase.END)
    assert "insulation_fault" in wires.charger.battery_charge(wires.now_s).stop_reasons


def test_a_pause_that_ended_begins_anew() -> None:
    wires = charging()
    for _ in range(2):
        wires.status = replace(wires.status, permitted=False)
        wires.run(400)
        wires.status = replace(wires.status, permitted=True)
        wires.run(1)
    assert wires.charger.demand.current_a == 240.0


def test_the_limits_of_the_battery_count_even_when_it_asks_for_more() -> None:
    facts = replace(FACTS, max_current_a=100.0, max_voltage_v=700.0)
    wires = charging(segment(facts, replace(STATUS, wanted_current_a=300.0, wanted_voltage_v=740.0)))
    assert wires.charger.demand == Demand(True, 700.0, 100.0)


def test_modules_that_do_not_obey_are_an_emergency_after_two_seconds() -> None:
    wires = charging()
    wires.charger.stop(wires.now_s)
    stopped_s = wires.now_s
    for _ in range(80):
        wires.charger.measured(640.0, 80.0, wires.now_s)
        expected = Demand(True, 640.2, 0.0) if wires.now_s < stopped_s + 2.0 else Demand(False, 0.0, 0.0)
        assert wires.charger.demand == expected
        wires.now_s += 0.05
    assert wires.charger.next_deadline() > wires.now_s or wires.charger.due(wires.now_s)


def test_the_emergency_is_a_setting_and_wakes_by_itself() -> None:
    wires = charging(segment(settings=replace(SETTINGS, gbt27930=Gbt27930(emergency_open_s=7.0))))
    wires.charger.measured(640.0, 80.0, wires.now_s)
    wires.charger.stop(wires.now_s)
    stopped_s = wires.now_s
    while wires.charger.demand.enabled:
        wires.now_s = wires.charger.next_deadline()
        wires.charger.due(wires.now_s)
        assert wires.now_s < stopped_s + 10
    assert wires.now_s == pytest.approx(stopped_s + 7.0)


def test_a_battery_opens_under_load_only_when_the_current_never_falls() -> None:
    wires = charging()
    flowing = replace(wires.status, current_a=80.0, faults=(BatteryFault.OVER_CURRENT,))
    wires.bms.battery(flowing, wires.now_s)
    wires.bms.battery(flowing, wires.now_s + 4.9)
    assert wires.bms.contactors_wanted
    wires.bms.battery(flowing, wires.now_s + 5.0)
    assert not wires.bms.contactors_wanted


def test_a_battery_that_stops_before_it_closed_does_not_close() -> None:
    wires = segment()
    wires.lost = lambda frame: frame.can_id == CML
    wires.charger.start(wires.now_s)
    wires.run(4, until=lambda: bool(wires.sent(CML)))
    wires.charger.stop(wires.now_s)
    closed = []
    wires.run(2, until=lambda: closed.append(wires.bms.contactors_wanted) or False)  # type: ignore[func-returns-value]
    assert wires.sent(CST)
    assert not any(closed)


def test_a_connector_that_comes_loose_ends_the_charge() -> None:
    wires = charging()
    for mated, phase in ((True, ChargePhase.CHARGING), (False, ChargePhase.STOP)):
        wires.charger.plugged(mated, wires.now_s)
        assert wires.charger.phase is phase
    assert {"fault", "connector_fault"} <= set(wires.charger.battery_charge(wires.now_s).stop_reasons)


@pytest.mark.parametrize("until", ["handshake", "recognition"])
def test_a_stop_before_the_configuration_is_silence(until: str) -> None:
    wires = segment()
    wires.lost = lambda frame: frame.can_id == 0x1CEB56F4
    wires.charger.start(wires.now_s)
    wires.run(8, until=lambda: wires.charger.phase.value == until)
    wires.charger.stop(wires.now_s)
    assert wires.charger.phase is ChargePhase.END
    silent_from = len(wires.log)
    wires.run(3)
    from_charger = [frame for _, frame in wires.log[silent_from:] if frame.can_id & 0xFF == 0x56]
    assert all(frame.can_id == 0x1CECF456 for frame in from_charger), "only the transport may end what it began"


def test_the_time_is_told_and_counted_on() -> None:
    wires = segment()
    wires.charger.start(wires.now_s, datetime(2026, 3, 9, 23, 59, 57, tzinfo=UTC))
    wires.run(20, until=lambda: wires.charger.phase is ChargePhase.CHARGING)
    elapsed_s = int(wires.sent(CTS)[0][0] - 100.0)
    expected = "2026-03-09 23:59:57" if elapsed_s == 0 else f"2026-03-{9 if elapsed_s < 3 else 10:02}"
    data = wires.sent(CTS)[0][1]
    text = f"{data[6]:02X}{data[5]:02X}-{data[4]:02X}-{data[3]:02X} {data[2]:02X}:{data[1]:02X}:{data[0]:02X}"
    assert text.startswith(expected)


def test_a_time_that_is_not_given_is_not_invented() -> None:
    wires = charging()
    assert {data for _, data in wires.sent(CTS)} == {b"\xff" * 7}


def test_messages_start_and_stop_as_in_recorded_processes() -> None:
    wires = segment(status=replace(STATUS, contactors_closed=False))
    charging(wires)
    assert [data[0] for _, data in wires.sent(CRM)] == [0x00, 0xAA]
    bro = [(at_s, data[0]) for at_s, data in wires.sent(BRO)]
    assert [said for _, said in bro] == sorted((said for _, said in bro), key=(0x00, 0xAA).index)
    ready_s = next(at_s for at_s, said in bro if said == 0xAA)
    assert wires.sent(CML)[-1][0] <= ready_s <= wires.sent(CRO)[0][0]
    cro_ready_s = next(at_s for at_s, data in wires.sent(CRO) if data[0] == 0xAA)
    assert bro[-1][0] <= cro_ready_s
    first_bsm_s, first_ccs_s = wires.sent(BSM)[0][0], wires.sent(CCS)[0][0]
    assert cro_ready_s <= first_ccs_s <= first_bsm_s


def test_a_battery_that_takes_long_to_close_is_waited_for() -> None:
    """CRO is awaited from BRO AA on; a battery that needs 20 s for its contactors must not give up after 5."""
    wires = segment()
    wires.closing_s = 20.0
    wires.charger.start(wires.now_s)
    wires.run(60, until=lambda: wires.charger.demand.current_a > 0)
    assert wires.now_s > 120.0
    assert wires.charger.demand.current_a == 240.0
    assert wires.charger.battery_charge(wires.now_s).timeouts == ()
