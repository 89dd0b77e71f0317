"""Modbus requests and answers (PDU) of FC 3, 4, 6, 16 and 23. Source: MODBUS application protocol 1.1b3."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from swapstation.errors import InputError

READ_HOLDING, READ_INPUT, WRITE_ONE, WRITE_MANY, READ_WRITE = 3, 4, 6, 16, 23
ERROR_BIT = 0x80
BROADCAST = 0
MOST_READ, MOST_WRITTEN, MOST_READ_WRITTEN = 125, 123, 121
_REQUEST_HEAD_BYTES = {READ_HOLDING: 5, READ_INPUT: 5, WRITE_ONE: 5, WRITE_MANY: 6, READ_WRITE: 10}


class ExceptionCode(IntEnum):
    """Why a device refused a request."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_ADDRESS = 2
    ILLEGAL_VALUE = 3
    DEVICE_FAILURE = 4
    ACKNOWLEDGE = 5
    BUSY = 6
    PARITY = 8
    GATEWAY_PATH = 10
    GATEWAY_TARGET_SILENT = 11

    @property
    def reason(self) -> str:
        """The code under which people find its words in the catalogue of reasons."""
        return f"modbus_{self.name.lower()}"


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a device: reads `count` registers from `address`, writes `registers` from `write_address`.

    FC 3 and 4 only read, FC 6 and 16 only write, FC 23 writes first and then reads.
    """

    function: int
    address: int = 0
    count: int = 0
    write_address: int = 0
    registers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The device did it; `registers` are those read, empty after a write."""

    registers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The device answered with an exception."""

    code: int

    @property
    def reason(self) -> str:
        """The code under which people find its words; an exception of the maker's own has only its number."""
        known = self.code in ExceptionCode.__members__.values()
        return ExceptionCode(self.code).reason if known else f"modbus_exception_{self.code}"


def read(function: int, address: int, count: int) -> Request:
    """A read by FC 3 or 4."""
    return Request(function, address=address, count=count)


def write(address: int, registers: Sequence[int], function: int = WRITE_MANY) -> Request:
    """A write of one or more registers by FC 16, or of one by FC 6.

    Raises InputError when the function cannot carry the registers.
    """
    most = {WRITE_MANY: MOST_WRITTEN, WRITE_ONE: 1}.get(function, 0)
    if not 1 <= len(registers) <= most or not all(0 <= register <= 0xFFFF for register in registers):
        allowed = f"FC 16: 1 to {MOST_WRITTEN} numbers from 0 to 65535, FC 6: one"
        raise InputError("registers", list(registers), allowed)
    return Request(function, write_address=address, registers=tuple(registers))


def encode_request(request: Request) -> bytes:
    """The PDU of a request."""
    function, registers = request.function, request.registers
    match function:
        case 3 | 4:
            return struct.pack(">BHH", function, request.address, request.count)
        case 6:
            return struct.pack(">BHH", function, request.write_address, registers[0])
        case 16:
            return struct.pack(">BHHB", function, request.write_address, len(registers), 2 * len(registers)) + _pack(
                registers
            )
        case 23:
            head = (function, request.address, request.count, request.write_address, len(registers), 2 * len(registers))
            return struct.pack(">BHHHHB", *head) + _pack(registers)
    raise ValueError(f"function {function} is not one of 3, 4, 6, 16, 23")


def decode_request(pdu: bytes) -> Request | Refused:
    """The request in a PDU, or the exception that a device must answer with."""
    if not pdu or pdu[0] not in _REQUEST_HEAD_BYTES:
        return Refused(ExceptionCode.ILLEGAL_FUNCTION)
    expected = request_bytes(pdu)
    if expected is None or len(pdu) != expected or (expected - _REQUEST_HEAD_BYTES[pdu[0]]) % 2:
        return Refused(ExceptionCode.ILLEGAL_VALUE)
    request = _unpack_request(pdu)
    return request if _within_limits(request, pdu) else Refused(ExceptionCode.ILLEGAL_VALUE)


def encode_answer(request: Request, answer: Answer | Refused) -> bytes:
    """The PDU that answers a request."""
    if isinstance(answer, Refused):
        return encode_refusal(request.function, answer.code)
    if request.function == WRITE_ONE:
        return encode_request(request)
    if request.function == WRITE_MANY:
        return struct.pack(">BHH", WRITE_MANY, request.write_address, len(request.registers))
    return struct.pack(">BB", request.function, 2 * len(answer.registers)) + _pack(answer.registers)


def encode_refusal(function: int, code: int) -> bytes:
    """The PDU of an exception."""
    return bytes([function | ERROR_BIT, code])


def decode_answer(request: Request, pdu: bytes) -> Answer | Refused | None:
    """The answer in a PDU, None when it does not answer exactly this request."""
    if len(pdu) == 2 and pdu[0] == request.function | ERROR_BIT:
        return Refused(pdu[1])
    if request.function in {WRITE_ONE, WRITE_MANY}:
        return Answer() if pdu == encode_answer(request, Answer()) else None
    if len(pdu) != 2 + 2 * request.count or pdu[0] != request.function or pdu[1] != 2 * request.count:
        return None
    return Answer(_unpack(pdu[2:]))


def request_bytes(pdu: bytes) -> int | None:
    """How long the request that starts like this is, None when not yet or not at all known."""
    head = _REQUEST_HEAD_BYTES.get(pdu[0]) if pdu else None
    if head is None or len(pdu) < head:
        return None
    return head + pdu[head - 1] if pdu[0] in {WRITE_MANY, READ_WRITE} else head


def answer_bytes(request: Request, pdu: bytes) -> int | None:
    """How long the answer that starts like this must be to answer the request, None when it cannot answer it."""
    if not pdu or pdu[0] == request.function | ERROR_BIT:
        return 2
    if pdu[0] != request.function:
        return None
    return 5 if request.function in {WRITE_ONE, WRITE_MANY} else 2 + 2 * request.count


def _pack(registers: Sequence[int]) -> bytes:
    return struct.pack(f">{len(registers)}H", *registers)


def _unpack(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(data) // 2}H", data)


def _unpack_request(pdu: bytes) -> Request:
    function = pdu[0]
    first, second = struct.unpack_from(">HH", pdu, 1)
    if function in {READ_HOLDING, READ_INPUT}:
        return Request(function, address=first, count=second)
    if function == WRITE_ONE:
        return Request(function, write_address=first, registers=(second,))
    if function == WRITE_MANY:
        return Request(function, write_address=first, registers=_unpack(pdu[6:]))
    (write_address,) = struct.unpack_from(">H", pdu, 5)
    return Request(function, address=first, count=second, write_address=write_address, registers=_unpack(pdu[10:]))


def _within_limits(request: Request, pdu: bytes) -> bool:
    written = len(request.registers)
    match request.function:
        case 3 | 4:
            return 1 <= request.count <= MOST_READ
        case 16:
            return 1 <= written <= MOST_WRITTEN and pdu[3:6] == struct.pack(">HB", written, 2 * written)
        case 23:
            fits = pdu[7:10] == struct.pack(">HB", written, 2 * written)
            return fits and 1 <= request.count <= MOST_READ and 1 <= written <= MOST_READ_WRITTEN
    return True
