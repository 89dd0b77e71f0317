"""Charger and battery against each other in virtual time."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from swapstation.config.gbt27930 import EditionChoice, Gbt27930
from swapstation.errors import InputError
from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.charger_output import Demand
from swapstation.protocol.gbt27930.charger_settings import ChargerSettings
from swapstation.protocol.gbt27930.words import BatteryFault, BmsStop, ChargerStop, Edition
from swapstation.protocol.node import Frame
from tests.protocol.gbt27930.segment import FACTS, SETTINGS, STATUS, Segment, edition_2011, segment

CHM, CRM, CML, CRO, CCS, CST, CSD, CEM = (
    0x1826F456, 0x1801F456, 0x1808F456, 0x100AF456, 0x1812F456, 0x101AF456, 0x181DF456, 0x081FF456,
)  # fmt: skip
BHM, BRO, BCL, BSM, BST, BSD, BEM = (
    0x182756F4, 0x100956F4, 0x181056F4, 0x181356F4, 0x101956F4, 0x181C56F4, 0x081E56F4,
)  # fmt: skip


def charging(wires: Segment | None = None) -> Segment:
    wires = wires or segment()
    wires.charger.start(wires.now_s)
    wires.run(20, until=lambda: wires.charger.demand.current_a > 0)
    assert wires.charger.phase is ChargePhase.CHARGING
    wires.run(2)
    return wires


def charger_phase(wires: Segment, phase: ChargePhase, within_s: float = 30) -> None:
    wires.run(within_s, until=lambda: wires.charger.phase is phase)
    assert wires.charger.phase is phase


def test_nothing_is_said_before_the_start() -> None:
    wires = segment()
    wires.run(30)
    assert wires.log == []
    assert wires.charger.battery_charge(wires.now_s).bms_age_s is None


def test_a_whole_charge_to_the_target_soc() -> None:
    wires = segment()
    wires.soc_per_s = 20.0
    wires.charger.start(wires.now_s)
    wires.run(60, until=lambda: wires.charger.phase is ChargePhase.END)
    wires.run(3)
    state = wires.charger.battery_charge(wires.now_s)
    assert state.phase is ChargePhase.END
    assert state.stop_reasons == ("soc_reached", "bms_stopped")
    assert state.timeouts == ()
    assert (state.maker, state.serial, state.vin) == ("CATL", 123456, "LZZ1CLSB7RA000001")
    assert (state.nominal_energy_kwh, state.max_voltage_v, state.max_current_a) == (282.0, 733.6, 350.0)
    assert state.soc_pct == 95
    assert state.session_energy_kwh == pytest.approx(wires.energy_kwh - 7.0)
    assert (state.session_energy_kwh or 0) > 0
    assert wires.bms.phase is ChargePhase.IDLE
    assert wires.bms.stop_reasons == (BmsStop.SOC_REACHED,)
    assert not wires.bms.contactors_wanted
    assert wires.charger.demand == Demand(False, 0.0, 0.0)
    assert not wires.opened_under_load
    silent_from = len(wires.log)
    wires.run(30)
    assert len(wires.log) == silent_from


def test_messages_keep_their_periods() -> None:
    wires = charging()
    wires.log.clear()
    wires.run(10)
    for can_id, period_s in ((CCS, 0.05), (BCL, 0.05), (BSM, 0.25)):
        times = [at_s for at_s, _ in wires.sent(can_id)]
        gaps = [after - before for before, after in itertools.pairwise(times)]
        assert len(times) == pytest.approx(10 / period_s, abs=1)
        assert gaps == pytest.approx([period_s] * len(gaps), abs=1e-6)
    bcs = [at_s for at_s, data in wires.sent(0x1CEC56F4) if data[0] == 0x10]
    assert len(bcs) == 40


def test_the_order_of_first_frames_is_that_of_the_standard() -> None:
    wires = charging()
    first: dict[int, float] = {}
    for at_s, frame in wires.log:
        first.setdefault(frame.can_id, at_s)
    order = [CHM, BHM, CRM, 0x1CEC56F4, CML, BRO, CRO, BCL, CCS]
    times = [first[can_id] for can_id in order]
    assert times == sorted(times)
    assert [data[0] for _, data in wires.sent(CRM)] == [0x00, 0xAA]
    assert {data for _, data in wires.sent(CRO)} <= {b"\x00", b"\xaa"}


def test_the_current_is_the_smallest_of_demand_cap_and_own_maximum() -> None:
    wires = charging()
    assert wires.charger.demand == Demand(True, 733.0, 240.0)
    wires.charger.limit(100.0)
    assert wires.charger.demand.current_a == 100.0
    wires.charger.limit(-1.0)
    assert wires.charger.demand == Demand(True, 733.0, 0.0)
    wires.charger.limit(400.0)
    wires.status = replace(wires.status, wanted_current_a=320.0, wanted_voltage_v=745.0)
    wires.run(1)
    assert wires.charger.demand == Demand(True, 733.6, 250.0)


def test_a_battery_pauses_and_resumes() -> None:
    wires = charging()
    wires.status = replace(wires.status, permitted=False)
    wires.run(1)
    assert wires.charger.demand == Demand(True, 733.0, 0.0)
    assert wires.charger.battery_charge(wires.now_s).charge_permitted is False
    assert wires.sent(CCS)[-1][1][6:] == b"\xfc\xff"
    wires.run(300)
    assert wires.charger.phase is ChargePhase.CHARGING
    wires.status = replace(wires.status, permitted=True)
    wires.run(1)
    assert wires.charger.demand.current_a == 240.0
    assert wires.sent(CCS)[-1][1][6:] == b"\xfd\xff"


def test_a_pause_of_more_than_ten_minutes_ends_the_charge() -> None:
    wires = charging()
    wires.status = replace(wires.status, permitted=False)
    wires.run(599)
    assert wires.charger.phase is ChargePhase.CHARGING
    charger_phase(wires, ChargePhase.END)
    assert "condition_reached" in wires.charger.battery_charge(wires.now_s).stop_reasons


def test_a_stop_by_hand_lowers_the_current_before_anything_opens() -> None:
    wires = charging()
    wires.charger.stop(wires.now_s)
    assert wires.charger.demand == Demand(True, 640.2, 0.0)
    charger_phase(wires, ChargePhase.END)
    wires.run(3)
    assert wires.sent(CST)[0][1].hex() == "0400f0f0"
    assert len(wires.sent(CST)) >= 10
    assert wires.charger.battery_charge(wires.now_s).stop_reasons == ("manual", "charger_stopped")
    assert wires.sent(CSD)
    assert wires.sent(BSD)
    assert wires.sent(BEM) + wires.sent(CEM) == []
    assert not wires.opened_under_load
    assert wires.bms.phase is ChargePhase.IDLE


def test_a_charger_holds_its_contactors_while_current_flows() -> None:
    wires = charging()
    wires.charger.stop(wires.now_s)
    for _ in range(40):
        wires.charger.measured(640.0, 80.0, wires.now_s)
        for frame in wires.charger.due(wires.now_s):
            wires.bms.receive(frame, wires.now_s)
        for frame in wires.bms.due(wires.now_s):
            wires.charger.receive(frame, wires.now_s)
        wires.now_s += 0.05
    assert wires.charger.phase is ChargePhase.STOP
    assert wires.charger.demand.enabled
    charger_phase(wires, ChargePhase.END)


def test_a_fault_stop_says_so() -> None:
    wires = charging()
    wires.charger.stop(wires.now_s, ChargerStop.FAULT, ChargerStop.OTHER_FAULT)
    charger_phase(wires, ChargePhase.END)
    assert {"fault", "other_fault"} <= set(wires.charger.battery_charge(wires.now_s).stop_reasons)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (BatteryFault.OVER_TEMPERATURE, "pack_over_temperature"),
        (BatteryFault.INSULATION_FAULT, "insulation_fault"),
        (BatteryFault.OVER_CURRENT, "over_current"),
        (BatteryFault.SOC_HIGH, "other_fault"),
    ],
)
def test_a_battery_fault_ends_the_charge(fault: BatteryFault, reason: str) -> None:
    wires = charging()
    wires.status = replace(wires.status, faults=(fault,))
    charger_phase(wires, ChargePhase.END)
    assert reason in wires.charger.battery_charge(wires.now_s).stop_reasons


def test_voltage_and_cell_limits_are_reasons_of_their_own() -> None:
    wires = charging()
    wires.status = replace(wires.status, voltage_v=733.6, max_cell_v=3.65)
    charger_phase(wires, ChargePhase.END)
    assert set(wires.bms.stop_reasons) == {BmsStop.VOLTAGE_REACHED, BmsStop.CELL_VOLTAGE_REACHED}


@pytest.mark.parametrize("seconds", [0.1, 0.6, 1.4, 1.5, 1.6, 1.8, 2.0, 2.5])
def test_a_stop_is_accepted_at_any_moment_and_the_next_charge_works(seconds: float) -> None:
    wires = segment()
    wires.charger.start(wires.now_s)
    wires.run(seconds)
    wires.charger.stop(wires.now_s)
    charger_phase(wires, ChargePhase.END)
    wires.run(3)
    assert not wires.charger.demand.enabled
    wires.run(60)
    charging(wires)


def test_the_battery_needs_no_plugging_between_two_charges_unless_told_so() -> None:
    for replug_required in (False, True):
        wires = charging(segment(replace(FACTS, replug_required=replug_required)))
        wires.charger.stop(wires.now_s)
        charger_phase(wires, ChargePhase.END)
        wires.run(5)
        wires.log.clear()
        wires.charger.start(wires.now_s)
        wires.run(3)
        assert bool(wires.sent(BHM)) is not replug_required
    wires.bms.plug(wires.now_s)
    wires.run(1)
    assert wires.sent(BHM)


def test_optional_cell_data_share_the_transport_with_the_status() -> None:
    cells = tuple(3.30 + 0.01 * (index % 5) for index in range(200))
    wires = charging(segment(status=replace(STATUS, cell_voltages_v=cells, temperatures_c=(30,) * 40)))
    wires.run(25)
    opened = [data[5:8].hex() for _, data in wires.sent(0x1CEC56F4) if data[0] == 0x10]
    assert opened.count("001500") == 3
    assert opened.count("001600") == 3
    assert wires.charger.phase is ChargePhase.CHARGING
    assert wires.charger.malformed == 0


def test_a_2011_battery_is_found_out_and_spoken_to_in_its_way() -> None:
    wires = charging(edition_2011())
    assert wires.sent(BHM) == []
    assert {len(data) for _, data in wires.sent(CML)} == {6}
    assert {len(data) for _, data in wires.sent(CCS)} == {6}
    assert next(data[1] for _, data in wires.sent(0x1CEC56F4) if data[5:8].hex() == "000200") == 41
    wires.charger.stop(wires.now_s)
    charger_phase(wires, ChargePhase.END)
    assert {len(data) for _, data in wires.sent(CSD)} <= {5}


def test_a_charger_set_to_2011_begins_with_recognition() -> None:
    settings = replace(SETTINGS, edition=EditionChoice.GB2011)
    wires = charging(segment(replace(FACTS, edition=Edition.GB2011), settings=settings))
    assert wires.sent(CHM) == []


def test_a_pack_voltage_outside_the_charger_limits_is_refused() -> None:
    wires = segment(settings=replace(SETTINGS, max_voltage_v=600.0))
    wires.charger.start(wires.now_s)
    charger_phase(wires, ChargePhase.END)
    assert {"fault", "voltage_abnormal"} <= set(wires.charger.battery_charge(wires.now_s).stop_reasons)
    assert wires.sent(CRO) == []


def test_modules_that_do_not_reach_the_pack_voltage_end_the_process() -> None:
    wires = segment()
    wires.modules_work = False
    wires.charger.start(wires.now_s)
    charger_phase(wires, ChargePhase.END, within_s=50)
    assert b"\xaa" not in {data for _, data in wires.sent(CRO)}
    assert "voltage_abnormal" in wires.charger.battery_charge(wires.now_s).stop_reasons


def test_precharge_asks_for_the_pack_voltage_without_current() -> None:
    wires = segment()
    wires.charger.start(wires.now_s)
    wires.run(20, until=lambda: wires.charger.demand.enabled)
    assert wires.charger.demand == Demand(True, 640.2, 0.0)
    assert wires.charger.phase is ChargePhase.CONFIG


def test_foreign_frames_and_nonsense_change_nothing() -> None:
    wires = charging()
    before = wires.charger.battery_charge(wires.now_s)
    for frame in (
        Frame(0x1885D0F3, bytes(8)),
        Frame(0x123, bytes(8), extended=False),
        Frame(0x1CECF456, bytes.fromhex("11 01 01 FF FF 00 11 00")),
        Frame(0x1CEB56F4, bytes.fromhex("05 00 00 00 00 00 00 00")),
        Frame(0x1CEC56F4, bytes.fromhex("10 09 00 07 FF 00 11 00")),
        Frame(0x1CEC56F4, b"\x10"),
        Frame(BCL, b"\x00"),
        Frame(BSM, b""),
        Frame(0x182756F4, bytes(2)),
    ):
        wires.charger.receive(frame, wires.now_s)
        wires.bms.receive(frame, wires.now_s)
    assert wires.charger.battery_charge(wires.now_s) == replace(before, bms_age_s=0.0)
    assert wires.charger.malformed == 4
    wires.run(5)
    assert wires.charger.phase is ChargePhase.CHARGING
    assert wires.charger.demand.current_a == 240.0


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_current_a", 400.1), ("max_current_a", 0.0), ("max_voltage_v", 199.0)],
)
def test_settings_the_wire_cannot_say_are_refused(field: str, value: float) -> None:
    with pytest.raises(InputError) as refusal:
        replace(SETTINGS, **{field: value})  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_a_smallest_current_above_the_largest_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        replace(SETTINGS, max_current_a=20.0, gbt27930=Gbt27930(min_current_a=21.0))
    assert refusal.value.field == "min_current_a"


def test_charger_numbers_fit_the_wire() -> None:
    with pytest.raises(InputError):
        ChargerSettings(charger_number=-1, max_voltage_v=750, min_voltage_v=200, max_current_a=250)
