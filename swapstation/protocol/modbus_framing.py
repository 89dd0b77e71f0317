"""Modbus frames: RTU with CRC and silences, TCP with MBAP header.

Source: MODBUS over serial line 1.02 and messaging on TCP/IP 1.0b; CRC vectors in firmware_proto/vectors/modbus.toml.
"""

from __future__ import annotations

import struct
from enum import StrEnum

LONGEST_RTU_FRAME = 256
BITS_PER_BYTE = 11
_MBAP_BYTES = 7
_LONGEST_TCP_LENGTH = 254


class Framing(StrEnum):
    """How PDUs travel."""

    RTU = "rtu"
    TCP = "tcp"


def crc16(data: bytes) -> int:
    """CRC-16/MODBUS: polynomial A001 reflected, start FFFF."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


def _crc_of_byte(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return value


_CRC_TABLE = tuple(_crc_of_byte(value) for value in range(256))


def encode_rtu(unit: int, pdu: bytes) -> bytes:
    """An RTU frame: unit, PDU, CRC low byte first."""
    body = bytes([unit]) + pdu
    return body + crc16(body).to_bytes(2, "little")


def decode_rtu(frame: bytes) -> tuple[int, bytes] | None:
    """Unit and PDU of an RTU frame, None when its length or CRC is wrong."""
    if not 4 <= len(frame) <= LONGEST_RTU_FRAME or crc16(frame[:-2]) != int.from_bytes(frame[-2:], "little"):
        return None
    return frame[0], frame[1:-2]


def silence_s(baud: int) -> float:
    """The 3.5 characters between RTU frames: 11 bits each, 1.75 ms above 19200 bit/s.

    The 1.5 characters inside a frame are kept by the UART alone: an operating system hands bytes over in lumps, so a
    gap that a program sees says nothing about the line.
    """
    return 0.00175 if baud > 19200 else 3.5 * BITS_PER_BYTE / baud


def encode_tcp(transaction: int, unit: int, pdu: bytes) -> bytes:
    """A TCP frame: MBAP header and PDU."""
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


class TcpDecoder:
    """Bytes of one connection in any chunks to (transaction, unit, PDU).

    A header that cannot be Modbus loses the frame borders for good: `broken` is then set and the connection must go.
    """

    def __init__(self) -> None:
        self.broken = False
        self._buffer = b""

    def feed(self, data: bytes) -> list[tuple[int, int, bytes]]:
        self._buffer += data
        frames = []
        while len(self._buffer) >= _MBAP_BYTES and not self.broken:
            transaction, protocol, length, unit = struct.unpack_from(">HHHB", self._buffer)
            if protocol != 0 or not 2 <= length <= _LONGEST_TCP_LENGTH:
                self.broken = True
            elif len(self._buffer) < _MBAP_BYTES - 1 + length:
                break
            else:
                frames.append((transaction, unit, self._buffer[_MBAP_BYTES : _MBAP_BYTES - 1 + length]))
                self._buffer = self._buffer[_MBAP_BYTES - 1 + length :]
        if self.broken:
            self._buffer = b""
        return frames
