"""The demo's people: accounts that the demo makes for itself, with PINs of this run, as an admin would."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from swapstation.business import accounts
from swapstation.business.credentials import LEAST_PIN, check_pin
from swapstation.business.database import open_business_database
from swapstation.business.sessions import add_key
from swapstation.config.settings import Config
from swapstation.demo.station_file import FLEET
from swapstation.errors import InputError
from swapstation.model.people import Role, Scope

FIRST, SECOND = "demo", "demo-2"
"""Who runs the demo, and a second one: some things need two people."""


def make_people(config: Config) -> dict[str, str]:
    """Make the accounts before the server starts; their PINs by name. Each may do everything, so that all is tried."""
    pins = {name: _new_pin() for name in (FIRST, SECOND)}
    engine = open_business_database(config)
    with engine.begin() as connection:
        for name, pin in pins.items():
            accounts.add_account(connection, name, "", Role.ADMIN, datetime.now(UTC))
            accounts.set_secrets(connection, name, pin, None)
    engine.dispose()
    return pins


def make_fleet_key(config: Config) -> str:
    """Make a key for a program of the demo's fleet, before the server starts."""
    engine = open_business_database(config)
    with engine.begin() as connection:
        scopes, now = (Scope.READ, Scope.BOOK), datetime.now(UTC)
        _, token = add_key(connection, "dispatcher", Role.FLEET, FLEET, scopes, FIRST, now)
    engine.dispose()
    return token


def _new_pin() -> str:
    draw = random.SystemRandom()
    while True:
        try:
            return check_pin("".join(draw.choices("0123456789", k=LEAST_PIN)))
        except InputError:
            continue
