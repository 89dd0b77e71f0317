"""How long a reaction takes in virtual time, from the last or the changed word of a device to the command.

Virtual time has no early cycle: what is measured here includes a whole scan cycle. The figures over real wires are in
docs/reliability.md (`make bench`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.command import (
    AnswerRobot,
    HoldRobot,
    RobotOrder,
    SetModules,
    ShutModules,
    StopCharge,
    TruckOrder,
)
from swapstation.model.device import RobotState
from swapstation.model.request import RequestSwap
from swapstation.model.snapshot import StationState
from swapstation.protocol.node import Frame
from tests.scenarios.test_fire import BAY, Sent, all_charge, current_a, fault
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in
from tests.scenarios.virtual_station import CYCLE_S, PLANT_STEP_S, VirtualStation, virtual_station

PHASES_S = tuple(tenth * CYCLE_S / 5 for tenth in range(5))
"""Where in the scan cycle it happens."""
NO_ORDER_AFTER_S = 1.0
LINK_LOST_S = 3.0
POLL_S, HEARTBEAT_S = 0.1, 0.5
"""How often the PLC is read, and how often its heartbeat changes."""
BMS_SILENT_S = 1.0
CHARGER_PERIOD_S = 0.5
AT_ONCE_S = CYCLE_S + PLANT_STEP_S
ROUNDING_S = 1e-6


class LastFrame:
    """Notes when the devices of one wire last said something."""

    def __init__(self, station: VirtualStation, wire: str) -> None:
        self.at_s = 0.0
        node = station.simulation.can_nodes[wire]
        due = node.due

        def noted(now_s: float) -> Iterable[Frame]:
            frames = tuple(due(now_s))
            if frames:
                self.at_s = now_s
            return frames

        node.due = noted  # type: ignore[method-assign]


def first(sent: Sent, is_it: Callable[[object], bool], since_s: float) -> float:
    return next(at_s for at_s, command in sent.commands if at_s > since_s and is_it(command))


def no_current(command: object) -> bool:
    return command == ShutModules(BAY) or (
        isinstance(command, SetModules) and command.bay == BAY and command.current_a == 0.0
    )


@pytest.mark.parametrize("phase_s", PHASES_S)
def test_a_silent_bms_is_off_within_a_second(tmp_path: Path, phase_s: float) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT) as station:
        said = LastFrame(station, f"bay-{BAY}")
        all_charge(station)
        sent = Sent(station)
        station.time.run(phase_s)
        fault(station, "bms_silent", BAY)
        began_s = station.time.now_s
        assert station.time.run(5.0, lambda: any(no_current(command) for _, command in sent.commands))
        assert first(sent, no_current, began_s) - said.at_s <= BMS_SILENT_S + ROUNDING_S


@pytest.mark.parametrize("phase_s", PHASES_S)
def test_a_bms_that_falls_silent_at_its_charger_is_stopped_within_three_of_its_periods(
    tmp_path: Path, phase_s: float
) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER) as station:
        station.start_up()
        assert station.time.run(60.0, lambda: _charger_gives(station))
        sent = Sent(station)
        station.time.run(phase_s)
        fault(station, "bms_silent", BAY)
        began_s = station.time.now_s
        assert station.time.run(5.0, lambda: StopCharge(BAY) in [command for _, command in sent.commands])
        assert first(sent, lambda command: command == StopCharge(BAY), began_s) - began_s <= 3 * CHARGER_PERIOD_S


def _charger_gives(station: VirtualStation) -> bool:
    charger = station.snapshot.bay(BAY).charger.good
    return charger is not None and charger.current_a > 50.0


def test_a_silent_charger_is_unknown_after_three_of_its_periods(tmp_path: Path) -> None:
    """Whatever it did last, it may still be doing: nothing is fetched from its bay."""
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER) as station:
        station.start_up()
        assert station.time.run(60.0, lambda: _charger_gives(station))
        silent_s = station.time.now_s
        station.time._wires.pop()  # that of the chargers is coupled last
        assert station.time.run(5.0, lambda: station.snapshot.bay(BAY).charger.good is None)
        assert station.time.now_s - silent_s <= 3 * CHARGER_PERIOD_S + AT_ONCE_S
        assert station.snapshot.bay(BAY).charger.value is not None


@pytest.mark.parametrize("phase_s", PHASES_S)
@pytest.mark.parametrize("name", ["smoke", "thermal_runaway"])
def test_fire_ends_a_charge_in_one_cycle(tmp_path: Path, name: str, phase_s: float) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT) as station:
        all_charge(station)
        sent = Sent(station)
        station.time.run(phase_s)
        fault(station, name, BAY)
        began_s = station.time.now_s
        assert station.time.run(60.0, lambda: station.snapshot.fire.reaction.stopped_bays != ())
        noticed_s = station.time.now_s
        assert station.time.run(5.0, lambda: any(at_s >= began_s and no_current(each) for at_s, each in sent.commands))
        assert first(sent, no_current, began_s) - noticed_s <= AT_ONCE_S
        assert station.time.run(1.0, lambda: current_a(station, BAY) == 0.0)


@pytest.mark.parametrize("phase_s", PHASES_S)
@pytest.mark.parametrize(("name", "target"), [("brake_not_set", ""), ("safety_open", "door"), ("safety_open", "estop")])
def test_a_truck_that_may_move_and_an_open_door_hold_the_robot_within_a_poll_and_a_cycle(
    tmp_path: Path, name: str, target: str, phase_s: float
) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, SPEED) as station:
        station.start_up()
        drive_in(station)
        assert station.ask(RequestSwap(VIN)).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: _at(station, "lift") and station.simulation.plc.running_id != 0)
        sent = Sent(station)
        station.time.run(phase_s)
        fault(station, name, target)
        began_s = station.time.now_s
        assert station.time.run(1.0, lambda: station.snapshot.state is not StationState.EXECUTE)
        assert station.time.now_s - began_s <= POLL_S + AT_ONCE_S
        assert station.snapshot.state in (StationState.HOLDING, StationState.HELD)
        robot = station.snapshot.robot.good
        assert robot is not None
        stood_already = robot.state is not RobotState.BUSY
        assert stood_already or any(isinstance(command, HoldRobot) for _, command in sent.commands)


def _at(station: VirtualStation, step: str) -> bool:
    swap = station.snapshot.inventory.swap
    return swap is not None and swap.step == step


@pytest.mark.parametrize("phase_s", PHASES_S)
@pytest.mark.parametrize("step", ["locate", "grip", "unlock", "put"])
def test_a_frozen_heartbeat_lets_no_order_out_after_a_second_and_is_a_lost_link_at_three(
    tmp_path: Path, step: str, phase_s: float
) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, SPEED) as station:
        station.start_up()
        drive_in(station)
        assert station.ask(RequestSwap(VIN)).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: _at(station, step)), station.snapshot.swap
        sent = Sent(station)
        station.time.run(phase_s)
        fault(station, "plc_heartbeat_frozen")
        frozen_s = station.time.now_s
        assert station.time.run(10.0, lambda: any(each.code == "ROBOT_LINK_LOST" for each in station.snapshot.alarms))
        lost_s = station.time.now_s - frozen_s
        assert LINK_LOST_S - HEARTBEAT_S <= lost_s <= LINK_LOST_S + POLL_S + AT_ONCE_S
        orders = (RobotOrder, TruckOrder, AnswerRobot)
        late = [
            command
            for at_s, command in sent.commands
            if isinstance(command, orders) and at_s - frozen_s > NO_ORDER_AFTER_S + POLL_S
        ]
        assert late == []
