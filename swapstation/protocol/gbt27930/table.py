"""The message table of GB/T 27930: the classes of `messages.py` bound to gbt27930.dbc, and what gbt27930.toml adds.

Decoding is lenient (short 2011 forms, 7-byte CCS, reserved bits ignored; what cannot be read is `Malformed`), encoding
is strict (InputError names field, value and range).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from msgspec import Struct
from msgspec.structs import astuple

from swapstation.errors import ConfigurationError, InputError
from swapstation.protocol import dbc, j1939
from swapstation.protocol.can_fields import Refused, Rules
from swapstation.protocol.can_layout import Codec, FixedCodec, RepeatedCodec, bound_fields
from swapstation.protocol.gbt27930.messages import BmsMessage, ChargerMessage, Message
from swapstation.protocol.gbt27930.words import Edition, Party
from swapstation.protocol.node import Frame, Malformed
from swapstation.wire_files import wire_file

_RULES = Rules(lenient=True, charge_negative=True)
_GB2011 = Edition.GB2011
_WITHOUT_PRIORITY = 0x03FF_FFFF


@dataclass(frozen=True, slots=True)
class MessageType:
    """One row of the message table: class, identifier and its parts, period in s, and how its bytes are read and sent.

    `since_2023` are the bits that are sent as ones before that edition.
    """

    build: type[Message]
    name: str
    can_id: int
    pgn: int
    priority: int
    sender: Party
    period_s: float
    codec: Codec[Message]
    codec_2011: Codec[Message]
    since_2023: int

    def decode(self, data: bytes, edition: Edition = Edition.GB2015) -> Message | Malformed:
        """The message in these bytes; the edition only matters for a CRM, whose two layouts are equally long."""
        return (self.codec_2011 if edition is _GB2011 else self.codec).decode(data)

    def encode(self, message: Message, edition: Edition = Edition.GB2015) -> bytes:
        """Bytes of a message; InputError for a value the wire cannot say."""
        if (untrusted := getattr(message, "untrusted", ())) and set(untrusted) & set(astuple(message)[0]):
            raise InputError(f"{self.name}.untrusted", untrusted, "no word that is also said to be so")
        data = (self.codec_2011 if edition is Edition.GB2011 else self.codec).encode(message)
        if edition is Edition.GB2023 or not self.since_2023:
            return data
        word = int.from_bytes(data, "little")
        if word & self.since_2023:
            raise InputError(self.name, message, f"edition {edition} has no word of edition {Edition.GB2023}")
        return (word | self.since_2023).to_bytes(len(data), "little")


class _Sources:
    """The files of the wire contract that the table is made of."""

    def __init__(self) -> None:
        self.messages = _messages("gbt27930.dbc")
        self.messages_2011 = _messages("gbt27930_2011.dbc")
        path = wire_file("gbt27930.toml")
        self.more: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))

    def row(self, name: str, kind: type[Message]) -> MessageType:
        message = self._with_texts(self.messages[name])
        codec, codec_2011 = self._codecs(message, kind)
        since_2023 = self.more["since_2023"].get(name, ())
        identifier = j1939.split(message.can_id)
        return MessageType(
            build=kind,
            name=name,
            can_id=message.can_id,
            pgn=identifier.pgn,
            priority=identifier.priority,
            sender=Party(identifier.source),
            period_s=message.cycle_s,
            codec=codec,
            codec_2011=codec_2011,
            since_2023=sum(signal.mask for signal in message.signals if signal.name in since_2023),
        )

    def _with_texts(self, message: dbc.Message) -> dbc.Message:
        texts: dict[str, dict[str, int]] = self.more["text"].get(message.name, {})
        signals = [
            dbc.Signal(name, 8 * (place["first_byte"] - 1), 8 * place["length"]) for name, place in texts.items()
        ]
        ordered = sorted((*message.signals, *signals), key=lambda signal: signal.start)
        return replace(message, signals=tuple(ordered))

    def _codecs(self, message: dbc.Message, kind: type[Message]) -> tuple[Codec[Message], Codec[Message]]:
        """How the editions since 2015 and that of 2011 say a message."""
        name = message.name
        if (most := self.more["repeated"].get(name)) is not None:
            fields = bound_fields(message, kind, _RULES, repeated=True)
            repeated = RepeatedCodec[Message](name, kind, fields, message.length, most)
            return repeated, repeated
        fields = bound_fields(message, kind, _RULES)
        length_2011 = self.more["length_2011"].get(name, message.length)
        codec = FixedCodec[Message](name, kind, fields, (message.length, *self.more["other_lengths"].get(name, ())))
        codec_2011 = FixedCodec[Message](name, kind, fields, (length_2011,))
        if (layout_2011 := self.messages_2011.get(name)) is not None:
            fields = bound_fields(layout_2011, kind, _RULES)
            codec_2011 = FixedCodec[Message](name, kind, fields, (layout_2011.length,))
        return codec.or_else(codec_2011), codec_2011.or_else(codec)


def _messages(file: str) -> dict[str, dbc.Message]:
    return {message.name: message for message in dbc.load_dbc(wire_file("dbc", file))}


def _rows(sources: _Sources) -> tuple[MessageType, ...]:
    """All rows in the order of the DBC. ConfigurationError for a message that the DBC and the classes do not share."""
    kinds = {kind.__name__.upper(): kind for side in (ChargerMessage, BmsMessage) for kind in get_args(side)}
    differing = sorted(kinds.keys() ^ sources.messages)
    mistakes = [f"gbt27930.dbc: message {name} is in only one of DBC and software" for name in differing]
    rows = []
    for name in sources.messages:
        if name in kinds:
            try:
                rows.append(sources.row(name, kinds[name]))
            except ValueError as error:
                mistakes.append(f"gbt27930.dbc: message {name}: {error}")
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(rows)


_SOURCES = _Sources()
TABLE = _rows(_SOURCES)
_BY_CLASS = {row.build: row for row in TABLE}
DIAGNOSTICS: Mapping[int, str] = {pgn: name for name, pgn in _SOURCES.more["diagnostics"].items()}
_CODECS = {row.can_id & _WITHOUT_PRIORITY: (row.codec, row.codec_2011) for row in TABLE}


def type_of(message: Message | type[Message]) -> MessageType:
    """The table row of a message or of its class."""
    return _BY_CLASS[message if isinstance(message, type) else type(message)]


class Heard(Struct, frozen=True):
    """A whole message as it was read, and how many bytes it had."""

    message: Message
    length: int


def hear(
    pgn: int, destination: int, source: int, data: bytes, edition: Edition = Edition.GB2015
) -> Heard | Malformed | None:
    """Read a whole message between two addresses; None when the standard knows no such message."""
    return hear_frame(Frame(j1939.join(0, pgn, destination, source), data), edition)


def hear_frame(frame: Frame, edition: Edition = Edition.GB2015) -> Heard | Malformed | None:
    """Read the message under a 29-bit identifier; None when the standard knows no such message."""
    codecs = _CODECS.get(frame.can_id & _WITHOUT_PRIORITY)
    if codecs is None or not frame.extended:
        return None
    codec, data = codecs[edition is _GB2011], frame.data
    length = len(data)
    try:
        return Heard(codec.readers[length](data), length)
    except (KeyError, Refused) as error:
        return codec.malformed(data, error)


def encode(message: Message, edition: Edition = Edition.GB2015) -> bytes:
    """Bytes of a message; InputError for a value the wire cannot say."""
    return type_of(message).encode(message, edition)
