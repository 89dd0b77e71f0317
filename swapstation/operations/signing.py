"""Ed25519 signatures: key files, and whose public keys a folder trusts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from swapstation.errors import InputError, SwapstationError

PUBLIC_ENDING = ".pub.pem"


class SignatureRefused(SwapstationError):
    """A signature is not by any trusted key, or the signed content is another."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key and its name, which is that of its file."""

    name: str
    key: Ed25519PublicKey


def make_key(file: Path) -> Path:
    """Write a new private key that only its owner can read, and beside it the public one, whose path is returned."""
    private = Ed25519PrivateKey.generate()
    public_file = file.with_name(file.name.removesuffix(".pem") + PUBLIC_ENDING)
    if public_file.exists():
        raise InputError("key", str(public_file), "a file that does not exist yet")
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError("key", str(file), f"a file that can be made: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as out:
        out.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public_file.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return public_file


def sign(content: bytes, key_file: Path) -> bytes:
    """The signature of a content by a private key's file. Raises InputError."""
    try:
        key = load_pem_private_key(key_file.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise InputError("key", str(key_file), "a PEM file with an Ed25519 private key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("key", str(key_file), "a PEM file with an Ed25519 private key")
    return key.sign(content)


def trusted_keys(folder: Path) -> tuple[TrustedKey, ...]:
    """The public keys of a folder, by name. Raises InputError for a file that is none."""
    found = []
    for file in sorted(folder.glob("*.pem")):
        try:
            key = load_pem_public_key(file.read_bytes())
        except (OSError, ValueError) as error:
            raise InputError("trusted key", str(file), "a PEM file with an Ed25519 public key") from error
        if not isinstance(key, Ed25519PublicKey):
            raise InputError("trusted key", str(file), "a PEM file with an Ed25519 public key")
        found.append(TrustedKey(file.name.removesuffix(PUBLIC_ENDING), key))
    return tuple(found)


def signer(content: bytes, signature: bytes, trusted: Sequence[TrustedKey], what: str) -> str:
    """Name of the trusted key that signed a content. Raises SignatureRefused, naming `what`."""
    for each in trusted:
        try:
            each.key.verify(signature, content)
        except InvalidSignature:
            continue
        return each.name
    said = "签名不属于任何受信任的密钥, 或内容被改动 | not signed by a trusted key, or altered since"
    raise SignatureRefused(f"{what}: {said}")
