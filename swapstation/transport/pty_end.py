"""The device's end of a serial line: a pseudo-terminal whose client side appears at a chosen path."""

from __future__ import annotations

import asyncio
import os
import select
import tty
from pathlib import Path

from swapstation.errors import InputError
from swapstation.transport.wire import Wire

_LOOK_FOR_CLIENT_S = 0.05


class PtyEnd:
    """A pty with its slave linked at `path`; survives clients that close and reopen it, like a USB adapter that stays.

    `open_wire` waits until a client has the path open, so that a node is opened and closed with its client.
    """

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_symlink():
            raise InputError("pty path", str(path), "a path that is free, or a symbolic link left by an earlier run")
        self._path = path
        self._master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(slave))
        os.close(slave)  # from now on the master reports a hang-up whenever no client has the slave open

    async def open_wire(self) -> Wire:
        while self._hung_up():
            await asyncio.sleep(_LOOK_FOR_CLIENT_S)
        return Wire(self._master, close=_keep_open)

    def close(self) -> None:
        """Unplug: the client sees a lost line and the path is gone."""
        os.close(self._master)
        self._path.unlink(missing_ok=True)

    def _hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self._master, select.POLLHUP)
        return bool(poll.poll(0))


def _keep_open() -> None:
    """The pty outlives each client; `PtyEnd.close` ends it."""
