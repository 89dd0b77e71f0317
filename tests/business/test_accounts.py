"""Accounts, one-time codes, sessions and keys in the database; what a PIN, a password and a TOTP code must be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from swapstation.business import accounts, credentials, sessions, tables
from swapstation.business.database import Database
from swapstation.errors import InputError
from swapstation.model.people import PROGRAMS, Role, Scope, Session, SessionKind

AT = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
PIN, PASSWORD = "284917", "green apple tree"


@pytest.fixture
def connection(engine: Database) -> Iterator[sa.Connection]:
    with engine.begin() as connection:
        yield connection


def test_the_first_admin_is_made_with_a_one_time_code_and_only_once(connection: sa.Connection) -> None:
    old = accounts.invite(connection, None, AT)
    code = accounts.invite(connection, None, AT)
    assert accounts.claim(connection, old, "li", "", PIN, PASSWORD, AT) is None
    made = accounts.claim(connection, code.lower().replace("-", " "), "li", "李", PIN, PASSWORD, AT)
    assert made is not None
    assert (made.role, made.display, made.has_pin, made.has_password) == (Role.ADMIN, "李", True, True)
    assert accounts.claim(connection, code, "wang", "", PIN, PASSWORD, AT) is None
    again = accounts.invite(connection, None, AT)
    assert accounts.claim(connection, again, "wang", "", PIN, PASSWORD, AT) is None


def test_a_reset_code_is_for_one_account_and_one_day_and_takes_totp_away(connection: sa.Connection) -> None:
    for name in ("li", "wang"):
        accounts.add_account(connection, name, "", Role.OPERATOR, AT)
    accounts.set_totp(connection, "li", credentials.new_totp_secret())
    code = accounts.invite(connection, "li", AT)
    assert accounts.claim(connection, code, "wang", "", PIN, None, AT) is None
    assert accounts.claim(connection, code, "li", "", PIN, None, AT + accounts.CODE_VALID) is None
    claimed = accounts.claim(connection, code, "li", "", PIN, None, AT + timedelta(hours=1))
    assert claimed is not None
    assert (claimed.has_pin, claimed.has_totp, claimed.role) == (True, False, Role.OPERATOR)


def test_secrets_are_kept_as_argon2_and_compared(connection: sa.Connection) -> None:
    accounts.add_account(connection, "li", "", Role.OPERATOR, AT)
    accounts.set_secrets(connection, "li", PIN, PASSWORD)
    kept = accounts.secrets_of(connection, "li")
    assert kept.pin_hash is not None
    assert kept.pin_hash.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert credentials.matches(PIN, kept.pin_hash)
    assert not credentials.matches(PASSWORD, kept.pin_hash)
    assert credentials.matches(PASSWORD, kept.password_hash)
    assert not credentials.matches(PASSWORD, accounts.secrets_of(connection, "nobody").password_hash)
    everything = str(connection.execute(sa.select(tables.accounts)).all())
    assert PIN not in everything
    assert PASSWORD not in everything


@pytest.mark.parametrize("pin", ["12345", "111111", "123456", "987654", "1234567890123", "28491a", "٢٨٤٩١٧"])
def test_a_weak_pin_is_refused_without_repeating_it(pin: str) -> None:
    with pytest.raises(InputError) as refused:
        credentials.check_pin(pin)
    assert pin not in str(refused.value)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "my name is li ok", "x" * 201])
def test_a_weak_password_is_refused_without_repeating_it(password: str) -> None:
    with pytest.raises(InputError) as refused:
        credentials.check_password(password, "li")
    assert password not in str(refused.value)


@pytest.mark.parametrize("name", ["console", "Li", "l", "li zhang", "root", "-li", "x" * 33])
def test_a_name_that_no_account_may_have_is_refused(connection: sa.Connection, name: str) -> None:
    with pytest.raises(InputError, match="account"):
        accounts.add_account(connection, name, "", Role.OPERATOR, AT)


def test_the_last_admin_can_neither_be_locked_nor_lose_the_role(connection: sa.Connection) -> None:
    accounts.add_account(connection, "li", "", Role.ADMIN, AT)
    accounts.add_account(connection, "wang", "", Role.ADMIN, AT)
    accounts.lock(connection, "wang", AT)
    with pytest.raises(InputError, match="only admin"):
        accounts.lock(connection, "li", AT)
    with pytest.raises(InputError, match="only admin"):
        accounts.set_role(connection, "li", Role.VIEWER)
    accounts.unlock(connection, "wang")
    accounts.set_role(connection, "li", Role.VIEWER)
    assert [account.role for account in accounts.list_accounts(connection)] == [Role.VIEWER, Role.ADMIN]


def test_people_get_roles_of_people_and_programs_those_of_programs(connection: sa.Connection) -> None:
    for role in PROGRAMS:
        with pytest.raises(InputError, match="role"):
            accounts.add_account(connection, "li", "", role, AT)
    with pytest.raises(InputError, match="role"):
        sessions.add_key(connection, "x", Role.ADMIN, "", (Scope.READ,), "li", AT)


def test_an_open_session_outlives_a_restart_and_none_of_a_locked_account_does(connection: sa.Connection) -> None:
    for name in ("li", "wang", "zhao"):
        accounts.add_account(connection, name, "", Role.OPERATOR, AT)
        begun = Session(name, Role.OPERATOR, SessionKind.REMOTE, "10.0.0.5", AT)
        sessions.begin_session(connection, credentials.digest(name), begun)
    accounts.lock(connection, "wang", AT)
    sessions.end_sessions_of(connection, "zhao", AT)
    assert sessions.open_sessions(connection) == {
        credentials.digest("li"): Session("li", Role.OPERATOR, SessionKind.REMOTE, "10.0.0.5", AT)
    }


def test_a_key_is_shown_once_kept_as_a_hash_and_revoked_for_good(connection: sa.Connection) -> None:
    with pytest.raises(InputError, match="fleet"):
        sessions.add_key(connection, "mine dispatch", Role.FLEET, "", (Scope.READ,), "li", AT)
    key, token = sessions.add_key(connection, "mine dispatch", Role.FLEET, "north", (Scope.READ, Scope.BOOK), "li", AT)
    assert token not in str(connection.execute(sa.select(tables.api_keys)).all())
    assert sessions.valid_keys(connection) == {credentials.digest(token): key}
    assert sessions.revoke_key(connection, key.key, AT).revoked_at == AT
    assert sessions.revoke_key(connection, key.key, AT + timedelta(hours=1)).revoked_at == AT
    assert sessions.valid_keys(connection) == {}
    with pytest.raises(InputError, match="key"):
        sessions.revoke_key(connection, "nothing", AT)


@pytest.mark.parametrize(
    ("unix_s", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_totp_gives_the_codes_of_rfc_6238(unix_s: int, code: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    step = unix_s // credentials.TOTP_STEP_S
    assert credentials.totp_code(secret, step) == code
    assert credentials.totp_step(secret, code, unix_s, 0) == step
    assert credentials.totp_step(secret, code, unix_s + 30, 0) == step
    assert credentials.totp_step(secret, code, unix_s, step) is None, "a code counts once"
    assert credentials.totp_step(secret, code, unix_s + 90, 0) is None
    assert credentials.totp_step(secret, "码\ud800", unix_s, 0) is None
