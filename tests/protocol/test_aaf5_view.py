"""What a charger tells over AA F5, as the station sees it: output, battery, cells, mirrored GB/T 27930."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.model.device import BatteryCells, ChargePhase
from swapstation.protocol.aaf5_messages import (
    AlarmChange,
    AlarmReport,
    BatteryData,
    BmsData,
    CellVoltages,
    PileState,
    Temperatures,
)
from tests.protocol.aaf5_pile import (
    FIRST_ID,
    Cable,
    Pile,
    Yard,
)


def test_alarm_battery_and_cells_are_read(yard: Yard, pile: Pile, cable: Cable) -> None:
    yard.run(0.5)
    data = BatteryData(FIRST_ID, 0, "999PB0A0000001E6K0000042", 652.3, 238.7, 40.5, 98.0, 3.401, 3.377, 31, 27)
    for message in (
        AlarmReport(FIRST_ID, 0, 1002, AlarmChange.ACTIVE),
        data,
        CellVoltages(FIRST_ID, 0, (3.401, None, 3.377)),
        Temperatures(FIRST_ID, 0, (31, 27, None)),
    ):
        pile.end.report(message)
    yard.run(0.1)
    view = cable.station.view
    assert view.charger is not None
    assert view.charger[0].fault_code == 1002
    assert view.cells is not None
    assert view.cells[0] == BatteryCells((3.401, None, 3.377), (31, 27, None))
    charge = view.battery_charge(yard.time.now_s)
    assert charge is not None
    assert (charge.voltage_v, charge.current_a, charge.soc_pct) == (652.3, 238.7, 40.5)
    assert (charge.max_cell_v, charge.max_temperature_c, charge.min_temperature_c) == (3.401, 31, 27)
    pile.end.report(AlarmReport(FIRST_ID, 0, 1002, AlarmChange.GONE))
    yard.run(0.1)
    assert view.charger[0].fault_code == 0


def test_mirrored_messages_make_the_battery_known(yard: Yard, pile: Pile, cable: Cable) -> None:
    """BCP and BCS of the golden vectors; the mirror is answered, the age counts from it."""
    pile.shown = replace(pile.shown, state=PileState.CHARGING, connection=2, energy_kwh=5.0)
    yard.run(1.5)
    pile.end.report(BmsData(FIRST_ID, 0, 0x0600, bytes.fromhex("6D01F401040BA81C6E95010219")))
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, bytes.fromhex("7B194D06523129 3700")))
    yard.run(0.5)
    charge = cable.station.view.battery_charge(yard.time.now_s)
    assert charge is not None
    assert (charge.nominal_energy_kwh, charge.max_current_a) == (282.0, 350.0)
    assert (charge.soc_pct, charge.voltage_v, charge.current_a) == (41, 652.3, 238.7)
    assert (charge.phase, charge.session_energy_kwh) == (ChargePhase.CHARGING, 5.0)
    assert charge.bms_age_s == pytest.approx(0.5, abs=0.05)
    assert [data[6:8] for data in cable.sent_down].count((301).to_bytes(2, "little")) == 2


def test_a_mirror_that_cannot_be_read_changes_nothing(yard: Yard, pile: Pile, cable: Cable) -> None:
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, b"\x01\x02"))
    pile.end.report(BmsData(FIRST_ID, 0, 0x2600, b"\x01\x01\x00"))
    yard.run(0.001)
    assert yard.station.counts.malformed == 2
    assert cable.station.view.battery_charge(yard.time.now_s) is None


def test_a_charge_that_has_just_begun_gives_the_battery_time_to_speak(yard: Yard, pile: Pile, cable: Cable) -> None:
    """What it said while the charge was prepared is old when the charge begins; that is no silence yet."""
    pile.shown = replace(pile.shown, connection=2, state=PileState.STARTING)
    yard.run(1.5)
    pile.end.report(BmsData(FIRST_ID, 0, 0x0600, bytes.fromhex("6D01F401040BA81C6E95010219")))
    yard.run(3.0)
    pile.shown = replace(pile.shown, state=PileState.CHARGING)

    def phase() -> ChargePhase:
        charge = cable.station.view.battery_charge(yard.time.now_s)
        assert charge is not None
        return charge.phase

    yard.run(1.5)
    assert phase() is ChargePhase.CONFIG
    yard.run(6.0)
    assert phase() is ChargePhase.CHARGING, "after 5 s its silence shows"
    pile.shown = replace(pile.shown, state=PileState.STARTING)
    yard.run(1.5)
    pile.shown = replace(pile.shown, state=PileState.CHARGING)
    yard.run(1.5)
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, bytes.fromhex("7B194D065231293700")))
    yard.run(0.1)
    assert phase() is ChargePhase.CHARGING


def test_a_new_charge_begins_with_nothing_known(yard: Yard, pile: Pile, cable: Cable) -> None:
    pile.shown = replace(pile.shown, connection=2, state=PileState.FINISHED)
    yard.run(1.5)
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, bytes.fromhex("7B194D065231293700")))
    yard.run(1.5)
    assert cable.station.view.battery_charge(yard.time.now_s) is not None
    pile.shown = replace(pile.shown, state=PileState.STARTING)
    yard.run(1.5)
    assert cable.station.view.battery_charge(yard.time.now_s) is None
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, bytes.fromhex("7B194D065231293700")))
    yard.run(1.5)
    assert cable.station.view.battery_charge(yard.time.now_s) is not None, "forgotten once, when the charge begins"


def test_an_unplugged_battery_is_forgotten(yard: Yard, pile: Pile, cable: Cable) -> None:
    pile.shown = replace(pile.shown, connection=2)
    yard.run(1.5)
    pile.end.report(CellVoltages(FIRST_ID, 0, (3.3,)))
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, bytes.fromhex("7B194D065231293700")))
    yard.run(0.1)
    pile.shown = replace(pile.shown, connection=0)
    yard.run(1.5)
    assert cable.station.view.cells is None
    assert cable.station.view.battery_charge(yard.time.now_s) is None


@pytest.mark.parametrize(
    ("state", "voltage_v", "closed"),
    [
        (PileState.IDLE, 0.0, False),
        (PileState.FINISHED, 59.9, False),
        (PileState.FAULT, 640.0, True),
        (PileState.STARTING, 0.0, True),
        (PileState.STOPPING, 12.0, True),
    ],
)
def test_the_output_counts_as_closed_unless_it_is_dead(
    yard: Yard, pile: Pile, cable: Cable, state: PileState, voltage_v: float, closed: bool
) -> None:
    pile.shown = replace(pile.shown, state=state, voltage_v=voltage_v)
    yard.run(1.5)
    assert cable.station.view.charger is not None
    assert cable.station.view.charger[0].contactor_closed is closed
