"""AA F5 layouts: every message there and back, published captures, mistakes in the file with their line."""

from __future__ import annotations

from dataclasses import fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import ConfigurationError, InputError
from swapstation.protocol.aaf5 import Aaf5Decoder, Aaf5Frame, encode_frame
from swapstation.protocol.aaf5_fields import INTEGERS, Field
from swapstation.protocol.aaf5_layout import Aaf5Layouts, Layout, read_layouts
from swapstation.protocol.aaf5_messages import (
    CellVoltages,
    ChargerMessage,
    Message,
    PileState,
    SignIn,
    SignInAnswer,
    SignInResult,
    StationMessage,
    Status,
)
from swapstation.protocol.node import Malformed
from swapstation.wire_files import wire_file
from tests.protocol.test_aaf5 import CAPTURED_SIGN_IN, CAPTURED_SIGN_IN_ANSWER

LAYOUTS = Aaf5Layouts.load()
KINDS: tuple[type[Message], ...] = (*get_args(ChargerMessage), *get_args(StationMessage))
STATUS = Status(
    charger_id="CHARGER-5",
    connectors=1,
    connector=0,
    connector_type=1,
    state=PileState.CHARGING,
    soc_pct=41,
    alarm_code=0,
    connection=2,
    voltage_v=652.3,
    current_a=238.7,
    wanted_voltage_v=733.6,
    wanted_current_a=240.0,
    remaining_min=55,
    elapsed_s=1234,
    energy_kwh=153.4,
    meter_start_kwh=1000.01,
    meter_kwh=1153.41,
    order_id="4711",
    power_kw=155.7,
)


def decoded(data: bytes) -> Message | Malformed | None:
    (frame,) = Aaf5Decoder(LAYOUTS.link.longest_frame).feed(data)
    assert isinstance(frame, Aaf5Frame)
    return LAYOUTS.decode(frame)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """What a field can carry."""
    if field.type == "bytes":
        return st.binary(max_size=40)
    if field.type == "text":
        return st.text("ABCxyz0189-_ ", max_size=field.size)
    if field.type == "time":
        moments = st.datetimes().filter(lambda moment: moment.year >= 1000)
        return st.none() | moments.map(lambda moment: moment.replace(microsecond=0).isoformat())
    if field.choices:
        return st.sampled_from(list(field.choices.values()))
    size, signed = INTEGERS[field.type.removesuffix("[]")]
    raws = st.integers(-(1 << 8 * size - 1) if signed else 0, (1 << 8 * size - signed) - 1)
    numbers = raws.map(lambda raw: None if raw == field.none else round(raw * field.scale + field.offset, 6))
    return st.lists(numbers, max_size=20).map(tuple) if field.type.endswith("[]") else numbers


def messages(kind: type[Message]) -> st.SearchStrategy[Message]:
    layout: Layout = LAYOUTS._by_kind[kind]
    return st.builds(kind, **{field.name: values_of(field) for field in layout.fields if field.name})


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_every_message_is_read_as_it_was_written(kind: type[Message], data: st.DataObject) -> None:
    message = data.draw(messages(kind))
    frame = LAYOUTS.encode(message, 3)
    assert frame.sequence == 3
    assert LAYOUTS.decode(frame) == message


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(max_size=300))
def test_any_data_is_a_message_or_malformed(kind: type[Message], data: bytes) -> None:
    command = LAYOUTS._by_kind[kind].command
    assert isinstance(LAYOUTS.decode(Aaf5Frame(command, data)), kind | Malformed)


def test_a_captured_sign_in_and_its_answer_are_read() -> None:
    assert decoded(CAPTURED_SIGN_IN) == SignIn(
        charger_id="20231212000010",
        software_version=0x010100,
        starts=0,
        connectors=2,
        heartbeat_period_s=0,
        heartbeats_lost=0,
        records=0,
        local_time="2025-08-08T12:01:01",
        random=0x40E201,
        protocol_version=34,
    )
    assert decoded(CAPTURED_SIGN_IN_ANSWER) == SignInAnswer(0x40E201, SignInResult.ACCEPTED)


def test_the_lengths_of_a_public_charger_firmware_are_ours() -> None:
    """Whole frames of protocol edition 2.6: heartbeat 47, status 178, sign-in 105, answers 50 and 52 bytes."""
    sizes = {command: 9 + sum(field.size for field in layout.fields) for command, layout in LAYOUTS._by_command.items()}
    assert {command: sizes[command] for command in (2, 6, 8, 102, 104, 106)} == {
        2: 52,
        6: 52,
        8: 50,
        102: 47,
        104: 178,
        106: 105,
    }


def test_a_status_lies_where_the_firmware_puts_it() -> None:
    data = LAYOUTS.encode(STATUS, 0).data
    assert data[4:13] == b"CHARGER-5"
    assert data[39:41] == bytes([2, 41])
    assert data[58:62] == (6523).to_bytes(2, "little") + (2387).to_bytes(2, "little")
    assert data[104:108] == b"4711"
    assert data[153:157] == (1557).to_bytes(4, "little")


def test_longer_data_of_a_later_edition_is_read() -> None:
    frame = LAYOUTS.encode(STATUS, 0)
    assert LAYOUTS.decode(replace(frame, data=frame.data + b"\x01\x02\x03")) == STATUS


def test_shorter_data_is_malformed() -> None:
    frame = LAYOUTS.encode(STATUS, 0)
    assert isinstance(LAYOUTS.decode(replace(frame, data=frame.data[:-13])), Malformed)


def test_a_state_that_is_not_in_the_layout_is_malformed() -> None:
    frame = LAYOUTS.encode(STATUS, 0)
    unknown = frame.data[:39] + b"\x63" + frame.data[40:]
    assert isinstance(LAYOUTS.decode(replace(frame, data=unknown)), Malformed)


def test_a_clock_that_is_no_date_spoils_nothing_else() -> None:
    frame = LAYOUTS.encode(decoded(CAPTURED_SIGN_IN), 0)  # type: ignore[arg-type]
    for clock in (b"\xff" * 8, b"\x20\x25\x13\x40\x99\x99\x99\xff", b"\x2a" * 8):
        broken = LAYOUTS.decode(replace(frame, data=frame.data[:58] + clock + frame.data[66:]))
        assert isinstance(broken, SignIn)
        assert broken.local_time is None
        assert broken.protocol_version == 34


def test_a_command_that_nobody_knows_is_no_message() -> None:
    assert LAYOUTS.decode(Aaf5Frame(4711, bytes(40))) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"charger_id": "x" * 33}, "charger_id"),
        ({"charger_id": "充电机"}, "charger_id"),
        ({"voltage_v": 6553.6}, "voltage_v"),
        ({"voltage_v": -0.1}, "voltage_v"),
        ({"soc_pct": 255}, "soc_pct"),
        ({"state": "asleep"}, "state"),
    ],
)
def test_what_a_field_cannot_say_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refused:
        LAYOUTS.encode(replace(STATUS, **change), 0)
    assert refused.value.field == field
    assert "allowed" in refused.value.allowed


def test_every_enumerated_word_has_a_number() -> None:
    for kind in KINDS:
        hints = get_type_hints(kind)
        numbered = {field.name: set(field.choices.values()) for field in LAYOUTS._by_kind[kind].fields}
        for field in fields(kind):
            if isinstance(hints[field.name], type) and issubclass(hints[field.name], StrEnum):
                assert numbered[field.name] == set(hints[field.name])


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("info = 0x10", "inform = 0x10", "inform"),
        ("answer_s = 2.0", "answer_s = 0.0", "answer_s = 0.0"),
        ("most_sendings = 3", 'most_sendings = "3"', "most_sendings"),
        ("echoes_sequence = true", "echoes_sequence = 1", "echoes_sequence"),
        ("command = 104", "command = 102", "command 102 is used twice"),
        ('name = "Heartbeat"', 'name = "Heartbeet"', "Heartbeet"),
        ('sender = "station"', 'sender = "charger"', "allowed: who sends it"),
        ('{ name = "counter", type = "u16" }', '{ name = "counter", type = "u17" }', "u17"),
        ('{ name = "counter", type = "u16" }', '{ name = "count", type = "u16" }', "'count'"),
        ('{ type = "skip", size = 4 }', '{ type = "skip" }', "size = 0"),
        ('type = "u16", unit = "min"', 'type = "u16", unit = "h"', "units"),
        ("enum = { gone = 0, active = 1 }", "enum = { gone = 0 }", "active"),
        ('unit = "%", none = 255 }', 'unit = "%" }', "none"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(tmp_path: Path, good: str, bad: str, told: str) -> None:
    text = wire_file("aaf5.toml").read_text(encoding="utf-8")
    assert good in text
    path = tmp_path / "aaf5.toml"
    path.write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read_layouts(path)
    assert told in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_frame_of_every_message_fits_the_longest() -> None:
    cells = LAYOUTS._by_kind[CellVoltages]
    assert sum(field.size for field in cells.fields) + 2 * 512 < LAYOUTS.link.longest_frame
    assert len(encode_frame(LAYOUTS.encode(STATUS, 0))) == 178
