"""A CAN message bound to its class: the signals of a DBC read into the class's fields and written from them.

Bits without a field are ignored, and sent as ones.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from struct import unpack
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, get_args, get_type_hints

from swapstation.errors import InputError
from swapstation.protocol.can_fields import Field, Refused, Rules, field_name, field_of
from swapstation.protocol.can_reader import reader, runs_of
from swapstation.protocol.dbc import Message, Signal
from swapstation.protocol.node import Malformed

MessageT = TypeVar("MessageT")


class Joined(Protocol):
    """Annotates a field that is made of several signals."""

    def field(self, where: str, kind: Any, signals: Sequence[Signal]) -> Field:
        """The field out of those signals of the message that have no field of their own."""


class NamedField(NamedTuple):
    """One field of a class and how it lies in the bytes."""

    name: str
    field: Field


class Codec(ABC, Generic[MessageT]):
    """Bytes to one class of messages and back.

    `readers` has a function for each accepted length, the one that is sent first; it raises `Refused`.
    """

    def __init__(
        self,
        name: str,
        kind: Callable[..., MessageT],
        fields: tuple[NamedField, ...],
        readers: Mapping[int, Callable[[bytes], MessageT]],
    ) -> None:
        self.name = name
        self.kind = kind
        self.fields = fields
        self.readers = readers

    def decode(self, data: bytes) -> MessageT | Malformed:
        """The message, or why it cannot be read."""
        try:
            return self.readers[len(data)](data)
        except (KeyError, Refused) as error:
            return self.malformed(data, error)

    def malformed(self, data: bytes, error: KeyError | Refused) -> Malformed:
        """What `readers` said of the bytes; KeyError is a length without a reader."""
        return Malformed(self.name, f"{len(data)} bytes" if isinstance(error, KeyError) else str(error), data)

    @abstractmethod
    def encode(self, message: MessageT) -> bytes:
        """The bytes of a message; InputError for a value the wire cannot say."""

    def _word(self, values: Iterable[object]) -> int:
        word = 0
        for named, value in zip(self.fields, values, strict=True):
            word |= named.field.write(value)
        return word


class FixedCodec(Codec[MessageT]):
    """A message of a fixed length; other accepted lengths cut it short."""

    def __init__(
        self, name: str, kind: Callable[..., MessageT], fields: tuple[NamedField, ...], lengths: Sequence[int]
    ) -> None:
        runs = runs_of([named.field for named in fields])
        super().__init__(name, kind, fields, {length: reader(kind, runs, length) for length in lengths})
        self._length = lengths[0]
        used = 0
        for named in fields:
            used |= named.field.mask
        self._unused = ~used

    def or_else(self, other: FixedCodec[MessageT]) -> FixedCodec[MessageT]:
        """Sends as this one, and reads the lengths that only the other accepts as the other does."""
        both = copy(self)
        both.readers = {**self.readers, **other.readers, **self.readers}
        return both

    def encode(self, message: MessageT) -> bytes:
        word = self._unused
        for name, field in self.fields:
            word |= field.write(getattr(message, name))
        return (word & ((1 << 8 * self._length) - 1)).to_bytes(self._length, "little")


class RepeatedCodec(Codec[MessageT]):
    """A message that is the same item again and again to its end; each field of its class is a tuple over the items."""

    def __init__(
        self, name: str, kind: Callable[..., MessageT], fields: tuple[NamedField, ...], item_bytes: int, most: int
    ) -> None:
        lengths = range(item_bytes, item_bytes * most + 1, item_bytes)
        super().__init__(name, kind, fields, dict.fromkeys(lengths, self._read))
        self._most = most
        self._item_bytes = item_bytes
        (self._run,) = runs_of([named.field for named in fields])

    def _read(self, data: bytes) -> MessageT:
        run = self._run
        items = [run[raw] for raw in unpack(f"<{len(data) // self._item_bytes}{run.format}", data)]
        return self.kind(*zip(*items, strict=True)) if run.several else self.kind(tuple(items))

    def encode(self, message: MessageT) -> bytes:
        columns = [getattr(message, named.name) for named in self.fields]
        for named, column in zip(self.fields, columns, strict=True):
            if not isinstance(column, tuple) or not 1 <= len(column) <= self._most or len(column) != len(columns[0]):
                where = f"{self.name}.{named.name}"
                raise InputError(where, column, f"a tuple of 1 to {self._most} values, as many in each field")
        items = zip(*columns, strict=True)
        return b"".join(self._word(values).to_bytes(self._item_bytes, "little") for values in items)


def bound_fields(message: Message, kind: type, rules: Rules, repeated: bool = False) -> tuple[NamedField, ...]:
    """The fields of a class and the signals of a message, matched by name.

    ValueError for a field without a signal, a signal without a field, or a signal whose values do not fit its field.
    """
    hints = get_type_hints(kind, include_extras=True)
    own = {name: signal for signal in message.signals if (name := field_name(signal)) in hints}
    others = [signal for signal in message.signals if signal not in own.values()]
    named = []
    for name, hint in hints.items():
        where = f"{message.name}.{name}"
        plain, *marks = (hint.__origin__, *hint.__metadata__) if hasattr(hint, "__metadata__") else (hint,)
        if marks:
            joined: Joined = marks[0]
            field = joined.field(where, plain, others)
        elif name in own:
            field = field_of(where, own[name], get_args(plain)[0] if repeated else plain, rules)
        else:
            raise ValueError(f"{name} has no signal; there are {', '.join(map(field_name, message.signals))}")
        named.append(NamedField(name, field))
    for signal in others:
        if not any(each.field.mask & signal.mask for each in named):
            raise ValueError(f"signal {signal.name} has no field; {kind.__name__} has {', '.join(hints)}")
    return tuple(named)
