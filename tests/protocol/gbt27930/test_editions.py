"""Batteries of 2011, 2015 and 2023 against chargers set to each edition: detection, layouts, the rules that differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.gbt27930 import EditionChoice, Gbt27930
from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.bms_facts import BmsFacts
from swapstation.protocol.gbt27930.charger_output import Demand
from swapstation.protocol.gbt27930.table import encode
from swapstation.protocol.gbt27930.words import BmsStop, Edition
from swapstation.protocol.j1939_ends import Sender
from tests.protocol.gbt27930.segment import FACTS, SETTINGS, STATUS, Segment, edition_2011, segment
from tests.protocol.gbt27930.test_sessions import (
    BHM,
    BSM,
    CCS,
    CEM,
    CHM,
    CML,
    CRM,
    CSD,
    CST,
    charger_phase,
    charging,
)
from tests.protocol.gbt27930.vectors import BRM

FACTS_2011 = replace(FACTS, edition=Edition.GB2011)
FACTS_2023 = replace(FACTS, edition=Edition.GB2023)


def bay(choice: EditionChoice, facts: BmsFacts = FACTS, **gbt27930: float) -> Segment:
    return segment(facts, settings=replace(SETTINGS, edition=choice, gbt27930=Gbt27930(**gbt27930)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("choice", "facts", "found"),
    [
        (EditionChoice.GB2015, FACTS, "2015"),
        (EditionChoice.GB2015, FACTS_2011, "2011"),
        (EditionChoice.GB2015, replace(FACTS, brm_version="1.2"), "2015"),
        (EditionChoice.AUTO, FACTS, "2015"),
        (EditionChoice.AUTO, FACTS_2011, "2011"),
        (EditionChoice.AUTO, replace(FACTS, brm_version="1.2"), "2023"),
        (EditionChoice.GB2023, FACTS, "2023"),
        (EditionChoice.GB2023, FACTS_2011, "2011"),
        (EditionChoice.GB2011, FACTS_2011, "2011"),
    ],
)
def test_the_edition_is_chosen_and_found_out(choice: EditionChoice, facts: BmsFacts, found: str) -> None:
    wires = charging(bay(choice, facts))
    assert wires.charger.battery_charge(wires.now_s).edition == found
    assert wires.charger.demand.current_a == 240.0


def test_a_version_of_all_ones_is_no_later_version() -> None:
    """The standard's "not available"; such a battery sent BHM, so it is of 2015."""
    wires = bay(EditionChoice.AUTO)
    wires.charger.start(wires.now_s)
    wires.run(2, until=lambda: bool(wires.sent(CRM)))
    sender = Sender(0xF4, 0x56)
    sender.send(0x0200, b"\xff\xff\xff" + encode(BRM)[3:], wires.now_s)
    while sender.busy:
        for frame in sender.due(wires.now_s):
            wires.charger.receive(frame, wires.now_s)
        for frame in wires.charger.due(wires.now_s):
            if frame.can_id == 0x1CECF456:
                sender.control(frame.data, wires.now_s)
        wires.now_s += 0.01
    assert wires.charger.battery_charge(wires.now_s).edition == "2015"


def test_a_bay_set_to_2011_speaks_2011_even_to_a_battery_that_says_otherwise() -> None:
    wires = bay(EditionChoice.GB2011, replace(FACTS_2011, brm_version="1.1"))
    charging(wires)
    assert {len(data) for _, data in wires.sent(CCS)} == {6}
    assert not wires.sent(CHM)


def test_a_2015_battery_that_lost_the_handshake_is_still_found_out_by_its_recognition() -> None:
    """No BHM came through, but a BRM of 49 bytes that says 1.1 did: 2015 after all."""
    wires = segment()
    wires.lost = lambda frame: frame.can_id == BHM
    wires.charger.start(wires.now_s)
    wires.run(20, until=lambda: wires.charger.demand.current_a > 0)
    assert wires.charger.battery_charge(wires.now_s).edition == "2015"
    assert {len(data) for _, data in wires.sent(CCS)} == {8}


def test_a_2011_battery_gets_the_short_messages_and_the_layouts_that_the_settings_choose() -> None:
    wires = charging(edition_2011())
    wires.charger.stop(wires.now_s)
    charger_phase(wires, ChargePhase.END)
    wires.run(1)
    assert {len(data) for _, data in wires.sent(CML)} == {6}
    assert {len(data) for _, data in wires.sent(CSD)} == {5}
    assert wires.sent(CRM)[0][1].hex(" ") == "00 ed 30 31 30 ff ff ff"
    wide = charging(bay(EditionChoice.GB2015, FACTS_2011, crm_2011_layout=False, csd_2011_layout=False))
    wide.charger.stop(wide.now_s)
    charger_phase(wide, ChargePhase.END)
    wide.run(1)
    assert wide.sent(CRM)[0][1].hex(" ") == "00 ea 03 00 00 30 31 30"
    assert {len(data) for _, data in wide.sent(CSD)} == {8}


def test_a_2011_battery_that_sleeps_until_its_power_was_cycled() -> None:
    sleeper = replace(FACTS_2011, wakes_by_power_cycle=True)
    for aux_cycle_s, phase in ((0.0, ChargePhase.ERROR), (3.0, ChargePhase.CHARGING)):
        wires = bay(EditionChoice.GB2015, sleeper, aux_cycle_s=aux_cycle_s)
        wires.aux_switched = True
        wires.bms.power(True, wires.now_s)
        wires.charger.start(wires.now_s)
        wires.run(11)
        assert wires.charger.phase is phase


def test_the_auxiliary_supply_is_on_exactly_while_a_process_runs() -> None:
    wires = bay(EditionChoice.GB2015, FACTS_2011, aux_cycle_s=3.0)
    powered = [wires.charger.aux_power]
    wires.charger.start(wires.now_s)
    for seconds in (0.1, 5.9, 2.1):
        wires.run(seconds)
        powered.append(wires.charger.aux_power)
    wires.charger.stop(wires.now_s)
    charger_phase(wires, ChargePhase.END)
    wires.run(3)
    assert [*powered, wires.charger.aux_power] == [False, True, False, True, False]


def test_no_handshake_for_five_seconds_is_what_tells_a_2011_battery() -> None:
    wires = edition_2011()
    wires.charger.start(wires.now_s)
    begun_s = wires.now_s
    wires.run(10, until=lambda: bool(wires.sent(CRM)))
    assert wires.sent(CRM)[0][0] - begun_s == pytest.approx(5.0)
    assert wires.sent(CHM)[0][0] == begun_s, "the first CHM comes at once, within the 1 s of 2023"


def test_a_2023_battery_that_does_not_say_bsm_any_more_must_be_plugged_anew() -> None:
    wires = charging(bay(EditionChoice.GB2023))
    wires.lost = lambda frame: frame.can_id == BSM
    charger_phase(wires, ChargePhase.ERROR)
    wires.lost = lambda frame: False
    wires.run(40)
    assert wires.charger.phase is ChargePhase.ERROR
    assert wires.charger.battery_charge(wires.now_s).timeouts == ("BSM",)
    assert wires.sent(CEM)
    assert max(at_s for at_s, _ in wires.sent(CRM)) < wires.sent(CEM)[0][0], "nobody shakes hands again"
    wires.charger.start(wires.now_s)
    assert wires.charger.phase is ChargePhase.ERROR
    wires.charger.plugged(True, wires.now_s)
    wires.charger.start(wires.now_s)
    assert wires.charger.phase is ChargePhase.ERROR
    wires.charger.plugged(False, wires.now_s)
    charging(wires)


def test_plugging_anew_after_a_bsm_timeout_is_a_setting() -> None:
    wires = charging(bay(EditionChoice.GB2023, bsm_replug=False))
    wires.lost = lambda frame: frame.can_id == BSM
    charger_phase(wires, ChargePhase.ERROR)
    wires.run(40)
    wires.lost = lambda frame: False
    charging(wires)


def test_a_2023_bay_whose_battery_never_said_bsm_does_not_wait_for_it() -> None:
    wires = bay(EditionChoice.GB2023)
    wires.lost = lambda frame: frame.can_id == BSM
    wires.charger.start(wires.now_s)
    wires.run(20)
    assert wires.charger.phase is ChargePhase.CHARGING
    assert wires.charger.demand.current_a == 0.0, "a battery that has not permitted it is not charged"


@pytest.mark.parametrize(("choice", "phase"), [("2015", ChargePhase.CHARGING), ("2023", ChargePhase.END)])
@pytest.mark.parametrize("wanted", [(733.0, 0.0), (733.0, 1.0), (0.0, 240.0)])
def test_a_demand_below_the_minimum_gets_the_minimum_in_2015_and_ends_a_charge_of_2023(
    choice: str, phase: ChargePhase, wanted: tuple[float, float]
) -> None:
    wires = charging(bay(EditionChoice(choice), min_current_a=2.0))
    wires.status = replace(wires.status, wanted_voltage_v=wanted[0], wanted_current_a=wanted[1])
    wires.run(0.2)
    assert wires.charger.phase is phase
    if phase is ChargePhase.CHARGING:
        wires.run(60)
        assert wires.charger.phase is ChargePhase.CHARGING
        assert wires.charger.demand == Demand(True, max(wanted[0], 200.0), max(wanted[1], 2.0))
        wires.charger.limit(0.0)
        assert wires.charger.demand.current_a == 0.0
    else:
        assert "parameters_mismatch" in wires.charger.battery_charge(wires.now_s).stop_reasons


def test_a_2023_output_never_exceeds_the_demand() -> None:
    wires = charging(bay(EditionChoice.GB2023))
    wires.status = replace(wires.status, wanted_voltage_v=650.0, wanted_current_a=3.0)
    wires.run(1)
    assert wires.charger.demand.voltage_v == 650.0
    assert wires.charger.demand.current_a == 3.0


@pytest.mark.parametrize(
    ("choice", "reason"),
    [(EditionChoice.GB2015, "voltage_abnormal"), (EditionChoice.GB2023, "parameters_mismatch")],
)
def test_a_pack_that_does_not_fit_is_told_the_limits_and_then_the_stop(choice: EditionChoice, reason: str) -> None:
    settings = replace(SETTINGS, max_voltage_v=600.0, edition=choice)
    wires = segment(settings=settings)
    wires.charger.start(wires.now_s)
    charger_phase(wires, ChargePhase.END)
    assert wires.sent(CML)[0][0] < wires.sent(CST)[0][0]
    assert reason in wires.charger.battery_charge(wires.now_s).stop_reasons


def test_a_2023_battery_refuses_a_charger_that_cannot_reach_its_voltage() -> None:
    wires = segment(FACTS_2023, replace(STATUS, voltage_v=700.0), replace(SETTINGS, edition=EditionChoice.GB2023))
    wires.charger._settings = replace(SETTINGS, max_voltage_v=650.0, edition=EditionChoice.GB2023)
    wires.charger.start(wires.now_s)
    charger_phase(wires, ChargePhase.END)
    assert set(wires.bms.stop_reasons) & {BmsStop.PARAMETERS_MISMATCH, BmsStop.CHARGER_STOPPED}


def test_modules_that_do_not_reach_the_voltage_are_a_precharge_fault_in_2023() -> None:
    wires = bay(EditionChoice.GB2023)
    wires.modules_work = False
    wires.charger.start(wires.now_s)
    charger_phase(wires, ChargePhase.END, within_s=50)
    assert "precharge_fault" in wires.charger.battery_charge(wires.now_s).stop_reasons
