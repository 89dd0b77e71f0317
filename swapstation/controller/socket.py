"""The controller's Unix domain socket: snapshots out, requests in, one JSON object per line (swapstation/contract)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from pydantic import ValidationError

from swapstation.contract.envelope import (
    FROM_CONTROLLER,
    MAX_LINE_BYTES,
    TO_CONTROLLER,
    AnswerMessage,
    ArrivalsMessage,
    ArrivalsQuestion,
    FromController,
    PlanMessage,
    SnapshotMessage,
)
from swapstation.inventory.database import DatabaseError
from swapstation.model.arrival import Arrival
from swapstation.model.charge_plan import ChargePlan
from swapstation.model.request import Answer, Request
from swapstation.model.snapshot import Snapshot

log = structlog.get_logger("socket")

Submit = Callable[[Request, Callable[[Answer], None]], None]
Arrivals = Callable[[datetime], tuple[Arrival, ...]]
"""Reads from the database, in a thread of its own."""


def _line(message: FromController) -> bytes:
    return FROM_CONTROLLER.dump_json(message) + b"\n"


class ControllerSocket:
    """Serves every client the newest snapshot and plan (latest wins) and the answers to its own requests."""

    def __init__(self, path: Path, submit: Submit, arrivals: Arrivals) -> None:
        self._path = path
        self._submit = submit
        self._arrivals = arrivals
        self._plan: ChargePlan | None = None
        self._clients: set[_Client] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; a socket file left by a dead controller is replaced (the database lock keeps a live one out)."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path, limit=MAX_LINE_BYTES)
        self._path.chmod(0o600)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for client in list(self._clients):
            client.close()
        self._path.unlink(missing_ok=True)

    def publish(self, snapshot: Snapshot) -> None:
        """Offer a snapshot to every client; one that is still busy with an older gets only the newest later."""
        if self._clients:
            line = _line(SnapshotMessage(snapshot))
            for client in self._clients:
                client.offer(line)

    def publish_plan(self, plan: ChargePlan | None) -> None:
        """Tell every client, also those that come later, which plan is followed now, if it is another one."""
        if plan is not self._plan:
            self._plan = plan
            for client in self._clients:
                client.tell(_line(PlanMessage(plan)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(writer)
        client.tell(_line(PlanMessage(self._plan)))
        self._clients.add(client)
        sending = asyncio.create_task(client.send())
        try:
            await self._read(reader, client)
        except (ConnectionError, ValueError) as error:
            log.warning("client dropped", reason=str(error))
        finally:
            self._clients.discard(client)
            sending.cancel()
            client.close()

    async def _read(self, reader: asyncio.StreamReader, client: _Client) -> None:
        while line := await reader.readline():
            try:
                message = TO_CONTROLLER.validate_json(line)
            except ValidationError as error:
                log.warning("bad request line", reason=str(error).splitlines()[0])
                continue
            if isinstance(message, ArrivalsQuestion):
                await self._tell_arrivals(message, client)
            else:
                self._submit(message.request, client.answers(message.id))

    async def _tell_arrivals(self, question: ArrivalsQuestion, client: _Client) -> None:
        """Nobody else waits meanwhile; what cannot be read now is not answered."""
        try:
            found = await asyncio.to_thread(self._arrivals, question.since)
        except DatabaseError as error:
            log.warning("no arrivals", reason=str(error))
        else:
            client.tell(_line(ArrivalsMessage(question.id, found)))


class _Client:
    """One connection: answers queue up, snapshots do not."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._answers: list[bytes] = []
        self._snapshot: bytes | None = None
        self._news = asyncio.Event()

    def offer(self, snapshot: bytes) -> None:
        self._snapshot = snapshot
        self._news.set()

    def tell(self, line: bytes) -> None:
        self._answers.append(line)
        self._news.set()

    def answers(self, message_id: str) -> Callable[[Answer], None]:
        return lambda answer: self.tell(_line(AnswerMessage(message_id, answer)))

    async def send(self) -> None:
        """Write what is new, as fast as the client reads."""
        while True:
            await self._news.wait()
            self._news.clear()
            # The snapshot first: who has an answer and looks must find what it brought about.
            lines = [self._snapshot] if self._snapshot is not None else []
            lines += self._answers
            self._snapshot, self._answers = None, []
            try:
                self._writer.writelines(lines)
                await self._writer.drain()
            except ConnectionError:
                return

    def close(self) -> None:
        self._writer.close()
