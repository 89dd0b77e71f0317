"""A database that cannot be written, over all wire codecs: the carry ends, nothing begins, nothing is assumed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.command import AnswerRobot, HoldRobot, RobotOrder, TruckOrder
from swapstation.model.request import RequestSwap, ResumeStation
from swapstation.model.snapshot import StationState
from tests.scenarios.test_fire import Sent, current_a
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in
from tests.scenarios.virtual_station import VirtualStation, virtual_station

CARRIES = ("lift", "put", "pick", "place", "park")


@contextmanager
def swapping(folder: Path, exchange: Exchange, step: str) -> Iterator[tuple[VirtualStation, Sent]]:
    """A station whose robot is in the middle of the order of a step."""
    with virtual_station(folder, exchange, Charging.DIRECT, SPEED) as station:
        station.start_up()
        drive_in(station)
        assert station.ask(RequestSwap(VIN)).status == "accepted"
        sent = Sent(station)
        assert station.time.run(LIMIT_S, lambda: _at(station, step) and _busy(station)), station.snapshot.swap
        station.time.run(0.3)
        yield station, sent


def _at(station: VirtualStation, step: str) -> bool:
    swap = station.snapshot.inventory.swap
    return swap is not None and swap.step == step


def _busy(station: VirtualStation) -> bool:
    order, plc = station.core._memory.robot_order, station.simulation.plc
    return order is not None and plc.running_id == order.command_id


def pragma(station: VirtualStation, statement: str) -> int:
    """Ask something of the one connection that writes."""
    connection = station._engine.raw_connection()
    try:
        row = connection.cursor().execute(f"PRAGMA {statement}").fetchone()
    finally:
        connection.close()
    return int(row[0]) if row else 0


def fails(station: VirtualStation) -> bool:
    return station.snapshot.journal_error != ""


def held(station: VirtualStation) -> bool:
    return station.snapshot.state is StationState.HELD


def motions(sent: Sent, since_s: float) -> list[object]:
    kinds = (RobotOrder, TruckOrder, AnswerRobot)
    return [command for at_s, command in sent.commands if at_s >= since_s and isinstance(command, kinds)]


@pytest.mark.parametrize("step", CARRIES)
def test_a_carry_ends_on_a_read_only_database_and_its_fact_is_written_when_it_writes_again(
    tmp_path: Path, step: str
) -> None:
    with swapping(tmp_path, Exchange.STATION, step) as (station, sent):
        order = station.core._memory.robot_order
        assert order is not None
        began_s = station.time.now_s
        pragma(station, "query_only=ON")
        assert station.time.run(LIMIT_S, lambda: held(station)), station.snapshot.alarms
        assert "readonly" in station.snapshot.journal_error
        robot = station.snapshot.robot.good
        assert robot is not None
        assert robot.done_id == order.command_id, "the robot came to the end of its order"
        assert not any(isinstance(command, HoldRobot) for at_s, command in sent.commands if at_s >= began_s)
        station.time.run(10.0)
        assert motions(sent, began_s) == []
        assert _at(station, step), "what is not durable is not assumed"
        pending = station.snapshot.journal_pending
        assert pending > 0
        pragma(station, "query_only=OFF")
        assert station.time.run(5.0, lambda: not fails(station) and station.snapshot.journal_pending == 0)
        station.time.run(5.0)
        assert (motions(sent, began_s), held(station)) == ([], True), "only people let it go on"
        resumed_s = station.time.now_s
        assert station.ask(ResumeStation()).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: not _at(station, step))
        assert motions(sent, resumed_s) == [], "what was done is not done again"
        assert station.time.run(LIMIT_S, lambda: station.snapshot.state is StationState.IDLE)


def test_a_plc_ends_its_step_and_gets_no_answer(tmp_path: Path) -> None:
    with swapping(tmp_path, Exchange.PLC, "put") as (station, sent):
        began_s, plc_step = station.time.now_s, station.simulation.plc.step
        pragma(station, "query_only=ON")
        assert station.time.run(LIMIT_S, lambda: held(station)), station.snapshot.alarms
        assert motions(sent, began_s) == []
        robot = station.snapshot.robot.good
        assert robot is not None
        assert robot.request_id != 0 or robot.step is not plc_step, "it came to the end of its step"
        pragma(station, "query_only=OFF")
        station.time.run(2.0)
        assert station.ask(ResumeStation()).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: station.snapshot.state is StationState.IDLE), station.snapshot.alarms


def test_a_full_database_holds_the_swap_and_lets_the_charges_run(tmp_path: Path) -> None:
    """SQLITE_FULL from SQLite itself: it may not take another page."""
    with swapping(tmp_path, Exchange.STATION, "locate") as (station, sent):
        assert station.time.run(LIMIT_S, lambda: current_a(station, 6) > 50.0)
        limit = pragma(station, "max_page_count")
        pragma(station, "max_page_count=1")  # SQLite takes the present size for it
        assert station.time.run(LIMIT_S, lambda: fails(station)), "the database never filled"
        assert "full" in station.snapshot.journal_error
        failed_s = station.time.now_s
        assert station.time.run(LIMIT_S, lambda: held(station))
        assert [alarm.code for alarm in station.snapshot.alarms if alarm.code == "DATABASE_WRITE_FAILED"]
        station.time.run(5.0)
        assert motions(sent, failed_s) == []
        assert current_a(station, 6) > 50.0, "a charge that runs goes on"
        pragma(station, f"max_page_count={limit}")
        assert station.time.run(5.0, lambda: station.snapshot.journal_pending == 0)
        assert station.ask(ResumeStation()).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: station.snapshot.state is StationState.IDLE), station.snapshot.alarms


def test_a_restart_after_a_carry_that_could_not_be_written_asks_people(tmp_path: Path) -> None:
    with swapping(tmp_path, Exchange.STATION, "put") as (station, _):
        pragma(station, "query_only=ON")
        assert station.time.run(LIMIT_S, lambda: held(station))
        pragma(station, "query_only=OFF")
        station.core._journal._waiting.clear()  # type: ignore[attr-defined]  # what only memory knew is lost
        station.restart()
        assert station.time.run(10.0, lambda: station.core.snapshot is not None and station.snapshot.survey.complete)
        assert station.snapshot.state is StationState.ABORTED
        assert _at(station, "put")
        station.start_up()
        assert station.ask(ResumeStation()).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: station.snapshot.state is StationState.IDLE), station.snapshot.alarms
