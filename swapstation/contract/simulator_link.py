"""A client's end of the simulator's control socket: one JSON object per line each way, a connection per question."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from swapstation.errors import InputError, SwapstationError

ANSWER_TIMEOUT_S = 3.0
LONGEST_ANSWER_BYTES = 1024 * 1024


class SimulatorAway(SwapstationError):
    """The simulator is not there or did not answer in time."""


async def ask_simulator(socket: Path, action: str, **arguments: Any) -> dict[str, Any]:
    """Ask for one thing. Raises SimulatorAway; InputError with the simulator's words when it refuses."""
    question = json.dumps({"do": action, **arguments}).encode() + b"\n"
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            answer = json.loads(await _answer(socket, question))
    except (OSError, TimeoutError, ValueError) as error:
        raise SimulatorAway(f"the simulator at {socket.name}: {error or type(error).__name__}") from error
    if not answer.pop("ok"):
        raise InputError(answer["field"], answer["value"], answer["allowed"])
    return dict(answer)


async def _answer(socket: Path, question: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(socket, limit=LONGEST_ANSWER_BYTES)
    try:
        writer.write(question)
        await writer.drain()
        return await reader.readline()
    finally:
        writer.close()
