"""What the platform's link reads of the station database; the controller is its only writer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial

from swapstation.inventory import energy_queries, queries
from swapstation.inventory.database import open_reader, storage_errors
from swapstation.inventory.queries import Event
from swapstation.model.energy import Settlement
from swapstation.model.inventory import Swap


class StationRecords:
    """Opens the database when first asked. Every method raises DatabaseError while it cannot be read."""

    def __init__(self, url: str) -> None:
        self._engine = cache(partial(open_reader, url))

    def events(self, after: int, limit: int) -> tuple[Event, ...]:
        """Events with a higher sequence number, in order."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.events_after(connection, after, limit)

    def last_sequence(self) -> int:
        """Sequence number of the newest event."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.last_sequence(connection)

    def charge_reasons(self, settlement: Settlement) -> tuple[str, ...]:
        """Why a charge ended."""
        with storage_errors(), self._engine().connect() as connection:
            return energy_queries.end_reasons(connection, settlement)

    def settled(self, first: datetime, last: datetime) -> tuple[Settlement, ...]:
        """Charges that ended from `first` until before `last`."""
        with storage_errors(), self._engine().connect() as connection:
            return energy_queries.settled_charges(connection, first, last)

    def swap(self, swap: str) -> Swap | None:
        """One swap by its id."""
        with storage_errors(), self._engine().connect() as connection:
            return queries.find_swap(connection, swap)

    def pack_codes(self) -> Mapping[str, tuple[str, ...]]:
        """GB/T 34014 codes of every battery on record."""
        with storage_errors(), self._engine().connect() as connection:
            return {battery.battery: battery.codes for battery in queries.load_inventory(connection).batteries}

    def close(self) -> None:
        if self._engine.cache_info().currsize:
            self._engine().dispose()
