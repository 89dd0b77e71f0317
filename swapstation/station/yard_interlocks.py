"""Interlocks of the devices before the lane: a barrier that opens into a free lane only, and never closes on a truck.

The barrier is no safety device: nothing that keeps people safe rests on it.
"""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.command import Command, OpenGate
from swapstation.model.seen import Quality
from swapstation.station.sensing import Interlock
from swapstation.station.situation import Situation

GONE_S = 30.0
"""A truck that has been silent so long has driven off; its radio may fail for a moment."""


def lane_free(now: Situation) -> bool:
    """Whether no truck can be in the lane: none has spoken of late, the robot sees none, nothing is worked at."""
    truck, robot = now.snapshot.truck, now.snapshot.robot.good
    silent = truck.quality is Quality.NEVER or (truck.age_s is not None and truck.age_s > GONE_S)
    return silent and robot is not None and not robot.truck_in_position and now.work is None


def _truck_admitted(now: Situation, command: Command) -> bool:
    """The truck that was called, and one that the station knows."""
    vin = command.vin if isinstance(command, OpenGate) else ""
    return bool(vin) and vin == now.snapshot.admitted and bool(now.snapshot.inventory.truck_model(vin))


def _gate_ready(now: Situation, _: Command) -> bool:
    gate = now.snapshot.gate.good
    return gate is not None and gate.fault_code == 0


def _gate_loop_free(now: Situation, _: Command) -> bool:
    gate = now.snapshot.gate.good
    return gate is not None and not gate.loop_occupied


YARD_INTERLOCKS: Mapping[str, Interlock] = {
    "lane_free": lambda now, _: lane_free(now),
    "truck_admitted": _truck_admitted,
    "gate_ready": _gate_ready,
    "gate_loop_free": _gate_loop_free,
    "guide_heard": lambda now, _: now.snapshot.guide.good is not None,
}
