"""The devices before the lane on the simulated station: a truck is read, weighed, called in; every device can fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.arriving import Source
from swapstation.model.request import Accepted, HoldStation
from swapstation.model.yard import GateState
from swapstation.model.yard_request import AdmitTruck
from swapstation.simulation.plant.entrance import Entrance
from swapstation.simulation.plant.truck import TruckPhase
from tests.scenarios.virtual_station import VirtualStation, virtual_station

VIN = "LSWAPTRK7T0000001"
DEVICES = ("gate", "weigher", "identifier", "guide")
LINKS = """[links]
gate = "modbus-tcp://127.0.0.1:29702?unit=1"
weigher = "modbus-tcp://127.0.0.1:29703?unit=1"
identifier = "tcp://127.0.0.1:29704"
guide = "tcp://127.0.0.1:29705"
"""


@contextmanager
def station(folder: Path) -> Iterator[tuple[VirtualStation, Entrance]]:
    """A confirmed station with everything before its lane."""

    def with_yard(text: str) -> str:
        return text.replace("[links]\n", LINKS, 1)

    with virtual_station(folder, Exchange.PLC, Charging.CHARGER, detour=with_yard) as built:
        built.start_up()
        entrance = built.simulation.plant.entrance
        assert entrance is not None
        yield built, entrance


def comes(built: VirtualStation, gross_kg: float = 41_250.0) -> None:
    answer = built.control({"do": "truck_arrives", "vin": VIN, "gross_kg": gross_kg})
    assert answer["ok"], answer


def alarms(built: VirtualStation) -> set[str]:
    return {f"{each.code}@{each.source}" for each in built.snapshot.alarms if each.code.startswith("YARD")}


def spoil(built: VirtualStation, knob: str, target: str, on: bool = True) -> None:
    answer = built.control({"do": "fault", "name": knob, "target": target, "on": on})
    assert answer["ok"], answer


def test_a_truck_is_read_and_weighed_waits_for_its_call_and_drives_in(tmp_path: Path) -> None:
    with station(tmp_path) as (built, entrance):
        comes(built)
        built.time.run(20.0)
        identifier, weigher = built.snapshot.identifier.good, built.snapshot.weigher.good
        assert identifier is not None
        assert [(read.source, read.value, read.passage) for read in identifier.reads] == [
            (Source.PLATE, "晋H00001", "1"),
            (Source.RFID, "E200-T0000001", "1"),
        ]
        assert weigher is not None
        assert (weigher.gross_kg, weigher.stable) == (41_250.0, True)
        assert entrance.truck == VIN, "nobody has called it"
        sign = built.simulation.yard.guide
        assert sign is not None
        assert (sign.word, sign.text.zh) == ("lane_call", "请等候叫号")
        assert isinstance(built.ask(AdmitTruck(VIN)), Accepted)
        assert built.time.run(15.0, lambda: entrance.truck is None)
        assert entrance.boom == 1.0
        assert built.time.run(30.0, lambda: entrance.boom == 0.0), "it closes behind the truck"
        assert not entrance.loop_occupied
        assert built.time.run(40.0, lambda: sign.word == "lane_go")
        assert sign.spoken == ["lane_stop", "lane_call", "lane_free", "lane_go"], "each word once"
        assert built.snapshot.admitted == ""
        assert not alarms(built)


def test_a_stuck_boom_never_closes_on_the_truck_and_is_told(tmp_path: Path) -> None:
    with station(tmp_path) as (built, entrance):
        comes(built)
        spoil(built, "yard_stuck", "gate")
        built.ask(AdmitTruck(VIN))
        assert built.time.run(40.0, lambda: alarms(built) == {"YARD_DEVICE_FAULT@gate"})
        assert built.simulation.plant.trucks[VIN].phase is TruckPhase.AWAY
        spoil(built, "yard_stuck", "gate", on=False)
        assert built.time.run(20.0, lambda: entrance.loop_occupied)
        assert entrance.boom == 1.0


@pytest.mark.parametrize("knob", ["yard_silent", "yard_garbage"])
def test_devices_that_cannot_be_understood_are_unknown_and_come_back(tmp_path: Path, knob: str) -> None:
    with station(tmp_path) as (built, _):
        for device in DEVICES:
            spoil(built, knob, device)
        assert built.time.run(20.0, lambda: alarms(built) == {f"YARD_DEVICE_SILENT@{device}" for device in DEVICES})
        assert all(getattr(built.snapshot, device).good is None for device in DEVICES)
        for device in DEVICES:
            spoil(built, knob, device, on=False)
        assert built.time.run(20.0, lambda: all(getattr(built.snapshot, device).good for device in DEVICES))


def test_their_own_faults_are_alarms(tmp_path: Path) -> None:
    with station(tmp_path) as (built, _):
        for device in DEVICES:
            spoil(built, "yard_fault", device)
        assert built.time.run(10.0, lambda: alarms(built) == {f"YARD_DEVICE_FAULT@{device}" for device in DEVICES})


def test_a_stuck_sign_is_told_and_a_silent_station_makes_it_say_so_itself(tmp_path: Path) -> None:
    with station(tmp_path) as (built, _):
        sign = built.simulation.yard.guide
        assert sign is not None
        assert built.time.run(5.0, lambda: sign.word == "lane_call")
        spoil(built, "yard_stuck", "guide")
        built.ask(HoldStation("somebody is in the lane"))
        assert built.time.run(20.0, lambda: alarms(built) == {"YARD_DEVICE_FAULT@guide"})
        assert sign.word == "lane_call"
        spoil(built, "yard_stuck", "guide", on=False)
        assert built.time.run(5.0, lambda: sign.word == built.snapshot.lane_sign.word)
        built.restart(10.0)
        assert sign.word == "lane_unsafe"


def test_reads_that_came_while_the_wire_was_silent_are_told_later_once(tmp_path: Path) -> None:
    with station(tmp_path) as (built, _):
        spoil(built, "wrong_plate", "")
        spoil(built, "yard_silent", "identifier")
        comes(built)
        built.time.run(10.0)
        came_s = built.time.now_s - 9.0
        spoil(built, "yard_silent", "identifier", on=False)
        built.time.run(10.0)
        identifier, device = built.snapshot.identifier.good, built.simulation.yard.identifier
        assert identifier is not None
        assert device is not None
        assert [read.value for read in identifier.reads] == ["晋H00002", "E200-T0000001"], "a plate that was misread"
        assert all(abs(read.read_s - came_s) < 0.5 for read in identifier.reads)
        assert device.waiting == []


def test_after_a_restart_nobody_is_called_and_an_open_barrier_is_closed(tmp_path: Path) -> None:
    with station(tmp_path) as (built, entrance):
        built.ask(AdmitTruck(VIN))
        assert built.time.run(15.0, lambda: entrance.boom == 1.0)
        built.restart()
        assert built.time.run(20.0, lambda: entrance.boom == 0.0)
        gate = built.snapshot.gate.good
        assert gate is not None
        assert gate.state in (GateState.CLOSED, GateState.MOVING)
