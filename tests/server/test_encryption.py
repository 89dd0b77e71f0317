"""TLS: nobody but this machine without a certificate; with one, nothing older than TLS 1.2 and a cookie that stays."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from swapstation.config.file import load_config
from swapstation.config.server_settings import Server
from swapstation.errors import ConfigurationError
from swapstation.server.serve import serve
from tests.config.test_config_file import TEXT
from tests.server import station_sample
from tests.server.conftest import wait_until
from tests.server.people import OPERATOR, PIN
from tests.server.test_server_process import EXAMPLE, free_port


@pytest.fixture
def certificate(data: Path) -> Path:
    """A certificate of this machine with its key beside it, server.key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "station")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = data / "server.key"
    private.touch(mode=0o600)
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    (data / "server.crt").write_bytes(made.public_bytes(pem))
    return data / "server.crt"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('host = "0.0.0.0"', "server.host"),
        ('host = "192.168.10.5"', "no TLS certificate and key"),
        ('certificate = "server.crt"', "server.key"),
        ('key = "server.key"', "server.certificate"),
        ('host = "example.com"', "must be an IP address"),
        ('names = ["Station"]', "server.names"),
    ],
)
def test_a_wrong_section_is_refused_in_both_languages(tmp_path: Path, lines: str, said: str) -> None:
    file = tmp_path / "station.toml"
    head, _, rest = TEXT.partition("[server]")
    after = rest[rest.find("\n[") :] if "\n[" in rest else ""
    file.write_text(f"{head}[server]\n{lines}\n{after}", encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_config(file)
    (mistake,) = refused.value.mistakes
    assert said in mistake
    assert " | " in mistake


def test_certificate_and_key_of_a_station_file_lie_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    head, _, rest = TEXT.partition("[server]")
    lines = 'host = "0.0.0.0"\ncertificate = "server.crt"\nkey = "server.key"\nnames = ["station-12.example"]'
    after = rest[rest.find("\n[") :] if "\n[" in rest else ""
    file.write_text(f"{head}[server]\n{lines}\n{after}", encoding="utf-8")
    server = load_config(file).server
    assert (server.certificate, server.key) == (tmp_path / "server.crt", tmp_path / "server.key")


def test_a_certificate_that_cannot_be_used_is_refused_at_start(data: Path, certificate: Path) -> None:
    config = station_sample.config(data)

    def refused(server: Server) -> str:
        with pytest.raises(ConfigurationError) as error:
            serve(replace(config, server=server))
        return error.value.mistakes[0]

    key = data / "server.key"
    assert "cannot be used" in refused(Server(certificate=data / "none.crt", key=key))
    assert "cannot be used" in refused(Server(certificate=certificate, key=certificate))
    key.chmod(0o644)
    assert "chmod 600" in refused(Server(certificate=certificate, key=key))
    assert "loopback" in refused(Server(host="0.0.0.0"))


@contextmanager
def encrypted(data: Path) -> Iterator[int]:
    """The server as its own process with the certificate; yields its port."""
    port = free_port()
    file = data / "station.toml"
    own = f'port = {port}\ncertificate = "server.crt"\nkey = "server.key"\nnames = ["station-12.example"]\n#'
    text = EXAMPLE.read_text(encoding="utf-8").replace('data = "/var/lib/swapstation"', 'data = "."')
    file.write_text(text.replace("port = 8080", own), encoding="utf-8")
    program = "import typer; from swapstation.cli.server import server; typer.run(server)"
    with subprocess.Popen([sys.executable, "-c", program, str(file)], stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: listens(port), timeout_s=60)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
def test_with_a_certificate_the_server_speaks_tls_1_2_and_newer_only(data: Path, certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    with encrypted(data) as port:
        url = f"https://127.0.0.1:{port}"
        with httpx2.Client(verify=trusting) as client:
            assert client.get(f"{url}/api/v1/session").headers["strict-transport-security"]
            claim = {"code": (data / "first_admin_code.txt").read_text().strip(), "account": OPERATOR, "pin": PIN}
            assert "Secure" in client.post(f"{url}/api/v1/session/claim", json=claim).headers["set-cookie"]
            named = {"Host": f"station-12.example:{port}", "Origin": f"https://station-12.example:{port}"}
            assert client.get(f"{url}/api/v1/session", headers=named).status_code == 200
            assert client.get(f"{url}/api/v1/session", headers={"Host": "evil.example"}).status_code == 403
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            assert handshake(port, certificate, version)
        old = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
            input=b"",
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert b"Cipher is (NONE)" in old.stdout


def handshake(port: int, certificate: Path, version: ssl.TLSVersion) -> bool:
    context = ssl.create_default_context(cafile=str(certificate))
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as wrapped,
    ):
        return wrapped.version() is not None
