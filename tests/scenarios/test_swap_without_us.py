"""A swap that the PLC made at its own panel while the controller was down, entered afterwards."""

from __future__ import annotations

from pathlib import Path

from swapstation.config.settings import Charging, Exchange
from swapstation.inventory import queries
from swapstation.inventory.database import open_reader
from swapstation.model.inventory import SwapResult, truck_place
from swapstation.model.request import ConfirmStartUp, ReconcileSwap, RequestSwap
from tests.scenarios.test_whole_swap import LIMIT_S, SPEED, VIN, drive_in
from tests.scenarios.virtual_station import virtual_station


def test_a_swap_made_without_us_is_entered_and_the_station_works_again(tmp_path: Path) -> None:
    with virtual_station(tmp_path, Exchange.PLC, Charging.CHARGER, SPEED) as station:
        station.start_up()
        drive_in(station)
        plant = station.simulation.plant
        plant.batteries["LFP-008"].place, plant.batteries["LFP-001"].place = "bay-8", truck_place(VIN)
        station.restart(5.0)
        station.time.run(1.0)
        assert station.time.run(LIMIT_S, lambda: station.snapshot.survey.complete)
        refused = station.ask(ConfirmStartUp())
        assert refused.status == "refused"
        assert refused.code == "survey_contradicts"

        entered = ReconcileSwap(VIN, "LFP-001", "LFP-008", 8, "made at the PLC's panel")
        assert station.ask(entered, "li").status == "accepted"
        station.time.run(3.0)
        assert station.snapshot.survey.agrees, station.snapshot.survey
        inventory = station.snapshot.inventory
        recorded = {battery.battery: battery.place for battery in inventory.batteries}
        assert recorded == {battery.battery: battery.place for battery in plant.batteries.values()}
        assert all(battery.sound for battery in inventory.batteries)
        assert station.ask(ConfirmStartUp()).status == "accepted"

        reader = open_reader(station.config.station_database_url)
        with reader.connect() as connection:
            (swap,) = queries.list_swaps(connection)
        reader.dispose()
        assert (swap.result, swap.fresh, swap.returned, swap.person) == (
            SwapResult.COMPLETED,
            "LFP-001",
            "LFP-008",
            "li",
        )
        assert station.ask(RequestSwap(VIN)).status == "accepted"
