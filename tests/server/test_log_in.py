"""Logging in and what follows: PIN, password, TOTP, lockout, sessions, page token, one-time codes, keys."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from swapstation.business import accounts, sessions, tables
from swapstation.business.audit import Row
from swapstation.business.credentials import TOTP_STEP_S, totp_code
from swapstation.config.server_settings import Server
from swapstation.config.settings import Config
from swapstation.inventory.database import migrate
from swapstation.model.people import Role
from swapstation.server import lockout
from swapstation.server.actor import COOKIE
from swapstation.server.api.live import LOG_IN_ENDED
from swapstation.server.app import create_app
from swapstation.server.book import Business
from swapstation.server.log_ins import LogIns
from swapstation.server.problems import Problem
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.controller_peer import ControllerPeer
from tests.server.people import CABIN, OPERATOR, PASSWORD, PIN, REMOTE, add_people, client_at, log_in

API = "/api/v1"
LIVE = "ws://127.0.0.1:8080/api/v1/live"
HOLD = f"{API}/station/hold"


@pytest.fixture
def config(data: Path) -> Config:
    config = station_sample.config(data)
    migrate(config.station_database_url)
    return config


@dataclass(frozen=True, slots=True)
class Station:
    """A running application; `at` gives a new client without a log-in."""

    app: FastAPI
    first: TestClient

    def at(self, address: str = CABIN) -> TestClient:
        return client_at(self.app, address, self.first)


@pytest.fixture
def station(config: Config, peer: ControllerPeer) -> Iterator[Station]:
    """A running application with an admin and an operator."""
    add_people(config, {"li": Role.ADMIN, OPERATOR: Role.OPERATOR})
    app = create_app(config)
    with client_at(app) as first:
        wait_until(lambda: app.state.context.link.latest is not None)
        yield Station(app, first)


def ends(socket: WebSocketTestSession) -> int:
    """Read a stream to its end; the code that it ended with."""
    try:
        for _ in range(50):
            socket.receive_text()
    except WebSocketDisconnect as ended:
        return ended.code
    return 0


def audit_rows(admin: TestClient, kind: str) -> list[dict[str, Any]]:
    wait_until(lambda: bool(admin.get(f"{API}/audit", params={"kind": kind}).json()))
    rows: list[dict[str, Any]] = admin.get(f"{API}/audit", params={"kind": kind}).json()
    return rows


def test_a_pin_counts_in_the_cabin_only_and_a_password_everywhere(station: Station) -> None:
    for address, secret, status in (
        (CABIN, PIN, 201),
        (CABIN, PASSWORD, 201),
        (REMOTE, PASSWORD, 201),
        (REMOTE, PIN, 401),
    ):
        client = station.at(address)
        answer = client.post(f"{API}/session", json={"account": OPERATOR, "secret": secret})
        assert answer.status_code == status, (address, secret)
        assert client.get(f"{API}/bays").status_code == (200 if status == 201 else 401)


def test_a_proxy_on_this_machine_brings_nobody_into_the_cabin(station: Station) -> None:
    client = station.at(CABIN)
    for name in ("X-Forwarded-For", "Forwarded", "Via"):
        assert client.post(HOLD, headers={name: "10.0.0.1"}).status_code == 401
        answer = client.post(f"{API}/session", json={"account": OPERATOR, "secret": PIN}, headers={name: "10.0.0.1"})
        assert answer.status_code == 401


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(station: Station) -> None:
    client = station.at()
    answer = client.post(f"{API}/session", json={"account": OPERATOR, "secret": PIN})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert answer.json()["csrf"] not in cookie


def test_a_change_without_the_page_s_token_is_refused_but_a_hold_in_the_cabin(
    station: Station, peer: ControllerPeer
) -> None:
    client = log_in(station.at())
    del client.headers["X-CSRF-Token"]
    for token in ({}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": "x"}):
        answer = client.post(f"{API}/station/resume", headers=token)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_token_wanted")
    assert client.post(HOLD).status_code == 200
    assert [(each.person, each.payload.kind) for each in peer.requests] == [("console", "hold")]


def test_the_person_is_the_session_s_whatever_a_header_says(station: Station, peer: ControllerPeer) -> None:
    client = log_in(station.at())
    assert client.post(f"{API}/station/resume", headers={"X-Person": "li"}).status_code == 200
    assert [each.person for each in peer.requests] == [OPERATOR]


def test_a_new_log_in_ends_the_session_that_the_browser_had(station: Station) -> None:
    client = log_in(station.at())
    old = client.cookies[COOKIE]
    log_in(client)
    assert client.cookies[COOKIE] != old
    assert station.at().get(f"{API}/bays", headers={"Cookie": f"{COOKIE}={old}"}).status_code == 401


def test_failures_make_the_next_try_wait_and_never_block_a_hold(station: Station) -> None:
    guesser, elsewhere = station.at(), station.at(REMOTE)
    wrong = {"account": OPERATOR, "secret": "guess-771"}
    for _ in range(lockout.FREE_FAILURES + 1):
        assert guesser.post(f"{API}/session", json=wrong).status_code == 401
    answer = guesser.post(f"{API}/session", json={"account": OPERATOR, "secret": PIN})
    assert (answer.status_code, answer.json()["code"]) == (429, "locked_out")
    assert int(answer.json()["facts"]["wait_s"]) <= lockout.FIRST_DELAY_S + 1
    assert guesser.post(HOLD).status_code == 200
    log_in(elsewhere, OPERATOR, PASSWORD)
    admin = log_in(station.at(), "li")
    failures = audit_rows(admin, "log_in_failed")
    assert {(row["actor"], row["address"]) for row in failures} == {(OPERATOR, CABIN)}
    assert "guess-771" not in json.dumps(admin.get(f"{API}/audit?limit=500").json())
    assert audit_rows(admin, "lockout")


def test_an_account_that_does_not_exist_answers_like_a_wrong_password(station: Station) -> None:
    answers = [
        station.at().post(f"{API}/session", json={"account": name, "secret": "wrong"}).json()
        for name in (OPERATOR, "nobody", "';--", "os:root")
    ]
    assert all(answer == answers[0] for answer in answers)


def test_logging_out_ends_the_session_and_its_stream(station: Station) -> None:
    client = log_in(station.at())
    with client.websocket_connect(LIVE) as socket:
        socket.receive_text()
        cookie = client.cookies[COOKIE]
        assert client.delete(f"{API}/session").status_code == 200
        assert ends(socket) == LOG_IN_ENDED
    assert station.at().get(f"{API}/bays", headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"Cookie": f"{COOKIE}=made-up"}, {"Authorization": "Bearer made-up"}])
def test_a_stream_needs_a_log_in(station: Station, headers: dict[str, str]) -> None:
    with pytest.raises(WebSocketDisconnect), station.at().websocket_connect(LIVE, headers=headers):
        pass


def test_a_locked_account_is_out_at_once_and_cannot_come_back(station: Station) -> None:
    client, admin = log_in(station.at()), log_in(station.at(), "li")
    with client.websocket_connect(LIVE) as socket:
        socket.receive_text()
        assert admin.post(f"{API}/accounts/{OPERATOR}/lock").status_code == 200
        assert ends(socket) == LOG_IN_ENDED
    assert client.get(f"{API}/bays").status_code == 401
    answer = client.post(f"{API}/session", json={"account": OPERATOR, "secret": PIN})
    assert (answer.status_code, answer.json()["code"]) == (401, "log_in_refused")
    assert admin.post(f"{API}/accounts/li/lock").status_code == 422, "the only admin"
    assert admin.post(f"{API}/accounts/{OPERATOR}/unlock").status_code == 200
    log_in(station.at())


def test_a_new_role_counts_from_the_next_log_in_and_the_old_session_is_over(station: Station) -> None:
    client, admin = log_in(station.at()), log_in(station.at(), "li")
    assert admin.put(f"{API}/accounts/{OPERATOR}/role", json={"role": "viewer"}).status_code == 200
    assert client.get(f"{API}/bays").status_code == 401
    log_in(client)
    assert client.post(f"{API}/station/resume").status_code == 403


NEW_PIN = {"current": PIN, "pin": "274951"}


@pytest.mark.parametrize(
    ("method", "path", "body", "left"),
    [
        ("POST", "/accounts/{}/lock", None, 0),
        ("PUT", "/accounts/{}/role", {"role": "viewer"}, 0),
        ("POST", "/session/secrets", NEW_PIN, 1),
    ],
)
def test_what_ends_sessions_ends_them_also_where_the_server_dies_at_once(
    station: Station, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: dict[str, str] | None, left: int
) -> None:
    """A lost session of a stolen cookie must not come back with the restart."""
    log_in(station.at())
    acting = log_in(station.at(), OPERATOR if path.startswith("/session") else "li")
    context = station.app.state.context
    monkeypatch.setattr(context.log_ins, "forget", lambda account: None)
    assert acting.request(method, API + path.format(OPERATOR), json=body).status_code in (200, 201)
    with context.business.engine.connect() as connection:
        connection.execute(sa.update(tables.accounts).values(locked_at=None))  # as after an unlocking
        known = [each.account for each in sessions.open_sessions(connection).values()]
    assert known.count(OPERATOR) == left


async def test_an_account_that_was_locked_while_it_logged_in_gets_no_session(config: Config) -> None:
    add_people(config, {"li": Role.ADMIN, OPERATOR: Role.OPERATOR})
    business = Business(config)
    business.open()
    log_ins = LogIns(business, config.server, swap_runs=lambda: False)
    proven = await business.read(lambda connection: accounts.known(connection, OPERATOR))
    await business.write(lambda connection: accounts.set_role(connection, OPERATOR, Role.VIEWER))
    session = log_ins.session(await log_ins.begin(proven, CABIN, in_cabin=True))
    assert session is not None
    assert session.role is Role.VIEWER, "as it is now, not as it was when the PIN was compared"
    await business.write(lambda connection: accounts.lock(connection, OPERATOR, datetime.now(UTC)))
    with pytest.raises(Problem):
        await log_ins.begin(proven, CABIN, in_cabin=True)
    await business.close()


def test_a_session_ends_when_its_person_is_idle_but_never_during_a_swap(config: Config, peer: ControllerPeer) -> None:
    """A watching stream is no activity; asking who one is, which the page does when somebody touches it, is."""
    config = replace(config, server=Server(port=0, idle_minutes=1, cabin_idle_minutes=1))
    add_people(config, {OPERATOR: Role.OPERATOR})
    app = create_app(config)
    with client_at(app) as client:
        wait_until(lambda: app.state.context.link.latest is not None)
        log_in(client)
        (live,) = app.state.context.log_ins._live.values()
        live.active_s -= 3600
        assert peer.snapshot(1).swap is not None
        assert client.get(f"{API}/bays").status_code == 200, "a swap runs"
        peer.snapshot = station_sample.after_start
        wait_until(lambda: app.state.context.link.latest.snapshot.swap is None)
        live.active_s -= 50
        assert client.get(f"{API}/session").json()["account"] == OPERATOR
        live.active_s -= 50
        assert client.get(f"{API}/bays").status_code == 200
        live.active_s -= 50
        assert client.get(f"{API}/bays").status_code == 401
        assert client.get(f"{API}/session").json()["account"] is None


def test_a_session_outlives_a_restart_of_the_server(config: Config) -> None:
    add_people(config, {OPERATOR: Role.OPERATOR})
    with client_at(create_app(config)) as client:
        cookie = log_in(client).cookies[COOKIE]
    with client_at(create_app(config)) as client:
        assert client.get(f"{API}/jobs", headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == 200


def test_totp_is_asked_for_remotely_once_it_is_set_up_and_each_code_counts_once(station: Station) -> None:
    client = log_in(station.at(REMOTE), OPERATOR, PASSWORD)
    secret = client.post(f"{API}/session/totp").json()["secret"]
    step = int(time.time()) // TOTP_STEP_S
    wrong = {"secret": secret, "code": totp_code(secret, step - 10)}
    assert client.post(f"{API}/session/totp/confirm", json=wrong).status_code == 403
    right = {"secret": secret, "code": totp_code(secret, step)}
    assert client.post(f"{API}/session/totp/confirm", json=right).status_code == 200
    given: dict[str, str] = {"account": OPERATOR, "secret": PASSWORD}
    remote = station.at(REMOTE)
    assert remote.post(f"{API}/session", json=given).json()["code"] == "totp_wanted"
    code = totp_code(secret, int(time.time()) // TOTP_STEP_S)
    assert remote.post(f"{API}/session", json=given | {"code": code}).status_code == 201
    assert station.at(REMOTE).post(f"{API}/session", json=given | {"code": code}).json()["code"] == "totp_refused"
    log_in(station.at())


def test_the_first_admin_is_made_with_the_code_in_the_owner_s_file(config: Config) -> None:
    with client_at(create_app(config)) as client:
        file = config.first_admin_file
        assert file.stat().st_mode & 0o777 == 0o600
        assert client.get(f"{API}/session").json()["first_admin"] is True
        claim = {"code": "WRONG", "account": "li", "pin": PIN, "password": PASSWORD}
        assert client.post(f"{API}/session/claim", json=claim).json()["code"] == "code_refused"
        weak = claim | {"code": file.read_text().strip(), "pin": "123456"}
        assert client.post(f"{API}/session/claim", json=weak).status_code == 422
        made = client.post(f"{API}/session/claim", json=claim | {"code": file.read_text().strip()})
        assert (made.status_code, made.json()["role"]) == (201, "admin")
        assert not file.exists()
        client.headers["X-CSRF-Token"] = made.json()["csrf"]
        invited = client.post(f"{API}/accounts", json={"account": OPERATOR, "role": "operator"})
        assert invited.status_code == 201
        code = invited.json()["code"]
    with client_at(create_app(config)) as client:
        assert client.get(f"{API}/session").json()["first_admin"] is False
        again = {"code": code, "account": OPERATOR, "pin": PIN}
        assert client.post(f"{API}/session/claim", json=again).status_code == 201
        assert client.post(f"{API}/session/claim", json=again).status_code == 403
        log_in(client)


def test_one_s_own_secrets_are_changed_with_the_present_ones_and_end_every_session(station: Station) -> None:
    client, other = log_in(station.at()), log_in(station.at())
    assert client.post(f"{API}/session/secrets", json={"current": "wrong", "pin": "739104"}).status_code == 401
    changed = client.post(f"{API}/session/secrets", json={"current": PIN, "pin": "739104"})
    assert changed.status_code == 200, changed.text
    assert other.get(f"{API}/bays").status_code == 401
    assert client.get(f"{API}/bays").status_code == 200
    log_in(station.at(), OPERATOR, "739104")


def test_a_key_is_shown_once_expires_and_is_revoked_at_once(station: Station) -> None:
    admin, program = log_in(station.at(), "li"), station.at(REMOTE)
    new = {"name": "vpp", "role": "platform", "scopes": ["read"]}
    made = admin.post(f"{API}/keys", json=new)
    assert made.status_code == 201
    program.headers["Authorization"] = f"Bearer {made.json()['token']}"
    assert program.get(f"{API}/power").status_code == 200
    assert made.json()["token"] not in admin.get(f"{API}/keys").text
    assert admin.post(f"{API}/keys/{made.json()['key']['key']}/revoke").status_code == 200
    assert program.get(f"{API}/power").json()["code"] == "key_refused"
    ends = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    short = admin.post(f"{API}/keys", json=new | {"expires_at": ends}).json()["token"]
    program.headers["Authorization"] = f"Bearer {short}"
    wait_until(lambda: program.get(f"{API}/power").status_code == 401)
    assert audit_rows(admin, "key_refused")[0]["address"] == REMOTE
    assert admin.post(f"{API}/keys", json=new | {"role": "admin"}).status_code == 422


def test_two_people_need_two_log_ins(station: Station, peer: ControllerPeer) -> None:
    """The controller compares the people: neither can say to be another one."""
    admin, client = log_in(station.at(), "li"), log_in(station.at(REMOTE), OPERATOR, PASSWORD)
    assert admin.put(f"{API}/accounts/{OPERATOR}/role", json={"role": "shift_lead"}).status_code == 200
    log_in(client, OPERATOR, PASSWORD)
    assert admin.post(f"{API}/batteries/B001/release", json={"reason": "inspected"}).status_code == 200
    assert client.post(f"{API}/batteries/B001/confirm-release", headers={"X-Person": "li"}).status_code == 200
    assert [(each.person, each.payload.kind) for each in peer.requests] == [
        ("li", "release_quarantine"),
        (OPERATOR, "confirm_release"),
    ]


def test_every_request_is_recorded_before_it_leaves_and_the_chain_holds(station: Station, peer: ControllerPeer) -> None:
    client, admin = log_in(station.at()), log_in(station.at(), "li")
    assert client.post(f"{API}/station/resume", headers={"Idempotency-Key": "k-1"}).status_code == 200
    assert station.at().post(HOLD).status_code == 200
    rows = audit_rows(admin, "request")
    wait_until(lambda: len(audit_rows(admin, "request")) == 2)
    rows = audit_rows(admin, "request")
    assert [(row["actor"], row["role"], row["subject"]) for row in rows] == [
        (OPERATOR, "operator", "resume"),
        ("console", "", "hold"),
    ]
    assert json.loads(rows[0]["detail"]) == {"key": "k-1", "payload": {"kind": "resume"}}
    every = admin.get(f"{API}/audit?limit=500").json()
    assert [row["previous"] for row in every[1:]] == [row["hash"] for row in every[:-1]]
    assert admin.get(f"{API}/audit/head").json()["hash"] == every[-1]["hash"]
    assert set(every[0]) == set(Row.__slots__)
