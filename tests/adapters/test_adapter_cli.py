"""`swapstation adapter`: the list, and the check of a recording with its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from swapstation.cli.main import command_line
from swapstation.config.settings import Charging, Exchange
from swapstation.devices.adapter import Adapter, AdapterSettings, Role
from swapstation.devices.chargers import Chargers
from swapstation.devices.installed import build_adapter
from swapstation.devices.meter import SiteMeter
from swapstation.devices.rack import Rack
from swapstation.wire_address import parse_wire
from swapstation.wire_files import wire_file
from tests.adapters.recording import bytes_log, candump, recorded, simulated
from tests.devices.test_map_adapter import METER_MAP, Device, built

APP = command_line("adapter")


def check(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(APP, ["adapter", "check", *map(str, arguments), "--language", "en"])
    return result.exit_code, result.output


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    simulation = simulated(tmp_path, Exchange.PLC, Charging.CHARGER)
    meter, chargers, rack = SiteMeter("000000000161"), Chargers((1, 2)), Rack()
    for name, adapter, node in (
        ("meter", meter, simulation.meter_node()),
        ("chargers", chargers, simulation.charger_node()),
    ):
        text = bytes_log(recorded(adapter, simulation, node, 4.0), name)
        (tmp_path / f"{name}.bytes.log").write_text(text, encoding="ascii")
    frames = candump(recorded(rack, simulation, simulation.can_nodes["station"], 4.0), "station")
    (tmp_path / "station.log").write_text(frames, encoding="ascii")
    return tmp_path


def test_the_list_names_role_name_and_package() -> None:
    result = CliRunner().invoke(APP, ["adapter", "list", "--json"])
    rows = json.loads(result.output)
    assert {"role": "meter", "name": "dlt645", "package": "swapstation 0.1.0"} in rows
    assert "reference_plc" in CliRunner().invoke(APP, ["adapter", "list"]).output


def test_recordings_of_bytes_and_of_can_are_checked(recordings: Path) -> None:
    wire = "dlt645:///dev/ttyS1?address=000000000161"
    assert check("dlt645", "--replay", recordings / "meter.bytes.log", "--wire", wire)[0] == 0
    code, output = check("reference_charger", "--replay", recordings / "chargers.bytes.log", "--bays", "1,2")
    assert (code, "✓ StartCharge: leaves" in output, "✗" in output) == (0, True, False)
    assert check("rack.reference_rack", "--replay", recordings / "station.log")[0] == 0


def test_what_is_missing_is_said_and_ends_with_1(recordings: Path) -> None:
    code, output = check("reference_plc", "--replay", recordings / "chargers.bytes.log")
    assert (code, "✗ Robot: never appeared" in output) == (1, True)
    result = CliRunner().invoke(
        APP, ["adapter", "check", "reference_plc", "--replay", str(recordings / "chargers.bytes.log"), "--json"]
    )
    told = json.loads(result.output)
    assert (told["role"], told["passed"]) == ("exchanger", False)
    assert {"code": "state_missing", "passed": False, "zh": "Robot: 没有出现", "en": "Robot: never appeared"} in told[
        "findings"
    ]


def test_a_polled_device_is_checked_with_its_map(tmp_path: Path) -> None:
    settings = AdapterSettings(parse_wire("", "modbus-tcp://127.0.0.1:1?unit=3"), map=METER_MAP)
    adapter = built(Role.METER, settings)
    device = Device(adapter, METER_MAP, (3,))
    device.show(3, "energy", {"forward_energy": 70.0, "power": 5})
    wire: list[str] = []
    for _ in range(400):
        device.now_s = round(device.now_s + 0.01, 3)
        for data in adapter.node.due(device.now_s):
            wire.append(f"({device.now_s:.6f}) meter T {data.hex()}\n")
            device.server.receive(data, device.now_s)
        for data in device.server.due(device.now_s):
            wire.append(f"({device.now_s:.6f}) meter R {data.hex()}\n")
            adapter.node.receive(data, device.now_s)
    log = tmp_path / "meter.bytes.log"
    log.write_text("".join(wire), encoding="ascii")
    arguments = ("meter.modbus_map", "--replay", log, "--map", METER_MAP, "--wire", "modbus-tcp://127.0.0.1:1?unit=3")
    assert check(*arguments)[0] == 0


def test_devices_of_bays_are_checked_with_a_map(tmp_path: Path) -> None:
    """The readings are those of the simulated climate unit of bay 1."""
    wire = []
    for number in range(1, 31):
        wire.append(f"({number}.0) climate T {number:04X}00000006010300640009\n")
        wire.append(f"({number}.1) climate R {number:04X}00000015010312000000C800C804B0000000C8000000000000\n")
    log = tmp_path / "climate.bytes.log"
    log.write_text("".join(wire), encoding="ascii")
    climate_map = wire_file("registers", "climate.toml")
    assert check("climate.modbus_map", "--replay", log, "--map", climate_map)[0] == 0
    assert check("climate.modbus_map", "--replay", log, "--map", climate_map, "--bays", "2")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no_such", "--replay", "meter.bytes.log"), "installed: exchanger."),
        (("robot.reference_plc", "--replay", "meter.bytes.log"), "roles are exchanger"),
        (("dlt645", "--replay", "missing.bytes.log"), "a file that can be read"),
        (("dlt645", "--replay", "meter.bytes.log", "--wire", "tcp:1"), "SCHEME://PLACE"),
        (("meter.modbus_map", "--replay", "meter.bytes.log"), "needs a map file"),
        (("reference_charger", "--replay", "meter.bytes.log", "--bays", "one"), "numbers joined by commas"),
    ],
)
def test_bad_input_is_named_and_ends_with_2(recordings: Path, arguments: tuple[str, ...], said: str) -> None:
    placed = [str(recordings / each) if each.endswith(".log") else each for each in arguments]
    code, output = check(*placed)
    assert (code, said in output) == (2, True), output


def test_every_installed_kind_loads() -> None:
    plc: Adapter = build_adapter(
        Role.EXCHANGER, "reference_plc", AdapterSettings(parse_wire("", "modbus-tcp://127.0.0.1:1"))
    )
    assert plc.role is Role.EXCHANGER
