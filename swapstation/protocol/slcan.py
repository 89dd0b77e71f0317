"""Lawicel ASCII (slcan): CAN frames as text lines, strict both ways. Source: Lawicel CAN232 manual.

`T100956F41AA` CR is a 29-bit frame: 8 hex digits, length 0-8, data, optionally a 4-digit time stamp; `t1232BEEF` CR an
11-bit one. Answers: CR ok, BEL error, `z` or `Z` CR transmit accepted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from swapstation.protocol.node import Frame, Malformed

CR = b"\r"
BEL = b"\a"
BIT_RATE_COMMANDS = {
    10_000: b"S0",
    20_000: b"S1",
    50_000: b"S2",
    100_000: b"S3",
    125_000: b"S4",
    250_000: b"S5",
    500_000: b"S6",
    1_000_000: b"S8",
}

_LONGEST_LINE = len("T1FFFFFFF8") + 16 + len("EA5F")
_CUT_BYTES = _LONGEST_LINE + 1
_BEL_LINE = CR + BEL + CR
_HEX = rb"[0-9A-Fa-f]"
_FRAME = re.compile(rb"(?:[Tx]([01]%b{7})|t([0-7]%b{2}))([0-8])((?:%b%b){0,10})" % (_HEX, _HEX, _HEX, _HEX))
_CONTROL = re.compile(
    rb"[\azOLC]|Z[01]?|S[0-8]|V(?:%b{4})?|N[0-9A-Za-z]{0,4}|F(?:%b{2})?|(?:r[0-7]%b{2}|R[01]%b{7})[0-8](?:%b{4})?"
    % (_HEX, _HEX, _HEX, _HEX, _HEX)
)


@dataclass(frozen=True, slots=True)
class Control:
    """A valid line that carries no data frame: a command, an answer, a remote frame, or BEL (`text` is "\\a")."""

    text: str


class SlcanDecoder:
    """Bytes in any chunks to frames, controls and malformed lines; resynchronises at the next CR or BEL."""

    def __init__(self) -> None:
        self._partial = b""
        self._cut = False

    def feed(self, data: bytes) -> list[Frame | Control | Malformed]:
        """Take the next bytes; blank lines are ignored, an over-long one is reported each time that it is cut."""
        *lines, rest = (self._partial + data).replace(BEL, _BEL_LINE).split(CR)
        items: list[Frame | Control | Malformed] = []
        for line in lines:
            if self._cut or len(line) > _LONGEST_LINE:
                items += _pieces(line)
                self._cut = False
            elif line:
                items.append(_parse(line))
        if len(rest) > _LONGEST_LINE:
            items += _pieces(rest)
            self._cut, rest = True, rest[len(rest) // _CUT_BYTES * _CUT_BYTES :]
        self._partial = rest
        return items


def encode_frame(frame: Frame, stamp_ms: int | None = None) -> bytes:
    """One frame as a line with CR; `stamp_ms` (0-59999) is appended as 4 hex digits when given."""
    head = b"T%08X%d" if frame.extended else b"t%03X%d"
    stamp = b"" if stamp_ms is None else b"%04X" % stamp_ms
    return head % (frame.can_id, len(frame.data)) + frame.data.hex().upper().encode() + stamp + CR


def _parse(line: bytes) -> Frame | Control | Malformed:
    match = _FRAME.fullmatch(line)
    if match is None:
        if _CONTROL.fullmatch(line):
            return Control(line.decode())
        return Malformed("slcan", "not an slcan line", line)
    long_id, short_id, length, digits = match.groups()
    data_digits = 2 * int(length)
    if len(digits) not in {data_digits, data_digits + 4}:
        return Malformed("slcan", "length digit and data disagree", line)
    return Frame(int(long_id or short_id, 16), bytes.fromhex(digits[:data_digits].decode()), long_id is not None)


def _pieces(line: bytes) -> list[Malformed]:
    """An over-long line, or more of one; what is left of it after the last cut says nothing."""
    cuts = range(0, len(line) - _LONGEST_LINE, _CUT_BYTES)
    return [Malformed("slcan", "line too long", line[at : at + _LONGEST_LINE]) for at in cuts]
