"""A truck gets a fresh battery in virtual time, in every arrangement: the memory face of the simulator, no socket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.demo.station_file import TRUCKS
from swapstation.inventory import queries
from swapstation.inventory.database import open_reader
from swapstation.inventory.queries import Event
from swapstation.model.inventory import truck_place
from swapstation.model.request import RequestSwap
from swapstation.model.snapshot import StationState, Verdict
from tests.scenarios.virtual_station import VirtualStation, virtual_station

VIN = TRUCKS[0]
SPEED = 8.0
LIMIT_S = 120.0


def drive_in(station: VirtualStation, vin: str = VIN, **how: int) -> None:
    """Let a truck arrive and wait until its on-board controller has said who it is."""
    answer = station.control({"do": "truck_arrives", "vin": vin, "soc_pct": 30, **how})
    assert answer["ok"], answer

    def identified() -> bool:
        truck = station.snapshot.truck.good
        return truck is not None and truck.vin == vin and bool(truck.codes)

    assert station.time.run(LIMIT_S, identified)


def run_swap(station: VirtualStation) -> list[str]:
    """Request a swap and run to its end; returns the steps in the order they were seen."""
    answer = station.ask(RequestSwap(VIN))
    assert answer.status == "accepted", answer
    steps: list[str] = []

    def finished() -> bool:
        swap = station.snapshot.swap
        if swap is not None and (not steps or steps[-1] != swap.step):
            steps.append(swap.step)
        assert station.snapshot.state is not StationState.HELD, station.snapshot.alarms
        return bool(steps) and swap is None

    assert station.time.run(LIMIT_S, finished), station.snapshot.swap
    return steps


def events(station: VirtualStation) -> tuple[Event, ...]:
    reader = open_reader(station.config.station_database_url)
    with reader.connect() as connection:
        found = queries.events_after(connection, 0, limit=10_000)
    reader.dispose()
    return found


@pytest.mark.parametrize("charging", Charging)
@pytest.mark.parametrize("exchange", Exchange)
def test_a_truck_gets_a_fresh_battery(tmp_path: Path, exchange: Exchange, charging: Charging) -> None:
    with virtual_station(tmp_path, exchange, charging, SPEED) as station:
        station.start_up()
        before = {battery.battery for battery in station.snapshot.inventory.batteries}
        drive_in(station)
        steps = run_swap(station)

        inventory, plant = station.snapshot.inventory, station.simulation.plant
        assert steps[0] == "identify"
        assert steps[-1] == "close"
        assert steps == [step.name for step in station.recipe.steps]
        fresh, returned = inventory.at(truck_place(VIN)), inventory.at("bay-8")
        assert fresh is not None
        assert returned is not None
        assert (fresh.battery, returned.battery) == ("LFP-001", "LFP-008")
        assert {battery.battery for battery in inventory.batteries} == before
        assert {battery.battery: battery.place for battery in inventory.batteries} == {
            battery.battery: battery.place for battery in plant.batteries.values()
        }

        station.time.run(40.0)
        charged = station.snapshot.inventory.at("bay-8")
        assert charged is not None
        assert charged.soc_pct is not None
        assert charged.soc_pct > 30.0, "the returned battery starts charging by itself"
        assert all(finding.verdict is Verdict.AGREES for finding in station.snapshot.survey.findings)


@pytest.mark.parametrize("exchange", Exchange)
def test_every_order_was_written_down_before_the_device_saw_it(tmp_path: Path, exchange: Exchange) -> None:
    """The event log is gapless, each move has its fact, and the last order the PLC accepted is a recorded intent."""
    with virtual_station(tmp_path, exchange, Charging.DIRECT, SPEED) as station:
        station.start_up()
        drive_in(station)
        run_swap(station)
        log = events(station)

        assert [event.sequence for event in log] == list(range(1, len(log) + 1))
        intents = [event.body["command_id"] for event in log if event.kind == "IntentRecorded"]
        assert len(intents) == len(set(intents))
        assert station.simulation.plc.kept.accepted_id in intents
        moves = [(e.body["battery"], e.body["origin"], e.body["destination"]) for e in log if e.kind == "BatteryMoved"]
        assert moves == [
            ("LFP-008", truck_place(VIN), "robot"),
            ("LFP-008", "robot", "bay-8"),
            ("LFP-001", "bay-1", "robot"),
            ("LFP-001", "robot", truck_place(VIN)),
        ]
        open_intents = {event.body["command_id"] for event in log if event.kind == "IntentRecorded"}
        open_intents -= {event.body["command_id"] for event in log if event.kind == "IntentResolved"}
        charging = {
            event.body["command_id"]
            for event in log
            if event.kind == "IntentRecorded" and event.body["command"] == "StartCharge"
        }
        assert open_intents <= charging, "only charges still run after the swap"


def test_the_same_seed_gives_the_same_night(tmp_path: Path) -> None:
    """Two runs with one seed write the same events, to the byte."""
    logs = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        with virtual_station(folder, Exchange.STATION, Charging.DIRECT, SPEED, seed=7) as station:
            station.start_up()
            drive_in(station)
            run_swap(station)
            bodies = [(event.kind, event.at.isoformat(), event.body) for event in events(station)]
            logs.append(json.dumps(bodies, sort_keys=True, default=str))
    assert logs[0] == logs[1]
