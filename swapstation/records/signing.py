"""The station's key for records: Ed25519, made on first use, readable by its owner only."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from swapstation.errors import SwapstationError

KEY_FILE = "records_key.pem"
OTHERS = 0o077


class SigningError(SwapstationError):
    """The key cannot be used: it is no Ed25519 key, or others can read it."""


def signing_key(data: Path) -> Ed25519PrivateKey:
    """The key in a station's data folder; a new one where there is none. Raises SigningError."""
    path = data / KEY_FILE
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & OTHERS:
            raise SigningError(f"{path}: 只能由其所有者读取 (chmod 600) | only its owner may read it (chmod 600)")
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningError(f"{path}: 密钥不能用 | the key cannot be used: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(f"{path}: 应为 Ed25519 密钥 | must be an Ed25519 key")
    return key


def _make(path: Path) -> None:
    """Two at once end with one key: the first that is whole stays."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        os.fsync(file.fileno())
    try:
        os.link(partial, path)
    except FileExistsError:
        pass
    finally:
        partial.unlink()


def public_pem(key: Ed25519PrivateKey) -> bytes:
    """The public key, as openssl reads it."""
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: Ed25519PrivateKey) -> str:
    """SHA-256 over the DER form of the public key: what a station publishes so that others know its key."""
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()
