"""A held station stands still, goes on as one, and does not wait for what the database refused."""

from __future__ import annotations

from dataclasses import replace

from swapstation.config.settings import Exchange
from swapstation.model import command as commands
from swapstation.model.device import RobotState
from swapstation.model.request import HoldStation
from swapstation.model.snapshot import StationState
from tests.station.walk import Answering, entering


def _held(step: str) -> Answering:
    held = entering(Exchange.STATION)[step].cycle(HoldStation())
    return held.until(lambda station: station.memory.state is StationState.HELD)


def test_a_robot_that_moves_by_itself_while_held_is_stopped_again() -> None:
    moving = _held("put").change("robot", state=RobotState.BUSY).cycle()
    assert moving.memory.state is StationState.HOLDING
    assert commands.HoldRobot() in moving.past[-1].commands


def test_a_swap_that_the_database_refused_to_open_leaves_the_station_idle() -> None:
    station = entering(Exchange.STATION)["identify"]
    refused = replace(
        station, snapshot=replace(station.snapshot, inventory=replace(station.snapshot.inventory, swap=None))
    ).cycle()
    assert refused.memory.state is StationState.IDLE


def test_hold_reasons_stay_few_however_often_hold_is_pressed() -> None:
    station = entering(Exchange.STATION)["put"]
    for press in range(50):
        station = station.cycle(HoldStation(f"press {press}"))
    assert len(station.memory.hold_reasons) <= 8


def test_a_robot_that_paused_by_itself_is_told_to_hold_too() -> None:
    """It must not go on by itself when the door is closed again."""
    station = entering(Exchange.STATION)["put"].until(lambda each: each.job is not None).run(0.3)
    paused = station.change("robot", state=RobotState.PAUSED).change("safety", doors_closed=False).cycle()
    assert paused.past[-1].commands.count(commands.HoldRobot()) == 1
    held = paused.cycle()
    assert held.memory.state is StationState.HELD
    assert commands.HoldRobot() not in held.past[-1].commands
