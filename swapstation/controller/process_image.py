"""The process image: what all devices said last, frozen into a snapshot; and the way of a command to its device.

It knows devices, not wires: those of `Equipment` talk on real ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar, cast

from swapstation.config.settings import Bay, Config
from swapstation.controller.complaints import complaints
from swapstation.controller.routes import routes
from swapstation.devices.adapter import (
    Device,
    DeviceState,
    Plugged,
    RecordKeeper,
    Relay,
    Role,
    Update,
    refuse_unknown,
)
from swapstation.devices.bay_can import DirectCharging
from swapstation.devices.fault_texts import Texts, fault_texts
from swapstation.model.charge_record import ChargeRecord
from swapstation.model.climate import Climate
from swapstation.model.command import (
    Command,
    DischargeBattery,
    LimitCharge,
    LockTruck,
    PauseCharge,
    ReleaseTruck,
    UnlockTruck,
)
from swapstation.model.device import (
    AcMeter,
    BatteryCells,
    BatteryCharge,
    Charger,
    ChargingModule,
    DcMeter,
    FirePanel,
    LinkStatus,
    Meter,
    RackIo,
    Robot,
    Safety,
    Truck,
)
from swapstation.model.inventory import Inventory
from swapstation.model.seen import Seen, seen
from swapstation.model.snapshot import BayState, ChargerAbilities, ModuleDemand, RefusedCommand, Snapshot, StationState
from swapstation.model.store import Store
from swapstation.model.vendor_alarm import DeviceComplaint
from swapstation.model.yard import Gate, Guide, Identifier, Weigher
from swapstation.station.order_tracking import truck_wire_id

StateT = TypeVar("StateT", bound=DeviceState)

_NO_DATE = datetime.min.replace(tzinfo=UTC)
_TRUCK_ORDERS = (UnlockTruck, LockTruck, ReleaseTruck)


class ProcessImage:
    """The devices of one station. `direct` are the charging processes that we lead, by bay."""

    def __init__(self, config: Config, devices: Sequence[Device], direct: Mapping[int, DirectCharging]) -> None:
        self._config = config
        self._devices = devices
        self._direct = direct
        self._fault_texts = {role: _fault_texts(config, role) for role in Role}
        self._routes = routes((*devices, *direct.values()))
        self._abilities = {bay.number: self._ability(bay.number) for bay in config.bays}
        self._plugged = [device for device in (*devices, *direct.values()) if isinstance(device, Plugged)]
        self._keepers = [device for device in devices if isinstance(device, RecordKeeper)]
        self._relays = [device for device in devices if isinstance(device, Relay)]
        self._latest: dict[tuple[type[object], int], Update] = {}
        self._complaints: list[DeviceComplaint] = []
        self._refused: dict[type[Command], RefusedCommand] = {}

    def _wires(self) -> tuple[LinkStatus, ...]:
        """The health of the wires; devices at hand have none."""
        return ()

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
            store=self._seen(Store, now_s, limits.store_age_s),
            identifier=self._seen(Identifier, now_s, limits.yard_age_s),
            weigher=self._seen(Weigher, now_s, limits.yard_age_s),
            gate=self._seen(Gate, now_s, limits.yard_age_s),
            guide=self._seen(Guide, now_s, limits.yard_age_s),
            bays=tuple(self._bay(bay, now_s, inventory) for bay in self._config.bays),
            inventory=inventory,
            refused=tuple(self._refused.values()),
            complaints=tuple(self._complaints),
            links=self._wires(),
        )
        for device in self._relays:
            device.relay(snapshot)
        return snapshot

    @property
    def charge_records(self) -> dict[int, ChargeRecord]:
        """Records of charges that chargers offer now, by bay; each is offered until it is kept."""
        return {
            bay: cast(ChargeRecord, update.state)
            for (kind, bay), update in self._latest.items()
            if kind is ChargeRecord
        }

    def kept(self, record: ChargeRecord) -> None:
        """A charger's record is durable."""
        for device in self._keepers:
            device.kept(record)

    def _take_updates(self, now_s: float) -> None:
        """Sessions learn of their connector, those of `direct` bays of their output, before they are read."""
        self._latest.clear()
        self._complaints.clear()
        self._take(self._devices, now_s)
        for number, direct in self._direct.items():
            modules = self._seen(ChargingModule, now_s, self._config.limits.module_age_s, number).good
            if modules is not None:
                direct.node.measured(modules.voltage_v, modules.current_a, now_s)
        for device in self._plugged:
            for number in device.bays:
                io = self._seen(RackIo, now_s, self._config.limits.rack_io_age_s, number).good
                if io is not None:
                    device.plugged(io.connector_mated, now_s)
        self._take(self._direct.values(), now_s)

    def _take(self, devices: Iterable[Device], now_s: float) -> None:
        """Add the updates of devices; of two sources of one state the one that was told last stays."""
        latest = self._latest
        for device in devices:
            updates = tuple(device.updates(now_s))
            for update in updates:
                key = (type(update.state), update.bay)
                known = latest.get(key)
                if known is None or update.received_s >= known.received_s:
                    latest[key] = update
            self._complaints += complaints(device.role, updates, self._fault_texts[device.role], now_s)

    def _seen(self, kind: type[StateT], now_s: float, limit_s: float, bay: int = 0) -> Seen[StateT]:
        update = self._latest.get((kind, bay))
        if update is None:
            return seen(None, None, now_s, limit_s)
        return seen(cast(StateT, update.state), update.received_s, now_s, limit_s)

    def _bay(self, bay: Bay, now_s: float, inventory: Inventory) -> BayState:
        limits = self._config.limits
        battery = inventory.at(bay.place)
        charge = self._seen(BatteryCharge, now_s, limits.bms_age_s, bay.number)
        silent = bay.charges and charge.value is None
        return BayState(
            number=bay.number,
            place=bay.place,
            isolation=bay.isolation,
            charging=bay.charging.value,
            battery=battery.battery if battery else None,
            io=self._seen(RackIo, now_s, limits.rack_io_age_s, bay.number),
            modules=self._seen(ChargingModule, now_s, limits.module_age_s, bay.number),
            charger=self._seen(Charger, now_s, limits.charger_age_s, bay.number),
            charge=seen(BatteryCharge(), now_s, now_s, 0.0) if silent else charge,
            cells=self._seen(BatteryCells, now_s, limits.cells_age_s, bay.number),
            climate=self._seen(Climate, now_s, limits.climate_age_s, bay.number),
            demand=self._seen(ModuleDemand, now_s, 0.0, bay.number).good or ModuleDemand(),
            transit=bay.transit,
            abilities=self._abilities[bay.number],
            ac_meter=self._seen(AcMeter, now_s, limits.meter_age_s, bay.number),
            dc_meter=self._seen(DcMeter, now_s, limits.meter_age_s, bay.number),
        )

    def _ability(self, bay: int) -> ChargerAbilities:
        """What the charging equipment of a bay takes, by the routes of its orders."""
        takes = {kind for kind, at in self._routes if at in (bay, None)}
        return ChargerAbilities(
            limits=LimitCharge in takes, pauses=PauseCharge in takes, discharges=DischargeBattery in takes
        )

    def send(self, command: Command, command_id: int, now_s: float) -> None:
        """Hand one permitted command to the device that takes it; a refusal shows in the snapshot until one passes."""
        kind, bay = type(command), getattr(command, "bay", None)
        device = self._routes.get((kind, bay)) or self._routes.get((kind, None))
        wire_id = truck_wire_id(command_id) if isinstance(command, _TRUCK_ORDERS) else command_id
        refusal = device.order(command, wire_id, now_s) if device else refuse_unknown(command, frozenset())
        if refusal is None:
            self._refused.pop(kind, None)
        else:
            self._refused[kind] = RefusedCommand(kind.__name__, (refusal.code,))

    def end_cycle(self, now_s: float) -> None:
        """What is due once a cycle whatever was decided, for example the heartbeat to the PLC."""
        for device in (*self._devices, *self._direct.values()):
            device.cycle(now_s)


def _fault_texts(config: Config, role: Role) -> Texts:
    return fault_texts(f"{role}.{getattr(config.adapters, role, '')}")
