"""Run the HTTP server until it is told to stop."""

from __future__ import annotations

import gc
import ssl
from pathlib import Path

import uvicorn

from swapstation.config.rule_kinds import is_loopback
from swapstation.config.server_settings import Server
from swapstation.config.settings import Config
from swapstation.errors import ConfigurationError
from swapstation.server.app import create_app
from swapstation.server.impatient import ImpatientProtocol
from swapstation.server.stream_protocol import StreamProtocol

STOP_TIMEOUT_S = 3
MAX_WEBSOCKET_MESSAGE_BYTES = 4096


def serve(config: Config, station_file: Path | None = None) -> None:
    """Serve the station's API and page; returns after SIGINT or SIGTERM.

    Raises DatabaseError; ConfigurationError for a host that is not loopback without a certificate that can be used.
    """
    server = config.server
    if not is_loopback(server.host) and server.certificate is None:
        allowed = "没有 TLS 证书时只能是本机回环地址 | must be loopback as long as there is no TLS certificate"
        raise ConfigurationError([f"server.host = {server.host!r}: {allowed}"])
    _check_certificate(server)
    app = create_app(config, station_file)
    app.state.context.business.open()  # another server that runs is told before anything listens
    gc.freeze()  # what was built by now stays to the end: collecting need not look at it again and again
    uvicorn.run(
        app,
        host=server.host,
        port=server.port,
        ssl_certfile=server.certificate,
        ssl_keyfile=server.key,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
        http=ImpatientProtocol,
        ws=StreamProtocol,
        ws_max_size=MAX_WEBSOCKET_MESSAGE_BYTES,
    )


def _check_certificate(server: Server) -> None:
    """Say at once what is wrong with the files, and refuse a key that others can read. Raises ConfigurationError."""
    if server.certificate is None or server.key is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(server.certificate, server.key)
        mode = server.key.stat().st_mode
    except (OSError, ssl.SSLError) as error:
        files = f"server.certificate = {str(server.certificate)!r}, server.key = {str(server.key)!r}"
        said = f"证书或私钥不能用 | certificate and key cannot be used: {error.strerror or error}"
        raise ConfigurationError([f"{files}: {said}"]) from error
    if mode & 0o077:
        allowed = "私钥只能由其所有者读取 (chmod 600) | only its owner may read it (chmod 600)"
        raise ConfigurationError([f"server.key = {str(server.key)!r}: {allowed}"])
