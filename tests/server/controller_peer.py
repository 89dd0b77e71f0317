"""The other end of the controller's socket: speaks the envelopes, in a thread with its own event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from swapstation.contract.envelope import (
    FROM_CONTROLLER,
    TO_CONTROLLER,
    AnswerMessage,
    ArrivalsMessage,
    ArrivalsQuestion,
    PlanMessage,
    SnapshotMessage,
)
from swapstation.model.arrival import Arrival
from swapstation.model.charge_plan import ChargePlan
from swapstation.model.concern_request import TellConcern
from swapstation.model.request import Accepted, Answer, Request
from swapstation.model.snapshot import Snapshot

Result = TypeVar("Result")
PERIOD_S = 0.2


def accept(request: Request) -> Answer | None:
    return Accepted(request.key, {"kind": request.payload.kind})


class ControllerPeer:
    """Sends a snapshot every 200 ms, records the requests and answers each with `answer`; None keeps silent.

    `plan` is told to each client as it connects, `arrivals` to who asks. `concerns`: what the server tells unasked.
    """

    def __init__(self, socket: Path, snapshot: Callable[[int], Snapshot], plan: ChargePlan | None = None) -> None:
        self.requests: list[Request] = []
        self.concerns: list[TellConcern] = []
        self.answer: Callable[[Request], Answer | None] = accept
        self.frozen = False
        self.plan = plan
        self.arrivals: tuple[Arrival, ...] = ()
        self._socket = socket
        self.snapshot = snapshot
        self._sequence = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> ControllerPeer:
        self._thread.start()
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def open(self) -> None:
        """Listen and send."""
        self._run(self._open())

    def close(self) -> None:
        """End as a killed controller does: every connection goes away."""
        self._run(self._close())

    def send_line(self, line: bytes) -> None:
        """Send raw bytes to every client."""

        async def send() -> None:
            for writer in self._writers:
                writer.write(line + b"\n")

        self._run(send())

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _open(self) -> None:
        self._socket.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._client, self._socket)
        self._sender = asyncio.create_task(self._send_snapshots())

    async def _close(self) -> None:
        self._sender.cancel()
        with suppress(asyncio.CancelledError):
            await self._sender
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await asyncio.sleep(0)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(FROM_CONTROLLER.dump_json(PlanMessage(self.plan)) + b"\n")
        self._writers.add(writer)
        with suppress(ConnectionError):
            while line := await reader.readline():
                message = TO_CONTROLLER.validate_json(line)
                if isinstance(message, ArrivalsQuestion):
                    writer.write(FROM_CONTROLLER.dump_json(ArrivalsMessage(message.id, self.arrivals)) + b"\n")
                    continue
                if isinstance(message.request.payload, TellConcern):
                    self.concerns.append(message.request.payload)
                else:
                    self.requests.append(message.request)
                answer = self.answer(message.request)
                if answer is not None:
                    writer.write(FROM_CONTROLLER.dump_json(AnswerMessage(message.id, answer)) + b"\n")
        self._writers.discard(writer)
        writer.close()

    async def _send_snapshots(self) -> None:
        while True:
            if not self.frozen:
                self._sequence += 1
                line = FROM_CONTROLLER.dump_json(SnapshotMessage(self.snapshot(self._sequence))) + b"\n"
                for writer in self._writers:
                    writer.write(line)
            await asyncio.sleep(PERIOD_S)
