"""Signatures of webhooks, after the Standard Webhooks specification 1.0.0: HMAC-SHA256 over id, time and body.

Three headers: `webhook-id` (the event), `webhook-timestamp` (Unix seconds), `webhook-signature` (one `v1,BASE64` for
each secret that counts, with spaces between: while a secret is being replaced there are two).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping

PREFIX = "whsec_"
TOLERANCE_S = 300.0
"""A message that is older, or from so far ahead, is not accepted: it may be a recorded one."""
_SECRET_BYTES = 32


class WrongSignature(ValueError):
    """A message that was not signed with this secret, or not now."""


def new_secret() -> str:
    """A secret as people copy it: `whsec_` and 256 random bits in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed(message: str, unix_s: int, body: bytes, each: Iterable[str]) -> dict[str, str]:
    """The headers of a message, signed with each of some secrets."""
    marks = " ".join(f"v1,{_mark(message, unix_s, body, secret)}" for secret in each)
    return {"webhook-id": message, "webhook-timestamp": str(unix_s), "webhook-signature": marks}


def verify(headers: Mapping[str, str], body: bytes, secret: str, now_s: float) -> str:
    """The id of a message, if it was signed with this secret within five minutes. Raises WrongSignature."""
    told = {name.lower(): value for name, value in headers.items()}
    message, stamp, marks = (told.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 15 or abs(now_s - int(stamp)) > TOLERANCE_S:
        raise WrongSignature(f"webhook-timestamp = {stamp!r}: not within {TOLERANCE_S:g} s of now")
    right = f"v1,{_mark(message, int(stamp), body, secret)}".encode()
    if not any(hmac.compare_digest(right, mark.encode()) for mark in marks.split(" ")):
        raise WrongSignature("webhook-signature: none is by this secret")
    return message


def _mark(message: str, unix_s: int, body: bytes, secret: str) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise WrongSignature("the secret is not base64") from None
    text = f"{message}.{unix_s}.".encode() + body
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
