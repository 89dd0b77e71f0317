"""The compiled layout of a CAN message: runs that remember, rounding, and classes that do not fit their signals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from swapstation.errors import InputError
from swapstation.protocol.can_fields import Field, Number, Rules
from swapstation.protocol.can_layout import FixedCodec, bound_fields
from swapstation.protocol.can_reader import reader, runs_of
from swapstation.protocol.dbc import Message, Signal
from swapstation.protocol.gbt27930.table import TABLE
from swapstation.protocol.node import Malformed
from swapstation.protocol.station_can import StationCan

VOLTAGE = Signal("Voltage", 0, 16, 0.1, 0.0, 0.0, 1500.0, "V")
GROUP = Signal("Group", 16, 4, 1.0, 0.0, 0.0, 15.0)
LEVEL = Signal("Level", 20, 4, 1.0, 0.0, 0.0, 9.0)
SAMPLE = Message("Sample", "Node", 0x18FF0001, 4, 0.1, (VOLTAGE, GROUP, LEVEL))


class Sample(Struct, frozen=True):
    """Three fields, two of them in one byte."""

    voltage_v: float
    group: int
    level: int | None


STRICT, LENIENT = Rules(), Rules(lenient=True)


def codec(rules: Rules = STRICT) -> FixedCodec[Sample]:
    return FixedCodec("Sample", Sample, bound_fields(SAMPLE, Sample, rules), (4,))


def numbers() -> list[Number]:
    codecs: list[Any] = [each for row in TABLE for each in (row.codec, row.codec_2011)]
    codecs += StationCan.load()._codecs.values()
    return [field for each in codecs for _, field in each.fields if isinstance(field, Number)]


@given(st.sampled_from(numbers()), st.data())
def test_a_number_comes_back_within_half_its_resolution(field: Number, data: st.DataObject) -> None:
    value = data.draw(st.integers(int(field.low), int(field.high)) if field.whole else st.floats(field.low, field.high))
    read = field.read(field.write(value))
    assert isinstance(read, int) is field.whole
    assert isinstance(read, int | float)
    assert abs(read - value) <= abs(field.scale) / 2 + 1e-6


@given(st.sampled_from(numbers()), st.floats())
def test_a_number_outside_its_limits_is_never_sent(field: Number, value: float) -> None:
    if not field.low <= value <= field.high:
        with pytest.raises(InputError) as refusal:
            field.write(value)
        assert refusal.value.field == field.where


@pytest.mark.parametrize(("group", "level"), [(True, 1), (1.5, 1), ("1", 1), (1, 3.25), (None, 1)])
def test_what_is_no_whole_number_is_not_sent_as_one(group: Any, level: Any) -> None:
    with pytest.raises(InputError, match="Sample"):
        codec().encode(Sample(1.0, group, level))


def test_bits_without_a_field_are_ignored_and_sent_as_ones() -> None:
    sent = codec().encode(Sample(1500.0, 5, 9))
    assert sent == bytes.fromhex("98 3A 95 FF")
    assert codec().decode(bytes.fromhex("98 3A 95 00")) == Sample(1500.0, 5, 9)


def test_a_message_that_met_every_value_remembers_few_and_still_reads_all() -> None:
    fields: list[Field] = [named.field for named in bound_fields(SAMPLE, Sample, LENIENT)]
    runs = runs_of(fields)
    read = reader(Sample, runs, 4)
    for _ in range(2):
        for raw in range(15001):
            assert read(raw.to_bytes(2, "little") + b"\x21\xff") == Sample(round(raw * 0.1, 6), 1, 2)
    assert all(len(run) <= 4096 for run in runs)


def test_what_was_refused_is_refused_again() -> None:
    for _ in range(2):
        read = codec().decode(bytes.fromhex("99 3A 21 FF"))
        assert isinstance(read, Malformed)
        assert read.reason == "Sample.voltage_v = 1500.1: outside 0 to 1500 V"
        assert codec().decode(bytes.fromhex("98 3A 21 FF")) == Sample(1500.0, 1, 2)


def test_lenient_rules_read_a_value_outside_its_limits_as_absent_where_it_may_be() -> None:
    level_13 = bytes.fromhex("00 00 D1 FF")
    assert codec(LENIENT).decode(level_13) == Sample(0.0, 1, None)
    assert isinstance(codec().decode(level_13), Malformed)


def test_a_message_cut_short_has_the_fields_behind_its_end_absent() -> None:
    class Late(Struct, frozen=True):
        voltage_v: float | None
        current_a: float | None

    current = Signal("Current", 16, 16, 0.1, -400.0, -400.0, 400.0, "A")
    message = Message("Late", "Node", 1, 4, 0.0, (VOLTAGE, current))
    short = FixedCodec("Late", Late, bound_fields(message, Late, Rules(lenient=True, charge_negative=True)), (4, 3, 2))
    assert short.decode(bytes.fromhex("64 00 A0 0F")) == Late(10.0, 0.0)
    assert short.decode(bytes.fromhex("64 00 DC 05")) == Late(10.0, 250.0)
    assert short.decode(bytes.fromhex("64 00 A0")) == short.decode(bytes.fromhex("64 00")) == Late(10.0, None)
    assert short.encode(Late(10.0, 250.0)) == bytes.fromhex("64 00 DC 05")


def test_fields_that_are_not_in_the_order_of_their_places_are_refused() -> None:
    fields = [named.field for named in bound_fields(SAMPLE, Sample, STRICT)]
    with pytest.raises(ValueError, match="order of their places"):
        runs_of([fields[1], fields[0]])


def test_a_class_whose_fields_are_not_its_signals_is_refused() -> None:
    class Other(Struct, frozen=True):
        voltage_v: float
        group: int

    class More(Struct, frozen=True):
        voltage_v: float
        group: int
        level: int
        colour: int

    class Flagged(Struct, frozen=True):
        voltage_v: bool
        group: int
        level: int

    for kind, told in ((Other, "Level has no field"), (More, "colour has no signal"), (Flagged, "No and Yes")):
        with pytest.raises(ValueError, match=told):
            bound_fields(SAMPLE, kind, STRICT)
