"""Run the HTTP server until it is told to stop."""

from __future__ import annotations

import uvicorn

from swapstation.config.rule_kinds import is_loopback
from swapstation.config.settings import Config
from swapstation.errors import ConfigurationError
from swapstation.server.app import create_app

STOP_TIMEOUT_S = 3
MAX_WEBSOCKET_MESSAGE_BYTES = 4096


def serve(config: Config) -> None:
    """Serve the station's API and page; returns after SIGINT or SIGTERM.

    Raises ConfigurationError for a host that is not loopback: without TLS and log-ins nobody else may reach it.
    """
    server = config.server
    if not is_loopback(server.host):
        raise ConfigurationError(
            [f"server.host = {server.host!r}: 只能是本机回环地址 | must be loopback: 127.0.0.1, ::1 or localhost"]
        )
    uvicorn.run(
        create_app(config),
        host=server.host,
        port=server.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
        ws="websockets-sansio",
        ws_max_size=MAX_WEBSOCKET_MESSAGE_BYTES,
    )
