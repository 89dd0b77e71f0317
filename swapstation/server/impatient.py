"""HTTP/1.1 that waits for nobody for ever: a connection whose request is not whole in time is closed.

Otherwise whoever opens connections and says nothing would take every one that the server may have.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 10.0
_STILL_COMING = (h11.IDLE, h11.SEND_BODY)


class ImpatientProtocol(H11Protocol):
    """uvicorn's protocol with a limit (s) for a request to come whole, head and body."""

    request_s: ClassVar[float] = REQUEST_S
    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_waiting()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._stop_waiting()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect_request()

    def _expect_request(self) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self._limit = self.loop.call_later(self.request_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._limit is not None:
            self._limit.cancel()

    def _give_up(self) -> None:
        """A request that is whole may take its time."""
        if self.conn.their_state in _STILL_COMING:
            self.transport.close()
