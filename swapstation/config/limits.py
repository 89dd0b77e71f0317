"""Limits of the decisions: how far, how full, how hot and how old things may be."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from swapstation.errors import InputError
from swapstation.model.inventory import SeatOffset


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the decisions; seconds, percent, millimetres.

    `seat_...`: most that a truck's battery seat may be off the nominal one by its card, either way; 0: the robot takes
    no such offset.
    """

    ready_soc_pct: float = 90.0
    charge_target_soc_pct: float = 95.0
    pose_x_mm: int = 150
    pose_y_mm: int = 150
    pose_yaw_mrad: int = 60
    max_battery_temperature_c: float = 55.0
    max_bay_temperature_c: float = 60.0
    max_temperature_spread_c: float = 20.0
    max_cell_spread_v: float = 0.5
    rack_io_age_s: float = 0.5
    module_age_s: float = 0.5
    truck_age_s: float = 2.0
    bms_age_s: float = 0.85
    cells_age_s: float = 30.0
    charger_age_s: float = 1.5
    robot_age_s: float = 1.0
    meter_age_s: float = 15.0
    fire_panel_age_s: float = 1.0
    climate_age_s: float = 4.0
    store_age_s: float = 4.0
    yard_age_s: float = 4.0
    min_coolant_kpa: float = 50.0
    max_heating_k_per_min: float = 10.0
    max_voltage_fall_pct_per_min: float = 10.0
    seat_x_mm: int = 0
    seat_y_mm: int = 0
    seat_z_mm: int = 0

    @property
    def seat(self) -> SeatOffset:
        """The most on each axis."""
        return SeatOffset(self.seat_x_mm, self.seat_y_mm, self.seat_z_mm)


_NONE = "0: this station's [limits] allow no seat offset on this axis"


def check_seat(seat: SeatOffset, limits: Limits) -> None:
    """Raise InputError for an offset that the station's [limits] do not allow; 0 is always allowed."""
    for name, value in asdict(seat).items():
        most_mm: int = getattr(limits, name)
        if abs(value) > most_mm:
            raise InputError(name, value, f"{-most_mm} to {most_mm} mm ([limits] {name})" if most_mm else _NONE)
