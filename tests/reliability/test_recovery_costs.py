"""What the journal and the scan cycle cost of a swap, with and without a restart in it, in virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.inventory import queries
from swapstation.inventory.database import open_reader
from swapstation.model.request import RequestSwap, ResumeStation
from swapstation.model.snapshot import StationState
from tests.reliability.software_seconds import GOAL_S
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in
from tests.scenarios.virtual_station import VirtualStation, virtual_station


def _software_s(station: VirtualStation) -> float:
    reader = open_reader(station.config.station_database_url)
    with reader.connect() as connection:
        (swap,) = queries.list_swaps(connection)
    reader.dispose()
    assert len(swap.step_seconds) >= 17
    return sum(time.software_s for time in swap.step_seconds)


@pytest.mark.parametrize("exchange", Exchange)
def test_software_costs_a_swap_less_than_the_goal_even_with_a_restart_in_it(tmp_path: Path, exchange: Exchange) -> None:
    """A cycle or more for each order, which had to be written down first; the time without a controller is no cost."""
    with virtual_station(tmp_path, exchange, Charging.CHARGER, SPEED) as station:
        station.start_up()
        drive_in(station)
        assert station.ask(RequestSwap(VIN)).status == "accepted"
        assert station.time.run(
            LIMIT_S, lambda: station.snapshot.swap is not None and station.snapshot.swap.step == "put"
        )
        station.restart(20.0)
        station.start_up()
        assert station.time.run(LIMIT_S, lambda: station.snapshot.state is StationState.HELD)
        assert station.ask(ResumeStation()).status == "accepted"
        assert station.time.run(LIMIT_S, lambda: station.snapshot.swap is None), station.snapshot.alarms
        assert 0.1 < _software_s(station) <= GOAL_S
