"""A battery in a bay as the snapshot shows it: its cells with their own age, its connector to the charging process."""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs

from swapstation.controller.equipment import Equipment
from swapstation.controller.plugging import STATION
from swapstation.model.command import StartCharge
from swapstation.model.device import BatteryCells, ChargePhase
from swapstation.model.inventory import Inventory
from swapstation.model.seen import Quality
from swapstation.model.snapshot import BayState
from swapstation.protocol.gbt27930.bms import BmsSession
from swapstation.protocol.node import Frame
from swapstation.protocol.station_can import RackIo, StationCan
from tests.controller.test_core import WIRES
from tests.protocol.gbt27930.segment import FACTS, STATUS
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
