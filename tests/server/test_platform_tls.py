"""HTTPS to the platform: a certificate that nobody vouches for is no platform, one of the named authority is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from swapstation.mock_platform.app import PATH, mock_app
from swapstation.mock_platform.misbehaviour import Misbehaviour
from swapstation.server.uplinks.http_post import http_post
from swapstation.server.uplinks.platform_client import NoAnswer
from swapstation.supervision.caller import Caller
from swapstation.supervision.profile import load_profile
from swapstation.supervision.secret_files import SecretPair
from tests.server.platform_pair import free_port, served
from tests.supervision.sample import BY_PLATFORM, BY_US

PROFILE = load_profile("tcec102-2016")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "platform")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "platform.pem", folder / "platform.key"
    public.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return public, private


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A platform behind HTTPS: its address, and its certificate."""
    public, private = certificate(tmp_path)
    app, port = mock_app(PROFILE, SecretPair(BY_PLATFORM, BY_US), Misbehaviour()), free_port()
    with served(app, port, public, private):
        yield f"https://127.0.0.1:{port}{PATH}", public


async def test_a_platform_of_the_named_authority_is_called(platform: tuple[str, Path]) -> None:
    url, ca_file = platform
    caller, now = Caller(PROFILE, BY_PLATFORM), datetime.now(UTC)
    async with http_post(url, 10.0, ca_file) as post:
        call = caller.ask_token(now)
        caller.take_token(caller.told(call, *await post(call)), now)
    assert caller.has_token(now)


async def test_a_platform_that_nobody_vouches_for_is_not(platform: tuple[str, Path]) -> None:
    url, _ = platform
    async with http_post(url, 10.0) as post:
        with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
            await post(Caller(PROFILE, BY_PLATFORM).ask_token(datetime.now(UTC)))
