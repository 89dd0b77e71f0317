"""Every message in both directions: golden bytes, short and odd forms, limits, round trips, random bytes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.errors import InputError
from swapstation.protocol.can_fields import Choice, Flag, Number, Text
from swapstation.protocol.can_layout import RepeatedCodec
from swapstation.protocol.gbt27930.fields import ClockField, VersionField, WordsField
from swapstation.protocol.gbt27930.messages import (
    Bcl,
    Bcp,
    Bcs,
    Bmt,
    Bmv,
    Brm,
    Bsm,
    Bsp,
    Bst,
    Ccs,
    Cem,
    Cml,
    Crm,
    Csd,
    Cst,
    Cts,
    Message,
)
from swapstation.protocol.gbt27930.table import TABLE, Heard, MessageType, encode, hear, type_of
from swapstation.protocol.gbt27930.words import (
    BatteryFault,
    BatteryType,
    BmsStop,
    ChargeMode,
    ChargerStop,
    ChargerTimeout,
    Edition,
    Party,
)
from swapstation.protocol.node import Malformed
from tests.protocol.gbt27930.vectors import BRM, BRM_BYTES, GOLDEN


@pytest.mark.parametrize(("can_id", "text", "message"), GOLDEN, ids=[f"{i:08X} {t[:23]}" for i, t, _ in GOLDEN])
def test_golden_bytes_and_messages_are_the_same_thing(can_id: int, text: str, message: Message) -> None:
    row = type_of(message)
    assert row.can_id == can_id
    assert row.decode(bytes.fromhex(text)) == message
    assert encode(message) == bytes.fromhex(text)


def test_every_message_has_a_golden_vector() -> None:
    assert {type_of(message).name for _, _, message in GOLDEN} == {row.name for row in TABLE}


def test_a_row_is_found_by_pgn_and_addresses_and_only_in_its_own_direction() -> None:
    data = bytes.fromhex("80 19 4F 06 0C 00 FD FF")
    assert hear(0x1200, Party.BMS, Party.CHARGER, data) == Heard(Ccs(652.8, 238.5, 12, True), 8)
    assert hear(0x1200, Party.CHARGER, Party.BMS, data) is None
    assert hear(0x1400, Party.CHARGER, Party.BMS, data) is None


def test_2011_forms_are_read_with_what_they_lack_as_none() -> None:
    brm = type_of(Brm).decode(bytes.fromhex(BRM_BYTES)[:41])
    assert isinstance(brm, Brm)
    assert (brm.vin, brm.software_year) == ("LZZ1CLSB7RA000001", None)
    assert type_of(Cml).decode(bytes.fromhex("4C 1D D0 07 DC 05")) == Cml(750.0, 200.0, 250.0, None)
    assert type_of(Ccs).decode(bytes.fromhex("80 19 4F 06 0C 00")) == Ccs(652.8, 238.5, 12, None)


@pytest.mark.parametrize(
    ("message", "length"),
    [
        (BRM, 41),
        (Cml(750.0, 200.0, 250.0, 2.0), 6),
        (Ccs(652.8, 238.5, 12, True), 6),
        (Csd(62, 153.4, 7), 5),
        (Crm(True, 7, "A-0012"), 8),
        (Bcl(733.6, 240.0), 5),
    ],
)
def test_2011_forms_are_sent_short(message: Message, length: int) -> None:
    assert len(encode(message, Edition.GB2011)) == length


def test_crm_and_csd_are_laid_out_otherwise_in_2011() -> None:
    """One byte of charger number in both, six of location; a CSD tells its edition by its length, a CRM does not."""
    csd = bytes.fromhex("3E 00 FE 05 07")
    assert encode(Csd(62, 153.4, 7), Edition.GB2011) == csd
    assert type_of(Csd).decode(csd) == type_of(Csd).decode(csd, Edition.GB2011) == Csd(62, 153.4, 7)
    crm = bytes.fromhex("AA 07 41 2D 30 30 31 32")
    assert encode(Crm(True, 7, "A-0012"), Edition.GB2011) == crm
    assert type_of(Crm).decode(crm, Edition.GB2011) == Crm(True, 7, "A-0012")
    assert type_of(Crm).decode(crm) == Crm(True, 0x302D4107, "012")


def test_a_2011_device_is_read_when_it_sends_a_later_form() -> None:
    assert type_of(Csd).decode(encode(Csd(62, 153.4, 1002)), Edition.GB2011) == Csd(62, 153.4, 1002)
    assert type_of(Ccs).decode(encode(Ccs(652.8, 238.5, 12, True)), Edition.GB2011) == Ccs(652.8, 238.5, 12, True)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (Bst((BmsStop.PARAMETERS_MISMATCH,)), "00 00 00 D0"),
        (Cst((ChargerStop.FAULT, ChargerStop.SELF_TEST_FAULT)), "10 00 10 C0"),
        (Cst((ChargerStop.FAULT, ChargerStop.PRECHARGE_FAULT)), "10 00 40 C0"),
        (Cst((ChargerStop.FAULT, ChargerStop.PARAMETERS_MISMATCH)), "10 00 00 D0"),
        (Cem((ChargerTimeout.BSM,)), "FC F0 40 FC"),
    ],
)
def test_words_of_2023_are_read_always_and_sent_only_by_that_edition(message: Message, text: str) -> None:
    data = bytes.fromhex(text)
    assert type_of(message).decode(data) == message
    assert encode(message, Edition.GB2023) == data
    for edition in (Edition.GB2011, Edition.GB2015):
        with pytest.raises(InputError, match="2023"):
            encode(message, edition)


@pytest.mark.parametrize("reserved", ["F0 F0", "00 00", "F0 00"])
def test_bits_reserved_before_2023_say_nothing_whether_ones_or_zeros(reserved: str) -> None:
    assert type_of(Cst).decode(bytes.fromhex("04 00" + reserved)) == Cst((ChargerStop.MANUAL,))
    assert type_of(Cem).decode(bytes.fromhex("00 00 00 00")) == type_of(Cem).decode(bytes.fromhex("FC F0 C0 FC"))


def test_a_cause_is_not_sent_as_true_and_untrusted_at_once() -> None:
    with pytest.raises(InputError, match="untrusted"):
        encode(Bst((BmsStop.OVER_CURRENT,), (BmsStop.OVER_CURRENT,)))


@pytest.mark.parametrize(
    ("tail", "permitted"), [("FD", True), ("FC", False), ("01", True), ("00", False), ("02", None), ("FD FF", True)]
)
def test_ccs_permission_is_read_from_two_bits_whatever_the_rest_says(tail: str, permitted: bool | None) -> None:
    assert type_of(Ccs).decode(bytes.fromhex("80 19 4F 06 0C 00" + tail)) == Ccs(652.8, 238.5, 12, permitted)


def test_bsm_reserved_bits_are_ignored_and_every_abnormal_pair_is_a_fault() -> None:
    ok = type_of(Bsm).decode(bytes.fromhex("56 51 03 4D 0A 00 10"))
    assert isinstance(ok, Bsm)
    assert (ok.faults, ok.permitted) == ((), True)
    bad = type_of(Bsm).decode(bytes.fromhex("56 51 03 4D 0A 86 1C"))
    assert isinstance(bad, Bsm)
    assert bad.faults == (
        BatteryFault.CELL_VOLTAGE_LOW,
        BatteryFault.SOC_HIGH,
        BatteryFault.TEMPERATURE_UNTRUSTED,
        BatteryFault.CONNECTOR_UNKNOWN,
    )


@pytest.mark.parametrize("text", ["36 24 08 1A 05 15 20", "FF FF FF FF FF FF FF"])
def test_cts_that_is_not_bcd_has_no_time(text: str) -> None:
    assert type_of(Cts).decode(bytes.fromhex(text)) == Cts(None)


def test_a_real_pack_without_identity_reads_as_none() -> None:
    data = bytes.fromhex("01 01 00 03 08 11 44 19 43 41 54 4C").ljust(49, b"\xff")
    brm = type_of(Brm).decode(data)
    assert brm == Brm("1.1", BatteryType.LFP, 436.0, 646.8, "CATL")
    zero_vin = type_of(Brm).decode(data[:24] + bytes(17) + data[41:])
    assert isinstance(zero_vin, Brm)
    assert zero_vin.vin is None


def test_an_undefined_battery_type_reads_as_other_and_an_undefined_mode_as_none() -> None:
    brm = type_of(Brm).decode(bytes.fromhex(BRM_BYTES.replace("01 01 00 03", "01 01 00 63")))
    assert isinstance(brm, Brm)
    assert brm.battery_type is BatteryType.OTHER
    assert type_of(Bcl).decode(bytes.fromhex("A8 1C 40 06 09")) == Bcl(733.6, 240.0, None)


@pytest.mark.parametrize(
    ("cls", "text"),
    [
        (Bcl, "A8 1C 40 06"),
        (Bcl, "A8 1C 40 06 02 FF"),
        (Bcl, "FF FF 40 06 02"),
        (Bcl, "A8 1C FF FF 02"),
        (Bcs, "7B 19 4D 06 52 31 29 37"),
        (Ccs, ""),
        (Bcp, "6D 01 FF FF 04 0B A8 1C 6E 95 01 02 19"),
    ],
)
def test_what_cannot_be_read_is_malformed(cls: type[Message], text: str) -> None:
    assert isinstance(type_of(cls).decode(bytes.fromhex(text)), Malformed)


@pytest.mark.parametrize(
    "message",
    [
        Bmv((), ()),
        Bmv((3.3, 3.3), (1,)),
        Bmv((3.3,) * 257, (1,) * 257),
        Bmt(()),
        Bmt((25.0,) * 129),
        Bsp((1,) * 17),
        Bsp([1, 2]),  # type: ignore[arg-type]
    ],
)
def test_a_series_that_is_empty_too_long_or_uneven_is_not_sent(message: Message) -> None:
    with pytest.raises(InputError, match=type(message).__name__.upper()):
        encode(message)


def test_a_production_date_that_is_garbage_leaves_the_rest_of_the_identity() -> None:
    brm = type_of(Brm).decode(bytes.fromhex(BRM_BYTES.replace("26 06 0F", "63 00 63")))
    assert isinstance(brm, Brm)
    assert (brm.production_year, brm.production_month, brm.production_day) == (2084, 0, 99)
    assert (brm.maker, brm.vin) == ("CATL", "LZZ1CLSB7RA000001")


def test_limits_of_a_charger_come_as_it_says_them_even_swapped() -> None:
    cml = type_of(Cml).decode(bytes.fromhex("4C 1D D0 07 8C 0F DC 05"))
    assert cml == Cml(750.0, 200.0, 2.0, 250.0)


def test_a_group_number_is_what_the_wire_says() -> None:
    bcs = type_of(Bcs).decode(bytes.fromhex("7B 19 4D 06 52 F1 29 37 00"))
    assert isinstance(bcs, Bcs)
    assert (bcs.max_cell_v, bcs.max_cell_group) == (3.38, 15)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (Bcl(733.6, 400.1), "BCL.wanted_current_a"),
        (Bcl(-0.1, 0.0), "BCL.wanted_voltage_v"),
        (Bcl(float("nan"), 0.0), "BCL.wanted_voltage_v"),
        (Cml(750.0, 200.0, 401.0, 0.0), "CML.max_current_a"),
        (Bcs(600.0, 0.0, 3.3, 16, 50, 0), "BCS.max_cell_group"),
        (Bcs(600.0, 0.0, 3.3, 1, 101, 0), "BCS.soc_pct"),
        (Crm(False, 1 << 32), "CRM.charger_number"),
        (Crm(False, 1, "0101"), "CRM.location"),
        (Crm(False, 1, "中"), "CRM.location"),
        (Cts("2025-03-09"), "CTS.local_time"),
    ],
)
def test_encoding_refuses_what_the_wire_cannot_say(message: Message, field: str) -> None:
    with pytest.raises(InputError) as refusal:
        encode(message)
    assert refusal.value.field == field
    assert field in str(refusal.value)


def _numbers(field: Number) -> st.SearchStrategy[float | None]:
    scale = abs(field.scale)
    steps = st.integers(0, round((field.high - field.low) / scale))
    values = steps.map(lambda step: round(field.low + step * scale, 6))
    return st.none() | values if field.optional else values


def _values(field: object) -> st.SearchStrategy[Any]:
    match field:
        case Number():
            return _numbers(field)
        case Flag():
            return st.sampled_from([None, False, True])
        case Choice(kind=kind, optional=optional):
            return st.sampled_from([*kind, *([None] if optional else [])])
        case Text(size=size):
            return st.none() | st.from_regex(rf"\A[A-Z0-9]{{1,{size}}}\Z")
        case VersionField():
            return st.sampled_from(["1.0", "1.1", "2.0"])
        case ClockField():
            return st.none() | st.datetimes().map(lambda each: each.strftime("%Y-%m-%d %H:%M:%S")).filter(
                lambda text: len(text) == 19
            )
        case WordsField():
            return st.just(())
    raise AssertionError(field)


def _drawn(data: st.DataObject, row: MessageType, edition: Edition) -> Message:
    codec = row.codec_2011 if edition is Edition.GB2011 else row.codec
    columns: dict[str, Any] = {}
    for name, field in codec.fields:
        values = _values(field)
        if isinstance(codec, RepeatedCodec):
            values = st.lists(values, min_size=5, max_size=5).map(tuple)
        columns[name] = data.draw(values, label=name)
    return row.build(**columns)


@given(st.data(), st.sampled_from(TABLE), st.sampled_from([Edition.GB2015, Edition.GB2023]))
def test_encoding_and_decoding_come_back_to_the_same_message(
    data: st.DataObject, row: MessageType, edition: Edition
) -> None:
    message = _drawn(data, row, edition)
    assert row.decode(row.encode(message, edition), edition) == message


@given(st.data(), st.sampled_from(TABLE))
def test_the_2011_edition_comes_back_with_what_it_can_say(data: st.DataObject, row: MessageType) -> None:
    message = _drawn(data, row, Edition.GB2011)
    sent = row.encode(message, Edition.GB2011)
    read = row.decode(sent, Edition.GB2011)
    assert isinstance(read, row.build)
    assert row.encode(read, Edition.GB2011) == sent
    for name in row.build.__struct_fields__:
        assert getattr(read, name) in (getattr(message, name), None)


@given(
    st.data(), st.sampled_from([row for row in TABLE if any(isinstance(f, WordsField) for _, f in row.codec.fields)])
)
def test_words_come_back_too(data: st.DataObject, row: MessageType) -> None:
    width = max(row.codec.readers)
    message = row.decode(data.draw(st.binary(min_size=width, max_size=width)))
    if not isinstance(message, Malformed):
        assert row.decode(row.encode(message, Edition.GB2023)) == message


@given(st.sampled_from(TABLE), st.binary(max_size=60))
def test_random_bytes_never_raise(row: MessageType, data: bytes) -> None:
    assert isinstance(row.decode(data), Malformed | row.build)


@given(st.sampled_from(TABLE), st.data())
def test_random_bytes_of_an_accepted_length_never_raise(row: MessageType, data: st.DataObject) -> None:
    length = data.draw(st.sampled_from(list(row.codec.readers)))
    message = row.decode(data.draw(st.binary(min_size=length, max_size=length)))
    if isinstance(message, Malformed):
        assert message.where == row.name


def test_charge_mode_is_written() -> None:
    assert encode(Bcl(700.0, 10.0, ChargeMode.CONSTANT_VOLTAGE))[-1] == 1


def test_brm_vector_is_49_bytes() -> None:
    assert len(encode(BRM)) == 49
