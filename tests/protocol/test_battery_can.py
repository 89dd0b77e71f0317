"""What a battery tells its truck, read by its model's DBC: series, facts, texts, age, garbage; nothing is ever sent."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import ConfigurationError
from swapstation.model.device import BatteryCells, BatteryCharge
from swapstation.protocol.battery_can import FORGOTTEN_S, BatteryCan
from swapstation.protocol.can_bus import CanBus
from swapstation.protocol.dbc import load_dbc
from swapstation.protocol.gbt27930.listener import Listener
from swapstation.protocol.node import Frame
from swapstation.wire_files import wire_file

F3 = wire_file("dbc", "battery_f3.dbc")
MESSAGES = load_dbc(F3)
CELLS, PROBES, CURRENT = 0x18C1D0F3, 0x18C2D0F3, 0x1882D0F3
VOLTAGE, COUNTS, VIN = 0x18E5D0F3, 0x18E6D0F3, 0x18E1F3D0


def battery() -> BatteryCan:
    return BatteryCan.load(F3)


def told(node: BatteryCan, can_id: int, text: str, now_s: float = 0.0) -> None:
    node.receive(Frame(can_id, bytes.fromhex(text)), now_s)


def cells_of(node: BatteryCan) -> BatteryCells:
    assert node.battery_cells is not None
    return node.battery_cells[0]


def test_cells_are_put_together_from_their_frames_in_order() -> None:
    node = battery()
    told(node, CELLS, "02 00 FA 0C FB 0C FF FF", 2.0)
    told(node, CELLS, "01 00 E4 0C E5 0C E6 0C", 1.0)
    assert cells_of(node).voltages_v == (3.3, 3.301, 3.302, 3.322, 3.323, None)
    told(node, COUNTS, "00 05 00 02 00 00 00 00", 3.0)
    told(node, PROBES, "01 00 4B 4C FF FF FF FF", 3.0)
    assert node.battery_cells == (BatteryCells((3.3, 3.301, 3.302, 3.322, 3.323), (25, 26)), 1.0)


def test_a_frame_that_never_came_leaves_its_cells_not_available() -> None:
    node = battery()
    told(node, COUNTS, "00 06 00 00 00 00 00 00")
    told(node, CELLS, "02 00 FA 0C FB 0C FC 0C")
    assert cells_of(node).voltages_v == (None, None, None, 3.322, 3.323, 3.324)


def test_facts_are_signals_by_name_and_unit() -> None:
    node = battery()
    assert node.battery_charge(0.0) is None
    told(node, VOLTAGE, "00 00 80 19 00 00 00 00", 1.0)
    told(node, CURRENT, "00 00 40 1F 00 00 00 00", 1.5)
    assert node.battery_charge(2.0) == BatteryCharge(bms_age_s=0.5, voltage_v=652.8, current_a=200.0)
    told(node, VOLTAGE, "00 00 FF FF 00 00 00 00", 1.5)
    charge = node.battery_charge(2.0)
    assert charge is not None
    assert charge.voltage_v is None


def test_the_vin_is_there_when_all_its_parts_are() -> None:
    node = battery()
    told(node, VIN, "01 4C 5A 5A 31 43 4C 53")
    told(node, VIN, "03 30 30 31 FF FF FF FF")
    charge = node.battery_charge(0.0)
    assert charge is not None
    assert charge.vin is None
    told(node, VIN, "02 42 37 52 41 30 30 30")
    charge = node.battery_charge(0.0)
    assert charge is not None
    assert charge.vin == "LZZ1CLSB7RA000001"


def test_what_is_old_is_forgotten_and_after_a_silence_everything() -> None:
    node = battery()
    told(node, CELLS, "01 00 E4 0C E5 0C E6 0C", 0.0)
    told(node, VOLTAGE, "00 00 80 19 00 00 00 00", 20.0)
    told(node, CELLS, "02 00 FA 0C FB 0C FC 0C", FORGOTTEN_S + 1)
    assert node.battery_cells == (BatteryCells((None, None, None, 3.322, 3.323, 3.324)), FORGOTTEN_S + 1)
    assert node.battery_charge(3 * FORGOTTEN_S) is None
    told(node, CURRENT, "00 00 10 27 00 00 00 00", 3 * FORGOTTEN_S)
    assert node.battery_charge(3 * FORGOTTEN_S) == BatteryCharge(bms_age_s=0.0, current_a=0.0)
    assert node.battery_cells is None


def test_a_wrong_length_or_index_is_counted_and_changes_nothing() -> None:
    node = battery()
    told(node, CELLS, "01 00 E4 0C E5 0C E6")
    told(node, CELLS, "00 00 E4 0C E5 0C E6 0C")
    told(node, CELLS, "FF 00 E4 0C E5 0C E6 0C")
    node.receive(Frame(CELLS & 0x7FF, bytes(8), extended=False), 0.0)
    assert node.malformed == 3
    assert node.battery_cells is None
    assert node.battery_charge(0.0) is None


def test_it_listens_beside_the_charging_process_on_one_segment() -> None:
    listener, node = Listener(), battery()
    bus = CanBus((listener, node))
    bus.receive(Frame(0x181056F4, bytes.fromhex("A8 1C 40 06 02")), 0.0)
    bus.receive(Frame(VOLTAGE, bytes.fromhex("00 00 80 19 00 00 00 00")), 0.0)
    assert listener.messages == {"BCL": 1}
    assert node.battery_charge(0.0) is not None
    assert (list(bus.due(0.0)), bus.next_deadline()) == ([], inf)


@given(st.lists(st.tuples(st.sampled_from([CELLS, PROBES, CURRENT, VOLTAGE, COUNTS, VIN]), st.binary(max_size=8))))
def test_no_bytes_raise_and_nothing_is_sent(frames: list[tuple[int, bytes]]) -> None:
    node = BatteryCan(MESSAGES)
    for can_id, data in frames:
        node.receive(Frame(can_id, data), 0.0)
        assert node.due(0.0) == ()
        cells = node.battery_cells
        if cells is not None:
            assert all(value is None or 0 <= value <= 24 for value in cells[0].voltages_v)
        charge = node.battery_charge(0.0)
        assert charge is None or charge.voltage_v is None or 0 <= charge.voltage_v <= 1500


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("SG_ Voltage :", "SG_ Hotness :", "says nothing here; allowed: FrameIndex"),
        ('"degC"', '"K"', "unit 'K'"),
        ('[0|1500] "V"', '[0|1500] ""', "PackVoltage.Voltage: "),
        (
            'SG_ Voltage : 16|16@1+ (0.1,0) [0|1500] "V"',
            'SG_ Current : 16|16@1+ (1,0) [0|9] "A"',
            "current_a: ",
        ),
        ("(1,-1) [0|253]", "(1,-1) [-1|253]", "CellVoltages.FrameIndex: "),
        ("[1|762]", "[1|60000]", "Counts.CellCount: "),
        ("Vin : 8|56@1+", "Vin : 8|55@1+", "VinParts.Vin: "),
        ("CellVoltage1 : 16|16@1+", "CellVoltage1 : 16|16@1-", "allowed: little-endian"),
    ],
)
def test_a_dbc_that_says_nothing_or_twice_is_refused(tmp_path: Path, old: str, new: str, what: str) -> None:
    changed = tmp_path / "changed.dbc"
    text = F3.read_text(encoding="utf-8")
    assert old in text
    changed.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"changed\.dbc") as refusal:
        BatteryCan.load(changed)
    assert what in str(refusal.value)


NOBODY = "Vector__" + 3 * "X"
"""What a DBC writes where it names no sender."""


def test_a_dbc_without_a_sending_node_is_read(tmp_path: Path) -> None:
    changed = tmp_path / "changed.dbc"
    changed.write_text(F3.read_text(encoding="utf-8").replace(": 8 Battery", f": 8 {NOBODY}"), encoding="utf-8")
    node = BatteryCan.load(changed)
    told(node, VOLTAGE, "00 00 80 19 00 00 00 00")
    assert node.battery_charge(0.0) == BatteryCharge(bms_age_s=0.0, voltage_v=652.8)
