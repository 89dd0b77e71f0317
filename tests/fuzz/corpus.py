"""Inputs of the targets made from the golden vectors, and from our encoders where there are none."""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.protocol.aaf5 import encode_frame
from swapstation.protocol.aaf5_layout import Aaf5Layouts
from swapstation.protocol.aaf5_messages import Message
from swapstation.protocol.battery_can import BatteryCan
from swapstation.protocol.packed_files import load_packed_layout
from tests.fuzz import vectors
from tests.fuzz.targets import CAN_TARGETS, encoded
from tests.protocol.aaf5_pile import FIRST_ID, record, sign_in, status

_LONGEST_CHUNK = 64
_SOCKETCAND = (
    b"< hi >< ok >< ok >",
    b"< open can0 >< rawmode >",
    b"< frame 123 1.000000 11 22 >< frame 1812F456 2.000000  >",
    b"< send 123 2 11 22 >< send 1812F456 0 >",
    b"< error unknown bus >",
)


def corpus(target: str) -> Iterator[bytes]:
    """Every vector that this target can read."""
    if target in CAN_TARGETS:
        for group in vectors.frames():
            if all(can_id in vectors.can_ids() for can_id, _ in group):
                yield b"".join(encoded(can_id, data) for can_id, data in group)
        for can_id in sorted(BatteryCan(vectors.battery_messages()).can_ids):
            yield b"".join(encoded(can_id, bytes((number,)) + bytes(7)) for number in range(3))
    else:
        for stream in (*vectors.streams(), *_SOCKETCAND, *_packed(), *_aaf5()):
            yield _chunked(stream)


def _packed() -> Iterator[bytes]:
    """Each packed message with its fields at zero."""
    layout = load_packed_layout("packed_plc")
    for name in layout.messages:
        yield layout.encode(name, {})


def _aaf5() -> Iterator[bytes]:
    """A charger that signs in, tells its state and ends with a record."""
    layouts = Aaf5Layouts.load()
    messages: list[Message] = [sign_in(FIRST_ID), status(FIRST_ID), record(FIRST_ID)]
    for sequence, message in enumerate(messages):
        yield encode_frame(layouts.encode(message, sequence))


def _chunked(stream: bytes) -> bytes:
    pieces = [stream[at : at + _LONGEST_CHUNK] for at in range(0, len(stream), _LONGEST_CHUNK)]
    return b"".join(bytes((len(piece) - 1,)) + piece for piece in pieces)
