"""What stands before the lane (站前设备): plate camera and tag reader, weighbridge, barrier, sign and voice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from swapstation.model.arriving import Source


@dataclass(frozen=True, slots=True)
class VehicleRead:
    """A plate or a tag that was read. Reads of one vehicle have the same `passage`, and those of the next another.

    `number` counts the reads of the device; `confidence_pct` as it says; `read_s`: when (monotonic s).
    """

    number: int
    source: Source
    value: str
    passage: str
    confidence_pct: float
    read_s: float


@dataclass(frozen=True, slots=True)
class Identifier:
    """Plate camera and tag reader (车牌识别, RFID): the last reads in their order, fault code (0: none)."""

    reads: tuple[VehicleRead, ...] = ()
    fault_code: int = 0


@dataclass(frozen=True, slots=True)
class Weigher:
    """The weighbridge before the lane (地磅): gross mass on it, whether it has settled, fault code (0: none)."""

    gross_kg: float
    stable: bool
    fault_code: int


class GateState(StrEnum):
    """Where the boom is."""

    CLOSED = "closed"
    MOVING = "moving"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Gate:
    """The barrier before the lane (道闸): its boom, its own loop under it, fault code (0: none)."""

    state: GateState
    loop_occupied: bool
    fault_code: int


@dataclass(frozen=True, slots=True)
class Guide:
    """Sign and voice for drivers (引导屏, 语音): the word of the lane signs that it shows, fault code (0: none)."""

    word: str
    fault_code: int
