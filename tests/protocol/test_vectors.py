"""The golden vectors of the wire contract, each in both directions."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import asdict

from swapstation.protocol import j1939, j1939_ends, slcan
from swapstation.protocol.dlt645 import MeterDecoder, MeterFrame, encode_frame
from swapstation.protocol.dlt645_items import decode_value
from swapstation.protocol.gbt27930.table import TABLE
from swapstation.protocol.gbt27930.words import Edition
from swapstation.protocol.modbus_framing import decode_rtu, encode_rtu
from swapstation.protocol.node import Frame, Malformed
from swapstation.protocol.station_can import Received, StationCan
from swapstation.wire_files import wire_file
from tests.protocol.foreign import database, differences, expected, raws_said

Vector = dict[str, Any]
STATION = StationCan.load()
ROWS = {row.name: row for row in TABLE}


def vectors(file: str, array: str = "vector") -> list[Vector]:
    content = tomllib.loads(wire_file("vectors", file).read_text(encoding="utf-8"))
    return [{**each, "dbc": content.get("dbc")} for each in content[array]]


def shown(vector: Vector) -> str:
    return f"{vector.get('message', '')} {vector.get('data', '')}"[:60]


@dataclass(frozen=True)
class Subject:
    """One message of the product under a vector: how it is read and sent, and its fields."""

    read: Callable[[bytes], Any]
    send: Callable[[Any], bytes]
    codec: Any


def subject(vector: Vector) -> Subject:
    if vector["dbc"] == "station.dbc":
        codec = next(each for each in STATION._codecs.values() if each.name == vector["message"])
        return Subject(codec.decode, codec.encode, codec)
    row = ROWS[vector["message"]]
    if vector["dbc"] == "gbt27930_2011.dbc":
        edition, codec_2011 = Edition.GB2011, row.codec_2011
        return Subject(lambda data: row.decode(data, edition), lambda each: row.encode(each, edition), codec_2011)
    sent = Edition(vector.get("edition", "2015"))
    return Subject(row.decode, lambda each: row.encode(each, sent), row.codec)


CAN = [each for file in ("gbt27930.toml", "gbt27930_2011.toml", "station.toml") for each in vectors(file)]


@pytest.mark.parametrize("vector", [each for each in CAN if each["valid"]], ids=shown)
def test_a_can_message_says_what_its_vector_says(vector: Vector) -> None:
    ours, data, values = subject(vector), bytes.fromhex(vector["data"]), vector["values"]
    message = ours.read(data)
    assert not isinstance(message, Malformed)
    foreign = database(vector["dbc"]).get_message_by_name(vector["message"])
    if any(isinstance(value, list) for value in values.values()):
        told = _columns(ours.codec, foreign, values)
    else:
        told = expected(ours.codec, foreign, raws_said(foreign, values))
    told |= {name.lower(): text for name, text in vector.get("texts", {}).items()}
    assert differences(message, told) == {}
    assert set(asdict(message)) - set(told) <= {"vin"}
    if "direction" not in vector:
        assert ours.send(message).hex(" ").upper() == vector["data"]


def _columns(codec: Any, foreign: Any, values: dict[str, list[Any]]) -> dict[str, Any]:
    """The fields of a repeated message: each a tuple of what the items say."""
    names, rows = list(values), list(zip(*values.values(), strict=True))
    items = [{name: value for name, value in zip(names, row, strict=True) if value != "absent"} for row in rows]
    told = [expected(codec, foreign, raws_said(foreign, item)) for item in items]
    return {name: tuple(round(each[name], 6) if each[name] is not None else None for each in told) for name in told[0]}


@pytest.mark.parametrize("vector", [each for each in CAN if not each["valid"]], ids=shown)
def test_a_can_message_that_must_be_refused_is_malformed(vector: Vector) -> None:
    read = subject(vector).read(bytes.fromhex(vector["data"]))
    assert isinstance(read, Malformed), vector["why"]


@pytest.mark.parametrize("vector", CAN, ids=shown)
def test_the_identifier_of_a_vector_is_that_of_its_message(vector: Vector) -> None:
    if vector["dbc"] == "station.dbc":
        frame = Frame(vector["can_id"], bytes.fromhex(vector["data"]))
        found = STATION.decode(frame)
        assert isinstance(found, Received | Malformed)
        if isinstance(found, Received):
            assert type(found.message).__name__ == vector["message"]
            assert STATION.encode(found.message, found.node).can_id == vector["can_id"]
    else:
        assert ROWS[vector["message"]].can_id == vector["can_id"]


def test_every_message_has_vectors_both_valid_and_refused() -> None:
    known = {each.name for file in ("gbt27930.dbc", "station.dbc") for each in database(file).messages}
    for valid in (True, False):
        assert {each["message"] for each in CAN if each["valid"] is valid} == known


@pytest.mark.parametrize("vector", vectors("slcan.toml"), ids=lambda vector: vector["line"])
def test_slcan_lines(vector: Vector) -> None:
    after = Frame(0x100956F4, b"\xaa")
    item, then = slcan.SlcanDecoder().feed(vector["line"].encode() + slcan.CR + slcan.encode_frame(after))
    assert then == after
    if not vector["valid"]:
        assert isinstance(item, Malformed)
        return
    frame = Frame(vector["can_id"], bytes.fromhex(vector["data"]), vector["extended"])
    assert item == frame
    if "direction" not in vector:
        assert slcan.encode_frame(frame) == vector["line"].encode() + slcan.CR


@pytest.mark.parametrize("vector", vectors("j1939.toml", "identifier"), ids=lambda vector: f"{vector['can_id']:08X}")
def test_j1939_identifiers(vector: Vector) -> None:
    identifier = j1939.Identifier(vector["priority"], vector["pgn"], vector["destination"], vector["source"])
    assert j1939.split(vector["can_id"]) == identifier
    assert j1939.join(*(vector[name] for name in ("priority", "pgn", "destination", "source"))) == vector["can_id"]


@pytest.mark.parametrize("vector", vectors("j1939.toml", "transfer"), ids=shown)
def test_j1939_transfers(vector: Vector) -> None:
    """Our sender and our receiver say exactly the frames of the vector."""
    bms, charger, whole = j1939_ends.Sender(0xF4, 0x56), j1939_ends.Receiver(0x56, 0xF4), []
    bms.send(vector["pgn"], bytes.fromhex(vector["data"]), 0.0)
    said: list[Frame] = []
    for step in range(40):
        now_s = step * 0.01
        for frame in bms.due(now_s):
            said.append(frame)
            if j1939.split(frame.can_id).pgn == j1939.TP_CM_PGN:
                charger.control(frame.data, now_s)
            else:
                whole.append(charger.packet(frame.data, now_s))
        for frame in charger.due(now_s):
            said.append(frame)
            bms.control(frame.data, now_s)
    assert said == [Frame(each["can_id"], bytes.fromhex(each["data"])) for each in vector["frames"]]
    assert whole[-1] == j1939.Transported(vector["pgn"], bytes.fromhex(vector["data"]))
    assert not bms.busy


@pytest.mark.parametrize("vector", vectors("j1939.toml", "refused_rts"), ids=shown)
def test_j1939_rts_that_is_refused(vector: Vector) -> None:
    assert isinstance(j1939.Assembly.opened_by(bytes.fromhex(vector["data"])), Malformed)


@pytest.mark.parametrize("vector", vectors("dlt645.toml"), ids=lambda vector: vector["wire"][:60])
def test_dlt645_frames(vector: Vector) -> None:
    wire = bytes.fromhex(vector["wire"])
    items = MeterDecoder().feed(wire)
    if not vector["valid"]:
        assert items
        assert all(isinstance(item, Malformed) for item in items)
        return
    frame = MeterFrame(vector["address"], vector["control"], bytes.fromhex(vector["data"]))
    assert items == [frame]
    assert encode_frame(frame, wake_ups=wire.count(0xFE)) == wire
    if "value" in vector:
        assert decode_value(vector["identifier"], frame.data[4:]) == vector["value"]


@pytest.mark.parametrize("vector", vectors("modbus.toml"), ids=lambda vector: f"{vector['body']} {vector['crc']}")
def test_modbus_crc(vector: Vector) -> None:
    body, crc = bytes.fromhex(vector["body"]), bytes.fromhex(vector["crc"])
    assert (decode_rtu(body + crc) == (body[0], body[1:])) is vector["valid"]
    assert (encode_rtu(body[0], body[1:]) == body + crc) is vector["valid"]
