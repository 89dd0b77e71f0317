"""Reading registered trucks from the station database."""

from __future__ import annotations

from dataclasses import fields

import sqlalchemy as sa

from swapstation.inventory import tables
from swapstation.inventory.effect import KnownTruck
from swapstation.model.inventory import NOMINAL_SEAT, SeatOffset

_TRUCKS = sa.select(*[tables.trucks.c[each.name] for each in fields(KnownTruck)]).order_by(tables.trucks.c.vin)


def list_trucks(connection: sa.Connection) -> tuple[KnownTruck, ...]:
    """Registered trucks by VIN."""
    return tuple(KnownTruck(*row) for row in connection.execute(_TRUCKS))


def truck_models(connection: sa.Connection) -> tuple[tuple[str, str], ...]:
    """The model of each truck, by VIN."""
    return tuple((truck.vin, truck.model) for truck in list_trucks(connection))


def seat_offsets(connection: sa.Connection) -> tuple[tuple[str, SeatOffset], ...]:
    """The seat offsets that are not nominal, by VIN."""
    return tuple((truck.vin, truck.seat) for truck in list_trucks(connection) if truck.seat != NOMINAL_SEAT)
