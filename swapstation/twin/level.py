"""How deep a twin goes: what a level has to offer so that the same station, people and attacks run on it.

A level is a pair: the world (plant and firmware) and the equipment (what a controller has of it).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

from swapstation.controller.process_image import ProcessImage
from swapstation.model.command import Command, SetModules, ShutModules
from swapstation.model.device import ChargePhase
from swapstation.simulation.firmware.robot_plc import RobotPlc
from swapstation.simulation.plant.battery import Battery
from swapstation.simulation.plant.plant import Plant
from swapstation.twin.noise import Noise

Sending = Callable[[Command, int], AbstractContextManager[None]]


class Level(StrEnum):
    """What goes between controller and firmware."""

    MESSAGE = "message"
    BYTE = "byte"


class Charge(Protocol):
    """The charging process of one bay, in truth. `heard_s`: when the station last could learn whose it is."""

    @property
    def phase(self) -> ChargePhase: ...
    @property
    def battery(self) -> Battery | None: ...
    @property
    def heard_s(self) -> float | None: ...


class World(Protocol):
    """Plant and firmware, and the charging processes by bay."""

    @property
    def plant(self) -> Plant: ...
    @property
    def plc(self) -> RobotPlc: ...
    @property
    def processes(self) -> Mapping[int, Charge]: ...
    @property
    def next_change_s(self) -> float:
        """The next instant at which a device may say something new (monotonic s)."""

    def advance(self, to_s: float) -> None:
        """Let everything happen up to `to_s`; the controller, if there is one, has been renewed up to there."""

    def lose_power(self) -> None:
        """The mains go and come back: brakes hold, contactors open, firmware starts with what it keeps."""


class Equipment(ProcessImage):
    """What one run of the controller has of a world.

    `sending` surrounds every command but leases on its way to its device. `busy`: one left in this cycle.
    """

    busy: bool
    sending: Sending

    def send(self, command: Command, command_id: int, now_s: float) -> None:
        if isinstance(command, SetModules | ShutModules):
            super().send(command, command_id, now_s)
            return
        self.busy = True
        with self.sending(command, command_id):
            super().send(command, command_id, now_s)

    @abstractmethod
    def renew(self, now_s: float) -> None:
        """Bring the devices up to `now_s` with what unchanged cycles send by themselves."""


Connect = Callable[[int, Noise, Sending], Equipment]
"""Connects a controller that starts: its boot, what happens to messages on their way, what surrounds sendings."""
