"""Settings of the HTTP server: where it listens, by which certificate, how long a session lasts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Server:
    """HTTP server: loopback only, unless it has a certificate and its key (PEM files).

    `names` are the host names by which others reach it. A session ends after `idle_minutes`, in the cabin after
    `cabin_idle_minutes` without an action of its person, and `longest_hours` after the log-in; never during a swap.
    Fleets' webhooks reach public addresses, and those of `webhook_networks`. `intercom` (sip:, tel:) and `cameras`
    (https:, rtsp:) are addresses that the console gives to a duty desk; they are opened by its own programs.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    certificate: Path | None = None
    key: Path | None = None
    names: tuple[str, ...] = ()
    idle_minutes: int = 15
    cabin_idle_minutes: int = 60
    longest_hours: int = 12
    webhook_networks: tuple[str, ...] = ()
    intercom: str = ""
    cameras: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The URL at which its own machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"
