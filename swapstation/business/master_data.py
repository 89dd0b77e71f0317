"""Master data of a headquarters: trucks and lists take the place of what it said before, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from swapstation.business import cursors
from swapstation.business.headquarters_outbox import MASTER
from swapstation.business.headquarters_tables import access_rules
from swapstation.business.permission import put_rule
from swapstation.business.queue import take_on
from swapstation.business.queue_tables import known_trucks
from swapstation.errors import InputError
from swapstation.model.headquarters import AccessRule, Keeper
from swapstation.model.queue import KnownTruck

BY_HEADQUARTERS = "headquarters"
"""Who took on a truck that the headquarters keeps."""


def apply_master(
    connection: sa.Connection,
    revision: int,
    trucks: Sequence[KnownTruck],
    rules: Sequence[AccessRule],
    models: Sequence[str],
) -> list[str]:
    """Take over master data. Returns what could not be taken over, in words: the rest counts all the same."""
    mine = known_trucks.c.taken_on_by == BY_HEADQUARTERS
    connection.execute(sa.delete(known_trucks).where(mine))
    wrong = []
    for truck in trucks:
        try:
            if truck.truck_model not in models:
                raise InputError("truck_model", truck.truck_model, f"one of {', '.join(models)}")
            take_on(connection, truck)
        except InputError as mistake:
            wrong.append(f"{truck.vin}: {mistake}")
    connection.execute(sa.delete(access_rules).where(access_rules.c.keeper == Keeper.HEADQUARTERS))
    for rule in rules:
        put_rule(connection, rule)
    cursors.move(connection, MASTER, revision)
    return wrong


def trucks_of_headquarters(connection: sa.Connection) -> dict[str, str]:
    """The trucks that the headquarters keeps: VIN and model."""
    columns = known_trucks.c
    wanted = sa.select(columns.vin, columns.truck_model).where(columns.taken_on_by == BY_HEADQUARTERS)
    return {row.vin: row.truck_model for row in connection.execute(wanted)}


def revision_of(connection: sa.Connection) -> int:
    """The revision of the master data that counts, 0 before the first."""
    return cursors.cursor(connection, MASTER)
