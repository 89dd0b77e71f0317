"""A simulator that was killed goes on where it was, and its PLC moves only on RESUME."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.settings import Config
from swapstation.errors import ConfigurationError
from swapstation.model.device import RobotState
from swapstation.simulation.firmware.robot_words import Command, Control, Fault, Refusal
from swapstation.simulation.placement import Placement
from swapstation.simulation.plant.truck import Pose
from swapstation.simulation.state_file import Saved, capture, encode_state, read_state, write_state
from swapstation.simulation.world import Simulation
from tests.simulation.desk import VIN, Desk


def restarted(desk: Desk, config: Config, placement: Placement, file: Path) -> Desk:
    write_state(file, encode_state(capture(desk.plant, desk.plc)))
    fresh = Desk(Simulation(config, placement, saved=read_state(file)))
    fresh.order_id, fresh.control_id, fresh.now_s = desk.order_id, desk.control_id, desk.now_s
    return fresh


def test_a_load_in_the_air_is_still_there_and_waits_for_resume(
    desk: Desk, config: Config, placement: Placement, tmp_path: Path
) -> None:
    desk.lifted()
    desk.plc.write_epoch(4)
    desk.order(Command.PUT, to_bay=2, epoch=4)
    desk.run(6)
    fresh = restarted(desk, config, placement, tmp_path / "state.json")
    assert fresh.plant.robot.at == desk.plant.robot.at
    assert fresh.plc.state is RobotState.PAUSED
    assert Fault.POWER_UP in fresh.plc.faults
    assert (fresh.plc.running_id, fresh.plc.kept.epoch) == (desk.order_id, 4)
    fresh.run(5)
    assert fresh.plant.batteries["T1"].place == "robot"
    assert fresh.plant.robot.at == desk.plant.robot.at
    fresh.plc.write_control(Control.RESUME, fresh.control_id + 1, epoch=4)
    fresh.wait()
    assert fresh.plant.batteries["T1"].place == "bay-2"
    assert fresh.plc.kept.done_id == desk.order_id


def test_idle_plc_is_idle_and_remembers_ids(desk: Desk, config: Config, placement: Placement, tmp_path: Path) -> None:
    desk.plc.write_epoch(9)
    desk.run(1)
    desk.plc.write_control(Control.HOLD, 55, 9)
    fresh = restarted(desk, config, placement, tmp_path / "state.json")
    assert fresh.plc.state is RobotState.IDLE
    fresh.run(1)
    assert fresh.order(Command.PARK, epoch=8) is Refusal.EPOCH_TOO_OLD


def test_truck_charge_and_meter_survive(desk: Desk, config: Config, placement: Placement, tmp_path: Path) -> None:
    desk.plant.trucks[VIN].arrive(Pose(12.0, -3.0, 4.0))
    desk.run(50)
    desk.plant.batteries["A3"].set_soc(63.0)
    fresh = restarted(desk, config, placement, tmp_path / "state.json")
    assert fresh.plant.trucks == desk.plant.trucks
    assert fresh.plant.batteries["A3"].soc_pct == pytest.approx(63.0)
    assert fresh.plant.meter_kwh == desk.plant.meter_kwh
    assert not any(bay.contactor_closed for bay in fresh.plant.bays.values())


def test_no_file_is_a_fresh_start(tmp_path: Path) -> None:
    assert read_state(tmp_path / "none.json") is None


def test_a_broken_or_foreign_file_is_refused(desk: Desk, config: Config, placement: Placement, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text('{"batteries": 3}')
    with pytest.raises(ConfigurationError, match="not a state file"):
        read_state(file)
    saved = capture(desk.plant, desk.plc)
    foreign = Saved(
        batteries={},
        trucks=saved.trucks,
        robot=saved.robot,
        bay_temperatures_c=saved.bay_temperatures_c,
        meter_kwh=0.0,
        plc=saved.plc,
        measured=None,
        weighed_kg=0.0,
    )
    with pytest.raises(ConfigurationError, match="batteries"):
        Simulation(config, placement, saved=foreign)
