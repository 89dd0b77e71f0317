"""What the station has told the outside world for good, and whether all of it is in its database afterwards."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import urllib.error
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, get_args

from swapstation.demo.clients import Api
from swapstation.demo.station_file import TRUCKS
from swapstation.model.command import RobotOrder, TruckOrder

EVENTS_AT_ONCE = 500
PAUSE_S = 0.03
MOTION = {kind.__name__ for kind in (*get_args(RobotOrder), *get_args(TruckOrder))}


class NotAnswered(OSError):
    """Nobody said whether a request was taken: it may have been or not."""


@dataclass(slots=True)
class Ledger:
    """Answers `accepted` by key, and events by their sequence number, as the API told them."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def facts(self) -> int:
        return len(self.answers) + len(self.events)

    def lost(self, database: Path) -> Iterator[str]:
        """What was told and is not there, or otherwise than it was told. Read without the product's own code."""
        answers, events = dict(self.answers), dict(self.events)
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            found = dict(connection.execute("SELECT key, answer FROM requests"))
            for key, answer in answers.items():
                if key not in found:
                    yield f"request {key} was accepted and is not in the database"
                elif json.loads(found[key]) != answer:
                    yield f"request {key} was answered {answer} and is recorded as {found[key]}"
            rows = connection.execute("SELECT sequence, boot, kind, body FROM events")
            known = {sequence: (boot, kind, json.loads(body)) for sequence, boot, kind, body in rows}
        for sequence, event in events.items():
            if known.get(sequence) != (event["boot"], event["kind"], event["body"]):
                yield f"event {sequence} was told as {event} and is {known.get(sequence)}"


def broken_records(database: Path) -> Iterator[tuple[int, str]]:
    """What the database itself says against the invariants: gaps, motion ordered before a confirmation, damage."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
        events = connection.execute("SELECT sequence, boot, kind, body FROM events ORDER BY sequence").fetchall()
    if found != "ok":
        yield 5, f"the database is damaged: {found}"
    numbers = [sequence for sequence, _, _, _ in events]
    if numbers != list(range(1, len(numbers) + 1)):
        yield 19, f"{len(numbers)} events are numbered up to {numbers[-1]}"
    confirmed: set[int] = set()
    for sequence, boot, kind, body in events:
        if kind == "StartUpConfirmed":
            confirmed.add(boot)
        elif kind == "IntentRecorded" and boot not in confirmed and (name := json.loads(body)["command"]) in MOTION:
            yield 20, f"event {sequence}: {name} in boot {boot} before anybody confirmed the start"


def swap_results(database: Path) -> list[str]:
    """How each swap ended, or `open`."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return [result for (result,) in connection.execute("SELECT result FROM swaps")]


class Desk:
    """A client of the API that keeps what it was told: every request has a key of its own."""

    def __init__(self, api: Api, ledger: Ledger, name: str, second: Api | None = None) -> None:
        self._api, self._ledger, self._name, self._second = api, ledger, name, second or api
        self._keys = count(1)

    def new_key(self) -> str:
        return f"{self._name}-{next(self._keys)}"

    def ask(
        self,
        path: str,
        body: dict[str, Any] | None = None,
        method: str = "POST",
        key: str | None = None,
        second: bool = False,
    ) -> dict[str, Any] | None:
        """The result of an accepted request, None of a refused one; NotAnswered when nobody says.

        `second`: the other person asks.
        """
        key = key or self.new_key()
        api, data = self._second if second else self._api, None if method == "DELETE" else body or {}
        try:
            answer: dict[str, Any] = api.ask(method, path, data, {"Idempotency-Key": key})
        except urllib.error.HTTPError as error:
            with error:
                if error.code >= 500:
                    raise NotAnswered(f"{path}: {error.code}") from error
            return None
        except (OSError, ValueError) as error:
            raise NotAnswered(f"{path}: {error}") from error
        if path != "/station/hold":  # the one answer that does not wait for the disk
            self._ledger.answers[key] = answer
        result: dict[str, Any] = answer["result"]
        return result


class Clerk:
    """Books a battery and gives it back without end, and reads every event: facts at every instant of a crash.

    What nobody answered is asked again under the same key, so each booking is made once and given back.
    """

    def __init__(self, api: Api, ledger: Ledger, model: str) -> None:
        self._api, self._ledger, self._model = api, ledger, model
        self._desk = Desk(api, ledger, "clerk")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End when the last booking is given back."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            order = {"vin": TRUCKS[-1], "model": self._model, "minutes": 5}
            made = self._until_answered("/bookings", order, "POST")
            if made is not None:
                self._until_answered(f"/bookings/{made['booking']}", None, "DELETE")
            self._read_events()
            self._stop.wait(PAUSE_S)

    def _until_answered(self, path: str, body: dict[str, Any] | None, method: str) -> dict[str, Any] | None:
        key = self._desk.new_key()
        for _ in range(600):
            try:
                return self._desk.ask(path, body, method, key)
            except NotAnswered:
                time.sleep(PAUSE_S)
        return None

    def _read_events(self) -> None:
        try:
            after = max(self._ledger.events, default=0)
            for event in self._api.get(f"/events?after={after}&limit={EVENTS_AT_ONCE}"):
                self._ledger.events[event["sequence"]] = event
        except (OSError, ValueError):
            return
