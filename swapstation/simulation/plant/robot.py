"""The gantry of the swap robot: three axes and a spreader that grips a battery from above."""

from __future__ import annotations

from dataclasses import dataclass

SPEED_X_MM_S = 600.0
SPEED_Y_MM_S = 350.0
SPEED_Z_MM_S = 150.0
GRIP_S = 3.0
TRANSPORT_Z_MM = 3000.0
WITHIN_MM = 3.0


@dataclass(frozen=True, slots=True)
class Point:
    """A place of the spreader in mm: x along the rack, y from the lane to the rack, z up."""

    x_mm: float
    y_mm: float
    z_mm: float

    def above(self) -> Point:
        """The same place at transport height."""
        return Point(self.x_mm, self.y_mm, TRANSPORT_Z_MM)

    def near(self, other: Point, within_mm: float = WITHIN_MM) -> bool:
        return self.over(other, within_mm) and abs(self.z_mm - other.z_mm) <= within_mm

    def over(self, other: Point, within_mm: float = WITHIN_MM) -> bool:
        return abs(self.x_mm - other.x_mm) <= within_mm and abs(self.y_mm - other.y_mm) <= within_mm


STANDBY = Point(0.0, 2500.0, TRANSPORT_Z_MM)


@dataclass(slots=True)
class Robot:
    """Axes and spreader. `goal` None = brakes on; `grip_closed` runs from 0 (open) to 1; `battery` is what it grips."""

    at: Point = STANDBY
    goal: Point | None = None
    homed: bool = True
    grip_closed: float = 0.0
    grip_goal: float = 0.0
    battery: str | None = None
    blocked: bool = False
    load_noise_kg: float = 0.0

    @property
    def moving(self) -> bool:
        return (self.goal is not None and self.at != self.goal) or self.grip_closed != self.grip_goal

    def stop(self) -> None:
        """Brakes on: axes and spreader stay where they are."""
        self.goal = None
        self.grip_goal = self.grip_closed

    def advance(self, dt_s: float) -> None:
        """Move the axes towards the goal and the spreader's grip towards its own for `dt_s` plant seconds."""
        if self.goal is not None:
            self.at = Point(
                _toward(self.at.x_mm, self.goal.x_mm, SPEED_X_MM_S * dt_s),
                _toward(self.at.y_mm, self.goal.y_mm, SPEED_Y_MM_S * dt_s),
                _toward(self.at.z_mm, self.goal.z_mm, SPEED_Z_MM_S * dt_s),
            )
        self.grip_closed = _toward(self.grip_closed, self.grip_goal, dt_s / GRIP_S)


def _toward(value: float, goal: float, step: float) -> float:
    return min(max(goal, value - step), value + step)
