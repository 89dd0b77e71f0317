"""The registers of a simulated Modbus device: what clients read, and what they wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from swapstation.errors import InputError
from swapstation.protocol.modbus import Answer, ExceptionCode, Refused, Request

_MOST_UNREAD_WRITES = 1000


@dataclass(frozen=True, slots=True)
class RegisterWrite:
    """What a client wrote in one request."""

    unit: int
    address: int
    registers: tuple[int, ...]


class RegisterBank:
    """Registers of one or several units. Clients' writes are kept in order until the owner takes them."""

    def __init__(self) -> None:
        self._registers: dict[int, dict[int, int]] = {}
        self._writable: dict[int, set[int]] = {}
        self._writes: list[RegisterWrite] = []

    @property
    def units(self) -> frozenset[int]:
        return frozenset(self._registers)

    def define(self, unit: int, address: int, count: int, *, writable: bool = False) -> None:
        """Add a block of registers, all 0; clients may write it only when `writable`."""
        if address < 0 or count < 1 or address + count > 0x10000:
            raise InputError("block", (address, count), "inside registers 0 to 65535")
        self._registers.setdefault(unit, {}).update(dict.fromkeys(range(address, address + count), 0))
        if writable:
            self._writable.setdefault(unit, set()).update(range(address, address + count))

    def has(self, unit: int, address: int, count: int) -> bool:
        registers = self._registers.get(unit, {})
        return all(number in registers for number in range(address, address + count))

    def get(self, unit: int, address: int, count: int) -> tuple[int, ...]:
        """The present registers; raises InputError outside the defined blocks."""
        self._check(unit, address, count)
        registers = self._registers[unit]
        return tuple(registers[number] for number in range(address, address + count))

    def set(self, unit: int, address: int, registers: Sequence[int]) -> None:
        """What the device itself puts into its registers; raises InputError outside the defined blocks."""
        self._check(unit, address, len(registers))
        if not all(0 <= register <= 0xFFFF for register in registers):
            raise InputError("registers", list(registers), "numbers from 0 to 65535")
        self._registers[unit].update(enumerate(registers, address))

    def take_writes(self) -> list[RegisterWrite]:
        """What clients wrote since the last call, in order."""
        writes, self._writes = self._writes, []
        return writes

    def execute(self, unit: int, request: Request) -> Answer | Refused:
        """Do what a client asks: write first, then read. A refused request changes nothing."""
        written = range(request.write_address, request.write_address + len(request.registers))
        if not self.has(unit, request.address, request.count) or not self._writable.get(unit, set()).issuperset(
            written
        ):
            return Refused(ExceptionCode.ILLEGAL_ADDRESS)
        if request.registers:
            if len(self._writes) >= _MOST_UNREAD_WRITES:
                return Refused(ExceptionCode.BUSY)
            self.set(unit, request.write_address, request.registers)
            self._writes.append(RegisterWrite(unit, request.write_address, request.registers))
        return Answer(self.get(unit, request.address, request.count) if request.count else ())

    def _check(self, unit: int, address: int, count: int) -> None:
        if not self.has(unit, address, count):
            raise InputError("registers", (unit, address, count), "a defined block")
