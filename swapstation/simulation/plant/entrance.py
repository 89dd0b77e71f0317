"""The place before the lane: a truck comes, stands on the weighbridge, is read, and drives in when it may.

Without a barrier it drives in by itself once the lane is free. The boom moves as it is told by its firmware.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from swapstation.simulation.plant.truck import Pose, Truck

READ_S, SETTLE_S, READY_S = 1.0, 3.0, 6.0
"""So long after it has come to stand it is read, the scale has settled, and it could drive on."""
BOOM_S, UNDER_BOOM_S = 3.0, 5.0


@dataclass(slots=True)
class Entrance:
    """`truck` stands here since `stands_s` plant seconds, to stand in the lane with `pose`; None: nobody.

    `boom` from 0 (closed) to 1 (open), None: there is no barrier. `under_boom_s`: so long a truck is still under it.
    `passages` counts the trucks that came.
    """

    boom: float | None = None
    boom_goal: float = 0.0
    truck: str | None = None
    pose: Pose = field(default_factory=Pose)
    stands_s: float = 0.0
    under_boom_s: float = 0.0
    passages: int = 0

    def come(self, truck: Truck, pose: Pose) -> None:
        """A truck comes to stand before the lane."""
        self.truck, self.pose, self.stands_s = truck.vin, pose, 0.0
        self.passages += 1

    @property
    def loop_occupied(self) -> bool:
        return self.under_boom_s > 0.0

    @property
    def read(self) -> bool:
        """Whether camera and tag reader have seen the truck that stands here."""
        return self.truck is not None and self.stands_s >= READ_S

    @property
    def settled(self) -> bool:
        """Whether what is on the scale, or that nothing is, has settled."""
        return self.truck is None or self.stands_s >= SETTLE_S

    def advance(self, dt_s: float, lane_free: bool, boom_stuck: bool) -> bool:
        """Let `dt_s` plant seconds pass. Tells whether the truck here drives into the lane now."""
        self.under_boom_s = max(self.under_boom_s - dt_s, 0.0)
        if self.boom is not None and not boom_stuck:
            step = dt_s / BOOM_S
            self.boom += max(min(self.boom_goal - self.boom, step), -step)
        if self.truck is None:
            return False
        self.stands_s += dt_s
        return self.stands_s >= READY_S and lane_free and (self.boom is None or self.boom >= 1.0)

    def drive_in(self) -> None:
        """The truck has left for the lane; with a barrier it is under the boom for some seconds."""
        self.truck = None
        self.under_boom_s = 0.0 if self.boom is None else UNDER_BOOM_S
