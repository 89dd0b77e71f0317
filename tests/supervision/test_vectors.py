"""The published vectors of T/CEC 102, an own example, and the OpenSSL command line as an independent witness."""

from __future__ import annotations

import base64
import json
import subprocess

import pytest

from swapstation.supervision.codes import ConnectorStatus, SuccStat
from swapstation.supervision.envelope import (
    Refusal,
    Ret,
    SealedRequest,
    Secrets,
    UntrustedAnswer,
    decrypt,
    encrypt,
    open_answer,
    open_request,
    seal_answer,
    seal_request,
    signature,
    unseal_request,
)
from swapstation.supervision.messages import ConnectorState, StateNotice, StateTaken, TokenGiven, TokenRequest
from swapstation.supervision.wire_fields import Spelling, read_message, write_message

PLAIN = Spelling()
PUBLIC = Secrets("123456789", "1234567890abcdef", *["1234567890abcdef"] * 3)
OWN = Secrets("MA0SX0001", "Op9Xc4Vb7Nm2As5D", "sx7Qk2Lm9Rt4Vb8N", "c3F6j0Wp5Zy1Xe7U", "Hs2Gd8Ka5Jq1Lz6M")

TOKEN_REQUEST = "mYvffpNoFf4E/ZTC1tOw41TC5OlkEobfAYCm5N8hEusaLUaUIqOrXtdbMrSck0DSmfM7mRuOGMoCQzH0nWPGuw=="
TOKEN_ANSWER = (
    "uxeKP0ezR5yL8xSg4/ZCDh/N91/u86NXFxd2DrwZVW8zCPYcpl59Twz/yQZ3RaO4rDDrGmkvQignmNEJ+k4PGxdmIC+4fpJ8rU6osSobY+AeA0uu"
    "euQ5+eQiWBL6p6v5XMMm91brtK8yfFELYUWQzVcxABnAwK/+dyxtUhqLIxUpkwTEU/4ktN40df9IzzlLO5uvUknPGYu9yL0pp5w9vdRxmA1RiiTD"
    "NCysz6klr9bunGV3VJa2qpLcgeZMf/oG"
)
ANNEX_C3 = (
    "il7B0BSEjFdzpyKzfOFpvg/Se1CP802RItKYFPfSLRxJ3jf0bVl9hvYOEktPAYW2nd7S8MBcyHYyacHKbISq5iTmDzG+ivnR+SZJv3USNTYVMz9r"
    "CQVSxd0cLlqsJauko79NnwQJbzDTyLooYoIwz75qBOH2/xOMirpeEqRJrF/EQjWekJmGk9RtboXePu2rka+Xm51syBPhiXJAq0GfbfaFu9tNqs/e"
    "2Vjja/ltE1M0lqvxfXQ6da6HrThsm5id4ClZFIi0acRfrsPLRixS/IQYtksxghvJwbqOsbIsITail9Ayy4tKcogeEZiOO+4Ed264NSKmk7l3wKwJ"
    "LAFjCFogBx8GE3OBz4pqcAn/ydA="
)
OWN_STATE = (
    "rR3/u4Kqud5hBdFwUxeBaEVHUb14CjRzWMFzS8+CdxR3F5+W0SWNeKPepl8sYwy70zIjM2D5EewTRoetFEsz02/YDhyntSBgiTbd1z9lOYQjXq0F"
    "Auld+qsEXOi6KwySVcWBNH9X229HE0zqKGETuQ=="
)
OWN_TOKEN = "P10P3y5emS8vO4djLeOl25svPCV3wH9woDWA7gPq9T2KsOqxuiUDQLN2sAkG70rMrJXAyYRLXzLcSW5X/+Cylw=="


def test_published_token_request() -> None:
    text = '{"OperatorID":"123456789",\n"OperatorSecret":"1234567890abcdef"}'
    assert encrypt(PUBLIC, text) == TOKEN_REQUEST
    assert signature(PUBLIC, "123456789", TOKEN_REQUEST, "20180120165755", "0001") == "D2D584A14F3F284445DF85D0E8C0697C"
    sealed = SealedRequest("123456789", TOKEN_REQUEST, "20180120165755", "0001", "D2D584A14F3F284445DF85D0E8C0697C")
    message = read_message(TokenRequest, open_request(PUBLIC, sealed), PLAIN)
    assert message == TokenRequest("123456789", "1234567890abcdef")


def test_published_token_answer() -> None:
    sig = "58E52010C7DEE87FE183B0AFA5B2BE30"
    assert signature(PUBLIC, "0", "", TOKEN_ANSWER) == sig
    answer = open_answer(PUBLIC, json.dumps({"Ret": 0, "Msg": "", "Data": TOKEN_ANSWER, "Sig": sig}).encode())
    given = read_message(TokenGiven, answer.data, PLAIN)
    assert (given.success, given.available_s, given.fail_reason) == (SuccStat.OK, 7200, 0)
    assert "\r\n" in decrypt(PUBLIC, TOKEN_ANSWER)


def test_annex_c3_is_signed_right_and_carries_no_legal_json() -> None:
    sig = "745166E8C43C84D37FFEC0F529C4136F"
    assert signature(PUBLIC, "123456789", ANNEX_C3, "20160729142400", "0001") == sig
    assert encrypt(PUBLIC, decrypt(PUBLIC, ANNEX_C3)) == ANNEX_C3
    with pytest.raises(Refusal) as refused:
        open_request(PUBLIC, SealedRequest("123456789", ANNEX_C3, "20160729142400", "0001", sig))
    assert refused.value.ret is Ret.PARAMETERS


def test_published_text() -> None:
    assert encrypt(PUBLIC, "hello world!") == "cmljobIKHDAcF9uf3mgs/w=="
    assert decrypt(PUBLIC, "cmljobIKHDAcF9uf3mgs/w==") == "hello world!"


def test_own_state_notice_from_the_message_to_the_signature() -> None:
    state = ConnectorState(
        operator_id="MA0SX0001", connector_id="14010700000000000000000101", status=ConnectorStatus.IDLE
    )
    body = write_message(StateNotice(state), PLAIN)
    sealed = json.loads(seal_request(OWN, body, "20250601083000", "0001"))
    assert sealed == {
        "OperatorID": "MA0SX0001",
        "Data": OWN_STATE,
        "TimeStamp": "20250601083000",
        "Seq": "0001",
        "Sig": "4A3F48A6CB7AA99172A93FD94E01490D",
    }


@pytest.mark.parametrize(
    ("msg", "sig"), [("", "E4B0399CA1095268C253D38485B95759"), ("success", "8480417FA8666510F46B03F77B45BE89")]
)
def test_own_state_answer(msg: str, sig: str) -> None:
    text = seal_answer(OWN, Ret.SUCCESS, msg, {"Status": 0})
    assert json.loads(text) == {"Ret": 0, "Msg": msg, "Data": "D/nVEquwmwOZ6Yr9qWRo+A==", "Sig": sig}
    assert read_message(StateTaken, open_answer(OWN, text).data, PLAIN) == StateTaken(0)  # type: ignore[arg-type]


def test_own_token_request() -> None:
    body = write_message(TokenRequest("MA0SX0001", "Op9Xc4Vb7Nm2As5D"), PLAIN)
    sealed = json.loads(seal_request(OWN, body, "20250601082959", "0001"))
    assert sealed["Data"] == OWN_TOKEN
    assert sealed["Sig"] == "110FA80F1616D3DC9B5AA682323F0888"


def test_openssl_agrees() -> None:
    """The command line of OpenSSL decrypts and signs what we made."""
    text = '{"StationName":"忻州换电站"}'
    key, iv = OWN.data_secret.encode().hex(), OWN.data_secret_iv.encode().hex()
    sealed = encrypt(OWN, text)
    opened = subprocess.run(
        ["openssl", "enc", "-d", "-aes-128-cbc", "-K", key, "-iv", iv],
        input=base64.b64decode(sealed),
        capture_output=True,
        check=True,
    )
    assert opened.stdout.decode() == text
    signed = subprocess.run(
        ["openssl", "dgst", "-md5", "-mac", "HMAC", "-macopt", f"hexkey:{OWN.sig_secret.encode().hex()}"],
        input=f"MA0SX0001{sealed}202506010829590001".encode(),
        capture_output=True,
        check=True,
    )
    assert signed.stdout.decode().split()[-1].upper() == signature(OWN, "MA0SX0001", sealed, "20250601082959", "0001")


def test_a_signature_in_lower_case_is_the_same() -> None:
    sealed = json.loads(seal_request(OWN, {"a": 1}, "20250601083000", "0001"))
    sealed["Sig"] = sealed["Sig"].lower()
    assert open_request(OWN, unseal_request(json.dumps(sealed).encode())) == {"a": 1}


@pytest.mark.parametrize("member", ["OperatorID", "Data", "TimeStamp", "Seq", "Sig"])
def test_a_missing_member_is_named(member: str) -> None:
    sealed = json.loads(seal_request(OWN, {}, "20250601083000", "0001"))
    del sealed[member]
    with pytest.raises(Refusal) as refused:
        unseal_request(json.dumps(sealed).encode())
    assert refused.value.ret is Ret.MEMBER
    assert member in refused.value.msg


def test_wrong_padding_is_answered_like_a_wrong_signature() -> None:
    """Whoever knows how to sign but not the key learns nothing about the padding."""
    other = Secrets("MA0SX0001", "x", "another-key-0123", "another-iv-45678", OWN.sig_secret)
    told = []
    for data, sig_of in ((encrypt(other, "{}"), other), ("no base64", other), (encrypt(OWN, "{}"), PUBLIC)):
        sig = signature(sig_of, "MA0SX0001", data, "20250601083000", "0001")
        with pytest.raises(Refusal) as refused:
            open_request(OWN, SealedRequest("MA0SX0001", data, "20250601083000", "0001", sig))
        told.append((refused.value.ret, refused.value.msg))
    assert len(set(told)) == 1
    assert told[0][0] is Ret.SIGNATURE


def test_an_answer_that_another_signed_is_not_trusted() -> None:
    with pytest.raises(UntrustedAnswer, match="Sig"):
        open_answer(PUBLIC, seal_answer(OWN, Ret.TOKEN, "", {}))


def test_secrets_show_in_no_log() -> None:
    assert "sx7Qk2Lm9Rt4Vb8N" not in repr(OWN)
    assert "Op9Xc4Vb7Nm2As5D" not in repr(OWN)


HOSTILE = [
    b"[" * 100_000,
    b'{"OperatorID": "MA0SX0001", "Data": "\\ud800", "TimeStamp": "20250601083000", "Seq": "0001", "Sig": "\\ud800"}',
    b'{"Ret": 0, "Msg": "\\ud800", "Data": "x", "Sig": "\\udfff"}',
    b'{"Ret": 1' + b"0" * 5000 + b"}",
    b"NaN",
    b"\xff\xfe",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_json_is_refused_like_any_other(text: bytes) -> None:
    with pytest.raises(Refusal):
        open_request(OWN, unseal_request(text))
    with pytest.raises(UntrustedAnswer):
        open_answer(OWN, text)


def test_hostile_json_inside_a_right_signature_is_a_wrong_parameter() -> None:
    data = encrypt(OWN, "[" * 100_000)
    sig = signature(OWN, "MA0SX0001", data, "20250601083000", "0001")
    with pytest.raises(Refusal) as refused:
        open_request(OWN, SealedRequest("MA0SX0001", data, "20250601083000", "0001", sig))
    assert refused.value.ret is Ret.PARAMETERS
