"""DL/T 645-2007 frames: address, control code, data with +33h, sum; 0-4 leading FE. Source: wire_protocols 3.1, 3.2."""

from __future__ import annotations

import re
from dataclasses import dataclass

from swapstation.errors import InputError
from swapstation.protocol.node import Malformed

ANY_ADDRESS = "A" * 12
BROADCAST_ADDRESS = "9" * 12
READ, READ_ADDRESS = 0x11, 0x13
ANSWER, REFUSED, MORE_FOLLOWS = 0x80, 0x40, 0x20
OTHER_ERROR, NO_SUCH_DATA = 0x01, 0x02
MOST_DATA = 200

_START, _END, _WAKE_UP = 0x68, 0x16, 0xFE
_OFFSET = 0x33
_HEAD_BYTES = 10
_ADDRESS = re.compile(r"(?:[0-9]{2}|AA){6}")


@dataclass(frozen=True, slots=True)
class MeterFrame:
    """One frame: 12-digit address (AA pairs are wildcards), control code, data without the +33h."""

    address: str
    control: int
    data: bytes = b""


def encode_frame(frame: MeterFrame, wake_ups: int = 4) -> bytes:
    """The bytes of a frame behind 0-4 FE. Raises InputError on a wrong address or more than 200 data bytes."""
    if not _ADDRESS.fullmatch(frame.address):
        raise InputError("address", frame.address, "12 digits, pairs of AA as wildcards")
    if len(frame.data) > MOST_DATA:
        raise InputError("data", len(frame.data), f"up to {MOST_DATA} bytes")
    body = bytes([_START, *bytes.fromhex(frame.address)[::-1], _START, frame.control, len(frame.data)])
    body += bytes((byte + _OFFSET) & 0xFF for byte in frame.data)
    return bytes([_WAKE_UP] * wake_ups) + body + bytes([sum(body) & 0xFF, _END])


class MeterDecoder:
    """Bytes in any chunks to frames; each run of bytes that are no frame is reported once, as its first byte is met."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget a started frame."""
        self._buffer = b""
        self._in_garbage = False

    def feed(self, data: bytes) -> list[MeterFrame | Malformed]:
        buffer, items = self._buffer + data, list[MeterFrame | Malformed]()
        position = 0
        while (size := _frame_bytes(buffer, position)) is not None:
            frame = _decode(buffer[position : position + size]) if size else None
            if frame:
                items.append(frame)
                self._in_garbage = False
            elif buffer[position] != _WAKE_UP and not self._in_garbage:
                items.append(Malformed("dlt645", "not a frame", buffer[position : position + 1]))
                self._in_garbage = True
            position += size if frame else 1
        self._buffer = buffer[position:]
        return items


def _frame_bytes(buffer: bytes, position: int) -> int | None:
    """Length of the frame that may start here, 0 when none can, None when more bytes are needed to tell."""
    left = len(buffer) - position
    if left == 0:
        return None
    if buffer[position] != _START:
        return 0
    if left > 7 and buffer[position + 7] != _START:
        return 0
    if left < _HEAD_BYTES:
        return None
    size = _HEAD_BYTES + buffer[position + 9] + 2
    if buffer[position + 9] > MOST_DATA:
        return 0
    return size if left >= size else None


def _decode(body: bytes) -> MeterFrame | None:
    address = body[6:0:-1].hex().upper()
    if body[-1] != _END or sum(body[:-2]) & 0xFF != body[-2] or not _ADDRESS.fullmatch(address):
        return None
    return MeterFrame(address, body[8], bytes((byte - _OFFSET) & 0xFF for byte in body[10:-2]))
