"""A client's end of the controller's Unix socket: the latest snapshot with its age and plan, requests and answers."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError

from swapstation.contract.envelope import (
    FROM_CONTROLLER,
    MAX_LINE_BYTES,
    TO_CONTROLLER,
    AnswerMessage,
    ArrivalsMessage,
    ArrivalsQuestion,
    PlanMessage,
    RequestMessage,
    SnapshotMessage,
    ToController,
)
from swapstation.errors import SwapstationError
from swapstation.model.arrival import Arrival
from swapstation.model.charge_plan import ChargePlan
from swapstation.model.device import BatteryCells
from swapstation.model.request import Answer, Request
from swapstation.model.seen import Seen
from swapstation.model.snapshot import BayState, Snapshot

FIRST_RETRY_S = 0.1
LAST_RETRY_S = 2.0
ANSWER_TIMEOUT_S = 5.0

_SNAPSHOT, _BAYS = TypeAdapter(Snapshot), TypeAdapter(tuple[BayState, ...])
_CELLS = TypeAdapter(Seen[BatteryCells])
_log = structlog.get_logger()


class ControllerAway(SwapstationError):
    """The controller is not connected or did not answer in time; a request may still have taken effect."""


@dataclass(frozen=True, eq=False)
class Received:
    """A snapshot and the monotonic second at which it came; equal to itself alone."""

    snapshot: Snapshot
    received_s: float

    @cached_property
    def json(self) -> str:
        """The snapshot for every client of the live stream, written once and only if somebody asks.

        Without the cells of the batteries, which are most of it and looked at one battery at a time.
        """
        return _SNAPSHOT.dump_json(self.snapshot, exclude={"bays": {"__all__": {"cells"}}}).decode()

    def cells_json(self, number: int) -> str:
        """The cells of the battery in a bay, for who looks at it."""
        return _CELLS.dump_json(self.snapshot.bay(number).cells).decode()

    @cached_property
    def bays_json(self) -> bytes:
        """Its bays alone, which dispatchers ask for most."""
        return _BAYS.dump_json(self.snapshot.bays)


class ControllerLink:
    """Keeps one connection to the controller alive while `running`; reconnects with growing pauses."""

    def __init__(self, socket: Path, answer_timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self.latest: Received | None = None
        self.plan: ChargePlan | None = None
        self.connected = False
        self.malformed = 0
        self._socket = socket
        self._answer_timeout_s = answer_timeout_s
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: dict[str, asyncio.Future[Any]] = {}
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
            async with asyncio.timeout(timeout_s):  # unlike wait_for it needs no task, and many wait
                await self._news.wait()

    async def request(self, request: Request) -> Answer:
        """Send a request and wait for its answer; raises ControllerAway."""
        message_id = str(next(self._ids))
        answer: Answer = await self._ask(message_id, RequestMessage(message_id, request))
        return answer

    async def arrivals(self, since: datetime) -> tuple[Arrival, ...]:
        """The trucks that have come since then, oldest first; raises ControllerAway."""
        message_id = str(next(self._ids))
        arrivals: tuple[Arrival, ...] = await self._ask(message_id, ArrivalsQuestion(message_id, since))
        return arrivals

    async def _ask(self, message_id: str, message: ToController) -> Any:
        if self._writer is None:
            raise ControllerAway("the controller is not connected")
        told: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = told
        try:
            self._writer.write(TO_CONTROLLER.dump_json(message) + b"\n")
            return await asyncio.wait_for(told, self._answer_timeout_s)
        except TimeoutError:
            raise ControllerAway(f"the controller did not answer within {self._answer_timeout_s:g} s") from None
        finally:
            del self._waiting[message_id]

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
                    self.latest = Received(message.snapshot, time.monotonic())
                    self._tell_news()
                case PlanMessage():
                    self.plan = message.plan
                case AnswerMessage():
                    self._tell(message.id, message.answer)
                case ArrivalsMessage():
                    self._tell(message.id, message.arrivals)

    def _disconnected(self) -> None:
        self.connected = False
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ControllerAway("the controller went away before it answered"))
        self._tell_news()

    def _tell(self, message_id: str, told: Answer | tuple[Arrival, ...]) -> None:
        """Hand over what was asked for, unless nobody waits for it any more."""
        waiting = self._waiting.get(message_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(told)

    def _tell_news(self) -> None:
        told, self._news = self._news, asyncio.Event()
        told.set()
