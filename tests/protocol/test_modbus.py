"""Modbus codecs: published CRC vectors, PDU limits, round trips, random bytes as values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.protocol.modbus import (
    Answer,
    ExceptionCode,
    Refused,
    Request,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
)
from swapstation.protocol.modbus_framing import TcpDecoder, crc16, decode_rtu, encode_rtu, encode_tcp, silence_s

register = st.integers(0, 0xFFFF)
registers = st.lists(register, min_size=1, max_size=121).map(tuple)
requests = st.one_of(
    st.builds(Request, st.sampled_from([3, 4]), address=register, count=st.integers(1, 125)),
    st.builds(Request, st.just(6), write_address=register, registers=st.tuples(register)),
    st.builds(Request, st.just(16), write_address=register, registers=registers),
    st.builds(
        Request, st.just(23), address=register, count=st.integers(1, 125), write_address=register, registers=registers
    ),
)


@pytest.mark.parametrize(
    ("frame", "crc"),
    [
        ("01 03 00 00 00 0A", "C5 CD"),
        ("11 03 00 6B 00 03", "76 87"),
        ("11 06 00 01 00 03", "9A 9B"),
        ("11 10 00 01 00 02 04 00 0A 01 02", "C6 F0"),
        ("01 83 02", "C0 F1"),
        ("01 04 00 00 00 01", "31 CA"),
        ("01 17 00 10 00 04 00 20 00 02 04 12 34 56 78", "9F 8C"),
    ],
)
def test_published_crc_vectors(frame: str, crc: str) -> None:
    body = bytes.fromhex(frame)
    assert crc16(body).to_bytes(2, "little") == bytes.fromhex(crc)
    assert encode_rtu(body[0], body[1:]) == body + bytes.fromhex(crc)
    assert decode_rtu(body + bytes.fromhex(crc)) == (body[0], body[1:])


@pytest.mark.parametrize(
    ("pdu", "request_"),
    [
        ("03 00 6B 00 03", Request(3, address=0x6B, count=3)),
        ("06 00 01 00 03", Request(6, write_address=1, registers=(3,))),
        ("10 00 01 00 02 04 00 0A 01 02", Request(16, write_address=1, registers=(10, 258))),
        (
            "17 00 10 00 04 00 20 00 02 04 12 34 56 78",
            Request(23, address=16, count=4, write_address=32, registers=(0x1234, 0x5678)),
        ),
    ],
)
def test_published_requests(pdu: str, request_: Request) -> None:
    assert decode_request(bytes.fromhex(pdu)) == request_
    assert encode_request(request_) == bytes.fromhex(pdu)


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        ("", ExceptionCode.ILLEGAL_FUNCTION),
        ("01 00 00 00 08", ExceptionCode.ILLEGAL_FUNCTION),
        ("03 00 00 00 00", ExceptionCode.ILLEGAL_VALUE),
        ("03 00 00 00 7E", ExceptionCode.ILLEGAL_VALUE),
        ("03 00 00 00", ExceptionCode.ILLEGAL_VALUE),
        ("10 00 01 00 02 03 00 0A 01", ExceptionCode.ILLEGAL_VALUE),
        ("10 00 01 00 03 04 00 0A 01 02", ExceptionCode.ILLEGAL_VALUE),
        ("10 00 01 00 00 00", ExceptionCode.ILLEGAL_VALUE),
    ],
)
def test_a_wrong_request_names_the_exception(pdu: str, code: ExceptionCode) -> None:
    assert decode_request(bytes.fromhex(pdu)) == Refused(code)


@given(requests, st.data())
def test_requests_and_answers_survive_a_round_trip(request_: Request, data: st.DataObject) -> None:
    assert decode_request(encode_request(request_)) == request_
    answer = Answer(tuple(data.draw(st.lists(register, min_size=request_.count, max_size=request_.count))))
    assert decode_answer(request_, encode_answer(request_, answer)) == answer
    refused = Refused(data.draw(st.integers(0, 255)))
    assert decode_answer(request_, encode_answer(request_, refused)) == refused


@given(requests, requests)
def test_an_answer_of_another_shape_is_not_accepted(asked: Request, other: Request) -> None:
    pdu = encode_answer(other, Answer((0,) * other.count))
    same_shape = (asked.function, asked.count) == (other.function, other.count)
    if asked.function in {6, 16}:
        same_shape = pdu == encode_answer(asked, Answer())
    assert (decode_answer(asked, pdu) is not None) == same_shape


@given(requests, st.binary(max_size=260))
def test_random_pdus_are_values(request_: Request, pdu: bytes) -> None:
    assert isinstance(decode_request(pdu), Request | Refused)
    assert isinstance(decode_answer(request_, pdu), Answer | Refused | None)
    decode_rtu(pdu)


frames = st.tuples(register, st.integers(0, 255), st.binary(min_size=1, max_size=253))


@given(st.lists(frames, max_size=4), st.integers(1, 40))
def test_tcp_frames_in_any_chunking(sent: list[tuple[int, int, bytes]], size: int) -> None:
    data = b"".join(encode_tcp(*frame) for frame in sent)
    decoder = TcpDecoder()
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    assert [frame for chunk in chunks for frame in decoder.feed(chunk)] == sent
    assert not decoder.broken


@given(st.lists(st.binary(max_size=30), max_size=20))
def test_random_bytes_never_raise_and_a_broken_stream_stays_broken(chunks: list[bytes]) -> None:
    decoder = TcpDecoder()
    for chunk in chunks:
        decoder.feed(chunk)
    if decoder.broken:
        assert decoder.feed(encode_tcp(1, 1, b"\x03")) == []


def test_silence_between_rtu_frames() -> None:
    assert silence_s(9600) == pytest.approx(0.00401, abs=1e-5)
    assert silence_s(115_200) == 0.00175
