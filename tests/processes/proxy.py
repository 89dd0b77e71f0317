"""A TCP proxy to put into a wire: it can cut the wire, let it fall silent and say rubbish on it."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading

POLL_S = 0.05


class WireProxy:
    """Forwards one port to another; `inject` speaks to the client.

    `cut` refuses and closes, `silence` keeps connections and loses what they carry (half-open), `heal` forwards again.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._clients: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._open = threading.Event()
        self._open.set()
        self._silent = threading.Event()
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(POLL_S)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._accept, self._forward)]
        for thread in self._threads:
            thread.start()

    def cut(self) -> None:
        self._open.clear()
        with self._lock:
            for end in list(self._pairs):
                self._drop(end)

    def silence(self) -> None:
        self._silent.set()

    def heal(self) -> None:
        self._silent.clear()
        self._open.set()

    def inject(self, data: bytes) -> None:
        """Say bytes to the client as if the device had."""
        with self._lock:
            for client in self._clients:
                client.sendall(data)

    def close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            try:
                if not self._open.is_set():
                    raise ConnectionRefusedError
                device = socket.create_connection(("127.0.0.1", self._target_port), timeout=5)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._pairs |= {client: device, device: client}
                self._clients.add(client)

    def _forward(self) -> None:
        while not self._stop.is_set():
            with self._lock, selectors.DefaultSelector() as selector:
                for end in self._pairs:
                    selector.register(end, selectors.EVENT_READ)
                for key, _ in selector.select(timeout=0) if self._pairs else ():
                    assert isinstance(key.fileobj, socket.socket)
                    self._carry(key.fileobj)
            self._stop.wait(0.002)

    def _carry(self, end: socket.socket) -> None:
        other = self._pairs.get(end)
        try:
            data = end.recv(65536)
            if other is not None and data:
                if not self._silent.is_set():
                    other.sendall(data)
                return
        except OSError:
            pass
        self._drop(end)

    def _drop(self, end: socket.socket) -> None:
        for each in {end, self._pairs.get(end, end)}:
            self._pairs.pop(each, None)
            self._clients.discard(each)
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
