"""A battery model with a DBC: what its batteries say on their own CAN reaches the bay, and nothing is sent for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.config.settings import Charging, Config, Exchange
from swapstation.controller.battery_wires import listening_batteries
from swapstation.controller.equipment import Equipment
from swapstation.controller.plugging import load_station
from swapstation.errors import ConfigurationError
from swapstation.model.device import BatteryCells
from swapstation.model.inventory import Inventory
from swapstation.model.snapshot import BayState
from swapstation.protocol.node import Frame
from swapstation.wire_files import wire_file
from tests.controller.test_core import WIRES
from tests.station import situations

F3 = wire_file("dbc", "battery_f3.dbc")
CELLS = Frame(0x18C1D0F3, bytes.fromhex("01 00 E4 0C E5 0C E6 0C"))
VOLTAGE = Frame(0x18E5D0F3, bytes.fromhex("00 00 80 19 00 00 00 00"))
BCL, BSM = Frame(0x181056F4, bytes.fromhex("A8 1C 40 06 02")), Frame(0x181356F4, bytes.fromhex("56 51 03 4D 0A 00 D0"))
EXAMPLE = Path(__file__).parents[2] / "examples" / "station.toml"


def configured(tmp_path: Path, *dbcs: Path) -> Config:
    config = situations.config(Exchange.STATION)
    model = config.battery_models[0]
    models = tuple(replace(model, name=f"model {number}", can_dbc=path) for number, path in enumerate(dbcs))
    bays = tuple(bay if bay.isolation else replace(bay, charging=Charging.CHARGER) for bay in config.bays)
    return replace(config, data=tmp_path, links=WIRES, bays=bays, battery_models=models or (model,))


def heard(equipment: Equipment, number: int, frame: Frame, now_s: float) -> BayState:
    """The bay after a frame on its segment."""
    equipment.can_nodes[f"bay-{number}"].receive(frame, now_s)
    return next(bay for bay in equipment.read(now_s + 0.1, Inventory()).bays if bay.number == number)


def test_cells_and_facts_reach_their_bay_alone(tmp_path: Path) -> None:
    equipment = Equipment(configured(tmp_path, F3), 1)
    first, second = (bay.number for bay in equipment._config.charging_bays[:2])
    state = heard(equipment, first, CELLS, 1.0)
    assert state.cells.good == BatteryCells((3.3, 3.301, 3.302))
    state = heard(equipment, first, VOLTAGE, 1.0)
    assert state.charge.good is not None
    assert state.charge.good.voltage_v == 652.8
    assert heard(equipment, second, BCL, 1.0).cells.value is None
    for node in equipment.can_nodes.values():
        assert list(node.due(1.2)) == []


def test_what_a_charging_process_says_goes_before_it(tmp_path: Path) -> None:
    equipment = Equipment(configured(tmp_path, F3), 1)
    number = equipment._config.charging_bays[0].number
    heard(equipment, number, BSM, 1.0)
    state = heard(equipment, number, VOLTAGE, 2.0)
    assert state.charge.good is not None
    assert (state.charge.good.voltage_v, state.charge.good.max_temperature_c) == (None, 31)


def test_without_a_dbc_nobody_listens(tmp_path: Path) -> None:
    config = configured(tmp_path)
    assert listening_batteries(config) == ()
    equipment = Equipment(config, 1)
    assert heard(equipment, config.charging_bays[0].number, CELLS, 1.0).cells.value is None


def test_two_models_must_not_share_an_identifier(tmp_path: Path) -> None:
    other = tmp_path / "other.dbc"
    other.write_bytes(F3.read_bytes())
    with pytest.raises(ConfigurationError, match=r"other\.dbc: .* is in .*battery_f3\.dbc too"):
        listening_batteries(configured(tmp_path, F3, other))
    other.write_text(F3.read_text(encoding="utf-8").replace("BO_ 25", "BO_ 24"), encoding="utf-8")
    assert len(listening_batteries(configured(tmp_path, F3, other))) == 2 * len(configured(tmp_path).charging_bays)


def test_the_file_is_one_of_the_wire_contract_or_lies_beside_the_station_file(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for name, path in (("battery_f3.dbc", F3), ("mine.dbc", tmp_path / "mine.dbc")):
        station = tmp_path / "station.toml"
        begun = text.index("[[battery_models]]") + len("[[battery_models]]")
        station.write_text(f'{text[:begun]}\ncan_dbc = "{name}"{text[begun:]}', encoding="utf-8")
        assert load_config(station).battery_models[0].can_dbc == path


def test_a_station_file_whose_dbc_does_not_fit_is_refused_at_its_check(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    begun = text.index("[[battery_models]]") + len("[[battery_models]]")
    station = tmp_path / "station.toml"
    station.write_text(f'{text[:begun]}\ncan_dbc = "station.dbc"{text[begun:]}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="says nothing here"):
        load_station(station)


def test_a_dbc_that_is_missing_or_says_nothing_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.dbc: 打不开文件 \| cannot open"):
        Equipment(configured(tmp_path, tmp_path / "none.dbc"), 1)
    with pytest.raises(ConfigurationError, match=r"station\.dbc: .* says nothing here"):
        Equipment(configured(tmp_path, wire_file("dbc", "station.dbc")), 1)
