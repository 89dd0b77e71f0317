"""WebSockets whose messages are compressed once for all clients that are told the same.

Each message is compressed by itself (RFC 7692, `server_no_context_takeover`), so that what leaves is the same bytes at
every wire. Fifty consoles at ten charging bays: docs/benchmarks.md, `clients`.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.typing import BytesLike, ExtensionParameter

KEPT = 32
"""Messages at hand at once: clients differ in whose cells they are shown, of ten bays, and in who has control."""
_END_BYTES = 4
"""RFC 7692, 7.2.1: the empty block of a sync flush is not sent."""


def deflated(message: BytesLike, window_bits: int) -> bytes:
    """A message as RFC 7692 sends it, without anything of the one before."""
    encoder = zlib.compressobj(wbits=-window_bits)
    return (encoder.compress(message) + encoder.flush(zlib.Z_SYNC_FLUSH))[:-_END_BYTES]


class Deflated:
    """The last few messages as they were compressed. Compared, not hashed: two differ in their first bytes mostly."""

    def __init__(self) -> None:
        self._kept: deque[tuple[BytesLike, int, bytes]] = deque(maxlen=KEPT)

    def __call__(self, message: BytesLike, window_bits: int) -> bytes:
        for each, bits, compressed in self._kept:
            if each == message and bits == window_bits:
                return compressed
        compressed = deflated(message, window_bits)
        self._kept.appendleft((message, window_bits, compressed))
        return compressed


class _OnceForAll(PerMessageDeflate):
    """What is sent is text in one frame, always."""

    def encode(self, frame: Frame) -> Frame:
        if frame.opcode is not Opcode.TEXT:
            return super().encode(frame)
        return Frame(Opcode.TEXT, _once(frame.data, self.local_max_window_bits), rsv1=True)


_once = Deflated()


class _Factory(ServerPerMessageDeflateFactory):
    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Any]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        answer, agreed = super().process_request_params(params, accepted_extensions)
        return answer, _OnceForAll(
            agreed.remote_no_context_takeover,
            agreed.local_no_context_takeover,
            agreed.remote_max_window_bits,
            agreed.local_max_window_bits,
        )


class StreamProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with another compression; who does not offer any gets none."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.conn.available_extensions = [_Factory(server_no_context_takeover=True)]
