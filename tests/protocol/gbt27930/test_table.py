"""The message table: what the standard's table 4 says, the DBC and TOML files, and cantools reading the same files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from swapstation.errors import ConfigurationError
from swapstation.protocol.can_fields import Number
from swapstation.protocol.can_layout import FixedCodec
from swapstation.protocol.dbc import load_dbc
from swapstation.protocol.gbt27930 import table
from swapstation.protocol.gbt27930.decoder import Decoder
from swapstation.protocol.gbt27930.table import TABLE, MessageType, type_of
from swapstation.protocol.gbt27930.words import Edition, Party
from swapstation.protocol.node import Frame, Malformed
from swapstation.wire_files import wire_file
from tests.protocol.foreign import database, differences, expected, raws_read

C, B = Party.CHARGER, Party.BMS
FILES = {"gbt27930.dbc": Edition.GB2015, "gbt27930_2011.dbc": Edition.GB2011}
MORE = tomllib.loads(wire_file("gbt27930.toml").read_text(encoding="utf-8"))
FIXED = [row for row in TABLE if isinstance(row.codec, FixedCodec)]

STANDARD = [
    ("CHM", 0x2600, 6, 0x1826F456, {3}, 0.25, C),
    ("BHM", 0x2700, 6, 0x182756F4, {2}, 0.25, B),
    ("CRM", 0x0100, 6, 0x1801F456, {8}, 0.25, C),
    ("BRM", 0x0200, 7, 0x1C0256F4, {49, 41}, 0.25, B),
    ("BCP", 0x0600, 7, 0x1C0656F4, {13}, 0.5, B),
    ("CTS", 0x0700, 6, 0x1807F456, {7}, 0.5, C),
    ("CML", 0x0800, 6, 0x1808F456, {8, 6}, 0.25, C),
    ("BRO", 0x0900, 4, 0x100956F4, {1}, 0.25, B),
    ("CRO", 0x0A00, 4, 0x100AF456, {1}, 0.25, C),
    ("BCL", 0x1000, 6, 0x181056F4, {5}, 0.05, B),
    ("BCS", 0x1100, 7, 0x1C1156F4, {9}, 0.25, B),
    ("CCS", 0x1200, 6, 0x1812F456, {8, 7, 6}, 0.05, C),
    ("BSM", 0x1300, 6, 0x181356F4, {7}, 0.25, B),
    ("BMV", 0x1500, 7, 0x1C1556F4, set(range(2, 513, 2)), 10.0, B),
    ("BMT", 0x1600, 7, 0x1C1656F4, set(range(1, 129)), 10.0, B),
    ("BSP", 0x1700, 7, 0x1C1756F4, set(range(1, 17)), 10.0, B),
    ("BST", 0x1900, 4, 0x101956F4, {4}, 0.01, B),
    ("CST", 0x1A00, 4, 0x101AF456, {4}, 0.01, C),
    ("BSD", 0x1C00, 6, 0x181C56F4, {7}, 0.25, B),
    ("CSD", 0x1D00, 6, 0x181DF456, {8, 7, 5}, 0.25, C),
    ("BEM", 0x1E00, 2, 0x081E56F4, {4}, 0.25, B),
    ("CEM", 0x1F00, 2, 0x081FF456, {4}, 0.25, C),
]


def test_the_table_is_that_of_the_standard() -> None:
    rows = [(r.name, r.pgn, r.priority, r.can_id, set(r.codec.readers), r.period_s, r.sender) for r in TABLE]
    assert rows == STANDARD


def test_the_sending_node_of_the_dbc_is_the_source_address() -> None:
    for file in FILES:
        for message in load_dbc(wire_file("dbc", file)):
            assert message.sender.upper() == Party(message.can_id & 0xFF).name


@pytest.mark.parametrize("file", FILES)
def test_cantools_sees_the_same_messages_and_signals(file: str) -> None:
    ours = {message.name: message for message in load_dbc(wire_file("dbc", file))}
    foreign = database(file)
    assert list(ours) == [message.name for message in foreign.messages]
    for theirs in foreign.messages:
        message = ours[theirs.name]
        assert (message.can_id, message.length) == (theirs.frame_id, theirs.length)
        assert message.cycle_s == (theirs.cycle_time or 0) / 1000
        assert [message.sender] == theirs.senders
        by_start = sorted(theirs.signals, key=lambda signal: signal.start)
        for signal, other in zip(message.signals, by_start, strict=True):
            for name in ("name", "start", "length", "scale", "offset", "minimum", "maximum", "unit"):
                assert getattr(signal, name) == (getattr(other, name) or ("" if name == "unit" else 0)), signal
            assert dict(signal.choices) == {raw: str(text) for raw, text in (other.choices or {}).items()}


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_the_fields_of_a_class_are_exactly_the_signals_of_its_message(row: MessageType) -> None:
    """Every bit of every signal belongs to a field and every bit of a field to a signal, in both editions."""
    assert [name for name, _ in row.codec.fields] == [field.name for field in fields(row.build)]
    texts = MORE["text"].get(row.name, {}).values()
    for file, codec in (("gbt27930.dbc", row.codec), ("gbt27930_2011.dbc", row.codec_2011)):
        message = {each.name: each for each in load_dbc(wire_file("dbc", file))}.get(row.name)
        if message is not None:
            used = sum({field.mask for _, field in codec.fields})
            signals = sum(signal.mask for signal in message.signals)
            assert used == signals + sum((1 << 8 * t["length"]) - 1 << 8 * (t["first_byte"] - 1) for t in texts)
            assert used.bit_length() <= 8 * message.length


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_limits_of_a_number_can_be_said_and_are_never_taken_for_absent(row: MessageType) -> None:
    for codec in (row.codec, row.codec_2011):
        for _, field in codec.fields:
            if isinstance(field, Number):
                for value in (field.low, field.high):
                    assert field.read(field.write(value)) == value


def test_the_toml_names_only_messages_and_signals_that_exist() -> None:
    messages = {message.name: message for message in load_dbc(wire_file("dbc", "gbt27930.dbc"))}
    for section in ("other_lengths", "length_2011", "since_2023", "repeated", "text"):
        assert set(MORE[section]) <= set(messages)
    for name, signals in MORE["since_2023"].items():
        assert set(signals) <= {signal.name for signal in messages[name].signals}
    for name, length in MORE["length_2011"].items():
        assert length in MORE["other_lengths"][name]


@pytest.mark.parametrize("file", FILES)
@given(st.data())
def test_random_bytes_say_the_same_to_us_and_to_cantools(file: str, data: st.DataObject) -> None:
    """Or we refuse them, exactly when a field that must be there is absent or outside its limits."""
    foreign = data.draw(
        st.sampled_from([each for each in database(file).messages if each.name not in MORE["repeated"]])
    )
    row = next(row for row in TABLE if row.name == foreign.name)
    codec = row.codec_2011 if FILES[file] is Edition.GB2011 else row.codec
    payload = data.draw(st.binary(min_size=foreign.length, max_size=foreign.length))
    message, told = codec.decode(payload), expected(codec, foreign, raws_read(foreign, payload))
    needed = {name for name, field in codec.fields if not getattr(field, "optional", True)}
    lacking = [name for name in needed if told[name] is None]
    if isinstance(message, Malformed):
        assert lacking
    else:
        assert not lacking
        assert differences(message, told) == {}


@given(st.sampled_from(FIXED), st.binary(max_size=60), st.sampled_from(Edition))
def test_every_other_length_is_malformed(row: MessageType, data: bytes, edition: Edition) -> None:
    read = row.decode(data, edition)
    if len(data) not in row.codec.readers:
        assert isinstance(read, Malformed)
        assert (read.where, read.data) == (row.name, data)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("BO_ 2551207668 BCL", "BO_ 2551207668 BCX", "message BCL is in only one"),
        ("SG_ WantedVoltage", "SG_ VoltageWanted", "message BCL: wanted_voltage_v has no signal"),
        ('1 "ConstantVoltage"', '1 "Constant"', "message BCL: Constant: not one of ChargeMode"),
        ('1 "CellVoltageHigh"', '1 "CellVoltageLow"', "message BSM: its words are not those of BatteryFault"),
        ("SG_ WantedCurrent : 16|16@1+ (0.1,-400)", "SG_ WantedCurrent : 15|17@1+ (0.1,-400)", "overlapping"),
        ('[0|6553.4] "kWh"', '[0|6553.4] "MWh"', "unit 'MWh'"),
    ],
)
def test_a_dbc_that_does_not_fit_the_classes_is_refused(
    old: str, new: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = wire_file("dbc", "gbt27930.dbc").read_text(encoding="utf-8")
    assert old in text
    changed = tmp_path / "gbt27930.dbc"
    changed.write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(table, "wire_file", lambda *parts: changed if parts[-1] == changed.name else wire_file(*parts))
    with pytest.raises(ConfigurationError) as refusal:
        table._rows(table._Sources())
    assert told in str(refusal.value)


def test_diagnostic_messages_are_known_by_name_and_kept_as_they_are() -> None:
    decoder = Decoder()
    for number in range(6):
        assert decoder.take(Frame(0x182056F4 + (number << 16), bytes([number]))) is None
    assert decoder.take(Frame(0x1820F456, b"\x09\x09")) is None
    assert decoder.messages == {"DM1": 2} | {f"DM{number}": 1 for number in range(2, 7)}
    assert decoder.diagnostics["DM1", Party.BMS] == b"\x00"
    assert decoder.diagnostics["DM1", Party.CHARGER] == b"\x09\x09"
    assert not decoder.unknown_ids
    assert decoder.malformed == 0


def test_a_long_diagnostic_message_comes_through_the_transport() -> None:
    decoder = Decoder()
    for can_id, text in [
        (0x1CEC56F4, "10 0A 00 02 FF 00 20 00"),
        (0x1CEB56F4, "01 01 02 03 04 05 06 07"),
        (0x1CEB56F4, "02 08 09 0A FF FF FF FF"),
    ]:
        assert decoder.take(Frame(can_id, bytes.fromhex(text))) is None
    assert decoder.diagnostics["DM1", Party.BMS] == bytes(range(1, 11))


def test_a_decoder_of_the_2011_edition_reads_the_charger_number_of_one_byte() -> None:
    frame = Frame(0x1801F456, bytes.fromhex("AA 07 41 2D 30 30 31 32"))
    numbers: dict[Edition, Any] = {}
    for edition in Edition:
        heard = Decoder(edition).take(frame)
        assert isinstance(heard, table.Heard)
        numbers[edition] = heard.message
    assert numbers[Edition.GB2011].location == "A-0012"
    assert numbers[Edition.GB2015] == numbers[Edition.GB2023]
    assert type_of(numbers[Edition.GB2015]).name == "CRM"
