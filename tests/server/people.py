"""People for tests of the server: accounts made in the database, clients that are logged in or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient

from swapstation.business import accounts
from swapstation.business.database import open_business_database
from swapstation.config.settings import Config
from swapstation.model.people import Role
from swapstation.server.actor import COOKIE

PIN, PASSWORD = "284917", "green apple tree"
OPERATOR = "wang"
CABIN, REMOTE = "127.0.0.1", "192.168.10.77"


def add_people(config: Config, roles: Mapping[str, Role]) -> None:
    """Make accounts with PIN and password, before the server runs; those that are there already stay as they are."""
    engine = open_business_database(config)
    with engine.begin() as connection:
        for name, role in roles.items():
            if accounts.find_account(connection, name) is not None:
                continue
            accounts.add_account(connection, name, "", role, datetime.now(UTC))
            accounts.set_secrets(connection, name, PIN, PASSWORD)
    engine.dispose()


def client_at(app: FastAPI, address: str = CABIN, beside: TestClient | None = None) -> TestClient:
    """A client without a log-in, at an address; `beside` another one it shares the running application of that."""
    client = TestClient(app, base_url="http://127.0.0.1:8080", client=(address, 50_000))
    client.portal = beside.portal if beside is not None else None
    return client


def log_in(client: TestClient, account: str = OPERATOR, secret: str = PIN) -> TestClient:
    """Log a client in: it keeps the cookie and sends the page's token from now on."""
    answer = client.post("/api/v1/session", json={"account": account, "secret": secret})
    assert answer.status_code == 201, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return client


def session_at(url: str, account: str = OPERATOR) -> dict[str, str]:
    """A session of its own at a server behind a port: the headers that its requests carry."""
    answer = httpx2.post(f"{url}/api/v1/session", json={"account": account, "secret": PIN}, trust_env=False)
    assert answer.status_code == 201, answer.text
    return {"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}", "X-CSRF-Token": answer.json()["csrf"]}
