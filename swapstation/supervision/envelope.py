"""The envelope of T/CEC 102-2016: AES-128-CBC with PKCS7 in base64, signed with HMAC-MD5 (interop.md 1.2).

What is signed is the base64 text, so the JSON inside needs no canonical form. A signature is verified before anything
is decrypted, and text that cannot be decrypted is answered like a wrong signature, so that nobody learns of paddings.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

_BLOCK_BITS = algorithms.AES.block_size
_REQUEST_MEMBERS = ("OperatorID", "Data", "TimeStamp", "Seq", "Sig")


class Ret(IntEnum):
    """Result codes of an answer."""

    SUCCESS = 0
    BUSY = -1
    ERROR = 500
    SIGNATURE = 4001
    TOKEN = 4002
    MEMBER = 4003
    PARAMETERS = 4004


class Refusal(Exception):
    """A message that is not taken: the result code and the words its sender is told."""

    def __init__(self, ret: Ret, msg: str) -> None:
        super().__init__(f"Ret {ret.value}: {msg}")
        self.ret = ret
        self.msg = msg


class UntrustedAnswer(Exception):
    """An answer that is not the peer's: no envelope, a wrong signature, or text that cannot be read."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one side has issued to the other for its calls. Keys are 16 characters used as bytes, as they stand."""

    operator_id: str
    operator_secret: str = field(repr=False)
    data_secret: str = field(repr=False)
    data_secret_iv: str = field(repr=False)
    sig_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedRequest:
    """A request as it travels. `time_stamp` is yyyyMMddHHmmss in China time, `seq` four digits within that second."""

    operator_id: str
    data: str
    time_stamp: str
    seq: str
    sig: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose signature was right; `ret` may be a code that the standard does not know."""

    ret: int
    msg: str
    data: dict[str, Any]


def encrypt(secrets: Secrets, plaintext: str) -> str:
    """Base64 of the AES-128-CBC ciphertext of a text in UTF-8."""
    padder, encryptor = PKCS7(_BLOCK_BITS).padder(), _cipher(secrets).encryptor()
    padded = padder.update(plaintext.encode()) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def decrypt(secrets: Secrets, data: str) -> str:
    """The text behind `Data`. Raises ValueError for whatever is none, with one wording for all causes."""
    try:
        decryptor, unpadder = _cipher(secrets).decryptor(), PKCS7(_BLOCK_BITS).unpadder()
        padded = decryptor.update(base64.b64decode(data, validate=True)) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode()
    except (ValueError, binascii.Error):
        raise ValueError("Data cannot be decrypted") from None


def signature(secrets: Secrets, *parts: str) -> str:
    """Upper-case hexadecimal HMAC-MD5 of the parts one after the other."""
    return hmac.new(secrets.sig_secret.encode(), _bytes("".join(parts)), "md5").hexdigest().upper()


def seal_request(secrets: Secrets, body: Mapping[str, Any], time_stamp: str, seq: str) -> bytes:
    """The JSON of a request that carries a business message."""
    data = encrypt(secrets, to_json(body))
    sig = signature(secrets, secrets.operator_id, data, time_stamp, seq)
    members = (secrets.operator_id, data, time_stamp, seq, sig)
    return to_json(dict(zip(_REQUEST_MEMBERS, members, strict=True))).encode()


def unseal_request(text: bytes) -> SealedRequest:
    """The envelope of a request, not yet verified. Raises Refusal 4003 naming the member that is missing."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal(Ret.MEMBER, "the body is not JSON") from None
    members: list[str] = []
    for name in _REQUEST_MEMBERS:
        value = raw.get(name) if isinstance(raw, dict) else None
        if not isinstance(value, str) or not value:
            raise Refusal(Ret.MEMBER, f"{name} is missing or no text")
        members.append(value)
    return SealedRequest(*members)


def open_request(secrets: Secrets, request: SealedRequest) -> dict[str, Any]:
    """The business message of a request. Raises Refusal: 4001 for signature or text, 4004 for no JSON object."""
    sig = signature(secrets, request.operator_id, request.data, request.time_stamp, request.seq)
    try:
        if not _same(sig, request.sig):
            raise ValueError
        text = decrypt(secrets, request.data)
    except ValueError:
        raise Refusal(Ret.SIGNATURE, "Sig does not fit") from None
    body = _object(text)
    if body is None:
        raise Refusal(Ret.PARAMETERS, "Data is not a JSON object")
    return body


def seal_answer(secrets: Secrets, ret: int, msg: str, body: Mapping[str, Any]) -> bytes:
    """The JSON of an answer."""
    data = encrypt(secrets, to_json(body))
    sig = signature(secrets, str(int(ret)), msg, data)
    return to_json({"Ret": int(ret), "Msg": msg, "Data": data, "Sig": sig}).encode()


def open_answer(secrets: Secrets, text: bytes) -> Answer:
    """An answer, verified and decrypted; one without success may come without data. Raises UntrustedAnswer."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise UntrustedAnswer("the answer is not JSON") from None
    if not isinstance(raw, dict):
        raise UntrustedAnswer("the answer is not a JSON object")
    ret, msg, data = raw.get("Ret"), raw.get("Msg") or "", raw.get("Data") or ""
    if type(ret) is not int or not isinstance(msg, str) or not isinstance(data, str):
        raise UntrustedAnswer("Ret, Msg or Data of the answer is of a wrong type")
    if not _same(signature(secrets, str(ret), msg, data), raw.get("Sig")):
        raise UntrustedAnswer(f"Sig of the answer (Ret {ret}) does not fit")
    if not data and ret != Ret.SUCCESS:
        return Answer(ret, msg, {})
    try:
        body = _object(decrypt(secrets, data))
    except ValueError as error:
        raise UntrustedAnswer(str(error)) from None
    if body is None and ret == Ret.SUCCESS:
        raise UntrustedAnswer("Data of the answer is not a JSON object")
    return Answer(ret, msg, body or {})


def to_json(body: Mapping[str, Any]) -> str:
    """JSON without spaces, numbers as exact as they are."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_number)


def plain(body: Mapping[str, Any]) -> dict[str, Any]:
    """The message as it is kept in a database: numbers of JSON alone."""
    kept: dict[str, Any] = json.loads(to_json(body))
    return kept


def exact(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A message that was kept, with its decimals again."""
    body: dict[str, Any] = json.loads(json.dumps(kept), parse_float=Decimal)
    return body


def _number(value: object) -> float:
    """A decimal as the JSON number with the same digits: a float shows 15 of them as they were."""
    assert isinstance(value, Decimal)
    return float(value)


def _object(text: str) -> dict[str, Any] | None:
    try:
        body = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _same(expected: str, told: object) -> bool:
    """Compare in constant time; one open platform signs in lower case."""
    return isinstance(told, str) and hmac.compare_digest(expected.encode(), _bytes(told.upper()))


def _bytes(text: str) -> bytes:
    """What JSON calls text may hold halves of characters that UTF-8 has no bytes for; they fit no signature."""
    return text.encode("utf-8", "surrogatepass")


def _cipher(secrets: Secrets) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(secrets.data_secret.encode()), modes.CBC(secrets.data_secret_iv.encode()))
