"""Frames of the "AA F5" protocol of charge-pile controllers: any chunking, sum checked, length bounded.

AA F5 | length u16 of the whole frame | info u8 | sequence u8 | command u16 | data | sum of command and data modulo 256,
low byte first (no standard; confirmed by two public captures, see the tests). Layouts: firmware_proto/aaf5.toml.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from swapstation.errors import InputError
from swapstation.protocol.node import Malformed

_START = b"\xaa\xf5"
_HEAD = struct.Struct("<2sHBBH")
_SUM_FROM = 6
_SHORTEST = _HEAD.size + 1
_SHOWN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Aaf5Frame:
    """One frame: command number, its data, and the sequence by which an answer is known."""

    command: int
    data: bytes
    sequence: int = 0
    info: int = 0x10


def encode_frame(frame: Aaf5Frame) -> bytes:
    """The bytes of a frame. Raises InputError where a number does not fit its bytes or the data its length."""
    limits = {"command": 0xFFFF, "sequence": 0xFF, "info": 0xFF}
    for name, highest in limits.items():
        if not 0 <= getattr(frame, name) <= highest:
            raise InputError(name, getattr(frame, name), f"allowed: 0 to {highest}")
    length = _SHORTEST + len(frame.data)
    if length > 0xFFFF:
        raise InputError("data", len(frame.data), f"allowed: up to {0xFFFF - _SHORTEST} bytes")
    body = _HEAD.pack(_START, length, frame.info, frame.sequence, frame.command) + frame.data
    return body + bytes([_sum(body)])


class Aaf5Decoder:
    """Bytes in any chunks to frames; a frame of more than `longest` bytes is none.

    A run of bytes that are no frame is reported once, as its first byte is met; a wrong sum is reported each time and
    its bytes are searched for the next frame.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self.reset()

    def reset(self) -> None:
        """Forget a started frame."""
        self._buffer = b""
        self._in_garbage = False

    def feed(self, data: bytes) -> list[Aaf5Frame | Malformed]:
        buffer, items = self._buffer + data, list[Aaf5Frame | Malformed]()
        position = 0
        while (length := self._frame_bytes(buffer, position)) is not None:
            body = buffer[position : position + length]
            if length and _sum(body[:-1]) == body[-1]:
                _, _, info, sequence, command = _HEAD.unpack_from(body)
                items.append(Aaf5Frame(command, body[_HEAD.size : -1], sequence, info))
                self._in_garbage = False
            elif length or not self._in_garbage:
                reason = "wrong sum" if length else "not a frame"
                items.append(Malformed("aaf5", reason, buffer[position : position + _SHOWN_BYTES]))
                self._in_garbage = True
            position = position + length if not self._in_garbage else _next_start(buffer, position + 1)
        self._buffer = buffer[position:]
        return items

    def _frame_bytes(self, buffer: bytes, position: int) -> int | None:
        """Length of the frame that may start here, 0 when none can, None when more bytes are needed to tell."""
        left = len(buffer) - position
        if not left or not buffer.startswith(_START[:left], position):
            return 0 if left else None
        if left < 4:
            return None
        length = int.from_bytes(buffer[position + 2 : position + 4], "little")
        if not _SHORTEST <= length <= self._longest:
            return 0
        return length if left >= length else None


def _next_start(buffer: bytes, position: int) -> int:
    found = buffer.find(_START[0], position)
    return len(buffer) if found < 0 else found


def _sum(body: bytes) -> int:
    return sum(body[_SUM_FROM:]) & 0xFF
