"""Any polled Modbus device by its map: the example meter and the example charger, over the wire, into device states."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from swapstation.devices.adapter import (
    NOT_CONNECTED,
    OUT_OF_RANGE,
    UNKNOWN_COMMAND,
    Adapter,
    AdapterSettings,
    DeviceState,
    Role,
    Update,
)
from swapstation.devices.device_map_files import load_device_map
from swapstation.devices.fault_texts import unlisted
from swapstation.devices.installed import build_adapter
from swapstation.devices.map_adapter import MapAdapter
from swapstation.errors import ConfigurationError, InputError
from swapstation.model.command import Command, HoldRobot, StartCharge, StopCharge
from swapstation.model.device import Charger, ChargerState, Meter
from swapstation.model.vendor_alarm import Grade, VendorAlarm, VendorAlarms
from swapstation.protocol.modbus_server import ModbusTcpServer
from swapstation.protocol.register_bank import RegisterBank
from swapstation.protocol.registers import Value
from swapstation.wire_address import parse_wire

EXAMPLES = Path(__file__).parents[2] / "examples"
METER_MAP, CHARGER_MAP = EXAMPLES / "meter_map.toml", EXAMPLES / "charger_map.toml"
WIRE = parse_wire("", "modbus-tcp://127.0.0.1:1?unit=3")


def built(role: Role, settings: AdapterSettings) -> MapAdapter:
    adapter = build_adapter(role, "modbus_map", settings)
    assert isinstance(adapter, MapAdapter)
    return adapter


class Device:
    """The device at the other end of a wire in memory: registers by the names of its map."""

    def __init__(self, adapter: MapAdapter, path: Path, units: tuple[int, ...]) -> None:
        self.adapter = adapter
        self.map = load_device_map(path, adapter.role).registers
        self.bank = RegisterBank()
        self.server = ModbusTcpServer(self.bank)
        self.now_s = 0.0
        for unit in units:
            for block in self.map.blocks.values():
                self.bank.define(unit, block.address, block.count, writable=block.access == "write")
        self.connect()

    def connect(self) -> None:
        self.adapter.node.opened(self.now_s)
        self.server.opened(self.now_s)

    def show(self, unit: int, block: str, values: Mapping[str, Value]) -> None:
        place = self.map.blocks[block]
        present = self.bank.get(unit, place.address, place.count)
        self.bank.set(unit, place.address, self.map.encode(block, values, present))

    def run(self, duration_s: float = 1.5) -> None:
        for _ in range(round(duration_s / 0.01)):
            self.now_s = round(self.now_s + 0.01, 3)
            for data in self.adapter.node.due(self.now_s):
                self.server.receive(data, self.now_s)
            for data in self.server.due(self.now_s):
                self.adapter.node.receive(data, self.now_s)

    def updates(self) -> list[Update]:
        return list(self.adapter.updates(self.now_s))

    def states(self) -> list[tuple[int, DeviceState]]:
        return [(update.bay, update.state) for update in self.updates()]

    def order(self, command: Command, command_id: int = 1) -> str | None:
        refusal = self.adapter.order(command, command_id, self.now_s)
        return refusal.code if refusal else None

    def written(self, unit: int) -> list[tuple[int, tuple[int, ...]]]:
        writes = self.bank.take_writes()
        assert {write.unit for write in writes} <= {unit}
        return [(write.address, write.registers) for write in writes]


@pytest.fixture
def meter() -> Device:
    adapter = built(Role.METER, AdapterSettings(WIRE, ratio=100.0, map=METER_MAP))
    return Device(adapter, METER_MAP, (3,))


@pytest.fixture
def charger() -> Device:
    adapter = built(Role.CHARGER, AdapterSettings(WIRE, bays=(2, 5), map=CHARGER_MAP))
    return Device(adapter, CHARGER_MAP, (2, 5))


PHASES = {f"{name}_l{phase}": 230.5 + phase for name in ("voltage", "current") for phase in (1, 2, 3)}


def test_a_meter_is_read_with_its_units_and_the_ratio_of_the_transformers(meter: Device) -> None:
    assert meter.updates() == []
    meter.show(3, "energy", {"forward_energy": 12_345_670.0, "power": 8000})
    meter.show(3, "phases", PHASES)
    meter.run()
    ((bay, state),) = meter.states()
    assert isinstance(state, Meter)
    assert (bay, state.address, state.voltages_v) == (0, "example meter", (231.5, 232.5, 233.5))
    assert (state.energy_kwh, state.power_kw) == pytest.approx((1_234_567.0, 800.0))
    assert state.currents_a == pytest.approx((23150.0, 23250.0, 23350.0))


def test_a_power_that_is_not_available_is_none_and_not_zero(meter: Device) -> None:
    meter.show(3, "energy", {"forward_energy": 10.0, "power": None})
    meter.run()
    ((_, state),) = meter.states()
    assert isinstance(state, Meter)
    assert state.power_kw is None


def test_a_block_that_is_no_longer_read_leaves_its_optional_fields_absent(meter: Device) -> None:
    meter.show(3, "energy", {"forward_energy": 10.0})
    meter.show(3, "phases", PHASES)
    meter.run()
    lost = RegisterBank()
    lost.define(3, 0, 4)
    meter.server = ModbusTcpServer(lost)
    meter.server.opened(meter.now_s)
    meter.run(7.0)
    ((_, state),) = meter.states()
    assert isinstance(state, Meter)
    assert (state.voltages_v, state.currents_a) == ((), ())


def test_silence_leaves_the_last_state_with_its_old_time(meter: Device) -> None:
    meter.show(3, "energy", {"forward_energy": 10.0})
    meter.run()
    (before,) = meter.updates()
    meter.adapter.node.closed(meter.now_s)
    meter.run(20.0)
    (after,) = meter.updates()
    assert after.received_s == before.received_s


CHARGING: dict[str, Value] = {
    "mode": "RUN",
    "output_voltage": 612.3,
    "output_current": 250.5,
    "charged_energy": 70_000,
    "soc": 55,
    "fault": 0,
    "contactor": True,
}


def test_the_chargers_of_all_bays_are_read_by_their_own_words(charger: Device) -> None:
    charger.show(5, "status", CHARGING)
    charger.run()
    assert (5, Charger(ChargerState.CHARGING, 612.3, 250.5, 70.0, 55.0, 0, contactor_closed=True)) in charger.states()
    assert (2, Charger(ChargerState.IDLE, 0.0, 0.0, 0.0, 0.0, 0, contactor_closed=False)) in charger.states()


def test_a_state_that_is_not_in_the_map_takes_the_charger_away(charger: Device) -> None:
    charger.show(5, "status", CHARGING)
    charger.bank.set(5, 64, [77])
    charger.run()
    assert 5 not in {update.bay for update in charger.updates() if isinstance(update.state, Charger)}


def test_what_cannot_be_is_counted_once_a_reading_and_changes_nothing(charger: Device) -> None:
    charger.show(5, "status", {**CHARGING, "soc": 101})
    charger.run(0.2)
    for _ in range(3):
        assert 5 not in {update.bay for update in charger.updates() if isinstance(update.state, Charger)}
    assert charger.adapter.malformed == 1


def test_the_makers_alarms_stand_with_their_texts(charger: Device) -> None:
    charger.show(5, "status", {**CHARGING, "fault": 17, "alarm_bits": 1})
    charger.run()
    hot = VendorAlarm("E01", "充电模块过温", "charging module too hot")
    phase = VendorAlarm("E17", "输入缺相", "mains phase missing", Grade.STOP)
    assert (5, VendorAlarms((hot, phase))) in charger.states()
    assert (2, VendorAlarms(())) in charger.states()


def test_a_fault_code_that_the_map_does_not_explain_is_told_by_its_number(charger: Device) -> None:
    charger.show(5, "status", {**CHARGING, "fault": 99, "alarm_bits": 1})
    charger.run()
    hot = VendorAlarm("E01", "充电模块过温", "charging module too hot")
    assert (5, VendorAlarms((hot, unlisted("99")))) in charger.states()


def test_a_start_is_written_in_turn_and_a_stop_has_an_id_of_its_own(charger: Device) -> None:
    assert charger.order(StartCharge(5, 95.0, 180.5), 70_001) is None
    charger.run()
    assert charger.written(5) == [(0, (1805, 95)), (2, (0xA5, (70_001 - 1) % 0x7FFF + 1))]
    assert charger.order(StopCharge(5)) is None
    assert charger.order(StopCharge(5)) is None
    charger.run()
    (first, (order, one)), (_, (_, two)) = charger.written(5)
    assert (first, order) == (2, 0x5A)
    assert one >= 0x8000
    assert one != two


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (StartCharge(5, 95.0, 7000.0), OUT_OF_RANGE),
        (StartCharge(3, 95.0, 100.0), OUT_OF_RANGE),
        (HoldRobot(), UNKNOWN_COMMAND),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(charger: Device, command: Command, code: str) -> None:
    assert charger.order(command) == code
    charger.run()
    assert charger.written(5) == []


def test_an_order_on_a_wire_that_is_gone_never_leaves(charger: Device) -> None:
    charger.adapter.node.closed(charger.now_s)
    assert charger.order(StopCharge(5)) in {None, NOT_CONNECTED}
    charger.connect()
    charger.run()
    assert charger.written(5) == []


def test_several_chargers_in_one_device_lie_a_stride_apart(tmp_path: Path) -> None:
    text = CHARGER_MAP.read_text(encoding="utf-8").replace('unit = "bay"  ', 'unit = "wire"\nbay_stride = 100\n')
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    adapter = built(Role.CHARGER, AdapterSettings(WIRE, bays=(1, 2), map=path))
    device = Device(adapter, path, (3,))
    device.bank.define(3, 100, 4, writable=True)
    device.bank.define(3, 164, 12)
    device.bank.set(3, 164, [2, 6123])
    device.order(StopCharge(2))
    device.run()
    voltages = {bay: state.voltage_v for bay, state in device.states() if isinstance(state, Charger)}
    assert voltages == {1: 0.0, 2: 612.3}
    assert [address for address, _ in device.written(3)] == [102]


def test_a_map_adapter_without_its_map_or_on_another_wire_is_refused() -> None:
    with pytest.raises(InputError, match=r"meter_map .*needs a map file"):
        build_adapter(Role.METER, "modbus_map", AdapterSettings(WIRE))
    dlt = parse_wire("", "dlt645:///dev/ttyS1?address=000000000161")
    with pytest.raises(InputError, match=r"wire = 'dlt645'.*speaks modbus-rtu, modbus-tcp"):
        build_adapter(Role.METER, "modbus_map", AdapterSettings(dlt, map=METER_MAP))


def test_several_bays_on_one_unit_need_a_stride(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(CHARGER_MAP.read_text(encoding="utf-8").replace('unit = "bay"', 'unit = "wire"'), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="bay_stride"):
        built(Role.CHARGER, AdapterSettings(WIRE, bays=(1, 2), map=path))


@pytest.mark.parametrize(
    ("path", "before", "after", "said"),
    [
        (METER_MAP, 'unit = "Wh"', 'unit = "kWs"', r"forward_energy: unit = 'kWs'.*kWh, Wh, MWh"),
        (METER_MAP, "Meter.energy_kwh", "Meter.energy", r"to = 'Meter.energy'.*address, energy_kwh"),
        (METER_MAP, "Meter.energy_kwh", "Charger.energy_kwh", r"to = 'Charger.energy_kwh'.*allowed: Meter"),
        (METER_MAP, "Meter.energy_kwh", "Meter.power_kw", r"unit = 'Wh'.*kW, W, MW"),
        (METER_MAP, "Meter.voltages_v[1]", "Meter.voltages_v", r"needs a place such as Meter.voltages_v\[1\]"),
        (METER_MAP, "Meter.power_kw", "Meter.power_kw[1]", "has no places"),
        (METER_MAP, "poll = { period_s = 1.0, age_limit_s = 5.0 }", "", "must have poll"),
        (METER_MAP, 'type = "u32"', 'type = "u33"', "type = 'u33'"),
        (METER_MAP, 'unit = "wire"', 'unit = "meter"', "unit = 'meter'.*wire, bay"),
        (METER_MAP, 'to = "Meter.energy_kwh"', "", "no point feeds Meter.energy_kwh"),
        (CHARGER_MAP, 'RUN = "charging"', 'RUN = "going"', "words .*'going' is not a valid ChargerState"),
        (CHARGER_MAP, 'RUN = "charging", ', "", "'RUN' is not a valid ChargerState"),
        (CHARGER_MAP, '"StopCharge"', '"EndCharge"', "'EndCharge'.*StartCharge, StopCharge"),
        (CHARGER_MAP, '"{power_limit_kw}"', '"{power_kw}"', r"power_limit = '{power_kw}'.*{power_limit_kw}"),
        (CHARGER_MAP, '"{power_limit_kw}"', "7000.0", "power_limit = 7000.0.*0 to 6553.5 kW"),
        (CHARGER_MAP, '"{power_limit_kw}"', '"{target_soc_pct}"', "unit = 'kW', .*%"),
        (CHARGER_MAP, 'order = "START"', 'order = "GO"', "order = 'GO'.*START, STOP"),
        (CHARGER_MAP, 'power_limit = "{power_limit_kw}", soc', 'power_limit = 1.0, order = "STOP", soc', None),
        (CHARGER_MAP, 'soc_limit = "{target_soc_pct}"', 'order = "START"', "must be neighbours"),
        (CHARGER_MAP, 'write = { order = "STOP"', 'write = { mode = "RUN"', "points of one block with access = write"),
        (CHARGER_MAP, "bit = 0\ncode", "code", "one of bit .* and equals"),
        (CHARGER_MAP, 'code = "E01"', 'code = "E 01"', "1 to 20 letters, digits or signs"),
        (CHARGER_MAP, 'code = "E01"', 'code = "E01"\ngrade = "bad"', "one of information, maintenance, stop"),
        (CHARGER_MAP, 'point = "alarm_bits"', 'point = "order"', "a whole register of a polled block"),
    ],
)
def test_a_mistake_in_a_map_is_told_with_its_line(
    tmp_path: Path, path: Path, before: str, after: str, said: str | None
) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    copy = tmp_path / "map.toml"
    copy.write_text(text.replace(before, after), encoding="utf-8")
    role = Role.METER if path is METER_MAP else Role.CHARGER
    if said is None:
        load_device_map(copy, role)
        return
    with pytest.raises(ConfigurationError, match=said) as caught:
        load_device_map(copy, role)
    line = int(str(caught.value).removeprefix(f"{copy}:").split(":")[0])
    changed = [number for number, row in enumerate(text.splitlines(), 1) if before.splitlines()[0] in row]
    assert line == 1 or any(abs(line - number) <= 12 for number in changed)


def test_the_adapter_is_what_the_protocol_says() -> None:
    adapter: Adapter = built(Role.METER, AdapterSettings(WIRE, map=METER_MAP))
    assert (adapter.role, adapter.orders, adapter.bays) == (Role.METER, frozenset(), frozenset())
