"""Fire over real wire bytes in both charging arrangements: who stops, how fast, by which path, and what stays still."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.command import Command
from swapstation.model.fire_request import StartFireDrill
from swapstation.model.request import RequestSwap
from swapstation.model.snapshot import StationState
from swapstation.protocol.node import Frame
from swapstation.protocol.station_can import BayTrip, FeederCutOff, Received, StationCan
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in, events
from tests.scenarios.virtual_station import VirtualStation, virtual_station

BAY, BESIDE, FAR = 6, (5, 7), 5
"""Bays 5, 6 and 7 of the demo station charge after the start."""
STOP_LIMIT_S = 0.2
"""From the first sign on the wire to the stop on the wire (reliability catalogue, row 7)."""


def current_a(station: VirtualStation, bay: int) -> float:
    return station.simulation.plant.bays[bay].modules.current_a


def fault(station: VirtualStation, name: str, target: int | str = "", on: bool = True) -> None:
    answer = station.control({"do": "fault", "name": name, "target": str(target), "on": on})
    assert answer["ok"], answer


def all_charge(station: VirtualStation) -> None:
    station.start_up()
    assert station.time.run(60.0, lambda: all(current_a(station, bay) > 50.0 for bay in (5, 6, 7)))


def stands(station: VirtualStation, alarm: str) -> bool:
    return any(each.alarm == alarm for each in station.snapshot.alarms)


def seconds_until(station: VirtualStation, what: Callable[[], bool], limit_s: float = 30.0) -> float:
    began_s = station.time.now_s
    assert station.time.run(limit_s, what), station.snapshot.alarms
    return station.time.now_s - began_s


class Sent:
    """Every command that leaves the cycle, and when."""

    def __init__(self, station: VirtualStation) -> None:
        self.commands: list[tuple[float, Command]] = []
        equipment = station.core._equipment
        send = equipment.send

        def noting(command: Command, command_id: int, now_s: float) -> None:
            self.commands.append((now_s, command))
            send(command, command_id, now_s)

        equipment.send = noting  # type: ignore[method-assign]

    def names(self, since_s: float = 0.0) -> set[str]:
        return {type(command).__name__ for at_s, command in self.commands if at_s >= since_s}


class Ear:
    """Listens on the station segment for what goes to the rack nodes and the fire panel."""

    def __init__(self, station: VirtualStation) -> None:
        self.heard: list[object] = []
        can, segment = StationCan.load(), station.simulation.can_nodes["station"]
        receive = segment.receive

        def noting(frame: Frame, now_s: float) -> None:
            found = can.decode(frame)
            if isinstance(found, Received) and isinstance(found.message, BayTrip | FeederCutOff):
                self.heard.append(found)
            receive(frame, now_s)

        segment.receive = noting  # type: ignore[method-assign]

    def kinds(self) -> set[tuple[str, int]]:
        return {(type(each.message).__name__, each.node) for each in self.heard if isinstance(each, Received)}


@pytest.mark.parametrize("charging", Charging)
def test_smoke_in_a_charging_bay_stops_it_and_those_beside_it(tmp_path: Path, charging: Charging) -> None:
    with virtual_station(tmp_path, Exchange.STATION, charging) as station:
        all_charge(station)
        sent, ear = Sent(station), Ear(station)
        fault(station, "smoke", BAY)
        stopping = "StopCharge" if charging is Charging.CHARGER else "ShutModules"
        took_s = seconds_until(station, lambda: stopping in sent.names())
        assert took_s <= STOP_LIMIT_S
        seconds_until(station, lambda: all(current_a(station, bay) == 0.0 for bay in (BAY, *BESIDE)), 3.0)
        station.time.run(5.0)
        assert station.snapshot.fire.reaction.stopped_bays == (5, 6, 7)
        assert all(current_a(station, bay) == 0.0 for bay in (BAY, *BESIDE))
        assert not station.snapshot.fire.reaction.confirmed
        assert ear.kinds() == set()
        assert station.simulation.plant.feeders_on


@pytest.mark.parametrize("charging", Charging)
def test_a_battery_in_runaway_while_a_truck_is_in_the_lane(tmp_path: Path, charging: Charging) -> None:
    """Heat first, smoke later: the bay stops by the rate, before any limit; then all, and no swap begins."""
    with virtual_station(tmp_path, Exchange.STATION, charging) as station:
        all_charge(station)
        drive_in(station)
        ear = Ear(station)
        plant = station.simulation.plant
        battery = plant.in_bay(BAY)
        assert battery is not None
        fault(station, "thermal_runaway", BAY)
        seconds_until(station, lambda: stands(station, f"BATTERY_HEATING@bay-{BAY}"))
        assert battery.temperature_c < station.config.limits.max_battery_temperature_c
        assert station.snapshot.fire.reaction.stopped_bays == (5, 6, 7)
        assert not station.snapshot.fire.reaction.confirmed
        seconds_until(station, lambda: station.snapshot.fire.reaction.confirmed, 120.0)
        station.time.run(1.0)
        assert ear.kinds() == {("FeederCutOff", 0)}
        assert not plant.feeders_on
        assert station.snapshot.fire_panel.good is not None
        assert station.snapshot.fire_panel.good.cut_off_done
        assert not stands(station, "FEEDER_NOT_CUT_OFF@fire_panel")
        assert all(current_a(station, bay) == 0.0 for bay in plant.bays)
        refused = station.ask(RequestSwap(VIN))
        assert refused.status == "refused"
        assert "FIRE_CONFIRMED" in refused.reasons
        (quarantined,) = [each.battery for each in station.snapshot.inventory.batteries if each.quarantined]
        assert quarantined == battery.battery
        kinds = [event.body["command"] for event in events(station) if event.kind == "IntentRecorded"]
        assert kinds.count("RequestFeederCutOff") == 1


@pytest.mark.parametrize("charging", Charging)
def test_a_bay_that_does_not_stop_is_tripped_by_its_rack_node(tmp_path: Path, charging: Charging) -> None:
    with virtual_station(tmp_path, Exchange.STATION, charging) as station:
        all_charge(station)
        ear = Ear(station)
        fault(station, "stays_live", FAR)
        fault(station, "smoke", BAY)
        took_s = seconds_until(station, lambda: stands(station, f"BAY_STILL_LIVE@bay-{FAR}"))
        assert 3.0 <= took_s <= 3.5
        seconds_until(station, lambda: current_a(station, FAR) == 0.0, 1.0)
        assert ear.kinds() == {("BayTrip", FAR)}
        assert station.simulation.plant.feeders_on


@pytest.mark.parametrize("charging", Charging)
def test_a_bay_without_a_trip_relay_that_does_not_stop_costs_all_their_feeders(
    tmp_path: Path, charging: Charging
) -> None:
    def without_relay(text: str) -> str:
        return text.replace(f"number = {FAR}\n", f"number = {FAR}\ntrip_relay = false\n")

    with virtual_station(tmp_path, Exchange.STATION, charging, detour=without_relay) as station:
        all_charge(station)
        ear = Ear(station)
        fault(station, "stays_live", FAR)
        fault(station, "smoke", BAY)
        seconds_until(station, lambda: not station.simulation.plant.feeders_on, 4.0)
        assert ear.kinds() == {("FeederCutOff", 0)}
        seconds_until(station, lambda: current_a(station, FAR) == 0.0, 1.0)


@pytest.mark.parametrize(
    ("exchange", "charging", "seen_by"),
    [
        (Exchange.PLC, Charging.CHARGER, "panel"),
        (Exchange.PLC, Charging.DIRECT, "station"),
        (Exchange.STATION, Charging.CHARGER, "station"),
    ],
)
def test_fire_while_a_battery_hangs_leaves_it_hanging(
    tmp_path: Path, exchange: Exchange, charging: Charging, seen_by: str
) -> None:
    """Where the panel opens the PLC's safety chain the robot stands by itself, and it is told to all the same."""
    with virtual_station(tmp_path, exchange, charging, SPEED) as station:
        station.start_up()
        drive_in(station)
        assert station.ask(RequestSwap(VIN)).status == "accepted"
        plant = station.simulation.plant
        assert station.time.run(LIMIT_S, lambda: plant.hanging is not None)
        station.time.run(1.0)
        sent = Sent(station)
        if seen_by == "panel":
            fault(station, "fire_alarm")
        else:
            burning = plant.in_bay(BAY)
            assert burning is not None
            burning.temperature_c = 60.0
            fault(station, "smoke", BAY)
        assert station.time.run(10.0, lambda: station.snapshot.state is StationState.HELD), station.snapshot.state
        held = plant.hanging
        at, held_s = plant.robot.at, station.time.now_s
        station.time.run(10.0)
        assert held is not None
        assert plant.hanging is held
        assert plant.robot.at == at
        assert "HoldRobot" in sent.names()
        moving = {"ResumeRobot", "ResetRobot", "PutBattery", "PlaceBattery", "ExchangeBattery", "StartCharge"}
        assert not moving & sent.names(held_s)
        assert not plant.feeders_on


@pytest.mark.parametrize("charging", Charging)
def test_a_fire_panel_that_does_not_answer_is_told_and_asked_again(tmp_path: Path, charging: Charging) -> None:
    with virtual_station(tmp_path, Exchange.STATION, charging) as station:
        all_charge(station)
        ear = Ear(station)
        fault(station, "fire_panel_silent")
        fault(station, "fire_alarm")
        seconds_until(station, lambda: stands(station, "FEEDER_NOT_CUT_OFF@fire_panel"))
        assert stands(station, "FIRE_PANEL_SILENT@fire_panel")
        assert len(ear.heard) >= 5
        assert all(current_a(station, bay) == 0.0 for bay in station.simulation.plant.bays)


@pytest.mark.parametrize("charging", Charging)
def test_a_drill_drives_nothing(tmp_path: Path, charging: Charging) -> None:
    with virtual_station(tmp_path, Exchange.STATION, charging) as station:
        all_charge(station)
        ear, sent = Ear(station), Sent(station)
        assert station.ask(StartFireDrill(BAY)).status == "accepted"
        station.time.run(3.0)
        drill = station.snapshot.fire.drill
        assert drill is not None
        assert drill.confirmed
        assert stands(station, "FIRE_DRILL_RUNNING@station")
        assert all(current_a(station, bay) > 50.0 for bay in (BAY, *BESIDE))
        assert ear.kinds() == set()
        assert sent.names() <= {"SetModules"}
        fault(station, "smoke", BAY)
        seconds_until(station, lambda: station.snapshot.fire.drill is None, 1.0)
        seconds_until(station, lambda: all(current_a(station, bay) == 0.0 for bay in (BAY, *BESIDE)), 3.0)
