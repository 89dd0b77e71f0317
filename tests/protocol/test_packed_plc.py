"""Packed messages: every value survives, any cut of the bytes gives the same, garbage is counted and left behind."""

from __future__ import annotations

import struct
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.errors import ConfigurationError, InputError
from swapstation.model.reasons import reason_catalogue
from swapstation.protocol.node import Malformed
from swapstation.protocol.packed_files import load_packed_layout, read_packed_layout
from swapstation.protocol.packed_plc import GARBAGE_BYTES, SILENCE_S, PackedEnd, PackedStream
from swapstation.protocol.packed_struct import Field, MessageLayout, Packed, PackedLayout, PackedValue, Scalar
from swapstation.protocol.register_files import load_register_map

LAYOUT = load_packed_layout("packed_plc")
SIZES = {"R1": 33, "R2": 43, "R3": 18, "W4": 44, "W5": 87, "W6": 5}
RANGES = {"u8": (0, 255), "u16": (0, 65535), "i16": (-32768, 32767), "u32": (0, 2**32 - 1)}


def scalars(field: Field) -> st.SearchStrategy[Scalar]:
    """Values that a field can carry."""
    if field.type == "bool":
        return st.booleans()
    if field.type == "f32":
        return st.floats(width=32, allow_nan=False, allow_infinity=False)
    if field.enum:
        known: st.SearchStrategy[Scalar] = st.sampled_from(sorted(field.enum))
    else:
        low, high = RANGES[field.type]
        known = st.integers(low + field.zero, high + field.zero).filter(lambda value: value - field.zero != field.none)
    return known if field.none is None else known | st.none()


def values(field: Field) -> st.SearchStrategy[PackedValue]:
    return scalars(field) if field.count is None else st.tuples(*[scalars(field)] * field.count)


def packed(message: MessageLayout) -> st.SearchStrategy[Packed]:
    rows = {name: values(field) for name, field in message.fields.items()}
    return st.fixed_dictionaries(rows).map(lambda found: Packed(message.name, found))


FROM_PLC = st.sampled_from([message for message in LAYOUT.messages.values() if message.sender == "plc"]).flatmap(packed)


def encode(*messages: Packed) -> bytes:
    return b"".join(LAYOUT.encode(message.name, message.values) for message in messages)


def feed(data: bytes, cuts: list[int] | None = None) -> list[Packed | Malformed]:
    """What a stream finds in these bytes when they arrive cut at these places."""
    stream, places = PackedStream(LAYOUT, "plc"), sorted({cut % (len(data) + 1) for cut in cuts or []})
    ends = zip([0, *places], [*places, len(data)], strict=True)
    return [item for start, end in ends for item in stream.feed(data[start:end])]


def test_the_messages_have_their_sizes() -> None:
    assert {message.name: message.size for message in LAYOUT.messages.values()} == SIZES
    for message in LAYOUT.messages.values():
        assert len(LAYOUT.encode(message.name, {})) == message.size


@given(st.sampled_from(sorted(SIZES)).flatmap(lambda name: packed(LAYOUT.messages[name])))
def test_every_value_survives(message: Packed) -> None:
    assert LAYOUT.decode(LAYOUT.messages[message.name], encode(message)) == message


@given(st.lists(FROM_PLC, max_size=6), st.lists(st.integers(0, 1000), max_size=12))
def test_any_cut_gives_the_same_messages(messages: list[Packed], cuts: list[int]) -> None:
    assert feed(encode(*messages), cuts) == messages


@given(st.lists(FROM_PLC | st.binary(max_size=40), max_size=8), st.lists(st.integers(0, 1000), max_size=12))
def test_any_cut_of_anything_gives_the_same(parts: list[Packed | bytes], cuts: list[int]) -> None:
    data = b"".join(part if isinstance(part, bytes) else encode(part) for part in parts)
    assert feed(data, cuts) == feed(data)


@given(st.binary(min_size=1, max_size=300).filter(lambda data: b"\xee" not in data), FROM_PLC, FROM_PLC)
def test_after_garbage_a_message_counts_once_another_follows(garbage: bytes, one: Packed, two: Packed) -> None:
    found = feed(garbage + encode(one, two))
    told = [item for item in found if isinstance(item, Malformed)]
    assert [item for item in found if isinstance(item, Packed)] == [one, two]
    assert len(told) == -(-len(garbage) // GARBAGE_BYTES)


def test_a_header_in_garbage_is_no_message() -> None:
    """Half a message is followed by the next one: its header alone must not swallow the whole one behind it."""
    whole = encode(Packed("W6", {"unlock_truck": True, "lock_truck": False}))
    half = LAYOUT.encode("W5", {})[:50]
    found = feed(b"\x00" + half + whole * 20)
    assert [item.name for item in found if isinstance(item, Packed)] == ["W6"] * 20
    assert sum(isinstance(item, Malformed) for item in found) == 1


def test_a_lost_byte_costs_no_more_than_the_message_it_makes_up() -> None:
    """Without its id the message passes for an R1 of 33 bytes, which is not for this end; then the stream is found."""
    whole = encode(Packed("W6", {"unlock_truck": True, "lock_truck": False}))
    found = feed(whole[:2] + whole[3:] + whole * 20)
    assert [item.name for item in found if isinstance(item, Packed)] == ["W6"] * 14
    assert sum(isinstance(item, Malformed) for item in found) == 2


@pytest.mark.parametrize(("name", "byte", "value"), [("W6", 3, 2), ("W5", 5, 9), ("W5", 8, 7), ("W4", 23, 0)])
def test_a_word_that_is_not_in_the_layout_voids_its_message_alone(name: str, byte: int, value: int) -> None:
    wrong = bytearray(encode(*[Packed(name, LAYOUT.decode(LAYOUT.messages[name], _valid(name)).values)]))
    wrong[byte] = value
    found = feed(bytes(wrong) + _valid("W6"))
    assert [type(item) for item in found] == [Malformed, Packed]


def _valid(name: str) -> bytes:
    first = {field.name: next(iter(field.enum)) for field in LAYOUT.messages[name].fields.values() if field.enum}
    arrays = {key: (first[key],) * (LAYOUT.messages[name].fields[key].count or 1) for key in first}
    counts = {key: LAYOUT.messages[name].fields[key].count for key in first}
    return LAYOUT.encode(name, {key: first[key] if counts[key] is None else arrays[key] for key in first})


def test_a_message_for_the_other_end_is_malformed() -> None:
    assert [type(item) for item in feed(_valid("R2") + _valid("W6"))] == [Malformed, Packed]


def test_a_number_that_is_none_is_malformed() -> None:
    data = bytearray(_valid("R2"))
    struct.pack_into("<f", data, LAYOUT.messages["R2"].fields["lidar_x_mm"].offset, inf)
    found = PackedStream(LAYOUT, "station").feed(bytes(data))
    assert [type(item) for item in found] == [Malformed]


def test_an_unlisted_refusal_is_told_by_its_number() -> None:
    data = bytearray(_valid("W5"))
    struct.pack_into("<H", data, LAYOUT.messages["W5"].fields["warning_id"].offset, 413)
    (found,) = feed(bytes(data))
    assert isinstance(found, Packed)
    assert found.values["warning_id"] == "413"


@pytest.mark.parametrize(
    ("name", "given_"),
    [
        ("R2", {"from_bay": 255}),
        ("R2", {"from_bay": 256}),
        ("R2", {"mode": "SLEEP"}),
        ("R2", {"done_ack": 1}),
        ("R2", {"order_id": None}),
        ("R2", {"order_id": 1.5}),
        ("R2", {"lidar_x_mm": inf}),
        ("R2", {"colour": 1}),
        ("R1", {"charger": ("DEAD",)}),
        ("R1", {"trucks_waiting": (1,)}),
    ],
)
def test_what_a_field_cannot_carry_is_refused_by_name(name: str, given_: dict[str, PackedValue]) -> None:
    with pytest.raises(InputError, match=next(iter(given_))):
        LAYOUT.encode(name, given_)


def test_every_refusal_has_texts() -> None:
    """Both PLCs' words are in the catalogues; ACCEPTED refuses nothing."""
    words = {*LAYOUT.messages["W5"].fields["warning_id"].enum}
    words |= {*load_register_map("robot_plc").points["robot"]["refusal_code"].enum}
    assert words - {*reason_catalogue(), *alarm_catalogue(), "ACCEPTED"} == set()


SMALL = """\
name = "small"
version = 1
magic = 0xABCD

[messages.M1]
id = 1
size = 6
sender = "plc"
period_s = 1.0

[[field]]
message = "M1"
name = "level"
offset = 3
type = "u16"

[[field]]
message = "M1"
name = "on"
offset = 5
type = "bool"
bit = 7
"""

OTHER = '[messages.M0]\nid = 1\nsize = 3\nsender = "plc"\nperiod_s = 1.0\n'


def read(tmp_path: Path, text: str) -> PackedLayout:
    path = tmp_path / "small.toml"
    path.write_text(text, encoding="utf-8")
    return read_packed_layout(path)


def test_a_layout_of_an_installation_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, SMALL).encode("M1", {"level": 0x1234, "on": True}) == bytes.fromhex("cdab01341280")


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("magic = 0xABCD", "", 1, "magic is missing"),
        ("size = 6", "size = 5", 5, "field on ends at 6"),
        ('sender = "plc"', 'sender = "me"', 5, "allowed: station, plc"),
        ("period_s = 1.0", "period_s = 0", 5, "more than 0"),
        ("id = 1", "id = 256", 5, "allowed: 0 to 255"),
        ("id = 1", 'id = "one"', 6, "id: Input should be a valid integer"),
        ('message = "M1"\nname = "on"', 'message = "M9"\nname = "on"', 11, "message = 'M9', allowed: M1"),
        ('type = "u16"', 'type = "u64"', 11, "type = 'u64'"),
        ("offset = 3", "offset = 2", 11, "allowed: from 3"),
        ("offset = 5", "offset = 4", 17, "overlaps field level"),
        ("bit = 7", "bit = 8", 17, "allowed: 0 to 7"),
        ('name = "on"', 'name = "level"', 17, "the name is used twice"),
        ("bit = 7", "bits = 7", 22, "unknown key 'bits'"),
        ("bit = 7", "bit = 7\ncount = 0", 17, "count = 0"),
        (
            "[messages.M1]",
            '[messages.M0]\nid = 1\nsize = 3\nsender = "plc"\nperiod_s = 1.0\n[messages.M1]',
            10,
            "twice",
        ),
    ],
)
def test_a_mistake_in_a_layout_names_its_line(tmp_path: Path, before: str, after: str, line: int, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, SMALL.replace(before, after, 1))
    assert any(f"small.toml:{line}:" in mistake and message in mistake for mistake in caught.value.mistakes), (
        caught.value.mistakes
    )


def test_a_layout_that_is_no_toml_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"small\.toml"):
        read(tmp_path, "name =")


class Ends:
    """Both ends of one wire."""

    def __init__(self) -> None:
        self.station = PackedEnd(LAYOUT, "plc")
        self.plc = PackedEnd(LAYOUT, "station")
        self.station.opened(0.0)
        self.plc.opened(0.0)

    def carry(self, now_s: float) -> None:
        for data in self.plc.due(now_s):
            self.station.receive(data, now_s)


def test_what_one_end_puts_the_other_takes_with_its_time() -> None:
    ends = Ends()
    ends.plc.put("W6", {"unlock_truck": True, "lock_truck": False})
    ends.carry(0.5)
    assert ends.station.take() == [(Packed("W6", {"unlock_truck": True, "lock_truck": False}), 0.5)]
    assert ends.station.take() == []
    assert (ends.plc.counts.tx, ends.station.counts.rx, ends.station.counts.malformed) == (1, 1, 0)


def test_nothing_waits_for_a_wire_that_is_closed() -> None:
    ends = Ends()
    ends.plc.closed(0.1)
    ends.plc.put("W6", {"unlock_truck": True, "lock_truck": False})
    ends.plc.opened(0.2)
    assert tuple(ends.plc.due(0.2)) == ()


def test_half_a_message_does_not_survive_a_reconnect() -> None:
    ends = Ends()
    whole = _valid("W5")
    ends.station.receive(whole[:40], 0.1)
    ends.station.closed(0.2)
    ends.station.opened(0.3)
    ends.station.receive(whole, 0.4)
    assert [message.name for message, _ in ends.station.take()] == ["W5"]
    assert ends.station.counts.malformed == 0


def test_a_peer_that_says_nothing_valid_is_left() -> None:
    ends = Ends()
    assert ends.station.next_deadline() == SILENCE_S
    ends.station.receive(b"GET / HTTP/1.1\r\n\r\n" * 3, SILENCE_S - 0.1)
    left = []
    for now_s in (SILENCE_S - 0.1, SILENCE_S):
        tuple(ends.station.due(now_s))
        left.append(ends.station.wants_reopen)
    assert left == [False, True]
    assert (ends.station.counts.malformed, ends.station.counts.timeouts) == (1, 1)
    ends.station.closed(SILENCE_S)
    assert ends.station.next_deadline() == inf


def test_a_flood_keeps_the_newest_messages() -> None:
    ends = Ends()
    for count in range(2000):
        ends.station.receive(LAYOUT.encode("W6", {"unlock_truck": count >= 1990}), 0.1)
    taken = ends.station.take()
    assert len(taken) == 256
    assert taken[-1][0].values["unlock_truck"] is True
