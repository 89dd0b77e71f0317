"""Log-ins, sessions and keys of the running server: who is at the other end of a request.

The server is the only writer of the business database, so it keeps what is valid in memory: a request costs no query.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from swapstation.business import accounts, audit, sessions
from swapstation.business.audit import Entry
from swapstation.business.credentials import digest, matches, new_token, totp_step
from swapstation.business.database import BUSINESS, Connection
from swapstation.config.server_settings import Server
from swapstation.model.people import Account, ApiKey, Session, SessionKind
from swapstation.server.book import Business
from swapstation.server.damper import Damper
from swapstation.server.lockout import Lockout
from swapstation.server.problems import Problem

MOST_WAITING = 16
"""Log-ins that may wait for the one whose password is being compared: each comparison takes 46 MiB."""


@dataclass(slots=True)
class _Live:
    session: Session
    begun_s: float
    active_s: float


class LogIns:
    """Sessions and keys that are valid now. `swap_runs` tells whether a session may not end now."""

    def __init__(self, business: Business, settings: Server, swap_runs: Callable[[], bool]) -> None:
        self._business = business
        self._settings = settings
        self._swap_runs = swap_runs
        self._live: dict[str, _Live] = {}
        self._keys: dict[str, ApiKey] = {}
        self._lockout = Lockout()
        self._told = Damper()
        self._comparing = asyncio.Semaphore(1)
        self._waiting = 0

    def load(self) -> None:
        """Take over the sessions and keys that the database knows. A session counts as active at the start."""
        now_s = time.monotonic()
        with BUSINESS.errors(), self._business.engine.connect() as connection:
            known = sessions.open_sessions(connection)
            self._keys = sessions.valid_keys(connection)
        now = datetime.now(UTC)
        for token_hash, session in known.items():
            age_s = max((now - session.started_at).total_seconds(), 0.0)
            self._live[token_hash] = _Live(session, now_s - age_s, now_s)

    async def log_in(self, name: str, secret: str, code: str, address: str, *, in_cabin: bool) -> str:
        """Begin a session; returns its token. In the cabin the PIN suffices. Raises Problem."""
        self._let_try(name, address)
        account, step = await self._checked(name, secret, code, address, in_cabin=in_cabin)
        self._lockout.succeeded(name, address)
        return await self._begin(account, address, step, in_cabin=in_cabin)

    async def claim(
        self, code: str, name: str, display: str, pin: str | None, password: str | None, address: str, *, in_cabin: bool
    ) -> str:
        """Use a one-time code and log in with the account that it made or mended. Raises Problem, InputError."""
        now = datetime.now(UTC)

        def use(connection: Connection) -> Account | None:
            made = accounts.claim(connection, code, name, display, pin, password, now)
            if made is not None:
                sessions.end_sessions_of(connection, name, now)
                told = Entry("secrets_set", name, made.role, address, name, {"by": "one-time code"})
                audit.append(connection, [told], now)
            return made

        async with self._one_at_a_time():
            account = await self._business.write(use)
        if account is None:
            self._tell(Entry("code_refused", name, "", address, name))
            raise Problem(HTTPStatus.FORBIDDEN, "code_refused")
        self.forget(name)
        if account.locked_at is not None:
            raise Problem(HTTPStatus.FORBIDDEN, "log_in_refused")
        return await self._begin(account, address, None, in_cabin=in_cabin)

    async def prove(self, name: str, secret: str, address: str) -> None:
        """See that this is the account's PIN or password; a wrong guess counts as a failed log-in. Raises Problem."""
        self._let_try(name, address)
        async with self._one_at_a_time():
            kept = await self._business.read(lambda connection: accounts.secrets_of(connection, name))
            right = await _any_matches(secret, (kept.password_hash, kept.pin_hash))
        if not right:
            raise self._failed(name, address, "log_in_refused")

    async def begin(self, account: Account, address: str, *, in_cabin: bool) -> str:
        """Begin a session of somebody whose secrets were just proven; returns its token."""
        return await self._begin(account, address, None, in_cabin=in_cabin)

    def session(self, token: str) -> Session | None:
        """The session of a token, if it has not ended; looking is no activity, but a swap that runs is."""
        return self._still(digest(token))

    @property
    def cabin_is_manned(self) -> bool:
        """Whether somebody is logged in in the cabin."""
        sessions_now = (self._still(token_hash) for token_hash in tuple(self._live))
        return any(session is not None and session.kind is SessionKind.CABIN for session in sessions_now)

    def active(self, token: str) -> None:
        """The session's person did something."""
        live = self._live.get(digest(token))
        if live is not None:
            live.active_s = time.monotonic()

    def key(self, token: str) -> ApiKey | None:
        """The key of a program, if it is valid now."""
        key = self._keys.get(digest(token))
        expired = key is not None and key.expires_at is not None and key.expires_at <= datetime.now(UTC)
        return None if expired else key

    async def log_out(self, token: str) -> None:
        """End a session."""
        token_hash = digest(token)
        live = self._live.pop(token_hash, None)
        if live is not None:
            await self._business.write(
                lambda connection: sessions.end_session(connection, token_hash, datetime.now(UTC)),
                _entry("log_out", live.session),
            )

    def forget(self, account: str) -> None:
        """End every session of an account at once: it was locked, or has other secrets or rights."""
        for token_hash in [each for each, live in self._live.items() if live.session.account == account]:
            self._end(token_hash, "account_changed")

    def keys_changed(self, keys: dict[str, ApiKey]) -> None:
        """These keys are valid now."""
        self._keys = keys

    def refused(self, entry: Entry) -> None:
        """Record that somebody was refused, not more often than the audit can bear."""
        self._tell(entry)

    def _let_try(self, name: str, address: str) -> None:
        wait_s = self._lockout.wait_s(name, address, time.monotonic())
        if wait_s > 0:
            self._tell(Entry("lockout", name, "", address, name, {"wait_s": round(wait_s)}))
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "locked_out", facts={"wait_s": str(round(wait_s) + 1)})

    async def _checked(
        self, name: str, secret: str, code: str, address: str, *, in_cabin: bool
    ) -> tuple[Account, int | None]:
        async with self._one_at_a_time():
            account = await self._business.read(lambda connection: accounts.find_account(connection, name))
            kept = await self._business.read(lambda connection: accounts.secrets_of(connection, name))
            hashes = (kept.password_hash, kept.pin_hash) if in_cabin else (kept.password_hash,)
            right = await _any_matches(secret, hashes)
        if account is None or account.locked_at is not None or not right:
            raise self._failed(name, address, "log_in_refused")
        if in_cabin or kept.totp_secret is None:
            return account, None
        if not code:
            raise Problem(HTTPStatus.UNAUTHORIZED, "totp_wanted")
        step = totp_step(kept.totp_secret, code, time.time(), kept.totp_step)
        if step is None:
            raise self._failed(name, address, "totp_refused")
        return account, step

    def _failed(self, name: str, address: str, why: str) -> Problem:
        delay_s = self._lockout.failed(name, address, time.monotonic())
        self._tell(Entry("log_in_failed", name, "", address, name, {"why": why, "next_after_s": delay_s}))
        return Problem(HTTPStatus.UNAUTHORIZED, why, facts={"wait_s": f"{delay_s:.0f}"} if delay_s else None)

    async def _begin(self, account: Account, address: str, step: int | None, *, in_cabin: bool) -> str:
        token, now_s, now = new_token(), time.monotonic(), datetime.now(UTC)
        kind = SessionKind.CABIN if in_cabin else SessionKind.REMOTE

        def begin(connection: Connection) -> Session:
            known = accounts.known(connection, account.account)  # it may have changed while the secret was compared
            if known.locked_at is not None:
                raise Problem(HTTPStatus.UNAUTHORIZED, "log_in_refused")
            if step is not None and not accounts.use_totp_step(connection, known.account, step):
                raise Problem(HTTPStatus.UNAUTHORIZED, "totp_refused")
            session = Session(known.account, known.role, kind, address, now)
            sessions.begin_session(connection, digest(token), session)
            audit.append(connection, [_entry("log_in", session)], now)
            return session

        session = await self._business.write(begin)
        self._live[digest(token)] = _Live(session, now_s, now_s)
        return token

    def _still(self, token_hash: str) -> Session | None:
        live = self._live.get(token_hash)
        if live is None:
            return None
        now_s, cabin = time.monotonic(), live.session.kind is SessionKind.CABIN
        if self._swap_runs():
            live.active_s = now_s
            return live.session
        idle_s = 60.0 * (self._settings.cabin_idle_minutes if cabin else self._settings.idle_minutes)
        if now_s - live.active_s < idle_s and now_s - live.begun_s < 3600.0 * self._settings.longest_hours:
            return live.session
        self._end(token_hash, "idle")
        return None

    def _end(self, token_hash: str, why: str) -> None:
        live = self._live.pop(token_hash)
        now = datetime.now(UTC)
        self._business.soon(
            lambda connection: sessions.end_session(connection, token_hash, now),
            _entry("session_ended", live.session, {"why": why}),
        )

    def _tell(self, entry: Entry) -> None:
        missed = self._told.missed((entry.kind, entry.address), time.monotonic())
        if missed is not None:
            detail = entry.detail | ({"not_recorded_before": missed} if missed else {})
            self._business.record_soon(Entry(entry.kind, entry.actor, entry.role, entry.address, entry.subject, detail))

    @asynccontextmanager
    async def _one_at_a_time(self) -> AsyncIterator[None]:
        """One comparison of a password at a time, and no endless queue of them. Raises Problem."""
        if self._waiting >= MOST_WAITING:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too_many_log_ins")
        self._waiting += 1
        try:
            async with self._comparing:
                yield
        finally:
            self._waiting -= 1


async def _any_matches(secret: str, hashes: tuple[str | None, ...]) -> bool:
    """Every hash is compared, so that the time tells nothing."""
    return any([await asyncio.to_thread(matches, secret, stored) for stored in hashes])


def _entry(kind: str, session: Session, detail: dict[str, object] | None = None) -> Entry:
    return Entry(kind, session.account, session.role, session.address, session.kind, detail or {})
