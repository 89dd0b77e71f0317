"""Truth on disk: a simulator that was killed goes on with every battery, load, truck and lock where it was.

What is not kept is what loses power with the simulator: contactors open, modules off, axes braked, fault knobs off.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from swapstation.errors import ConfigurationError
from swapstation.model.inventory import NOMINAL_SEAT, SeatOffset
from swapstation.simulation.firmware.robot_plc import Retained, RobotPlc
from swapstation.simulation.plant.entrance import Entrance
from swapstation.simulation.plant.plant import Plant
from swapstation.simulation.plant.robot import Robot
from swapstation.simulation.plant.truck import Pose, Truck


@dataclass(frozen=True, slots=True)
class SavedBattery:
    """What changes of a battery."""

    place: str
    charge_ah: float
    temperature_c: float
    energy_in_kwh: float


@dataclass(frozen=True, slots=True)
class Saved:
    """The truth of the plant and the retentive memory of the PLC. `bay_meters_kwh`: AC and DC energy of each bay.

    `store_kwh`: what the site's store holds. `entrance`: who stands before the lane, and the boom. `seat`: the offset
    that the PLC was told last.
    """

    batteries: dict[str, SavedBattery]
    trucks: dict[str, Truck]
    robot: Robot
    bay_temperatures_c: dict[int, float]
    meter_kwh: float
    plc: Retained
    measured: Pose | None
    weighed_kg: float
    bay_meters_kwh: dict[int, tuple[float, float]] = field(default_factory=dict)
    store_kwh: float | None = None
    entrance: Entrance | None = None
    seat: SeatOffset = NOMINAL_SEAT


_SAVED = TypeAdapter(Saved)


def capture(plant: Plant, plc: RobotPlc) -> Saved:
    """The truth now."""
    batteries = {
        asset: SavedBattery(battery.place, battery.charge_ah, battery.temperature_c, battery.energy_in_kwh)
        for asset, battery in plant.batteries.items()
    }
    return Saved(
        batteries=batteries,
        trucks=plant.trucks,
        robot=plant.robot,
        bay_temperatures_c={number: bay.temperature_c for number, bay in plant.bays.items()},
        meter_kwh=plant.meter_kwh,
        plc=plc.kept,
        measured=plc.motion.measured,
        weighed_kg=plc.motion.weighed_kg,
        bay_meters_kwh={number: (bay.modules.grid_kwh, bay.modules.energy_kwh) for number, bay in plant.bays.items()},
        store_kwh=plant.store.held_kwh if plant.store is not None else None,
        entrance=plant.entrance,
        seat=plc.motion.seat,
    )


def restore_plant(plant: Plant, saved: Saved) -> None:
    """Put everything where it was; ConfigurationError when the state is of another station."""
    for name, saved_names, names in (
        ("batteries", saved.batteries.keys(), plant.batteries.keys()),
        ("trucks", saved.trucks.keys(), plant.trucks.keys()),
        ("bays", saved.bay_temperatures_c.keys(), plant.bays.keys()),
    ):
        if set(saved_names) != set(names):
            raise ConfigurationError([f"state file: its {name} are not those of the inventory and the configuration"])
    for asset, kept in saved.batteries.items():
        battery = plant.batteries[asset]
        battery.place, battery.charge_ah = kept.place, kept.charge_ah
        battery.temperature_c, battery.energy_in_kwh = kept.temperature_c, kept.energy_in_kwh
    for number, temperature_c in saved.bay_temperatures_c.items():
        plant.bays[number].temperature_c = temperature_c
    for number, (grid_kwh, energy_kwh) in saved.bay_meters_kwh.items():
        plant.bays[number].modules.grid_kwh, plant.bays[number].modules.energy_kwh = grid_kwh, energy_kwh
    plant.trucks.update(saved.trucks)
    plant.robot = saved.robot
    plant.robot.stop()
    plant.meter_kwh = saved.meter_kwh
    if plant.store is not None and saved.store_kwh is not None:
        plant.store.held_kwh = saved.store_kwh
    if plant.entrance is not None and saved.entrance is not None:
        plant.entrance = saved.entrance


def encode_state(saved: Saved) -> bytes:
    """The state file's bytes."""
    return _SAVED.dump_json(saved)


def write_state(path: Path, data: bytes) -> None:
    """Replace the state file in one step: a crash leaves the old or the new one, never half of one."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read_state(path: Path) -> Saved | None:
    """The saved truth, or None when there is no file yet; ConfigurationError for a file that is none."""
    try:
        return _SAVED.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError([f"{path}: not a state file of the simulator: {where}: {first['msg']}"]) from error
