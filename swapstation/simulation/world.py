"""The simulation: plant and firmware together, one node per wire. A face moves the bytes and calls `advance`."""

from __future__ import annotations

from random import Random

from swapstation.config.settings import Charging, Config
from swapstation.model.inventory import NOMINAL_SEAT, SeatOffset
from swapstation.protocol.can_bus import CanBus
from swapstation.protocol.node import ByteNode, CanNode
from swapstation.simulation.external_bay import ExternalBay, check_external_bay
from swapstation.simulation.firmware.aaf5_charger import Aaf5Charger
from swapstation.simulation.firmware.bms import BayBms
from swapstation.simulation.firmware.charger import Charger
from swapstation.simulation.firmware.charger_panel import ChargerPanel
from swapstation.simulation.firmware.climate_panel import ClimatePanel
from swapstation.simulation.firmware.fire_panel import FirePanel
from swapstation.simulation.firmware.map_panels import MapBayMeters, MapChargers, MapMeter
from swapstation.simulation.firmware.module_node import ModuleNode
from swapstation.simulation.firmware.packed_panel import PackedPanel
from swapstation.simulation.firmware.rack_node import RackNode
from swapstation.simulation.firmware.robot_motion import LoadLimits
from swapstation.simulation.firmware.robot_panel import RobotPanel
from swapstation.simulation.firmware.robot_plc import Retained, RobotPlc
from swapstation.simulation.firmware.site_meter import SiteMeter
from swapstation.simulation.firmware.store_panel import StorePanel
from swapstation.simulation.firmware.truck_link import TruckLink
from swapstation.simulation.firmware.yard import YardDevices
from swapstation.simulation.placement import Placement, build_plant
from swapstation.simulation.plant.truck import Pose
from swapstation.simulation.severable import Severable
from swapstation.simulation.state_file import Saved, restore_plant
from swapstation.wire_address import ANY_METER, WireAddress, WireProtocol, parse_wire
from swapstation.wire_files import wire_file

LONGEST_STEP_S = 0.2
LONGEST_GAP_S = 0.5
METER_ADDRESS = "000000000161"
LEAST_LOAD, MOST_LOAD = 0.5, 1.3


class Simulation:
    """Owns the truth and every device. Protocol timing follows `now_s`; the plant runs `speed` times as fast."""

    def __init__(
        self,
        config: Config,
        placement: Placement,
        seed: int = 1,
        speed: float = 1.0,
        saved: Saved | None = None,
        external_bay: int | None = None,
    ) -> None:
        self.config = config
        self.speed = speed
        self.plant = build_plant(config, placement, Random(seed))
        self.plant.lifts_from_below = config.recipe == "bottom"
        if saved is not None:
            restore_plant(self.plant, saved)
        if external_bay is not None:
            check_external_bay(config, external_bay)
        self.external = None if external_bay is None else ExternalBay(self.plant, external_bay)
        self._advanced_s: float | None = None
        if saved is None:
            self._start(None, None, 0.0, NOMINAL_SEAT)
        else:
            self._start(saved.plc, saved.measured, saved.weighed_kg, saved.seat)

    def restart(self) -> None:
        """The mains were away: all firmware starts anew over the same plant, the PLC with what it keeps."""
        motion = self.plc.motion
        self._start(self.plc.kept, motion.measured, motion.weighed_kg, motion.seat)

    def _start(self, kept: Retained | None, measured: Pose | None, weighed_kg: float, seat: SeatOffset) -> None:
        masses_kg = [model.mass_kg for model in self.config.battery_models]
        limits = LoadLimits(LEAST_LOAD * min(masses_kg), MOST_LOAD * max(masses_kg))
        truck_models = {truck.plc_number for truck in self.config.truck_models}
        self.plc = RobotPlc(self.plant, limits, truck_models, kept)
        self.plc.motion.measured, self.plc.motion.weighed_kg, self.plc.motion.seat = measured, weighed_kg, seat
        self.robot = _panel(self.plc, parse_wire("links.robot", self.config.links.robot))
        self.robot.show()
        self.chargers = {
            bay.number: Charger(self.plant, bay.number)
            for bay in self.config.charging_bays
            if bay.charging is Charging.CHARGER
        }
        self.aaf5_chargers = self._aaf5_chargers()
        self.charger_panel = self._charger_panel()
        self.charger_panel.show()
        self.map_meter = self._map_meter()
        self.climate = self._climate()
        self.store = self._store()
        self.bay_meters = self._bay_meters()
        self.yard = YardDevices(self.plant, self.config)
        self.bms = {bay.number: BayBms(self.plant, bay.number) for bay in self.config.charging_bays}
        self.can_nodes: dict[str, CanNode] = {"station": self._station_segment()}
        self.can_nodes |= {f"bay-{bay.number}": self._bay_segment(bay.number) for bay in self.config.charging_bays}
        self._unwired = [self.can_nodes[f"bay-{bay.number}"] for bay in self.config.charging_bays if not bay.can]

    def advance(self, now_s: float) -> None:
        """Let the plant and the PLC run up to `now_s` (real seconds); call at least every 20 ms."""
        gap_s = 0.0 if self._advanced_s is None else min(now_s - self._advanced_s, LONGEST_GAP_S)
        self._advanced_s = now_s
        left_s = gap_s * self.speed
        if self.external is not None:
            self.external.supervise(now_s)
        self.robot.take(now_s)
        self.charger_panel.take(now_s)
        if self.climate is not None:
            self.climate.take(now_s)
        if self.store is not None:
            self.store.take(now_s)
        self.yard.take(now_s)
        while True:
            step_s = min(left_s, LONGEST_STEP_S)
            self.plc.scan(now_s, step_s)
            self.plant.advance(step_s)
            left_s -= step_s
            if left_s <= 0.0:
                break
        for segment in self._unwired:
            tuple(segment.due(now_s))  # charger and battery talk, with nobody listening
        self.robot.show()
        self.charger_panel.show()
        if self.map_meter is not None:
            self.map_meter.show()
        if self.climate is not None:
            self.climate.show()
        if self.store is not None:
            self.store.show()
        if self.bay_meters is not None:
            self.bay_meters.show()
        self.yard.show(now_s)
        for charger in self.aaf5_chargers.values():
            charger.scan(now_s)

    def robot_node(self) -> ByteNode:
        """The device's end of a new connection of the robot PLC."""
        return self.robot.node()

    def charger_node(self) -> ByteNode:
        """The device's end of a new connection to the gateway of the chargers."""
        return self.charger_panel.node()

    def climate_node(self) -> ByteNode:
        """The device's end of a new connection to the gateway of the climate units, where the station has them."""
        assert self.climate is not None
        return self.climate.node()

    def store_node(self) -> ByteNode:
        """The device's end of a new connection to the site's store, where it has one."""
        assert self.store is not None
        return self.store.node()

    def meter_node(self) -> ByteNode:
        """The device's end of the meter's line."""
        if self.map_meter is not None:
            return self.map_meter.node()
        address = parse_wire("links.meter", self.config.links.meter).address
        own = METER_ADDRESS if address == ANY_METER else address
        return SiteMeter(self.plant, own, self.config.links.meter_ratio)

    def bay_meter_node(self) -> ByteNode:
        """The end of a new connection to the bays' meters."""
        assert self.bay_meters is not None
        return self.bay_meters.node()

    def _charger_panel(self) -> ChargerPanel | MapChargers:
        """What stands between the chargers and their gateway: our reference map, or the vendor's own."""
        path, url = self.config.adapters.charger_map, self.config.links.chargers
        if path is None or not url:
            return ChargerPanel(self.chargers.values())
        return MapChargers(self.chargers, path, parse_wire("links.chargers", url))

    def _map_meter(self) -> MapMeter | None:
        """The site meter behind a vendor's Modbus map; None where it speaks DL/T 645."""
        path, ratio = self.config.adapters.meter_map, self.config.links.meter_ratio
        wire = parse_wire("links.meter", self.config.links.meter)
        return None if path is None else MapMeter(self.plant, path, wire, ratio)

    def _climate(self) -> ClimatePanel | None:
        """The climate units behind their gateway, by our reference map or the vendor's own; None without any."""
        url = self.config.links.climate
        if not url:
            return None
        path = self.config.adapters.climate_map or wire_file("registers", "climate.toml")
        return ClimatePanel(self.plant, path, parse_wire("links.climate", url))

    def _store(self) -> StorePanel | None:
        """The site's store, by our reference map or the vendor's own; None without one."""
        if self.plant.store is None:
            return None
        path = self.config.adapters.store_map or wire_file("registers", "store.toml")
        return StorePanel(self.plant.store, self.plant.faults, path, parse_wire("links.store", self.config.links.store))

    def _bay_meters(self) -> MapBayMeters | None:
        """The energy meters of the bays behind the vendor's Modbus map; None where they have none."""
        path, url = self.config.adapters.bay_meter_map, self.config.links.bay_meters
        if path is None or not url:
            return None
        bays = {bay.number: self.plant.bays[bay.number] for bay in self.config.charging_bays}
        return MapBayMeters(bays, path, parse_wire("links.bay_meters", url))

    def _aaf5_chargers(self) -> dict[int, Aaf5Charger]:
        """The chargers as they connect to the station by themselves, by bay; none where a gateway serves them."""
        url, ids = self.config.links.chargers, self.config.adapters.charger_ids
        if not url or parse_wire("links.chargers", url).protocol is not WireProtocol.AAF5:
            return {}
        return {
            bay: Aaf5Charger(self.chargers[bay], charger_id, self.plant)
            for charger_id, bay in ids.items()
            if bay in self.chargers
        }

    def _bay_segment(self, bay: int) -> CanNode:
        nodes: list[CanNode] = [] if self._is_external(bay) else [self.bms[bay]]
        if bay in self.chargers:
            nodes.append(self.chargers[bay])
        if bay in self.aaf5_chargers:
            nodes.append(self.aaf5_chargers[bay].mirror)
        return Severable(CanBus(nodes), lambda: self.plant.faults.active("bay_link_cut", bay))

    def _station_segment(self) -> CanNode:
        own = [bay for bay in self.config.bays if not self._is_external(bay.number)]
        racks = [RackNode(self.plant, bay.number) for bay in own]
        direct = [bay.number for bay in own if bay.charging is Charging.DIRECT and bay.charges]
        modules = [ModuleNode(self.plant, bay) for bay in direct]
        return CanBus([*racks, *modules, TruckLink(self.plant), FirePanel(self.plant)])

    def _is_external(self, bay: int) -> bool:
        return self.external is not None and self.external.number == bay


def _panel(plc: RobotPlc, wire: WireAddress) -> RobotPanel | PackedPanel:
    """What stands between the PLC and its wire."""
    return PackedPanel(plc) if wire.protocol is WireProtocol.PACKED_PLC else RobotPanel(plc, wire)
