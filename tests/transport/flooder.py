"""A process of its own that babbles on a TCP port until it is ended: `python flooder.py KIND` prints its port.

frames = valid slcan lines, garbage = bytes that never end a line, deaf = valid lines and never a read.
"""

from __future__ import annotations

import contextlib
import socket
import sys

KINDS = {
    "frames": b"T1812F45681122334455667788\r" * 2000,
    "garbage": b"\x00\xff no end " * 5000,
    "deaf": b"T1812F45681122334455667788\r" * 2000,
}


def flood(kind: str) -> None:
    """Serve one client after another at the highest rate the system allows."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            client, _ = server.accept()
            with client, contextlib.suppress(OSError):
                while True:
                    client.sendall(KINDS[kind])
                    if kind != "deaf":
                        with contextlib.suppress(BlockingIOError):
                            client.recv(65536, socket.MSG_DONTWAIT)


if __name__ == "__main__":
    flood(sys.argv[1])
