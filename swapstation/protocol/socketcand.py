"""The text protocol of socketcand: CAN frames as `< words >` over TCP, strict both ways. Source: its protocol.md.

`< frame 100956F4 1.250000 AA >` is what a server heard on its bus, `< send 100956F4 1 aa >` what a client wants sent:
8 hex digits are a 29-bit identifier, 3 an 11-bit one. Bytes of `send` stand apart and need no leading zero.
"""

from __future__ import annotations

import re

from swapstation.protocol.node import Frame, Malformed

Words = tuple[str, ...]

_LONGEST_TEXT = 128
_ENDS = re.compile(rb"[<>]")
_IDENTIFIER = re.compile(r"[01][0-9A-Fa-f]{7}|[0-7][0-9A-Fa-f]{2}")
_TIME = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_BYTE = re.compile(r"[0-9A-Fa-f]{1,2}")
_BYTES = re.compile(r"(?:[0-9A-Fa-f]{2}){0,8}")
_EXTENDED_DIGITS = 8


class SocketcandDecoder:
    """Bytes in any chunks to the words of each message; what stands outside `< >` is reported, line ends are not."""

    def __init__(self) -> None:
        self._partial = b""
        self._inside = False

    def feed(self, data: bytes) -> list[Words | Malformed]:
        """Take the next bytes; an over-long message is cut and reported once."""
        buffer = self._partial + data
        items: list[Words | Malformed] = []
        start = 0
        for end in _ENDS.finditer(buffer):
            items += self._piece(buffer[start : end.start()], end.group())
            start = end.end()
        self._partial = buffer[start : start + _LONGEST_TEXT + 1]
        return items

    def _piece(self, text: bytes, end: bytes) -> list[Words | Malformed]:
        was_inside, self._inside = self._inside, end == b"<"
        if len(text) <= _LONGEST_TEXT and text.isascii():
            if was_inside and end == b">":
                return [tuple(text.decode().split())]
            if not was_inside and end == b"<" and not text.strip():
                return []
        return [Malformed("socketcand", "not a message", text[:_LONGEST_TEXT])]


def message(*words: str) -> bytes:
    """The bytes of one message."""
    return f"< {' '.join(words)} >".encode()


def encode_frame(frame: Frame, at_s: float) -> bytes:
    """What a server tells of a frame on its bus; `at_s` counts from any zero. Two blanks end one without data."""
    return message("frame", _identifier(frame), f"{at_s:.6f}", frame.data.hex().upper())


def encode_send(frame: Frame) -> bytes:
    """What a client sends to have a frame put on the bus."""
    return message("send", _identifier(frame), str(len(frame.data)), *(f"{byte:02x}" for byte in frame.data))


def decode_frame(words: Words) -> Frame | Malformed:
    """The frame in the words of a `frame` message."""
    if len(words) < 3:
        return _malformed(words)
    _, identifier, time, *data = words
    digits = "".join(data)
    if not _IDENTIFIER.fullmatch(identifier) or not _TIME.fullmatch(time) or not _BYTES.fullmatch(digits):
        return _malformed(words)
    return _frame(identifier, bytes.fromhex(digits))


def decode_send(words: Words) -> Frame | Malformed:
    """The frame in the words of a `send` message."""
    if len(words) < 3:
        return _malformed(words)
    _, identifier, length, *data = words
    if not _IDENTIFIER.fullmatch(identifier) or length != str(len(data)) or len(data) > 8:
        return _malformed(words)
    if not all(_BYTE.fullmatch(byte) for byte in data):
        return _malformed(words)
    return _frame(identifier, bytes(int(byte, 16) for byte in data))


def _identifier(frame: Frame) -> str:
    return f"{frame.can_id:08X}" if frame.extended else f"{frame.can_id:03X}"


def _frame(identifier: str, data: bytes) -> Frame:
    return Frame(int(identifier, 16), data, len(identifier) == _EXTENDED_DIGITS)


def _malformed(words: Words) -> Malformed:
    return Malformed("socketcand", "not a frame", " ".join(words).encode())
