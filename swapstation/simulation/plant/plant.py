"""The whole plant: every battery, the rack, the robot, the lane, the grid connection, and how they touch each other."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from swapstation.model.climate import ClimateMode
from swapstation.model.device import PROTOCOL_VERSION, LockState, Safety
from swapstation.model.inventory import ROBOT, TRANSIT, SeatOffset, truck_place
from swapstation.simulation.faults import Faults
from swapstation.simulation.plant.battery import Battery
from swapstation.simulation.plant.bay import Bay
from swapstation.simulation.plant.climate import ClimateUnit
from swapstation.simulation.plant.entrance import Entrance
from swapstation.simulation.plant.robot import Point, Robot
from swapstation.simulation.plant.store import Store
from swapstation.simulation.plant.truck import Pose, Truck

BAY_PITCH_MM = 2600.0
RACK_Y_MM = 4500.0
BAY_Z_MM = 1200.0
TRANSIT_SEAT = Point(0.0, 2000.0, BAY_Z_MM)
TRUCK_Z_MM = 1600.0
POSITION_PITCH_MM = 1400.0
"""How far behind one another the batteries of a truck stand, along the lane."""
LOAD_HEIGHT_MM = 1000.0
AUXILIARY_KW = 8.0
ROBOT_KW = 22.0
LOCKED_PULL_KG = 6000.0
OVERWEIGHT_KG = 400.0
ROLLED_MM = 80.0
LOAD_NOISE_KG = 3.0
RUNAWAY_K_PER_S = 1.0
VENTING_C = 90.0


def offset_mm(position: int) -> float:
    """Where a truck's battery position is along the lane, seen from its first one."""
    return (position - 1) * POSITION_PITCH_MM


def truck_seat(pose: Pose, seat: SeatOffset, position: int) -> Point:
    """Where the spreader sits on a battery of a truck that stands in this pose."""
    x_mm = pose.x_mm + offset_mm(position) + seat.seat_x_mm
    return Point(x_mm, pose.y_mm + seat.seat_y_mm, TRUCK_Z_MM + seat.seat_z_mm)


@dataclass(slots=True)
class Plant:
    """The truth. `advance` takes plant seconds; firmware reads sensors and sets actuators through the parts.

    The gantry and its spreader play every kind of robot. With `lifts_from_below` the load cells carry a battery as soon
    as it is gripped, as those of a platform do; its ways under the truck are not modelled. `other_kw`: what plug-in
    guns and others take at the same meter. `store`: the site's stationary battery store, None: it has none.
    `entrance`: the place before the lane where it has devices, None: trucks come straight into the lane.
    """

    bays: dict[int, Bay]
    batteries: dict[str, Battery]
    trucks: dict[str, Truck]
    chance: random.Random
    robot: Robot = field(default_factory=Robot)
    faults: Faults = field(default_factory=Faults)
    ambient_c: float = 20.0
    meter_kwh: float = 12345.0
    feeders_on: bool = True
    lifts_from_below: bool = False
    other_kw: float = 0.0
    store: Store | None = None
    entrance: Entrance | None = None
    stuck_presence: dict[int, bool] = field(default_factory=dict)
    climate: dict[int, ClimateUnit] = field(init=False)
    bay_seats: dict[str, Point] = field(init=False)
    bay_places: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self.bay_places = {number: bay.settings.place for number, bay in self.bays.items()}
        self.climate = {n: ClimateUnit(self.ambient_c) for n, bay in self.bays.items() if bay.settings.climate}
        rack = [number for number, bay in self.bays.items() if not bay.settings.transit]
        middle = (len(rack) + 1) / 2
        self.bay_seats = {
            self.place_of(number): Point((number - middle) * BAY_PITCH_MM, RACK_Y_MM, BAY_Z_MM) for number in rack
        }
        if len(rack) < len(self.bays):
            self.bay_seats[TRANSIT] = TRANSIT_SEAT

    @property
    def truck(self) -> Truck | None:
        """The truck in the lane."""
        return next((truck for truck in self.trucks.values() if truck.in_lane), None)

    def place_of(self, bay: int) -> str:
        return self.bay_places[bay]

    def at(self, place: str) -> Battery | None:
        """The battery that is in a place."""
        for battery in self.batteries.values():  # the twin asks this more often than anything else
            if battery.place == place:
                return battery
        return None

    def in_bay(self, bay: int) -> Battery | None:
        return self.at(self.bay_places[bay])

    def on_truck(self, truck: Truck, position: int = 1) -> Battery | None:
        return self.at(truck_place(truck.vin, position))

    def mated(self, bay: int) -> bool:
        """Tell whether a battery stands plugged in a bay; isolation and transit place have no connector."""
        usable = self.bays[bay].settings.charges and not self.faults.active("connector_open", bay)
        return usable and self.in_bay(bay) is not None

    def presence(self, bay: int) -> tuple[bool, bool]:
        """What the two presence sensors of a bay show."""
        truth = self.in_bay(bay) is not None
        if self.faults.active("presence_on", bay) or self.faults.active("presence_off", bay):
            stuck = self.faults.active("presence_on", bay)
            return stuck, stuck
        if not self.faults.active("presence_stuck", bay):
            self.stuck_presence[bay] = truth
        return self.stuck_presence.get(bay, truth), truth

    def protocol_version(self, firmware: int | str) -> int:
        """What the firmware of a bay, of the robot or of the truck shows as its version of the wire contract."""
        return PROTOCOL_VERSION + self.faults.active("other_version", firmware)

    @property
    def fire_alarm(self) -> bool:
        """The fire panel's own verdict: its own detectors, or smoke in two bays."""
        return self.faults.active("fire_alarm") or self.faults.count("smoke") >= 2

    def smokes(self, bay: int) -> bool:
        """What the smoke detector of a bay shows."""
        if self.faults.active("smoke", bay):
            return True
        battery = self.in_bay(bay)
        return battery is not None and battery.temperature_c > VENTING_C

    def safety(self) -> Safety:
        """The safety chain as its inputs are now."""
        open_ = {name for knob, name in self.faults.on if knob == "safety_open"}
        return Safety(
            estop_ok="estop" not in open_,
            doors_closed="door" not in open_,
            light_curtain_clear="curtain" not in open_,
            overtravel_ok="overtravel" not in open_,
            fire_ok=not self.fire_alarm,
            transfer_permitted=not self.faults.active("transfer_forbidden"),
        )

    def may_drive(self, truck: Truck) -> bool:
        """Tell whether a driver would drive off: every battery is locked on and the spreader holds none of them."""
        batteries = [self.on_truck(truck, position) for position in truck.positions]
        locked = all(batteries) and all(locks.state is LockState.LOCKED for locks in truck.locks)
        held = any(battery is not None and battery.battery == self.robot.battery for battery in batteries)
        return truck.standing and locked and not held

    def truck_pose(self, truck: Truck) -> Pose:
        if not self.faults.active("truck_moves"):
            return truck.pose
        return replace(truck.pose, x_mm=truck.pose.x_mm + ROLLED_MM)

    def seat(self, place: str) -> Point | None:
        """Where the spreader sits on a battery in a place; None for a truck that does not stand in the lane."""
        if place in self.bay_seats:
            return self.bay_seats[place]
        truck = self.truck
        if truck is None or not truck.standing or place not in truck.places:
            return None
        pose = self.truck_pose(truck)
        return truck_seat(pose, truck.seat, truck.places.index(place) + 1)

    def below_spreader(self) -> tuple[str, Point] | None:
        """The place that the spreader is right above, with its seat."""
        truck = self.truck
        lane = truck.places if truck is not None else ()
        for place in [*self.bay_seats, *lane]:
            seat = self.seat(place)
            if seat is not None and self.robot.at.over(seat):
                return place, seat
        return None

    @property
    def hanging(self) -> Battery | None:
        """The battery that hangs from the spreader."""
        return self.at(ROBOT)

    @property
    def gripped(self) -> bool:
        return self.robot.battery is not None and not self.faults.active("grip_no_confirm")

    @property
    def seated(self) -> bool:
        """Tell whether the spreader sits on a battery that stands on a support."""
        below = self.below_spreader()
        if below is None or self.hanging is not None:
            return False
        place, seat = below
        return self.robot.at.near(seat) and self.at(place) is not None

    @property
    def load_kg(self) -> float:
        """What the load cells show."""
        extra_kg = OVERWEIGHT_KG if self.faults.active("overweight") else 0.0
        if self.robot.blocked:
            return LOCKED_PULL_KG
        carried = self.hanging is None and self.lifts_from_below and self.gripped and self.seated
        load = self.batteries[self.robot.battery] if carried and self.robot.battery else self.hanging
        return max(load.mass_kg + self.robot.load_noise_kg + extra_kg, 0.0) if load else 0.0

    @property
    def power_kw(self) -> float:
        """Power at the site meter in kW."""
        robot_kw = ROBOT_KW if self.robot.moving else 0.0
        climate_kw = sum(unit.power_kw for unit in self.climate.values())
        store_kw = self.store.power_kw if self.store is not None else 0.0
        beside_kw = AUXILIARY_KW + self.other_kw + robot_kw + climate_kw + store_kw
        return beside_kw + sum(bay.modules.grid_kw for bay in self.bays.values())

    def advance(self, dt_s: float) -> None:
        """Let `dt_s` plant seconds pass; keep it at most about half a second."""
        for truck in self.trucks.values():
            truck.advance(dt_s, self.faults.active("lock_no_confirm"))
        if self.hanging is not None:
            self.robot.grip_goal = self.robot.grip_closed  # the grip is form-locked under load
        self.robot.advance(dt_s)
        self._couple()
        for number, bay in self.bays.items():
            bay.fed = self.feeders_on
            bay.modules.stuck = self.faults.active("stays_live", number)
            bay.advance(dt_s, self.connected(number), self.ambient_c)
            hot = self.in_bay(number)
            if hot is not None and self.faults.active("thermal_runaway", number):
                hot.temperature_c += RUNAWAY_K_PER_S * dt_s
        self._condition(dt_s)
        for battery in self.batteries.values():
            battery.advance(dt_s, self.ambient_c)
        if self.store is not None:
            self.store.advance(dt_s)
        if self.entrance is not None:
            self._let_in(self.entrance, dt_s)
        self.meter_kwh += max(self.power_kw, 0.0) * dt_s / 3600.0

    def _let_in(self, entrance: Entrance, dt_s: float) -> None:
        """The truck before the lane drives in once it may."""
        drives = entrance.advance(dt_s, self.truck is None, self.faults.active("yard_stuck", "gate"))
        if drives and entrance.truck is not None:
            self.trucks[entrance.truck].arrive(entrance.pose)
            entrance.drive_in()

    def _condition(self, dt_s: float) -> None:
        """Let the climate units work on the batteries that stand coupled in their bays."""
        if not self.climate:
            return
        for battery in self.batteries.values():
            battery.coolant_w = None
        for number, unit in self.climate.items():
            unit.advance(dt_s, self.in_bay(number) if self.mated(number) else None, self.ambient_c)

    def lose_power(self) -> None:
        """The mains go: the robot's brakes hold, contactors open, no current flows."""
        self.robot.stop()
        for bay in self.bays.values():
            bay.modules.lose_power()
            bay.modules.current_a = 0.0
            bay.contactor_closed = False
        for unit in self.climate.values():
            unit.mode = ClimateMode.OFF
        if self.store is not None:
            self.store.stop()
        for battery in self.batteries.values():
            battery.current_a, battery.contactor_closed = 0.0, False

    def connected(self, bay: int) -> Battery | None:
        """The battery that current of a bay's modules flows into: plugged, both contactors closed."""
        battery = self.in_bay(bay)
        if battery is None:
            return None
        if self.bays[bay].contactor_closed and battery.contactor_closed and self.mated(bay):
            return battery
        battery.current_a = 0.0
        return None

    def _couple(self) -> None:
        """Settle what the spreader and the batteries do to each other after a motion."""
        robot, below = self.robot, self.below_spreader()
        robot.blocked = False
        if robot.grip_closed >= 1.0 and robot.battery is None and self.seated and below is not None:
            standing = self.at(below[0])
            robot.battery = standing.battery if standing else None
        elif robot.grip_closed < 1.0 and self.hanging is None:
            robot.battery = None
        if below is not None:
            self._load(*below)

    def _load(self, place: str, seat: Point) -> None:
        robot, standing, hanging = self.robot, self.at(place), self.hanging
        if hanging is not None and standing is not None:
            floor_mm = seat.z_mm + LOAD_HEIGHT_MM
            robot.at = replace(robot.at, z_mm=max(robot.at.z_mm, floor_mm))
        elif hanging is not None and robot.at.z_mm <= seat.z_mm:
            hanging.place = place
        elif standing is not None and standing.battery == robot.battery and robot.at.z_mm > seat.z_mm:
            self._lift(standing, seat)

    def _lift(self, battery: Battery, seat: Point) -> None:
        truck = self.truck
        locks = dict(zip(truck.places, truck.locks, strict=True)).get(battery.place) if truck is not None else None
        if locks is not None and locks.state is not LockState.UNLOCKED:
            self.robot.blocked = True
            self.robot.at = replace(self.robot.at, z_mm=seat.z_mm)
            return
        battery.place = ROBOT
        battery.current_a = 0.0
        self.robot.load_noise_kg = self.chance.gauss(0.0, LOAD_NOISE_KG)
