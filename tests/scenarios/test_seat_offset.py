"""A truck whose battery seat is off the nominal one: it is swapped by the offset on its card, and not without it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.model.inventory import SeatOffset, truck_place
from swapstation.model.request import Refused, RequestSwap
from swapstation.model.snapshot import StationState
from swapstation.model.truck_request import RegisterTruck
from swapstation.simulation.firmware.robot_interlocks import SEAT_WINDOW
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in, run_swap
from tests.scenarios.virtual_station import VirtualStation, virtual_station

TRUE = SeatOffset(35, -20, 12)


def crooked(station: VirtualStation) -> None:
    """The truck that comes has its seat elsewhere."""
    drive_in(station, **asdict(TRUE))


def held_at(station: VirtualStation) -> str:
    """Ask for a swap, run until the station holds, and tell at which step."""
    assert station.ask(RequestSwap(VIN)).status == "accepted"
    assert station.time.run(2 * LIMIT_S, lambda: station.snapshot.state is StationState.HELD)
    assert station.snapshot.swap is not None
    return station.snapshot.swap.step


def card(seat: SeatOffset) -> RegisterTruck:
    return RegisterTruck(VIN, "tractor-6x4", seat=seat)


@pytest.mark.parametrize("exchange", Exchange)
def test_the_robot_goes_to_the_seat_that_the_card_names(tmp_path: Path, exchange: Exchange) -> None:
    with virtual_station(tmp_path, exchange, Charging.DIRECT, SPEED) as station:
        station.start_up()
        assert station.ask(card(TRUE)).status == "accepted"
        crooked(station)
        run_swap(station)
        fresh = station.snapshot.inventory.at(truck_place(VIN))
        assert fresh is not None
        assert fresh.battery == "LFP-001"


@pytest.mark.parametrize("exchange", Exchange)
def test_without_the_offset_nothing_is_gripped_and_people_are_asked(tmp_path: Path, exchange: Exchange) -> None:
    with virtual_station(tmp_path, exchange, Charging.DIRECT, SPEED) as station:
        station.start_up()
        crooked(station)
        held_at(station)
        battery = station.simulation.plant.on_truck(station.simulation.plant.trucks[VIN])
        assert battery is not None
        assert battery.battery == "LFP-008"


def test_a_card_beyond_the_limits_is_refused_and_one_beyond_the_window_of_the_plc_moves_nothing(tmp_path: Path) -> None:
    def wide(text: str) -> str:
        return text.replace("seat_y_mm = 60", "seat_y_mm = 90")

    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT, SPEED, detour=wide) as station:
        station.start_up()
        refused = station.ask(card(SeatOffset(101, 0, 0)))
        assert isinstance(refused, Refused)
        assert (refused.code, refused.detail.split(":")[0]) == ("bad_input", "seat_x_mm = 101")
        assert SEAT_WINDOW.seat_y_mm < 90
        assert station.ask(card(SeatOffset(0, 90, 0))).status == "accepted"
        drive_in(station)
        at = station.simulation.plant.robot.at
        assert held_at(station) == "locate"
        assert station.simulation.plc.kept.refusal.name == "SEAT_OFFSET"
        assert station.simulation.plant.robot.at == at
