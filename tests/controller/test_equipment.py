"""Equipment as one: routes of commands, what a refusal and a device's complaint become, no two for one command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from swapstation.config.link_settings import Links
from swapstation.config.settings import Charging, Config, Exchange
from swapstation.controller.complaints import COMPLAINT_AGE_S
from swapstation.controller.equipment import Equipment
from swapstation.controller.plugging import UnfitEquipment, plug_in
from swapstation.controller.routes import routes
from swapstation.devices.adapter import Adapter, Refusal, Role, Update, refuse_unknown
from swapstation.devices.rack import Rack
from swapstation.errors import ConfigurationError
from swapstation.model.command import Command, HoldRobot, LockTruck, SetModules, StartCharge, StopCharge
from swapstation.model.device import LinkStatus
from swapstation.model.inventory import Inventory
from swapstation.model.reasons import reason_catalogue
from swapstation.model.snapshot import RefusedCommand
from swapstation.model.vendor_alarm import DeviceComplaint, VendorAlarm, VendorAlarms
from swapstation.protocol import station_can
from swapstation.protocol.node import Frame
from swapstation.protocol.station_can import StationCan
from swapstation.station.order_tracking import truck_wire_id
from tests.controller.test_core import WIRES
from tests.station import situations

EXAMPLES = Path(__file__).parents[2] / "examples"
HOT = VendorAlarm("E01", "充电模块过温", "charging module too hot")


class Fake:
    """An adapter that keeps what it is ordered and refuses stops."""

    role = Role.CHARGER
    orders: frozenset[type[Command]] = frozenset({StartCharge, StopCharge})
    malformed = 0

    def __init__(self, bay: int) -> None:
        self.node = self
        self.bays = frozenset({bay})
        self.bay = bay
        self.taken: list[tuple[Command, int]] = []

    def updates(self, now_s: float) -> Iterator[Update]:
        yield Update(VendorAlarms((HOT,)), 0.0, self.bay)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        if isinstance(command, StopCharge):
            return refuse_unknown(command, self.orders)
        self.taken.append((command, command_id))
        return None

    def cycle(self, now_s: float) -> None: ...
    def receive(self, frame: Frame, now_s: float) -> None: ...
    def next_deadline(self) -> float:
        return inf

    def due(self, now_s: float) -> Iterable[Frame]:
        return ()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return replace(situations.config(Exchange.STATION), data=tmp_path, links=WIRES)


@pytest.fixture
def fakes() -> list[Fake]:
    return [Fake(4), Fake(7)]


@pytest.fixture
def equipment(config: Config, fakes: list[Fake]) -> Equipment:
    made = Equipment(config, 1)
    made._devices = (Rack(), *fakes)
    made._routes = routes(made._devices)
    return made


def test_a_command_goes_to_the_adapter_of_its_bay(equipment: Equipment, fakes: list[Fake]) -> None:
    order = StartCharge(7, 95.0, 100.0)
    equipment.send(order, 12, 1.0)
    equipment.send(SetModules(7, 600.0, 10.0), 0, 1.0)
    assert [fake.taken for fake in fakes] == [[], [(order, 12)]]
    assert equipment.read(1.0, Inventory()).refused == ()


def test_a_refusal_stands_in_the_snapshot_until_one_passes(equipment: Equipment) -> None:
    equipment.send(StopCharge(7), 0, 1.0)
    equipment.send(HoldRobot(), 0, 1.0)
    expected = (RefusedCommand("StopCharge", ("unknown_command",)), RefusedCommand("HoldRobot", ("unknown_command",)))
    assert equipment.read(1.1, Inventory()).refused == expected
    equipment._routes = {(StopCharge, 7): Taking(7)}
    equipment.send(StopCharge(7), 0, 1.2)
    assert equipment.read(1.3, Inventory()).refused == expected[1:]


class Taking(Fake):
    """An adapter that refuses nothing."""

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        return None


def test_every_refusal_has_its_texts() -> None:
    assert {"unknown_command", "out_of_range", "wire_not_connected"} <= set(reason_catalogue())


def test_what_a_device_complains_of_is_told_with_its_place_while_it_says_so(equipment: Equipment) -> None:
    told = equipment.read(1.0, Inventory()).complaints
    assert told == (DeviceComplaint("charger", 4, HOT), DeviceComplaint("charger", 7, HOT))
    assert equipment.read(COMPLAINT_AGE_S + 0.1, Inventory()).complaints == ()


def test_a_truck_is_ordered_under_the_id_it_knows(equipment: Equipment) -> None:
    link = Fake(0)
    equipment._routes = {(LockTruck, None): link}
    equipment.send(LockTruck(), 70_001, 0.0)
    assert link.taken == [(LockTruck(), truck_wire_id(70_001))]


def test_two_adapters_for_one_command_refuse_the_start() -> None:
    with pytest.raises(ConfigurationError, match="StartCharge of bay 4: taken by both charger and charger"):
        routes([Fake(4), Fake(4)])


def test_everything_that_does_not_fit_is_told_at_once(config: Config) -> None:
    adapters = replace(config.adapters, meter="modbus_map", exchanger="modbus_map")
    with pytest.raises(UnfitEquipment) as caught:
        plug_in(replace(config, adapters=adapters), 1)
    assert {wrong.path for wrong in caught.value.wrongs} == {("adapters", "exchanger"), ("links", "meter")}


def test_an_exchanger_that_cannot_do_the_arrangement_is_refused(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    from swapstation.devices.robot_plc import RobotPlc  # noqa: PLC0415

    monkeypatch.setattr(RobotPlc, "orders", RobotPlc.orders - {HoldRobot})
    with pytest.raises(UnfitEquipment, match="does not take HoldRobot, which exchange = station needs"):
        plug_in(config, 1)


def test_a_station_of_map_adapters_alone_starts(config: Config) -> None:
    links = Links(WIRES.station_can, WIRES.robot, "modbus-tcp://127.0.0.1:1", "modbus-tcp://127.0.0.1:1")
    adapters = replace(
        config.adapters,
        meter="modbus_map",
        meter_map=EXAMPLES / "meter_map.toml",
        charger="modbus_map",
        charger_map=EXAMPLES / "charger_map.toml",
    )
    bays = tuple(replace(bay, charging=Charging.CHARGER) for bay in config.bays)
    made: Equipment = Equipment(replace(config, links=links, adapters=adapters, bays=bays), 1)
    assert set(made.byte_nodes) == {"robot", "meter", "chargers"}
    adapter: Adapter = Fake(1)
    assert adapter.role is Role.CHARGER


def test_a_frame_of_a_known_message_that_cannot_be_read_is_counted_at_its_link(config: Config) -> None:
    made = Equipment(config, 1)
    made.links = lambda: (LinkStatus("station", connected=True, malformed=2), LinkStatus("robot", connected=True))
    can = StationCan.load()
    good = can.encode(station_can.TruckVin(1, "LGAX5DE"))
    made.can_nodes["station"].receive(Frame(good.can_id, good.data[:7]), 1.0)
    assert [link.malformed for link in made.read(1.0, Inventory()).links] == [3, 0]
