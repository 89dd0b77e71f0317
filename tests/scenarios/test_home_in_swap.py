"""A swap whose robot has lost its axis reference: held, homed by a job, ended, over every wire of the station."""

from __future__ import annotations

from pathlib import Path

from swapstation.config.settings import Charging, Exchange
from swapstation.model.inventory import Cause
from swapstation.model.job import JobKind
from swapstation.model.request import ConfirmStartUp, DivertSwap, HoldStation, RequestSwap, ResumeStation, StartJob
from swapstation.model.snapshot import StationState
from swapstation.station.jobs import SUSPENDED
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in
from tests.scenarios.virtual_station import VirtualStation, virtual_station


def _at(station: VirtualStation, step: str) -> bool:
    swap = station.snapshot.inventory.swap
    return swap is not None and swap.step == step


def _held(station: VirtualStation) -> bool:
    return station.snapshot.state is StationState.HELD


def test_a_swap_goes_on_after_homing_with_a_restart_in_between(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.CHARGER, SPEED) as station:
        station.start_up()
        drive_in(station)
        assert station.ask(RequestSwap(VIN)).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: _at(station, "grip"))
        station.ask(HoldStation("power cut"))
        assert station.time.run(LIMIT_S, lambda: _held(station))
        robot = station.simulation.plant.robot
        robot.homed = False

        assert station.ask(StartJob(JobKind.HOME)).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: station.snapshot.inventory.open_intents != ())
        station.restart(1.0)
        assert station.time.run(LIMIT_S, lambda: station.core.snapshot is not None and station.snapshot.survey.complete)
        assert station.snapshot.inventory.job is not None
        assert station.ask(ConfirmStartUp()).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: _held(station))
        assert station.ask(ResumeStation()).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: _held(station) and station.snapshot.inventory.job is None)
        assert robot.homed
        assert station.snapshot.hold_reasons == (SUSPENDED,)

        swap = station.snapshot.inventory.swap
        assert swap is not None
        assert station.ask(DivertSwap(swap.swap, Cause.GO_ON, "homed")).status == "accepted"
        assert station.ask(ResumeStation()).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: station.snapshot.inventory.swap is None), station.snapshot.swap
        plant = station.simulation.plant
        recorded = {battery.battery: battery.place for battery in station.snapshot.inventory.batteries}
        assert recorded == {battery.battery: battery.place for battery in plant.batteries.values()}
