"""What the fields of `[server]` may hold, and what they may be together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from swapstation.config.reading import Wrong
from swapstation.config.rule_kinds import (
    Allowed,
    IpAddress,
    IpNetwork,
    Listed,
    MapFile,
    Number,
    Rule,
    Text,
    is_loopback,
)
from swapstation.config.server_settings import Server

_HOST = Text(
    r"[a-z0-9]([a-z0-9.:-]{0,250}[a-z0-9])?",
    "应为小写主机名或 IP 地址",
    "must be a host name in lower case or an IP address",
)
_INTERCOM = Text(
    r"(sips?|tel):[!-~]{1,200}",
    "应为对讲地址, 如 sip:201@10.0.0.5 或 tel:+861012345678",
    "must be the address of an intercom, as sip:201@10.0.0.5 or tel:+861012345678",
)
_CAMERA = Text(
    r"(https|rtsps?)://[a-z0-9][a-z0-9.:-]{0,250}(/[!-?A-~]{0,200})?",
    "应为不含口令的 https:// 或 rtsp:// 地址",
    "must be an https:// or rtsp:// address without a password in it",
)
SERVER: Mapping[str, Rule] = {
    "host": IpAddress(),
    "port": Number(0, 65535, whole=True),
    "certificate": MapFile(),
    "key": MapFile(),
    "names": Listed(_HOST, 0, 10),
    "idle_minutes": Number(1, 720, "min", whole=True),
    "cabin_idle_minutes": Number(1, 720, "min", whole=True),
    "longest_hours": Number(1, 72, "h", whole=True),
    "webhook_networks": Listed(IpNetwork(), 0, 20),
    "intercom": _INTERCOM,
    "cameras": Listed(_CAMERA, 0, 20),
}


def check_server(server: Server) -> Iterator[Wrong]:
    """Certificate and key come together, and before anybody else may reach the server."""
    if (server.certificate is None) != (server.key is None):
        name = "key" if server.key is None else "certificate"
        allowed = Allowed("certificate 和 key 必须同时给出", "certificate and key come together")
        yield Wrong(("server", name), None, allowed)
    elif server.certificate is None and not is_loopback(server.host):
        allowed = Allowed(
            "没有 TLS 证书 (certificate, key) 时只能是本机回环地址 127.0.0.1, ::1 或 localhost",
            "must be loopback, 127.0.0.1, ::1 or localhost, as long as there is no TLS certificate and key",
        )
        yield Wrong(("server", "host"), server.host, allowed)


def check_databases(station_url: object, business_url: object) -> Iterator[Wrong]:
    """Each database has its own schema: they cannot share one."""
    if business_url and business_url == station_url:
        allowed = Allowed("必须与 database_url 不同", "must be another database than database_url")
        yield Wrong(("business_database_url",), business_url, allowed)
