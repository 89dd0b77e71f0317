"""Clients that are slow, say too much or say nothing: the server lets go of them and answers everybody else."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import httpx2
import pytest
from websockets.sync.client import connect

from swapstation.server.app import MAX_BODY_BYTES
from swapstation.server.impatient import ImpatientProtocol
from tests.server.running_server import RunningServer, running_server

HEAD = b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
SAID = {"nothing": b"", "half a head": HEAD, "half a body": HEAD + b'Content-Length: 90\r\n\r\n{"account": "wa'}


class Hasty(ImpatientProtocol):
    request_s = 0.5


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server(http=Hasty) as server:
        yield server


def connected(server: RunningServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=10)


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_a_request_that_does_not_become_whole_is_hung_up_on(server: RunningServer, said: bytes) -> None:
    with connected(server) as slow:
        slow.sendall(said)
        while slow.recv(4096):
            pass


def test_a_hundred_who_say_a_byte_at_a_time_stop_nobody_else(server: RunningServer) -> None:
    slow = [connected(server) for _ in range(100)]
    try:
        for each in slow:
            each.sendall(HEAD[:20])
        answer = httpx2.post(f"{server.url}/api/v1/station/hold", trust_env=False)
        assert answer.status_code == 200
        for each in slow:
            while each.recv(4096):
                pass
    finally:
        for each in slow:
            each.close()


def test_a_kept_connection_and_a_stream_outlive_the_limit(server: RunningServer) -> None:
    with httpx2.Client(headers=server.log_in(), trust_env=False) as client:
        for _ in range(3):
            assert client.get(f"{server.url}/api/v1/bays").status_code == 200
            time.sleep(0.3)
    with connect(f"{server.url.replace('http', 'ws')}/api/v1/live", additional_headers=server.log_in()) as stream:
        for _ in range(6):
            stream.recv(timeout=10)


def test_a_body_that_is_too_long_is_refused_also_where_its_length_is_not_told(server: RunningServer) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 1024 + 2):
            yield b"x" * 1024

    json = {"Content-Type": "application/json"}
    for content in (b"x" * (MAX_BODY_BYTES + 1), chunks()):
        answer = httpx2.post(f"{server.url}/api/v1/session", content=content, headers=json, trust_env=False)
        assert answer.status_code == 413


def test_a_head_that_is_too_long_is_refused(server: RunningServer) -> None:
    with connected(server) as client:
        client.sendall(HEAD + b"X-Long: " + b"x" * 70_000)
        assert client.recv(4096).startswith(b"HTTP/1.1 400 ")
