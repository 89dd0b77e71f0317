"""All equipment of one station: builds the nodes, reads them into a snapshot, hands commands out.

Sans-IO: the process (or a virtual-time loop) couples the nodes to wires.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from swapstation.config.settings import Bay, Charging, Config
from swapstation.devices.chargers import Chargers
from swapstation.devices.meter import SiteMeter
from swapstation.devices.robot_plc import RobotPlc
from swapstation.devices.station_segment import StationSegment
from swapstation.model.command import (
    Command,
    LockTruck,
    ReleaseTruck,
    SetModules,
    ShutModules,
    StartCharge,
    StopCharge,
    UnlockTruck,
)
from swapstation.model.device import LinkStatus
from swapstation.model.inventory import Inventory, bay_place
from swapstation.model.seen import Seen, seen
from swapstation.model.snapshot import BayState, ModuleDemand, Snapshot, StationState
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.charger_settings import ChargerSettings
from swapstation.protocol.gbt27930.listener import Listener
from swapstation.protocol.gbt27930.words import ChargerStop
from swapstation.protocol.modbus_framing import Framing
from swapstation.protocol.node import ByteNode, CanNode
from swapstation.station.order_tracking import truck_wire_id
from swapstation.wire_address import WireProtocol, parse_wire

STATION = "station"
ROBOT = "robot"
CHARGERS = "chargers"
METER = "meter"

_NO_DATE = datetime.min.replace(tzinfo=UTC)


class Equipment:
    """The adapters of one station. `can_nodes` and `byte_nodes` name the wires they belong on."""

    def __init__(self, config: Config, boot: int) -> None:
        self._config = config
        self._segment = StationSegment()
        robot = parse_wire("links.robot", config.links.robot)
        framing = Framing.RTU if robot.protocol is WireProtocol.MODBUS_RTU else Framing.TCP
        self._robot = RobotPlc(framing, robot.unit, boot, robot.baud)
        self._sessions = {bay.number: _session(bay) for bay in config.charging_bays if bay.charging is Charging.DIRECT}
        self._listeners = {bay.number: Listener() for bay in config.charging_bays if bay.charging is Charging.CHARGER}
        self._chargers = Chargers(self._listeners)
        meter = parse_wire("links.meter", config.links.meter)
        self._meter = SiteMeter(meter.address, config.links.meter_ratio)
        self.links: Callable[[], tuple[LinkStatus, ...]] = tuple

    @property
    def can_nodes(self) -> Mapping[str, CanNode]:
        """Our node per CAN segment: the station's, and one for every charging bay."""
        nodes: dict[str, CanNode] = {STATION: self._segment}
        nodes |= {bay_place(number): session for number, session in self._sessions.items()}
        nodes |= {bay_place(number): listener for number, listener in self._listeners.items()}
        return nodes

    @property
    def byte_nodes(self) -> Mapping[str, ByteNode]:
        """Our node per byte stream."""
        nodes: dict[str, ByteNode] = {ROBOT: self._robot.client, METER: self._meter.client}
        if self._listeners:
            nodes[CHARGERS] = self._chargers.client
        return nodes

    def read(self, now_s: float, inventory: Inventory) -> Snapshot:
        """Freeze what every device said last; the core adds what it knows itself."""
        limits = self._config.limits
        robot = self._robot.state()
        truck = self._segment.truck.state()
        meter = self._meter.state()
        return Snapshot(
            sequence=0,
            boot=0,
            now_s=now_s,
            at=_NO_DATE,
            name=self._config.name,
            exchange=self._config.exchange.value,
            state=StationState.ABORTED,
            robot=seen(robot[0], robot[2], now_s, limits.robot_age_s) if robot else Seen(),
            safety=seen(robot[1], robot[2], now_s, limits.robot_age_s) if robot else Seen(),
            truck=seen(*truck, now_s, limits.truck_age_s) if truck else Seen(),
            meter=seen(*meter, now_s, limits.meter_age_s) if meter else Seen(),
            bays=tuple(self._bay(bay, now_s, inventory) for bay in self._config.bays),
            inventory=inventory,
            links=self.links(),
        )

    def _bay(self, bay: Bay, now_s: float, inventory: Inventory) -> BayState:
        limits, place = self._config.limits, bay_place(bay.number, bay.isolation)
        battery = inventory.at(place)
        io = self._segment.racks.get(bay.number)
        modules = self._segment.modules.get(bay.number)
        charger = self._chargers.state(bay.number) if bay.number in self._listeners else None
        session, listener = self._sessions.get(bay.number), self._listeners.get(bay.number)
        if session is not None and modules is not None and now_s - modules[1] <= limits.module_age_s:
            session.measured(modules[0].voltage_v, modules[0].current_a, now_s)
        source = session or listener
        return BayState(
            number=bay.number,
            place=place,
            isolation=bay.isolation,
            charging=bay.charging.value,
            battery=battery.battery if battery else None,
            io=seen(*io, now_s, limits.rack_io_age_s) if io else Seen(),
            modules=seen(*modules, now_s, limits.module_age_s) if modules else Seen(),
            charger=seen(*charger, now_s, limits.charger_age_s) if charger else Seen(),
            charge=seen(source.battery_charge(now_s), now_s, now_s, 0.0) if source else Seen(),
            demand=_demand(session) if session else ModuleDemand(),
        )

    def send(self, command: Command, command_id: int, now_s: float) -> None:
        """Hand one permitted command to its device."""
        match command:
            case SetModules(bay, voltage_v, current_a):
                self._segment.set_modules(bay, voltage_v, current_a, now_s)
            case ShutModules(bay):
                self._segment.shut_modules(bay, now_s)
            case StartCharge() | StopCharge():
                self._charge(command, command_id, now_s)
            case UnlockTruck() | LockTruck() | ReleaseTruck():
                self._segment.order_truck(command, truck_wire_id(command_id), now_s)
            case _:
                self._robot.send(command, command_id)

    def _charge(self, command: StartCharge | StopCharge, command_id: int, now_s: float) -> None:
        session = self._sessions.get(command.bay)
        match command:
            case StartCharge() if session:
                session.start(now_s)
            case StopCharge(reached=reached) if session:
                session.stop(now_s, ChargerStop.CONDITION_REACHED if reached else ChargerStop.MANUAL)
            case StartCharge():
                self._chargers.start(command.bay, command.target_soc_pct, command.power_limit_kw, command_id)
            case StopCharge():
                self._chargers.stop(command.bay)

    def end_cycle(self, now_s: float) -> None:
        """What is due once a cycle whatever was decided: the heartbeat to the PLC."""
        self._robot.beat(now_s)


def _session(bay: Bay) -> ChargerSession:
    return ChargerSession(
        ChargerSettings(
            charger_number=bay.number,
            max_voltage_v=bay.max_voltage_v,
            min_voltage_v=bay.min_voltage_v,
            max_current_a=bay.max_current_a,
        )
    )


def _demand(session: ChargerSession) -> ModuleDemand:
    demand = session.demand
    return ModuleDemand(demand.enabled, demand.voltage_v, demand.current_a)
