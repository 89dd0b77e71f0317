"""PINs, passwords, one-time codes, tokens and TOTP: what is allowed, how each is kept, how each is compared."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from functools import cache
from itertools import pairwise
from urllib.parse import quote

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from swapstation.errors import InputError
from swapstation.model.request import UNNAMED

LEAST_PIN, MOST_PIN = 6, 12
LEAST_PASSWORD, MOST_PASSWORD = 10, 200
TOTP_STEP_S = 30
"""RFC 6238 with its defaults: SHA-1, 6 digits, steps of 30 s."""

_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_RESERVED = (UNNAMED, "none", "planner", "root")
_CODE_BYTES, _TOKEN_BYTES, _TOTP_BYTES = 10, 32, 20
_ITERATIONS, _LANES, _MEMORY_KIB = 1, 1, 47_104
"""Argon2id with 46 MiB and one pass, the first choice of OWASP's password storage sheet: station PCs are small."""


def check_account_name(name: str) -> str:
    """The name, if an account may have it. Raises InputError."""
    if not _ACCOUNT.fullmatch(name) or name in _RESERVED:
        raise InputError("account", name, f"2 to 32 of a-z 0-9 . _ -, a letter or digit first, not {_RESERVED}")
    return name


def check_pin(pin: str) -> str:
    """The PIN, if it is one: digits that are not all the same and do not just count. Raises InputError."""
    digits = [int(digit) for digit in pin if digit in "0123456789"]
    steps = {after - before for before, after in pairwise(digits)}
    if len(digits) != len(pin) or not LEAST_PIN <= len(pin) <= MOST_PIN or steps in ({0}, {1}, {-1}):
        raise InputError("pin", "***", f"{LEAST_PIN} to {MOST_PIN} digits, not all the same, not counting up or down")
    return pin


def check_password(password: str, account: str) -> str:
    """The password, if it is long enough and not made of the name. Raises InputError."""
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD or len(set(password)) < 5:
        raise InputError("password", "***", f"{LEAST_PASSWORD} to {MOST_PASSWORD} characters, at least 5 different")
    if account in password.lower():
        raise InputError("password", "***", "a password that does not contain the name of the account")
    return password


def hashed(secret: str) -> str:
    """Argon2id of a PIN or password, with its salt and parameters."""
    return _argon2(os.urandom(16)).derive_phc_encoded(secret.encode("utf-8", "surrogatepass"))


def matches(secret: str, stored: str | None) -> bool:
    """Compare a PIN or password with what is stored; takes as long where nothing is stored."""
    try:
        Argon2id.verify_phc_encoded(secret.encode("utf-8", "surrogatepass"), stored or _nobody())
    except InvalidKey:
        return False
    return stored is not None


def _argon2(salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=32, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY_KIB)


@cache
def _nobody() -> str:
    """What the secret of an account that does not exist is compared with."""
    return hashed(secrets.token_hex())


def new_token() -> str:
    """A secret that a program carries: of a session, of a key."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def new_code() -> str:
    """A one-time code for a person to type, 80 bits."""
    text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def digest(token: str) -> str:
    """How a token is kept: it is long and random, so that SHA-256 suffices."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def code_digest(code: str) -> str:
    """The same for a code, however it was typed."""
    return digest(re.sub(r"[\s-]", "", code).upper())


def csrf_token(session_token: str) -> str:
    """What a page must send beside its cookie: only who reads the answer to a log-in can know it."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()


def new_totp_secret() -> str:
    return base64.b32encode(os.urandom(_TOTP_BYTES)).decode()


def totp_uri(secret: str, account: str, station: str) -> str:
    """What an authenticator app reads from a QR code."""
    label, issuer = quote(f"{station}:{account}"), quote(station)
    return f"otpauth://totp/{label}?secret={secret}&issuer={issuer}"


def totp_code(secret: str, step: int) -> str:
    """The code of a time step (RFC 6238)."""
    mac = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[-1] & 0xF
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFF_FFFF) % 1_000_000:06d}"


def totp_step(secret: str, code: str, unix_s: float, used_step: int) -> int | None:
    """The step whose code this is, one step of clock error either way, later than the last one used; else None."""
    now, given = int(unix_s) // TOTP_STEP_S, code.encode("utf-8", "surrogatepass")
    for step in (now - 1, now, now + 1):
        if step > used_step and hmac.compare_digest(totp_code(secret, step).encode(), given):
            return step
    return None
