"""A server with two fleets: trucks in a contract file, keys, a controller that answers, a record to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi.testclient import TestClient

from swapstation.business.database import open_business_database
from swapstation.business.fleet_tables import fleet_bookings, fleet_events, fleet_webhooks
from swapstation.business.sessions import add_key
from swapstation.config.booking_settings import Bookings
from swapstation.config.energy_settings import Money
from swapstation.config.settings import Config
from swapstation.inventory.journal import open_station_database, write
from swapstation.inventory.tables import holds, swaps
from swapstation.model.inventory import Hold, HoldKind, Swap
from swapstation.model.journal import HoldPlaced, InventoryChanged, Record, RequestAnswered
from swapstation.model.people import Role, Scope
from swapstation.model.request import (
    Accepted,
    Answer,
    CreateBooking,
    InventoryChange,
    ReceiveBattery,
    Request,
)
from swapstation.model.truck_request import RegisterTruck
from swapstation.server.app import create_app
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.controller_peer import ControllerPeer
from tests.server.people import REMOTE, client_at
from tests.server.station_sample import AT

API = "/api/v1/fleet"
NORTH, SOUTH = "LFWSRXSJ7M1F00001", "LFWSRXSJ7M1F00002"
NORTH_2 = "LFWSRXSJ7M1F00003"
CONTRACTS = f"""
[[fleets]]
name = "north"

[[fleets]]
name = "south"

[[trucks]]
vin = "{NORTH}"
fleet = "north"
since = 2026-01-01
plate = "N-1"

[[trucks]]
vin = "{NORTH_2}"
fleet = "north"
since = 2026-01-01

[[trucks]]
vin = "{SOUTH}"
fleet = "north"
since = 2026-01-01

[[trucks]]
vin = "{SOUTH}"
fleet = "south"
since = 2026-11-21
"""

STOCK: tuple[InventoryChange, ...] = (
    *(RegisterTruck(vin, "6x4-tractor") for vin in (NORTH, NORTH_2, SOUTH)),
    ReceiveBattery("B001", "LFP-282", (station_sample.code(1),), "bay-1", 96.0),
    ReceiveBattery("B009", "LFP-282", (station_sample.code(9),), f"truck:{NORTH}", 17.0),
)


@dataclass
class FleetRig:
    """The parts. Each fleet's client carries its key; `promise` is how the controller answers a booking."""

    config: Config
    peer: ControllerPeer
    north: TestClient
    south: TestClient
    keys: dict[str, str]
    engine: sa.Engine
    holds: int = 0

    def promise(self, request: Request) -> Answer:
        """A yes to everything, with a hold of its own for a new booking, written down as the controller does."""
        result = {}
        if isinstance(request.payload, CreateBooking):
            self.holds += 1
            result = {"booking": self.last_hold}
            self.happens(HoldPlaced(hold(self.holds)))
        answer = Accepted(request.key, result)
        self.happens(RequestAnswered(request, answer))
        return answer

    @property
    def last_hold(self) -> str:
        """The station's id of the last promise."""
        return f"H-{self.holds}"

    def renew(self) -> None:
        """Nothing is booked, told or under way any more, for the next test; numbers go on."""
        business: Any = self.north.app
        with business.state.context.business.engine.begin() as connection:
            for table in (fleet_bookings, fleet_events, fleet_webhooks):
                connection.execute(sa.delete(table))
        with self.engine.begin() as connection:
            for table in (holds, swaps):
                connection.execute(sa.delete(table))
        self.peer.requests.clear()
        self.peer.answer = self.promise

    def happens(self, *records: Record, at: datetime = AT) -> None:
        """The controller writes down what happened."""
        write(self.engine, records, at, 1)

    def asked(self, kind: str) -> list[Any]:
        """What the controller was asked, of a kind."""
        return [each.payload for each in self.peer.requests if each.payload.kind == kind]

    def book(self, client: TestClient | None = None, **changed: object) -> Any:
        """Ask for a booking of the fleet's first truck, in an hour."""
        asked = {"request_id": "r-1", "vin": NORTH, "model": "LFP-282", "eta": later(60)} | changed
        return (client or self.north).post(f"{API}/bookings", json=asked)

    def state(self, booking: str) -> str:
        """The state of a booking of the north."""
        return str(self.north.get(f"{API}/bookings/{booking}").json()["reservation_status"])

    def events(self, client: TestClient | None = None) -> list[str]:
        """The kinds of all events of a fleet."""
        found = (client or self.north).get(f"{API}/events").json()
        return [each["kind"] for each in found["items"]]


def later(minutes: float) -> str:
    """A time after the sample's, as a fleet writes it."""
    return (AT + timedelta(minutes=minutes)).isoformat()


def hold(number: int = 1, battery: str | None = None, minutes: float = 60) -> Hold:
    """A promise of the station as it writes it down."""
    needed_at = AT + timedelta(minutes=minutes)
    times = {"needed_at": needed_at, "expires_at": needed_at + timedelta(minutes=15), "created_at": AT}
    return Hold(f"H-{number}", HoldKind.BOOKING, battery=battery, vin=NORTH, model="LFP-282", **times)  # type: ignore[arg-type]


def swap_of(number: int = 1, swap: str = "S1", vin: str = NORTH) -> Swap:
    """A swap for a booking."""
    return Swap(swap, vin, "6x4-tractor", "top_lift", "hash", "identify", booking=f"H-{number}" if number else None)


@contextmanager
def fleet_rig(data: Path, change: Callable[[Config], Config] = lambda config: config) -> Iterator[FleetRig]:
    """Run it all in a folder with a short name. Who asks first gets it, unless `change` sets shares."""
    contracts = data / "contracts.toml"
    contracts.write_text(CONTRACTS, encoding="utf-8")
    first_come = Bookings(share_until_minutes=1440)
    config = change(replace(station_sample.config(data), money=Money(contracts), bookings=first_come))
    engine = open_station_database(config)
    write(engine, [InventoryChanged(each, "li") for each in STOCK], AT - timedelta(days=9), 1)
    business = open_business_database(config)
    with business.begin() as connection:
        keys = {name: _key(connection, name, tuple(Scope)) for name in ("north", "south")}
    business.dispose()
    app = create_app(config)
    with ControllerPeer(config.controller_socket, station_sample.promised) as peer, client_at(app) as first:
        north, south = (client_at(app, REMOTE, first) for _ in keys)
        for client, token in ((north, keys["north"]), (south, keys["south"])):
            client.headers["Authorization"] = f"Bearer {token}"
        rig = FleetRig(config, peer, north, south, keys, engine)
        peer.answer = rig.promise
        wait_until(lambda: app.state.context.link.latest is not None)
        yield rig
    engine.dispose()


def _key(connection: sa.Connection, fleet: str, scopes: Sequence[Scope]) -> str:
    return add_key(connection, fleet, Role.FLEET, fleet, tuple(scopes), "li", AT)[1]
