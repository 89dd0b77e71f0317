"""The device's end of a serial line: a pseudo-terminal whose client side appears at a chosen path."""

from __future__ import annotations

import asyncio
import os
import select
import tty
from pathlib import Path

from swapstation.errors import InputError
from swapstation.protocol.node import ByteNode
from swapstation.transport.link import ByteLink
from swapstation.transport.wire import Wire

_LOOK_FOR_CLIENT_S = 0.05


class PtyEnd:
    """Runs a node on a pty whose slave is linked at `path`; the node is opened and closed with each client.

    The path stays when clients close and reopen it, like a USB adapter that stays plugged. Raises InputError when the
    path is taken by something else.
    """

    def __init__(self, path: Path, node: ByteNode) -> None:
        if path.exists() and not path.is_symlink():
            raise InputError("pty path", str(path), "a path that is free, or a symbolic link left by an earlier run")
        self._path = path
        self._master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(slave))
        os.close(slave)  # from now on the master reports a hang-up whenever no client has the slave open
        self._link = ByteLink(str(path), self._wait_for_client, node)

    async def run(self) -> None:
        """Serve one client after another until cancelled, then unplug: the client's line is lost, the path is gone."""
        try:
            await self._link.run()
        finally:
            os.close(self._master)
            self._path.unlink(missing_ok=True)

    def wake(self) -> None:
        """Let what the node has new leave at once."""
        self._link.wake()

    async def _wait_for_client(self) -> Wire:
        while self._hung_up():
            await asyncio.sleep(_LOOK_FOR_CLIENT_S)
        return Wire(self._master, close=_keep_open)

    def _hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self._master, select.POLLHUP)
        return bool(poll.poll(0))


def _keep_open() -> None:
    """The pty outlives each client; `PtyEnd.run` closes it."""
