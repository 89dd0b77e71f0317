"""Requests over kept connections from one thread, cheap enough that the server and not we set the pace."""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

CHUNK = 1 << 16
_LENGTH = b"\r\ncontent-length: "


def get(path: str, headers: Mapping[str, str]) -> bytes:
    """The bytes of a GET."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join((*lines, "", "")).encode()


@dataclass(slots=True)
class Kept:
    """One kept connection: what is missing of the answer that comes, None before its head was read."""

    wire: socket.socket
    missing: int | None = None

    def send(self, request: bytes) -> None:
        self.missing = None
        self.wire.sendall(request)

    def take(self) -> bool:
        """Read what has come; whether the answer is whole. Raises RuntimeError for any answer but 200."""
        data = self.wire.recv(CHUNK)
        if self.missing is None:
            head, _, body = data.partition(b"\r\n\r\n")
            at = head.find(_LENGTH)
            if not head.startswith(b"HTTP/1.1 200 ") or at < 0:
                raise RuntimeError(f"answered {data[:200]!r}")
            self.missing = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) - len(body)
        else:
            self.missing -= len(data)
        return self.missing == 0


class Load:
    """Kept connections to one port that ask for one thing."""

    def __init__(self, port: int, request: bytes, connections: int, stack: ExitStack) -> None:
        self._request = request
        self._ready = stack.enter_context(selectors.DefaultSelector())
        self._idle: deque[Kept] = deque()
        for _ in range(connections):
            wire = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._idle.append(Kept(wire))
            self._ready.register(wire, selectors.EVENT_READ, self._idle[-1])

    def as_fast_as_answered(self, seconds: float) -> float:
        """Every connection asks again once it was answered; returns answers per second."""
        while self._idle:
            self._idle.popleft().send(self._request)
        answers, begun_s = 0, time.monotonic()
        while (now_s := time.monotonic()) < begun_s + seconds:
            for kept in self._whole(0.1):
                answers += 1
                kept.send(self._request)
        rate = answers / (now_s - begun_s)
        self._drain(len(self._ready.get_map()))
        return rate

    def paced(self, per_s: float, seconds: float) -> float:
        """Ask at a fixed pace, whether or not earlier questions were answered; returns answers per second."""
        begun_s, sent, answers = time.monotonic(), 0, 0
        while (now_s := time.monotonic()) < begun_s + seconds:
            due = int((now_s - begun_s) * per_s)
            while sent < due and self._idle:
                self._idle.popleft().send(self._request)
                sent += 1
            for kept in self._whole(0.001):
                answers += 1
                self._idle.append(kept)
        self._drain(sent - answers)
        return answers / seconds

    def _whole(self, timeout_s: float) -> list[Kept]:
        return [key.data for key, _ in self._ready.select(timeout_s) if key.data.take()]

    def _drain(self, missing: int) -> None:
        while missing:
            whole = self._whole(1.0)
            self._idle.extend(whole)
            missing -= len(whole)
