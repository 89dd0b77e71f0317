"""An exchange that the PLC runs while the controller is away: every end it can have, and how the station gets out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.inventory import queries
from swapstation.inventory.database import open_reader
from swapstation.model.device import RobotStep
from swapstation.model.inventory import Cause, Swap, SwapResult, truck_place
from swapstation.model.request import (
    AbandonSwap,
    CloseSwap,
    ConfirmCloseSwap,
    ConfirmStartUp,
    DivertSwap,
    Payload,
    ReconcileSwap,
    RequestSwap,
    ResumeStation,
)
from swapstation.model.snapshot import StationState
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in
from tests.scenarios.virtual_station import VirtualStation, virtual_station

FRESH, RETURNED = "LFP-001", "LFP-008"


@pytest.fixture
def station(tmp_path: Path) -> Iterator[VirtualStation]:
    """The PLC is at work on an exchange."""
    with virtual_station(tmp_path, Exchange.PLC, Charging.CHARGER, SPEED) as made:
        made.start_up()
        drive_in(made)
        _accepted(made, RequestSwap(VIN))
        yield made


def _accepted(station: VirtualStation, payload: Payload, person: str = "li") -> None:
    answer = station.ask(payload, person)
    assert answer.status == "accepted", (answer, station.snapshot.survey, station.snapshot.alarms)


def _at(station: VirtualStation, step: RobotStep) -> None:
    assert station.time.run(LIMIT_S, lambda: station.simulation.plc.step is step)


def _back(station: VirtualStation, away_s: float) -> None:
    """The controller starts again; the survey is complete, nothing is confirmed."""
    station.restart(away_s)
    assert station.time.run(LIMIT_S, lambda: station.core.snapshot is not None and station.snapshot.survey.complete)
    station.time.run(1.0)


def _held(station: VirtualStation) -> None:
    _accepted(station, ConfirmStartUp())
    assert station.time.run(LIMIT_S, lambda: station.snapshot.state is StationState.HELD)


def _open(station: VirtualStation) -> Swap:
    swap = station.snapshot.inventory.swap
    assert swap is not None
    return swap


def _ended(station: VirtualStation) -> Swap:
    """The swap ends; record and plant agree on every battery."""
    ended = station.time.run(2 * LIMIT_S, lambda: station.snapshot.inventory.swap is None)
    assert ended, (station.snapshot.swap, station.snapshot.alarms, station.snapshot.refused)
    station.time.run(1.0)
    recorded = {battery.battery: battery.place for battery in station.snapshot.inventory.batteries}
    assert recorded == {name: battery.place for name, battery in station.simulation.plant.batteries.items()}
    reader = open_reader(station.config.station_database_url)
    with reader.connect() as connection:
        (swap,) = queries.list_swaps(connection)
    reader.dispose()
    return swap


@pytest.mark.parametrize(
    ("step", "away_s"),
    [(RobotStep.PUT_OLD, 0.5), (RobotStep.PLACE_FRESH, 8.0)],
    ids=["within the heartbeat", "beyond the heartbeat"],
)
def test_one_that_still_runs_or_is_paused_is_taken_up_under_its_id(
    station: VirtualStation, step: RobotStep, away_s: float
) -> None:
    _at(station, step)
    order = station.simulation.plc.kept.accepted_id
    _back(station, away_s)
    _held(station)
    _accepted(station, ResumeStation())
    assert _ended(station).result is SwapResult.COMPLETED
    assert station.simulation.plc.kept.accepted_id == order


def test_one_that_ended_is_known_by_its_id(station: VirtualStation) -> None:
    _at(station, RobotStep.PARK)
    order = station.simulation.plc.kept.accepted_id
    _back(station, 2.5)
    assert station.simulation.plc.kept.done_id == order
    _held(station)
    _accepted(station, ResumeStation())
    assert _ended(station).result is SwapResult.COMPLETED


@pytest.mark.parametrize("step", [RobotStep.PUT_OLD, RobotStep.PICK_FRESH])
def test_one_that_failed_is_finished_by_a_way_out_from_where_the_sensors_say_it_stands(
    station: VirtualStation, step: RobotStep
) -> None:
    _at(station, step)
    station.control({"do": "fault", "name": "robot_fault", "on": True})
    _back(station, 1.0)
    station.control({"do": "fault", "name": "robot_fault", "on": False})
    _held(station)
    _accepted(station, ResumeStation())
    assert station.time.run(LIMIT_S, lambda: station.snapshot.state is StationState.HELD)
    _accepted(station, DivertSwap(_open(station).swap, Cause.GO_ON, "failed while nobody listened"))
    _accepted(station, ResumeStation())
    assert _ended(station).result is SwapResult.COMPLETED


def test_one_that_the_plc_forgot_before_it_lifted_anything_is_abandoned_and_the_truck_keeps_its_battery(
    station: VirtualStation,
) -> None:
    _at(station, RobotStep.LOCATE)
    plc, plant = station.simulation.plc, station.simulation.plant
    plc.kept.running, plc.kept.accepted_id, plc.paused = None, 0, False
    plant.robot.stop()
    _back(station, 1.0)
    _held(station)
    _accepted(station, AbandonSwap(_open(station).swap, "the PLC lost its order"))
    assert _ended(station).result is SwapResult.FAILED
    assert plant.batteries[RETURNED].place == truck_place(VIN)


def _made_by_hand(station: VirtualStation, bay: str) -> None:
    """People finish the exchange at the PLC's panel: the old battery in `bay`, the fresh one locked on the truck."""
    plc, plant = station.simulation.plc, station.simulation.plant
    plc.kept.running, plc.paused = None, False
    plant.robot.stop()
    plant.batteries[RETURNED].place, plant.batteries[FRESH].place = bay, truck_place(VIN)


@pytest.mark.parametrize("bay", [8, 1], ids=["as ordered", "in the bay of the fresh one"])
def test_one_that_people_finished_at_the_panel_is_entered_afterwards(station: VirtualStation, bay: int) -> None:
    _at(station, RobotStep.LOCATE)
    _made_by_hand(station, f"bay-{bay}")
    _back(station, 1.0)
    proposals = {each.place: each.proposal for each in station.snapshot.survey.findings if each.proposal}
    assert proposals, station.snapshot.survey
    answer = station.ask(ConfirmStartUp())
    if answer.status == "accepted":
        assert station.time.run(LIMIT_S, lambda: station.snapshot.state is StationState.HELD)
    _accepted(station, ReconcileSwap(VIN, FRESH, RETURNED, bay, "finished at the panel"))
    swap = _ended(station)
    assert (swap.result, swap.to_bay) == (SwapResult.COMPLETED, bay)


def test_one_whose_truck_left_by_hand_is_entered_afterwards(station: VirtualStation) -> None:
    _at(station, RobotStep.LOCATE)
    _made_by_hand(station, "bay-8")
    station.time.run(0.5)
    assert station.control({"do": "truck_leaves"})["ok"]
    assert station.time.run(LIMIT_S, lambda: station.simulation.plant.truck is None)
    _back(station, 5.0)
    assert station.snapshot.truck.good is None
    if station.ask(ConfirmStartUp()).status == "accepted":
        assert station.time.run(LIMIT_S, lambda: station.snapshot.state is StationState.HELD)
    _accepted(station, ReconcileSwap(VIN, FRESH, RETURNED, 8, "driver could not wait"))
    assert _ended(station).result is SwapResult.COMPLETED


def test_one_that_nobody_can_tell_is_closed_by_two_people_and_its_batteries_are_in_doubt(
    station: VirtualStation,
) -> None:
    _at(station, RobotStep.PUT_OLD)
    _back(station, 8.0)
    swap = _open(station).swap
    _accepted(station, CloseSwap(swap, "crane took the battery away"), "li")
    assert station.ask(ConfirmCloseSwap(swap), "li").status == "refused"
    _accepted(station, ConfirmCloseSwap(swap), "wang")
    assert station.time.run(5.0, lambda: station.snapshot.inventory.swap is None)
    stock = station.snapshot.inventory
    doubtful = {battery.battery for battery in stock.batteries if battery.doubtful}
    assert doubtful == {FRESH, RETURNED}
    assert station.snapshot.state is StationState.ABORTED
