"""What a battery says becomes its device state, driven or listened to, with the age of its cells."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.model.device import BatteryCells
from swapstation.protocol.gbt27930.battery_view import BatteryView
from swapstation.protocol.gbt27930.listener import Listener
from swapstation.protocol.gbt27930.messages import Bmt, Bmv, Brm, Bsd, Message
from swapstation.protocol.gbt27930.table import Heard
from swapstation.protocol.gbt27930.words import BatteryType
from swapstation.protocol.node import Frame
from tests.protocol.gbt27930.segment import FACTS, STATUS, segment
from tests.protocol.gbt27930.test_listener import listened
from tests.protocol.gbt27930.test_sessions import charging

CELLS = tuple(round(3.30 + 0.01 * (index % 7), 2) for index in range(201))
KNOWN = replace(
    FACTS,
    production_year=2023,
    production_month=6,
    production_day=15,
    charge_count=312,
    software_number=1,
    software_year=2023,
    software_month=5,
    software_day=20,
)
MEASURED = replace(
    STATUS,
    remaining_min=55,
    max_cell_number=87,
    max_cell_group=3,
    max_temperature_probe=4,
    min_temperature_probe=11,
    cell_voltages_v=CELLS,
    temperatures_c=(31.0, 27.0, 29.0),
    reserved=(1, 2, 3),
)


def view(*messages: Message, at_s: float = 1.0) -> BatteryView:
    gathered = BatteryView()
    for message in messages:
        gathered.take(Heard(message, 49), at_s)
    return gathered


def test_everything_a_battery_says_is_in_the_state_of_either_side() -> None:
    wires = charging(segment(KNOWN, MEASURED))
    wires.run(3)
    listener = listened(wires)
    for state in (wires.charger.battery_charge(wires.now_s), listener.battery_charge(wires.now_s)):
        assert (state.edition, state.battery_type, state.rated_capacity_ah) == ("2015", "lfp", 436.0)
        assert (state.rated_voltage_v, state.production_date, state.charge_count) == (646.8, "2023-06-15", 312)
        assert (state.software_version, state.cell_limit_v, state.temperature_limit_c) == ("1 2023-05-20", 3.65, 60)
        assert (state.remaining_min, state.max_cell_number, state.max_cell_group) == (55, 87, 3)
        assert (state.max_temperature_probe, state.min_temperature_probe) == (4, 11)
        assert (state.min_cell_v, state.cell_spread_v) == (3.30, 0.06)
    assert listener.messages["BSP"] == 1


def test_the_cells_come_with_the_time_of_their_message() -> None:
    wires = charging(segment(KNOWN, MEASURED))
    wires.run(3)
    for told in (wires.charger.battery_cells, listened(wires).battery_cells):
        assert told is not None
        cells, received_s = told
        assert cells == BatteryCells(CELLS, (31.0, 27.0, 29.0))
        assert 100.0 < received_s < wires.now_s - 1.0
    wires.run(11)
    told = wires.charger.battery_cells
    assert told is not None
    assert told[1] > received_s + 9.0


def test_the_age_of_the_cells_is_that_of_the_older_message() -> None:
    gathered = BatteryView()
    assert gathered.cells is None
    gathered.take(Heard(Bmv((3.3, None), (0, 0)), 4), 1.0)
    gathered.take(Heard(Bmt((25.0,)), 1), 11.0)
    assert gathered.cells == (BatteryCells((3.3, None), (25.0,)), 1.0)


def test_a_battery_that_never_tells_its_cells_has_none() -> None:
    wires = charging()
    assert wires.charger.battery_cells is None
    assert listened(wires).battery_cells is None


def test_the_cells_of_the_battery_before_are_forgotten() -> None:
    wires = charging(segment(KNOWN, MEASURED))
    wires.run(3)
    listener = listened(wires)
    listener.receive(Frame(0x1826F456, bytes.fromhex("010100")), wires.now_s)
    assert listener.battery_cells is None


@pytest.mark.parametrize(
    ("year", "month", "day", "told"),
    [
        (2084, 2, 29, "2084-02-29"),
        (2023, 2, 29, None),
        (1985, 0, 0, None),
        (None, None, None, None),
        (2023, 13, 1, None),
    ],
)
def test_a_production_date_that_is_none_is_not_told(
    year: int | None, month: int | None, day: int | None, told: str | None
) -> None:
    brm = Brm("1.1", BatteryType.LFP, 1.0, 1.0, production_year=year, production_month=month, production_day=day)
    assert view(brm).facts.production_date == told


def test_a_software_version_is_told_as_far_as_it_goes() -> None:
    bare = Brm("1.1", BatteryType.LFP, 1.0, 1.0)
    assert view(bare).facts.software_version is None
    assert view(Brm("1.1", BatteryType.LFP, 1.0, 1.0, software_number=7)).facts.software_version == "7"


def test_cells_that_are_all_unknown_leave_the_extremes_alone() -> None:
    gathered = view(Bsd(95, 3.41, 3.45, 26, 33), Bmv((None, None), (0, 0)))
    assert (gathered.facts.min_cell_v, gathered.facts.cell_spread_v) == (3.41, 0.04)


_IDS = [
    0x1826F456, 0x182756F4, 0x1801F456, 0x1CEC56F4, 0x1CEB56F4, 0x1CECF456, 0x181056F4, 0x181356F4, 0x101956F4,
    0x101AF456, 0x181C56F4, 0x181DF456, 0x081E56F4, 0x081FF456, 0x1812F456,
]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(_IDS), st.binary(max_size=8), st.floats(0.0, 2.0)), max_size=40))
def test_a_listener_never_sends_whatever_comes(steps: list[tuple[int, bytes, float]]) -> None:
    listener, now_s = Listener(), 0.0
    for can_id, data, wait_s in steps:
        now_s += wait_s
        listener.receive(Frame(can_id, data), now_s)
        assert tuple(listener.due(now_s)) == ()
        assert listener.next_deadline() == float("inf")


def test_a_listener_sends_nothing_in_a_whole_charge() -> None:
    wires = charging(segment(KNOWN, MEASURED))
    listener = Listener()
    for at_s, frame in wires.log:
        listener.receive(frame, at_s)
        assert tuple(listener.due(at_s)) == ()
