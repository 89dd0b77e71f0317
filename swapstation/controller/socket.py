"""The controller's Unix domain socket: snapshots out, requests in, one JSON object per line (swapstation/contract)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog
from pydantic import ValidationError

from swapstation.contract.envelope import (
    FROM_CONTROLLER,
    MAX_LINE_BYTES,
    TO_CONTROLLER,
    AnswerMessage,
    RequestMessage,
    SnapshotMessage,
)
from swapstation.model.request import Answer, Request
from swapstation.model.snapshot import Snapshot

log = structlog.get_logger("socket")

Submit = Callable[[Request, Callable[[Answer], None]], None]


class ControllerSocket:
    """Serves every client the newest snapshot (latest wins) and the answers to its own requests."""

    def __init__(self, path: Path, submit: Submit) -> None:
        self._path = path
        self._submit = submit
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
            line = FROM_CONTROLLER.dump_json(SnapshotMessage(snapshot)) + b"\n"
            for client in self._clients:
                client.offer(line)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(writer)
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
            self._submit(message.request, client.answers(message))


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

    def answers(self, message: RequestMessage) -> Callable[[Answer], None]:
        def reply(answer: Answer) -> None:
            self._answers.append(FROM_CONTROLLER.dump_json(AnswerMessage(message.id, answer)) + b"\n")
            self._news.set()

        return reply

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
