"""The golden vectors of firmware_proto as a corpus: what the decoders are known to meet."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from swapstation.protocol import j1939
from swapstation.protocol.battery_can import BatteryCan
from swapstation.protocol.dbc import Message, load_dbc
from swapstation.wire_files import wire_file

_FOLDER = Path(__file__).parents[2] / "firmware_proto" / "vectors"
_TRANSPORT = (0x1CECF456, 0x1CEC56F4, 0x1CEBF456, 0x1CEB56F4)


@cache
def vectors() -> tuple[dict[str, Any], ...]:
    """Every [[vector]] of every file."""
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.toml"))]
    return tuple(vector for file in files for vector in file.get("vector", ()))


@cache
def can_ids() -> tuple[int, ...]:
    """Identifiers of all messages and of the transport, in a fixed order."""
    found = {vector["can_id"] for vector in vectors() if isinstance(vector.get("can_id"), int)}
    found |= BatteryCan(battery_messages()).can_ids
    return (*_TRANSPORT, *sorted(found - set(_TRANSPORT)))


@cache
def battery_messages() -> tuple[Message, ...]:
    """The messages of a battery model's own CAN."""
    return load_dbc(wire_file("dbc", "battery_f3.dbc"))


def frames() -> Iterator[list[tuple[int, bytes]]]:
    """Each CAN vector as the frames that carry it; a long message as a whole transfer, both sides."""
    for vector in vectors():
        if "can_id" not in vector or "data" not in vector:
            continue
        can_id, data = vector["can_id"], bytes.fromhex(vector["data"])
        if len(data) <= 8:
            yield [(can_id, data)]
        else:
            yield list(_transfer(can_id, data))


def streams() -> Iterator[bytes]:
    """Each byte-stream vector as it stands on the wire."""
    for vector in vectors():
        if "wire" in vector:
            yield bytes.fromhex(vector["wire"])
        elif "line" in vector:
            yield str(vector["line"]).encode() + b"\r"
        elif "body" in vector:
            body, crc = bytes.fromhex(vector["body"]), bytes.fromhex(vector["crc"])
            yield body + crc
            yield b"\x00\x01\x00\x00" + len(body).to_bytes(2) + body


def _transfer(can_id: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    identifier = j1939.split(can_id)
    pgn, packets = j1939.pgn_bytes(identifier.pgn), j1939.packets_of(len(data))
    control, packet = (
        j1939.join(7, pgn_of, identifier.destination, identifier.source)
        for pgn_of in (j1939.TP_CM_PGN, j1939.TP_DT_PGN)
    )
    yield control, bytes((j1939.Control.RTS,)) + len(data).to_bytes(2, "little") + bytes((packets, 0xFF)) + pgn
    for number in range(packets):
        yield packet, bytes((number + 1,)) + data[7 * number : 7 * number + 7].ljust(7, b"\xff")
