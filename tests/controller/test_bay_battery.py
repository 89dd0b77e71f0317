"""A battery in a bay as the snapshot shows it: its cells with their own age, its connector to the charging process."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from swapstation.controller.equipment import Equipment
from swapstation.controller.plugging import STATION
from swapstation.model.command import StartCharge, StopCharge
from swapstation.model.device import BatteryCells, ChargePhase
from swapstation.model.inventory import Inventory
from swapstation.model.seen import Quality
from swapstation.model.snapshot import BayState
from swapstation.protocol.gbt27930.bms import BmsSession
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.node import Frame
from swapstation.protocol.station_can import RackIo, StationCan
from tests.controller.test_core import WIRES
from tests.protocol.gbt27930.segment import FACTS, SETTINGS, STATUS, Segment
from tests.station import situations

BMV_ID, BMT_ID = 0x1C1556F4, 0x1C1656F4
MATED = RackIo(True, True, True, False, False, 25.0, 1, 0)


def equipment() -> Equipment:
    return Equipment(replace(situations.config(), links=WIRES), 1)


def bay(plugged_in: Equipment, number: int, now_s: float) -> BayState:
    return plugged_in.read(now_s, Inventory()).bay(number)


def run(plugged_in: Equipment, number: int, bms: BmsSession, begin_s: float, seconds: float) -> float:
    """Our side of a bay's segment against a battery, 10 ms at a time."""
    node = plugged_in.can_nodes[f"bay-{number}"]
    now_s = begin_s
    while now_s < begin_s + seconds:
        for frame in node.due(now_s):
            bms.receive(frame, now_s)
        for frame in bms.due(now_s):
            node.receive(frame, now_s)
        now_s += 0.01
    return now_s


def rack_says(plugged_in: Equipment, io: RackIo, number: int, now_s: float) -> None:
    plugged_in.can_nodes[STATION].receive(StationCan.load().encode(io, number), now_s)


def test_cells_have_an_age_limit_of_their_own() -> None:
    plugged_in = equipment()
    assert bay(plugged_in, 2, 0.0).cells.quality is Quality.NEVER
    node = plugged_in.can_nodes["bay-2"]
    node.receive(Frame(BMV_ID, bytes.fromhex("4A014B01")), 1.0)
    node.receive(Frame(BMT_ID, bytes.fromhex("4B4D")), 2.0)
    told = BatteryCells((3.3, 3.31), (25.0, 27.0))
    for now_s, quality in ((30.9, Quality.GOOD), (31.1, Quality.STALE)):
        cells = bay(plugged_in, 2, now_s).cells
        assert (cells.value, cells.quality) == (told, quality)
    assert bay(plugged_in, 1, 2.0).cells.quality is Quality.NEVER


def test_a_connector_that_comes_loose_ends_the_charging_process_of_its_bay_alone() -> None:
    plugged_in = equipment()
    rack_says(plugged_in, MATED, 1, 10.0)
    plugged_in.read(10.0, Inventory())
    plugged_in.send(StartCharge(1, 95.0, 250.0), 1, 10.0)
    plugged_in.send(StartCharge(3, 95.0, 250.0), 2, 10.0)
    now_s = run(plugged_in, 1, BmsSession(FACTS, STATUS), 10.0, 1.2)
    rack_says(plugged_in, structs.replace(MATED, connector_mated=False, alive_counter=1), 1, now_s)
    snapshot = plugged_in.read(now_s, Inventory())
    loose, other = snapshot.bay(1).charge.good, snapshot.bay(3).charge.good
    assert loose is not None
    assert other is not None
    assert loose.phase in (ChargePhase.STOP, ChargePhase.END)
    assert loose.stop_reasons[:2] == ("fault", "connector_fault")
    assert other.phase is ChargePhase.HANDSHAKE


@pytest.mark.parametrize("number", [1, 2], ids=["direct", "charger"])
def test_what_a_battery_said_is_not_said_by_the_next_one_in_its_bay(number: int) -> None:
    plugged_in, now_s = equipment(), 10.0
    rack_says(plugged_in, MATED, number, now_s)
    plugged_in.read(now_s, Inventory())
    plugged_in.send(StartCharge(1, 95.0, 250.0), 1, now_s)
    if number == 2:
        listen(plugged_in, number, now_s)
    else:
        now_s = run(plugged_in, number, BmsSession(FACTS, STATUS), now_s, 2.0)
    told = bay(plugged_in, number, now_s).charge.good
    assert told is not None
    assert told.serial == FACTS.serial
    plugged_in.send(StopCharge(1), 2, now_s)
    now_s = run(plugged_in, 1, BmsSession(FACTS, STATUS), now_s, 25.0)
    for step, mated in enumerate((False, False, True), start=1):
        now_s += 0.1
        rack_says(plugged_in, structs.replace(MATED, connector_mated=mated, alive_counter=step), number, now_s)
        later = bay(plugged_in, number, now_s).charge.good
    assert later is not None
    assert (later.phase, later.serial, later.bms_age_s) == (ChargePhase.IDLE, None, None)


def listen(plugged_in: Equipment, number: int, now_s: float) -> None:
    """Let our ear on a bay's segment hear a charger and a battery that recognise each other."""
    wires = Segment(ChargerSession(SETTINGS), BmsSession(FACTS, STATUS))
    wires.charger.start(wires.now_s)
    wires.run(4)
    for _, frame in wires.log:
        plugged_in.can_nodes[f"bay-{number}"].receive(frame, now_s)
