"""DL/T 645-2007 frames: address, control code, data with +33h, sum; 0-4 leading FE. Source: its link layer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from swapstation.errors import InputError
from swapstation.protocol.node import Malformed

ANY_ADDRESS = "A" * 12
BROADCAST_ADDRESS = "9" * 12
ANSWER, REFUSED, MORE_FOLLOWS = 0x80, 0x40, 0x20
MOST_DATA, MOST_WRITTEN = 200, 50
IDENTIFIER_BYTES = 4
LONGEST_GAP_S = 0.5

_FUNCTION_BITS = 0x1F
_START, _END, _WAKE_UP = 0x68, 0x16, 0xFE
_OFFSET = 0x33
_HEAD_BYTES = 10
_WRITE_HEAD_BYTES = 12
_ADDRESS = re.compile(r"(?:[0-9]{2}|AA){6}")


class Function(IntEnum):
    """What a frame is about: the low five bits of its control code."""

    BROADCAST_TIME = 0x08
    READ = 0x11
    READ_FOLLOWING = 0x12
    READ_ADDRESS = 0x13
    WRITE = 0x14
    WRITE_ADDRESS = 0x15
    FREEZE = 0x16
    CHANGE_BAUD = 0x17
    CHANGE_PASSWORD = 0x18
    CLEAR_DEMAND = 0x19
    CLEAR_METER = 0x1A
    CLEAR_EVENTS = 0x1B
    RELAY = 0x1C


class MeterError(IntFlag):
    """The ERR byte of a refusal."""

    OTHER_ERROR = 0x01
    NO_SUCH_DATA = 0x02
    NOT_ALLOWED = 0x04
    BAUD_FIXED = 0x08
    TOO_MANY_YEAR_ZONES = 0x10
    TOO_MANY_DAY_PERIODS = 0x20
    TOO_MANY_TARIFFS = 0x40

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes under which people find the words of its bits in the catalogue of reasons."""
        return tuple(f"dlt645_{str(each.name).lower()}" for each in MeterError if each in self)


@dataclass(frozen=True, slots=True)
class MeterFrame:
    """One frame: 12-digit address (AA pairs are wildcards), control code, data without the +33h."""

    address: str
    control: int
    data: bytes = b""

    @property
    def function(self) -> int:
        return self.control & _FUNCTION_BITS

    @property
    def is_answer(self) -> bool:
        return bool(self.control & ANSWER)

    @property
    def more_follows(self) -> bool:
        return bool(self.control & MORE_FOLLOWS)

    @property
    def error(self) -> MeterError | None:
        """Why the meter refuses, None when this is no refusal."""
        if not self.control & REFUSED:
            return None
        return MeterError(self.data[0] & 0x7F) if self.data else MeterError.OTHER_ERROR


@dataclass(frozen=True, slots=True)
class MeterWrite:
    """The data of a write: 4-byte identifier, password level and its 6 digits, 8 digits of the operator, the value."""

    identifier: int
    level: int
    password: str
    operator: str
    value: bytes

    def encode(self) -> bytes:
        """The data field. Raises InputError on a wrong level, password or operator."""
        for field, digits, length in (("password", self.password, 6), ("operator", self.operator, 8)):
            if not re.fullmatch(rf"[0-9]{{{length}}}", digits):
                raise InputError(field, digits, f"{length} digits")
        if not 0 <= self.level <= 9:
            raise InputError("level", self.level, "0 to 9")
        secret = bytes([self.level]) + bytes.fromhex(self.password)[::-1] + bytes.fromhex(self.operator)[::-1]
        return self.identifier.to_bytes(IDENTIFIER_BYTES, "little") + secret + self.value

    @classmethod
    def decode(cls, data: bytes) -> MeterWrite | None:
        """The write in a data field, None when it is too short or its digits are none."""
        password, operator = data[7:4:-1].hex(), data[11:7:-1].hex()
        if len(data) < _WRITE_HEAD_BYTES or not (password + operator).isdecimal():
            return None
        return cls(int.from_bytes(data[:4], "little"), data[4], password, operator, data[12:])


def time_broadcast(digits: str) -> MeterFrame:
    """Set the clock of every meter on the line: digits YYMMDDhhmmss, sent second first. Raises InputError."""
    if not re.fullmatch(r"[0-9]{12}", digits):
        raise InputError("time", digits, "12 digits YYMMDDhhmmss")
    return MeterFrame(BROADCAST_ADDRESS, Function.BROADCAST_TIME, bytes.fromhex(digits)[::-1])


def encode_frame(frame: MeterFrame, wake_ups: int = 4) -> bytes:
    """The bytes of a frame behind 0-4 FE.

    Raises InputError on a wrong address or too much data: 50 bytes to write, 200 else.
    """
    if not _ADDRESS.fullmatch(frame.address):
        raise InputError("address", frame.address, "12 digits, pairs of AA as wildcards")
    most = MOST_WRITTEN if frame.control == Function.WRITE else MOST_DATA
    if len(frame.data) > most:
        raise InputError("data", len(frame.data), f"up to {most} bytes")
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
        self._last_byte_s: float | None = None

    def feed(self, data: bytes, now_s: float = 0.0) -> list[MeterFrame | Malformed]:
        """Take the bytes that came at `now_s`; a frame whose bytes are more than 0.5 s apart is forgotten."""
        if self._last_byte_s is not None and now_s - self._last_byte_s > LONGEST_GAP_S:
            self.reset()
        self._last_byte_s = now_s
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
