"""The simulator's control socket: a Unix domain socket, one JSON object per line each way."""

from __future__ import annotations

import asyncio
from pathlib import Path

from swapstation.simulation.control import Control

LONGEST_LINE_BYTES = 64 * 1024


async def serve_control(control: Control, path: Path) -> asyncio.Server:
    """Listen at `path`; a client that sends a longer line than 64 KiB is cut off. Raises OSError when it cannot."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(control.answer(line))
                await writer.drain()
        except (ValueError, ConnectionError):
            return
        finally:
            writer.close()

    return await asyncio.start_unix_server(serve, path, limit=LONGEST_LINE_BYTES)
