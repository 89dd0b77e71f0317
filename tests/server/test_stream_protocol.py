"""What the live stream weighs on a real wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.sync.client import ClientConnection, connect
from websockets.typing import BytesLike

from swapstation.server import stream_protocol
from swapstation.server.stream_protocol import deflated
from tests.server.running_server import RunningServer, running_server

COUNT, CLIENTS = 4, 5


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as server:
        yield server


def listen(server: RunningServer, compression: str | None = "deflate") -> ClientConnection:
    where = server.url.replace("http", "ws") + "/api/v1/live"
    return connect(where, additional_headers=server.log_in(), proxy=None, compression=compression)


def test_a_message_is_a_quarter_of_itself(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[int] = []
    decode = PerMessageDeflate.decode

    def weighed(self: PerMessageDeflate, frame: Frame, **named: Any) -> Frame:
        came.append(len(frame.data))
        return decode(self, frame, **named)

    monkeypatch.setattr(PerMessageDeflate, "decode", weighed)
    with listen(server) as wire:
        said = [len(wire.recv()) for _ in range(COUNT)]
    assert 4 * max(came[:COUNT]) < min(said), f"{came} bytes came for {said}"


def test_it_is_compressed_once_for_all_who_are_told_the_same(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes] = []

    def counted(message: BytesLike, window_bits: int) -> bytes:
        made.append(bytes(message))
        return deflated(message, window_bits)

    monkeypatch.setattr(stream_protocol, "deflated", counted)
    with ExitStack() as stack:
        wires = [stack.enter_context(listen(server)) for _ in range(CLIENTS)]
        told = [wire.recv() for _ in range(COUNT) for wire in wires]
    assert len(made) == len(set(made)) < len(told)


def test_who_offers_no_compression_reads_the_same(server: RunningServer) -> None:
    with listen(server) as wire, listen(server, compression=None) as plain:
        assert _read(wire).keys() == _read(plain).keys()


def _read(wire: ClientConnection) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(wire.recv())
    return told
