"""The energy meters of the bays behind a vendor's map: AC and DC, each bay its own, one of them alone if need be."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.devices.adapter import AdapterSettings, Role
from swapstation.devices.device_map_files import load_device_map
from swapstation.devices.installed import build_adapter
from swapstation.devices.map_adapter import MapAdapter
from swapstation.errors import ConfigurationError
from swapstation.model.device import AcMeter, DcMeter
from swapstation.protocol.register_bank import RegisterBank
from swapstation.simulation.firmware.map_panels import server_node
from swapstation.simulation.memory import ByteWire, VirtualTime
from swapstation.wire_address import parse_wire

MAP = Path(__file__).parents[2] / "examples" / "bay_meter_map.toml"
WIRE = parse_wire("links.bay_meters", "modbus-tcp://127.0.0.1:0")


def test_every_bay_tells_its_own_ac_and_dc_energy() -> None:
    adapter = build_adapter(Role.BAY_METER, "modbus_map", AdapterSettings(WIRE, bays=(1, 2), map=MAP))
    assert isinstance(adapter, MapAdapter)
    bank = RegisterBank()
    for bay in (1, 2):
        bank.define(bay, 0, 8)
        bank.set(bay, 0, [0, 1000 * bay, 0, 50_000, 0, 900 * bay, 0, 47_000])
    time = VirtualTime(0.0)
    time.join(ByteWire(adapter.node, server_node(bank, WIRE)))
    time.run(3.0)
    told = {(type(update.state), update.bay): update.state for update in adapter.updates(time.now_s)}
    assert told == {
        (AcMeter, 1): AcMeter(10.0, 50.0),
        (DcMeter, 1): DcMeter(9.0, 47.0),
        (AcMeter, 2): AcMeter(20.0, 50.0),
        (DcMeter, 2): DcMeter(18.0, 47.0),
    }


def test_a_map_may_have_ac_meters_alone(tmp_path: Path) -> None:
    text = MAP.read_text(encoding="utf-8")
    path = tmp_path / "ac.toml"
    path.write_text(text[: text.index('[[point]]\nblock = "energy"\nname = "dc_energy"')], encoding="utf-8")
    assert {feed.to.state for feed in load_device_map(path, Role.BAY_METER).feeds} == {AcMeter}


@pytest.mark.parametrize("field", ["AcMeter.energy_kwh", "DcMeter.energy_kwh"])
def test_a_meter_without_energy_is_none(tmp_path: Path, field: str) -> None:
    path = tmp_path / "wrong.toml"
    text = MAP.read_text(encoding="utf-8")
    path.write_text("\n".join(line for line in text.splitlines() if f'to = "{field}"' not in line), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"no point feeds {field}"):
        load_device_map(path, Role.BAY_METER)
