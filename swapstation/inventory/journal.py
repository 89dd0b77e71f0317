"""The journal: records are applied to the tables and numbered as events in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from swapstation.config.settings import Config
from swapstation.errors import InputError, SwapstationError
from swapstation.inventory import tables
from swapstation.inventory.apply import ANSWER, apply, payload_hash
from swapstation.inventory.database import migrate, open_writer, storage_errors
from swapstation.inventory.queries import last_sequence, load_inventory, reload_inventory
from swapstation.inventory.read_back import touched
from swapstation.inventory.truck_queries import list_trucks
from swapstation.inventory.writing import Contradiction, Entry, add_places
from swapstation.model.inventory import ROBOT, Inventory, truck_places
from swapstation.model.journal import BootStarted, Record
from swapstation.model.request import Answer, Refused, Request

TOOL_BOOT = 0
"""Boot number of events written while no controller runs."""

_BODIES: dict[type[Record], TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in Record.__args__}


class JournalError(SwapstationError):
    """A record contradicts the database; nothing of its batch was written. Names the record and the reason."""

    def __init__(self, record: str, reason: str) -> None:
        super().__init__(f"{record}: {reason}")
        self.record = record
        self.reason = reason


def open_station_database(config: Config) -> sa.Engine:
    """Migrate the configured database, own it as the writer and make the places of the configuration.

    Raises DatabaseError; DatabaseOwned while another process writes.
    """
    url = config.station_database_url
    config.data.mkdir(parents=True, exist_ok=True)
    migrate(url)
    engine = open_writer(url)
    places = [bay.place for bay in config.bays]
    positions = {model.name: len(model.positions) for model in config.truck_models}
    with storage_errors(), engine.begin() as connection:
        trucks = [truck_places(truck.vin, positions.get(truck.model, 1)) for truck in list_trucks(connection)]
        add_places(connection, [*places, ROBOT, *chain.from_iterable(trucks)])
    return engine


def start_boot(engine: sa.Engine, version: str, configuration_hash: str, at: datetime) -> int:
    """Journal that the controller started and return the number of this boot, counted from 1."""
    with storage_errors(), engine.connect() as connection:
        boot = (connection.scalar(sa.select(sa.func.max(tables.boots.c.boot))) or 0) + 1
    write(engine, [BootStarted(boot, version, configuration_hash)], at, boot)
    return boot


def write(engine: sa.Engine, records: Sequence[Record], at: datetime, boot: int) -> Inventory:
    """Write records as `RecordWriter` does, for whoever writes but once."""
    return RecordWriter(engine, boot).write(records, at)


class RecordWriter:
    """The one writer of a boot. What no record can have changed since its last write is not read anew."""

    def __init__(self, engine: sa.Engine, boot: int) -> None:
        self._engine = engine
        self._boot = boot
        self._left: Inventory | None = None

    def write(self, records: Sequence[Record], at: datetime) -> Inventory:
        """Write records in one transaction, durable on return, and return the inventory it leaves.

        Raises JournalError when a record contradicts the database and DatabaseError when it cannot be written; then
        nothing of the batch is in the database.
        """
        left, self._left = self._left, None
        with storage_errors(), self._engine.begin() as connection:
            first = last_sequence(connection) + 1
            for sequence, record in enumerate(records, start=first):
                _write_one(Entry(connection, sequence, self._boot, at), record)
            known = load_inventory(connection) if left is None else reload_inventory(connection, left, touched(records))
        self._left = known
        return known


def find_answer(connection: sa.Connection, request: Request) -> Answer | None:
    """The answer this request got before, None if its key is new; Refused `key_reused` for another payload's key."""
    requests = tables.requests.c
    row = connection.execute(
        sa.select(requests.payload_hash, requests.answer).where(requests.key == request.key)
    ).one_or_none()
    if row is None:
        return None
    if row.payload_hash != payload_hash(request.payload):
        return Refused(request.key, "key_reused", f"key = {request.key!r}: used before with another payload")
    return ANSWER.validate_python(row.answer)


def _write_one(entry: Entry, record: Record) -> None:
    name = type(record).__name__
    body = _BODIES[type(record)].dump_python(record, mode="json")
    event = {"sequence": entry.sequence, "boot": entry.boot, "at": entry.at, "kind": name, "body": body}
    try:
        entry.connection.execute(sa.insert(tables.events), event)
        about = dict.fromkeys(apply(entry, record))
        if about:
            rows = [{"battery": battery, "sequence": entry.sequence} for battery in about]
            entry.connection.execute(sa.insert(tables.event_batteries), rows)
    except sa.exc.StatementError as error:
        if _is_about_storage(error):
            raise
        raise JournalError(name, str(error.orig).splitlines()[0]) from error
    except (Contradiction, InputError) as error:
        raise JournalError(name, str(error)) from error


def _is_about_storage(error: sa.exc.StatementError) -> bool:
    """Disk, server or link, which may work again later; anything else is the record's own fault."""
    return isinstance(error, sa.exc.DBAPIError) and not isinstance(error, sa.exc.IntegrityError | sa.exc.DataError)
