"""All equipment of one station: plugs the adapters in, reads them into a snapshot, hands commands to who takes them.

Sans-IO: the process (or a virtual-time loop) couples the adapters' nodes to wires.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar, cast

from swapstation.config.settings import Bay, Charging, Config
from swapstation.controller.battery_wires import listening_batteries
from swapstation.controller.complaints import complaints
from swapstation.controller.plugging import PLUGS, STATION, plug_in
from swapstation.controller.routes import routes
from swapstation.controller.safety_picture import safety_picture
from swapstation.devices.adapter import Adapter, DeviceState, Relay, Role, Update, refuse_unknown
from swapstation.devices.bay_can import DirectCharging, ListeningBay
from swapstation.devices.fault_texts import Texts, fault_texts
from swapstation.devices.fire_panel import FirePanel as FirePanelAdapter
from swapstation.model.command import Command, LockTruck, ReleaseTruck, UnlockTruck
from swapstation.model.device import (
    BatteryCells,
    BatteryCharge,
    Charger,
    ChargingModule,
    FirePanel,
    LinkStatus,
    Meter,
    RackIo,
    Robot,
    Safety,
    Truck,
)
from swapstation.model.inventory import Inventory, bay_place
from swapstation.model.seen import Seen, seen
from swapstation.model.snapshot import BayState, ModuleDemand, RefusedCommand, Snapshot, StationState
from swapstation.model.vendor_alarm import DeviceComplaint
from swapstation.protocol.can_bus import CanBus
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.charger_settings import ChargerSettings
from swapstation.protocol.node import ByteNode, ByteServer, CanNode
from swapstation.station.order_tracking import truck_wire_id

StateT = TypeVar("StateT", bound=DeviceState)

_NO_DATE = datetime.min.replace(tzinfo=UTC)
_TRUCK_ORDERS = (UnlockTruck, LockTruck, ReleaseTruck)


class Equipment:
    """The adapters of one station. `can_nodes` and `byte_nodes` are our nodes by the name of their wire.

    `local_time` is what batteries in `direct` bays are told by CTS.
    """

    def __init__(self, config: Config, boot: int, local_time: Callable[[], datetime | None] = lambda: None) -> None:
        self._config = config
        self._direct = {
            bay.number: DirectCharging(bay.number, _session(bay), local_time)
            for bay in config.charging_bays
            if bay.charging is Charging.DIRECT
        }
        listening = {
            bay.number: ListeningBay(bay.number) for bay in config.charging_bays if bay.charging is Charging.CHARGER
        }
        plugged = plug_in(config, boot)
        batteries = listening_batteries(config)
        fire_panel = FirePanelAdapter()
        self._adapters: tuple[Adapter, ...] = (*plugged.values(), fire_panel, *listening.values(), *batteries)
        self._routes = routes((*self._adapters, *self._direct.values()))
        self._relays = [adapter for adapter in self._adapters if isinstance(adapter, Relay)]
        self._latest: dict[tuple[type[object], int], Update] = {}
        self._complaints: list[DeviceComplaint] = []
        self._refused: dict[type[Command], RefusedCommand] = {}
        shared = [plugged[role] for role in PLUGS if PLUGS[role].wire == STATION]
        on_can: dict[str, list[Adapter]] = {STATION: [*shared, fire_panel]}
        own: tuple[Adapter, ...] = (*self._direct.values(), *listening.values(), *batteries)
        for adapter in own:
            on_can.setdefault(bay_place(min(adapter.bays)), []).append(adapter)
        self._on_can = on_can
        self.can_nodes: Mapping[str, CanNode] = {name: _segment(adapters) for name, adapters in on_can.items()}
        on_bytes = {
            plug.wire: plugged[role] for role, plug in PLUGS.items() if plug.wire != STATION and role in plugged
        }
        self._on_wire: Mapping[str, Sequence[Adapter]] = on_can | {name: [each] for name, each in on_bytes.items()}
        ends = {name: adapter.node for name, adapter in on_bytes.items()}
        self.byte_servers: Mapping[str, ByteServer] = {
            name: end for name, end in ends.items() if isinstance(end, ByteServer)
        }
        self.byte_nodes: Mapping[str, ByteNode] = {
            name: cast(ByteNode, end) for name, end in ends.items() if name not in self.byte_servers
        }
        self.links: Callable[[], tuple[LinkStatus, ...]] = tuple

    def read(self, now_s: float, inventory: Inventory) -> Snapshot:
        """Freeze what every device said last; the core adds what it knows itself."""
        self._take_updates(now_s)
        limits = self._config.limits
        snapshot = Snapshot(
            sequence=0,
            boot=0,
            now_s=now_s,
            at=_NO_DATE,
            name=self._config.name,
            exchange=self._config.exchange.value,
            state=StationState.ABORTED,
            robot=self._seen(Robot, now_s, limits.robot_age_s),
            safety=self._seen(Safety, now_s, limits.robot_age_s),
            truck=self._seen(Truck, now_s, limits.truck_age_s),
            meter=self._seen(Meter, now_s, limits.meter_age_s),
            fire_panel=self._seen(FirePanel, now_s, limits.fire_panel_age_s),
            bays=tuple(self._bay(bay, now_s, inventory) for bay in self._config.bays),
            inventory=inventory,
            refused=tuple(self._refused.values()),
            complaints=tuple(self._complaints),
            links=tuple(self._with_garbage(link) for link in self.links()),
        )
        for adapter in self._relays:
            adapter.relay(snapshot)
        return snapshot

    def safety_picture(self, wire: str, now_s: float) -> Hashable:
        """What the devices of one wire say now that bears on safety, to be compared with what they said before."""
        updates = (update for adapter in self._on_wire[wire] for update in adapter.updates(now_s))
        return safety_picture(updates, self._config.limits)

    def _with_garbage(self, link: LinkStatus) -> LinkStatus:
        """A CAN link that also counts the messages in its frames that could not be read."""
        unread = sum(adapter.malformed for adapter in self._on_can.get(link.name, ()))
        return replace(link, malformed=link.malformed + unread) if unread else link

    def _take_updates(self, now_s: float) -> None:
        """A `direct` bay's session learns what its modules put out, and its connector, before it is read itself."""
        self._latest.clear()
        self._complaints.clear()
        self._take(self._adapters, now_s)
        for number, direct in self._direct.items():
            modules = self._seen(ChargingModule, now_s, self._config.limits.module_age_s, number).good
            if modules is not None:
                direct.node.measured(modules.voltage_v, modules.current_a, now_s)
            io = self._seen(RackIo, now_s, self._config.limits.rack_io_age_s, number).good
            if io is not None:
                direct.node.plugged(io.connector_mated, now_s)
        self._take(self._direct.values(), now_s)

    def _take(self, adapters: Iterable[Adapter], now_s: float) -> None:
        """Add the updates of adapters; of two sources of one state the one that was told last stays."""
        latest = self._latest
        for adapter in adapters:
            updates = tuple(adapter.updates(now_s))
            for update in updates:
                key = (type(update.state), update.bay)
                known = latest.get(key)
                if known is None or update.received_s >= known.received_s:
                    latest[key] = update
            self._complaints += complaints(adapter.role, updates, self._fault_texts(adapter.role), now_s)

    def _fault_texts(self, role: Role) -> Texts:
        return fault_texts(f"{role}.{getattr(self._config.adapters, role, '')}")

    def _seen(self, kind: type[StateT], now_s: float, limit_s: float, bay: int = 0) -> Seen[StateT]:
        update = self._latest.get((kind, bay))
        if update is None:
            return seen(None, None, now_s, limit_s)
        return seen(cast(StateT, update.state), update.received_s, now_s, limit_s)

    def _bay(self, bay: Bay, now_s: float, inventory: Inventory) -> BayState:
        limits, place = self._config.limits, bay_place(bay.number, bay.isolation)
        battery = inventory.at(place)
        charge = self._seen(BatteryCharge, now_s, limits.bms_age_s, bay.number)
        silent = not bay.isolation and charge.value is None
        return BayState(
            number=bay.number,
            place=place,
            isolation=bay.isolation,
            charging=bay.charging.value,
            battery=battery.battery if battery else None,
            io=self._seen(RackIo, now_s, limits.rack_io_age_s, bay.number),
            modules=self._seen(ChargingModule, now_s, limits.module_age_s, bay.number),
            charger=self._seen(Charger, now_s, limits.charger_age_s, bay.number),
            charge=seen(BatteryCharge(), now_s, now_s, 0.0) if silent else charge,
            cells=self._seen(BatteryCells, now_s, limits.cells_age_s, bay.number),
            demand=self._seen(ModuleDemand, now_s, 0.0, bay.number).good or ModuleDemand(),
        )

    def send(self, command: Command, command_id: int, now_s: float) -> None:
        """Hand one permitted command to the adapter that takes it; a refusal shows in the snapshot until one passes."""
        kind, bay = type(command), getattr(command, "bay", None)
        adapter = self._routes.get((kind, bay)) or self._routes.get((kind, None))
        wire_id = truck_wire_id(command_id) if isinstance(command, _TRUCK_ORDERS) else command_id
        refusal = adapter.order(command, wire_id, now_s) if adapter else refuse_unknown(command, frozenset())
        if refusal is None:
            self._refused.pop(kind, None)
        else:
            self._refused[kind] = RefusedCommand(kind.__name__, (refusal.code,))

    def end_cycle(self, now_s: float) -> None:
        """What is due once a cycle whatever was decided, for example the heartbeat to the PLC."""
        for adapter in (*self._adapters, *self._direct.values()):
            adapter.cycle(now_s)


def _segment(adapters: Sequence[Adapter]) -> CanNode:
    """The node of one CAN segment: that of its adapter, or of several together."""
    nodes = [cast(CanNode, adapter.node) for adapter in adapters]
    return nodes[0] if len(nodes) == 1 else CanBus(nodes)


def _session(bay: Bay) -> ChargerSession:
    return ChargerSession(
        ChargerSettings(
            charger_number=bay.number,
            max_voltage_v=bay.max_voltage_v,
            min_voltage_v=bay.min_voltage_v,
            max_current_a=bay.max_current_a,
            edition=bay.edition,
            gbt27930=bay.gbt27930,
        )
    )
