"""The server's end of the controller's Unix socket: the latest snapshot with its age, requests and their answers."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import TypeAdapter, ValidationError

from swapstation.contract.envelope import (
    FROM_CONTROLLER,
    MAX_LINE_BYTES,
    TO_CONTROLLER,
    AnswerMessage,
    RequestMessage,
    SnapshotMessage,
)
from swapstation.errors import SwapstationError
from swapstation.model.request import Answer, Request
from swapstation.model.snapshot import Snapshot

FIRST_RETRY_S = 0.1
LAST_RETRY_S = 2.0
ANSWER_TIMEOUT_S = 5.0

_SNAPSHOT = TypeAdapter(Snapshot)
_log = structlog.get_logger()


class ControllerAway(SwapstationError):
    """The controller is not connected or did not answer in time; a request may still have taken effect."""


@dataclass(frozen=True, slots=True)
class Received:
    """A snapshot, the monotonic second at which it came, and its JSON for every client of the live stream."""

    snapshot: Snapshot
    received_s: float
    json: str


class ControllerLink:
    """Keeps one connection to the controller alive while `running`; reconnects with growing pauses."""

    def __init__(self, socket: Path, answer_timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self.latest: Received | None = None
        self.connected = False
        self.malformed = 0
        self._socket = socket
        self._answer_timeout_s = answer_timeout_s
        self._writer: asyncio.StreamWriter | None = None
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._ids = itertools.count(1)
        self._news = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the link as long as the context is open."""
        task = asyncio.create_task(self._keep_connected())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @property
    def age_s(self) -> float | None:
        """Age of the latest snapshot in seconds, None before the first."""
        return None if self.latest is None else time.monotonic() - self.latest.received_s

    async def wait_for_news(self, timeout_s: float) -> None:
        """Return when a snapshot came or the connection changed, at the latest after `timeout_s`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), timeout_s)

    async def request(self, request: Request) -> Answer:
        """Send a request and wait for its answer; raises ControllerAway."""
        if self._writer is None:
            raise ControllerAway("the controller is not connected")
        message_id = str(next(self._ids))
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[message_id] = answer
        try:
            self._writer.write(TO_CONTROLLER.dump_json(RequestMessage(message_id, request)) + b"\n")
            return await asyncio.wait_for(answer, self._answer_timeout_s)
        except TimeoutError:
            raise ControllerAway(f"the controller did not answer within {self._answer_timeout_s:g} s") from None
        finally:
            del self._answers[message_id]

    async def _keep_connected(self) -> None:
        pause_s = FIRST_RETRY_S
        while True:
            before = self.latest
            try:
                reader, self._writer = await asyncio.open_unix_connection(self._socket, limit=MAX_LINE_BYTES)
                await self._converse(reader)
            except (OSError, ValueError) as error:
                _log.info("controller away", error=str(error))
            finally:
                self._disconnected()
            pause_s = FIRST_RETRY_S if self.latest is not before else min(2 * pause_s, LAST_RETRY_S)
            await asyncio.sleep(pause_s)

    async def _converse(self, reader: asyncio.StreamReader) -> None:
        self.connected = True
        while line := await reader.readline():
            try:
                message = FROM_CONTROLLER.validate_json(line)
            except ValidationError as error:
                self.malformed += 1
                _log.warning("malformed message from the controller", error=str(error), count=self.malformed)
                continue
            match message:
                case SnapshotMessage():
                    text = _SNAPSHOT.dump_json(message.snapshot).decode()
                    self.latest = Received(message.snapshot, time.monotonic(), text)
                    self._tell_news()
                case AnswerMessage():
                    waiting = self._answers.get(message.id)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(message.answer)

    def _disconnected(self) -> None:
        self.connected = False
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(ControllerAway("the controller went away before it answered"))
        self._tell_news()

    def _tell_news(self) -> None:
        told, self._news = self._news, asyncio.Event()
        told.set()
