"""Lines of the devices before the lane: plate camera and tag reader, sign and voice (own design, docs/integrator.md).

A line is `$KIND`, its fields, each after a tab, `*`, two hex digits, carriage return, line feed; text is UTF-8. The
digits are the exclusive-or of all bytes between `$` and the last `*`, as in NMEA 0183. No text has control characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from operator import xor

from swapstation.errors import InputError
from swapstation.protocol.node import Malformed

LONGEST_LINE_BYTES = 600
_LINE = re.compile(rb"\$([^\x00-\x08\x0a-\x1f]+)\*([0-9A-F]{2})\r?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def encode_line(kind: str, *fields: str) -> bytes:
    """The line of a kind with its fields. InputError for a field with a control character, or a line too long."""
    for field in fields:
        if _CONTROL.search(field):
            raise InputError(kind, field, "a text without control characters")
    body = "\t".join((kind, *fields)).encode()
    if len(body) > LONGEST_LINE_BYTES - len("$*00\r\n"):
        raise InputError(kind, f"{len(body)} bytes", f"at most {LONGEST_LINE_BYTES} bytes in a line")
    return b"$%s*%02X\r\n" % (body, reduce(xor, body, 0))


class LineReader:
    """Puts lines together from what arrives; `feed` gives kind and fields of each, or what was wrong with it."""

    def __init__(self) -> None:
        self._rest = b""

    def clear(self) -> None:
        """Forget half a line: the wire was closed."""
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[str, ...] | Malformed]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield _decoded(line)
        if len(self._rest) > LONGEST_LINE_BYTES:
            yield Malformed("line", "longer than a line may be", self._rest[:40])
            self._rest = b""


def _decoded(line: bytes) -> tuple[str, ...] | Malformed:
    found = _LINE.fullmatch(line) if len(line) < LONGEST_LINE_BYTES else None
    if found is None:
        return Malformed("line", "no line of this protocol", line[:40])
    if reduce(xor, found[1], 0) != int(found[2], 16):
        return Malformed("line", "wrong check digits", line[:40])
    try:
        return tuple(found[1].decode().split("\t"))
    except UnicodeDecodeError:
        return Malformed("line", "not UTF-8", line[:40])
