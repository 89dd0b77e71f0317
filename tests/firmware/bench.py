"""The parts of the C node in this process, in virtual time (bench.c)."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

from swapstation.protocol.node import Frame

OUTBOX_FRAMES = 64
SLCAN_LINE = 31


class Step(IntEnum):
    """enum bms_step."""

    IDLE = 0
    HANDSHAKE = 1
    RECOGNITION = 2
    PARAMETERS = 3
    CLOSING = 4
    CHARGING = 5
    STOPPING = 6
    STATISTICS = 7
    LOST = 8


class SlcanItem(IntEnum):
    """enum slcan_item."""

    NOTHING = 0
    FRAME = 1
    CONTROL = 2
    MALFORMED = 3


class CFrame(ctypes.Structure):
    """struct frame."""

    _fields_ = (
        ("id", ctypes.c_uint32),
        ("length", ctypes.c_uint8),
        ("data", ctypes.c_uint8 * 8),
        ("extended", ctypes.c_bool),
    )

    @classmethod
    def of(cls, frame: Frame) -> CFrame:
        data = (ctypes.c_uint8 * 8)(*frame.data)
        return cls(frame.can_id, len(frame.data), data, frame.extended)

    def frame(self) -> Frame:
        return Frame(self.id, bytes(self.data[: self.length]), self.extended)


class Bench:
    """One bay: BMS, modules and rack node, battery. Times in s."""

    def __init__(self, library: Path, soc_pct: float = 50.0) -> None:
        self._c = ctypes.CDLL(str(library))
        self._c.bench_soc_pct.restype = ctypes.c_double
        self._c.bench_current_a.restype = ctypes.c_double
        self._c.bench_contactor_closed.restype = ctypes.c_bool
        self._c.bench_battery_contactor_closed.restype = ctypes.c_bool
        self._frames = (CFrame * OUTBOX_FRAMES)()
        self.reset(soc_pct)

    def reset(self, soc_pct: float) -> None:
        self._c.bench_reset(ctypes.c_double(soc_pct))

    @property
    def step(self) -> Step:
        return Step(self._c.bench_step())

    @property
    def soc_pct(self) -> float:
        return float(self._c.bench_soc_pct())

    @property
    def current_a(self) -> float:
        return float(self._c.bench_current_a())

    @property
    def contactor_closed(self) -> bool:
        return bool(self._c.bench_contactor_closed())

    @property
    def malformed(self) -> int:
        """Messages of the charger that the BMS could not read."""
        return int(self._c.bench_malformed())

    @property
    def battery_contactor_closed(self) -> bool:
        return bool(self._c.bench_battery_contactor_closed())

    def to_bms(self, frame: Frame, now_s: float) -> None:
        self._c.bench_to_bms(ctypes.byref(CFrame.of(frame)), _ms(now_s))

    def to_modules(self, frame: Frame, now_s: float) -> None:
        self._c.bench_to_modules(ctypes.byref(CFrame.of(frame)), _ms(now_s))

    def from_bms(self, now_s: float) -> list[Frame]:
        return self._taken(self._c.bench_from_bms(_ms(now_s), self._frames))

    def from_modules(self, now_s: float) -> list[Frame]:
        return self._taken(self._c.bench_from_modules(_ms(now_s), self._frames))

    def advance(self, dt_s: float) -> None:
        self._c.bench_advance(ctypes.c_double(dt_s))

    def force(self, battery_current_a: float = 0.0, temperature_c: float = 25.0, smoke: bool = False) -> None:
        """Set what the battery measures."""
        self._c.bench_force(ctypes.c_double(battery_current_a), ctypes.c_double(temperature_c), smoke)

    def modules_run(self, current_a: float) -> None:
        """A closed bay contactor that carries a current."""
        self._c.bench_modules_run(ctypes.c_double(current_a))

    def tp_send(self, pgn: int, data: bytes, now_s: float) -> list[Frame] | None:
        """Open a connection of the transport alone; None when it is refused."""
        count = ctypes.c_size_t()
        sent = self._c.bench_tp_send(
            pgn, data, ctypes.c_size_t(len(data)), _ms(now_s), self._frames, ctypes.byref(count)
        )
        return self._taken(count.value) if sent & 0xFF else None

    def tp_due(self, now_s: float) -> list[Frame]:
        return self._taken(self._c.bench_tp_due(_ms(now_s), self._frames))

    def tp_control(self, frame: Frame, now_s: float) -> None:
        self._c.bench_tp_control(ctypes.byref(CFrame.of(frame)), _ms(now_s))

    @property
    def tp_busy(self) -> bool:
        return bool(self._c.bench_tp_busy() & 0xFF)

    @property
    def tp_counts(self) -> tuple[int, int]:
        """Delivered and failed messages."""
        return int(self._c.bench_tp_delivered()), int(self._c.bench_tp_failed())

    def slcan_decoded(self, data: bytes) -> Iterator[tuple[SlcanItem, Frame | None]]:
        """What the bytes say after a fresh start."""
        self._c.bench_slcan_reset()
        frame = CFrame()
        for byte in data:
            item = SlcanItem(self._c.bench_slcan_take(ctypes.c_char(byte), ctypes.byref(frame)))
            if item is not SlcanItem.NOTHING:
                yield item, frame.frame() if item is SlcanItem.FRAME else None

    def slcan_encoded(self, frame: Frame) -> bytes:
        line = ctypes.create_string_buffer(SLCAN_LINE)
        length = self._c.bench_slcan_encode(ctypes.byref(CFrame.of(frame)), line)
        return line.raw[:length]

    def _taken(self, count: int) -> list[Frame]:
        return [self._frames[number].frame() for number in range(count)]


def _ms(now_s: float) -> ctypes.c_uint64:
    return ctypes.c_uint64(round(now_s * 1000))
