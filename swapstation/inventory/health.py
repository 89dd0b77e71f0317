"""The health card of a battery from what the station database holds."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from swapstation.config.settings import Config
from swapstation.energy.check_ups import CheckUps
from swapstation.inventory import energy_queries
from swapstation.inventory.queries import load_inventory
from swapstation.model.health import HealthCard


def battery_health(connection: sa.Connection, config: Config, battery: str, at: datetime) -> HealthCard | None:
    """The card of a battery as of `at`; None for one that the record or the configuration does not know."""
    history = {battery: energy_queries.observations_of(connection, battery)}
    charged_kwh = {battery: energy_queries.charged_kwh(connection, battery)}
    return CheckUps(config, history, charged_kwh).card(battery, load_inventory(connection), at)
