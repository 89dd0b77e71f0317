"""A small station and its stock, for the tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from swapstation.config.link_settings import Links
from swapstation.config.settings import BatteryModel, Bay, Config, Exchange, TruckModel
from swapstation.inventory.journal import start_boot, write
from swapstation.model.inventory import Hold, HoldKind, Inventory, Swap
from swapstation.model.journal import InventoryChanged, Record, SwapAllocated, SwapOpened
from swapstation.model.request import InventoryChange, ReceiveBattery
from swapstation.model.truck_request import RegisterTruck

AT = datetime(2026, 3, 1, 8, 30, 0, 250000, tzinfo=UTC)
VIN = "LSWAPTRK7T0000001"
OTHER_VIN = "LSWAPTRK9T0000002"


def station_config(data: Path, database_url: str = "") -> Config:
    """Three charging bays and an isolation place."""
    return Config(
        name="test",
        data=data,
        exchange=Exchange.STATION,
        recipe="top_lift",
        links=Links(station_can="", robot="", meter=""),
        bays=(Bay(1), Bay(2), Bay(3), Bay(9, isolation=True)),
        battery_models=(BatteryModel("LFP-282", 282.0, 3100.0, 150.0, 750.0, 350.0),),
        truck_models=(TruckModel("tractor-6x4", 1, "LFP-282"),),
        database_url=database_url,
    )


def pack_code(serial: int) -> str:
    return f"999PB0A0000001E6K{serial:07d}"


def receive(number: int, place: str, soc_pct: float | None = 80.0) -> ReceiveBattery:
    return ReceiveBattery(f"B{number}", "LFP-282", (pack_code(number),), place, soc_pct)


def change(engine: sa.Engine, *changes: InventoryChange) -> Inventory:
    """Journal changes of the stock record, one transaction."""
    return write(engine, [InventoryChanged(each, "li") for each in changes], AT, 0)


def stocked(engine: sa.Engine) -> Inventory:
    """B1 in bay-1, B2 in bay-2, B3 on a registered truck; boot 1."""
    start_boot(engine, "0.1.0", "abc", AT)
    truck = RegisterTruck(VIN, "tractor-6x4")
    return change(engine, truck, receive(1, "bay-1"), receive(2, "bay-2"), receive(3, f"truck:{VIN}", 12.5))


def open_swap(
    engine: sa.Engine, fresh_soc_pct: float | None = None, returned_soc_pct: float | None = None
) -> Inventory:
    """Swap S1 of the truck, allocated: B1 from bay-1 for B3 into bay-3."""
    swap = Swap("S1", VIN, "tractor-6x4", "top_lift", "hash", "identify", person="li")
    place = Hold("H0", HoldKind.SWAP, place=f"truck:{VIN}")
    holds = (
        Hold("H1", HoldKind.SWAP, battery="B1"),
        Hold("H2", HoldKind.SWAP, place="bay-3"),
        Hold("H3", HoldKind.SWAP, battery="B3"),
    )
    records: list[Record] = [
        SwapOpened(swap, (place,)),
        SwapAllocated("S1", "B1", "B3", 1, 3, holds, fresh_soc_pct, returned_soc_pct),
    ]
    return write(engine, records, AT, 1)
