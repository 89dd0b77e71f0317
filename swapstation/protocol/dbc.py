"""CAN messages from a DBC file as plain tables. cantools only reads the file; our own code packs bits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cantools

from swapstation.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Signal:
    """One little-endian unsigned signal: value = raw x scale + offset, allowed from minimum to maximum."""

    name: str
    start: int
    length: int
    scale: float = 1.0
    offset: float = 0.0
    minimum: float = 0.0
    maximum: float = 0.0
    unit: str = ""
    choices: tuple[tuple[int, str], ...] = ()

    @property
    def all_ones(self) -> int:
        """The raw value that means "not available" (J1939-71)."""
        return (1 << self.length) - 1

    @property
    def mask(self) -> int:
        """The bits of the payload that belong to the signal."""
        return self.all_ones << self.start


@dataclass(frozen=True, slots=True)
class Message:
    """One 29-bit message of the DBC with its sending node; `cycle_s` is 0 when it has no period."""

    name: str
    sender: str
    can_id: int
    length: int
    cycle_s: float
    signals: tuple[Signal, ...]


def load_dbc(path: Path) -> tuple[Message, ...]:
    """All messages of a DBC file. Raises ConfigurationError naming the file and what is wrong in it."""
    try:
        database = cantools.database.load_file(str(path), encoding="utf-8", strict=True)
    except OSError as error:
        raise ConfigurationError([f"{path}: 打不开文件 | cannot open the file: {error.strerror}"]) from None
    except (ValueError, cantools.Error) as error:
        raise ConfigurationError([f"{path}: 不是正确的 DBC | not a valid DBC: {error}"]) from None
    if not isinstance(database, cantools.database.Database):
        raise ConfigurationError([f"{path}: 不是 CAN 数据库 | not a CAN database"])
    mistakes = [f"{path}: {mistake}" for message in database.messages for mistake in _unsupported(message)]
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(_message(message) for message in database.messages)


def _unsupported(message: cantools.database.Message) -> list[str]:
    only_29_bit = f"{message.name}: 标识符须为 29 位 | 11-bit identifier, allowed: 29-bit"
    mistakes = [] if message.is_extended_frame else [only_29_bit]
    for signal in message.signals:
        if signal.byte_order != "little_endian" or signal.is_signed or signal.is_float or signal.is_multiplexer:
            allowed = "只能是小端, 无符号, 非复用信号 | allowed: little-endian, unsigned, not multiplexed"
            mistakes.append(f"{message.name}.{signal.name}: {allowed}")
        elif signal.minimum is None or signal.maximum is None:
            missing = "缺少上下限 [最小|最大] | limits [minimum|maximum] are missing"
            mistakes.append(f"{message.name}.{signal.name}: {missing}")
    return mistakes


def _message(message: cantools.database.Message) -> Message:
    signals = tuple(_signal(signal) for signal in sorted(message.signals, key=lambda signal: signal.start))
    cycle_s = (message.cycle_time or 0) / 1000
    sender = message.senders[0] if message.senders else ""
    return Message(message.name, sender, message.frame_id, message.length, cycle_s, signals)


def _signal(signal: cantools.database.Signal) -> Signal:
    choices = tuple(sorted((raw, str(text)) for raw, text in (signal.choices or {}).items()))
    return Signal(
        name=signal.name,
        start=signal.start,
        length=signal.length,
        scale=float(signal.scale),
        offset=float(signal.offset),
        minimum=signal.minimum or 0,
        maximum=signal.maximum or 0,
        unit=signal.unit or "",
        choices=choices,
    )
