"""Reading registered trucks from the station database."""

from __future__ import annotations

from dataclasses import fields

import sqlalchemy as sa

from swapstation.inventory import tables
from swapstation.inventory.effect import KnownTruck
from swapstation.model.inventory import NOMINAL_SEAT, SeatOffset

_COLUMNS = ("vin", "model", "vin_warning", *(each.name for each in fields(SeatOffset)))
_TRUCKS = sa.select(*[tables.trucks.c[name] for name in _COLUMNS]).order_by(tables.trucks.c.vin)


def list_trucks(connection: sa.Connection) -> tuple[KnownTruck, ...]:
    """Registered trucks by VIN."""
    rows = connection.execute(_TRUCKS)
    return tuple(KnownTruck(vin, model, warning, SeatOffset(*seat)) for vin, model, warning, *seat in rows)


def truck_models(connection: sa.Connection) -> tuple[tuple[str, str], ...]:
    """The model of each truck, by VIN."""
    return tuple((truck.vin, truck.model) for truck in list_trucks(connection))


def seat_offsets(connection: sa.Connection) -> tuple[tuple[str, SeatOffset], ...]:
    """The seat offsets that are not nominal, by VIN."""
    return tuple((truck.vin, truck.seat) for truck in list_trucks(connection) if truck.seat != NOMINAL_SEAT)
