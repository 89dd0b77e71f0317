"""Where webhooks may post to: public addresses by HTTPS, and addresses of one's own where the configuration names them.

Names are resolved anew for each attempt and the connection goes to the address that was checked, so that a name cannot
point elsewhere between the check and the call. Link-local, multicast and reserved addresses are refused always.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from swapstation.errors import InputError

IpAddress = IPv4Address | IPv6Address
LOOK_UP_S = 3.0
"""A name that takes longer counts as not known now."""
_NAMES = ThreadPoolExecutor(2, "names")
"""Names are looked up in threads of their own: slow ones hold nobody else up."""
PORTS = {"http": 80, "https": 443}
_TRANSLATED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""IPv6 ranges that stand for IPv4 addresses behind a gateway: they would hide where a call goes."""


class TargetRefused(InputError):
    """A URL that webhooks may not post to."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in its parts."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: IpAddress) -> str:
        """The URL with the address in the place of the name."""
        host = f"[{address}]" if address.version == 6 else str(address)
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def parse_target(url: str) -> Target:
    """The parts of a URL. Raises TargetRefused."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise TargetRefused("url", url, "a URL") from None
    if parts.scheme not in PORTS or not host:
        raise TargetRefused("url", url, "https://HOST/PATH, or http:// within server.webhook_networks")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise TargetRefused("url", url, "no user, password or fragment")
    if not url.isascii() or any(char <= " " for char in url):
        raise TargetRefused("url", url, "ASCII without spaces")
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, host, port or PORTS[parts.scheme], (parts.path or "/") + query)


def check_address(target: Target, address: IpAddress, own_networks: Sequence[str]) -> None:
    """Refuse an address that webhooks may not reach. Raises TargetRefused."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    own = any(address in ip_network(network) for network in own_networks)
    never = address.is_link_local or address.is_multicast or address.is_unspecified
    hidden = any(address in network for network in _TRANSLATED)
    if never or hidden or (not own and not address.is_global):
        raise TargetRefused("url", f"{target.host} ({address})", "a public address, or one of server.webhook_networks")
    if target.scheme == "http" and not own:
        raise TargetRefused("url", target.host, "https:// outside of server.webhook_networks")


async def addresses_of(target: Target, own_networks: Sequence[str]) -> tuple[IpAddress, ...]:
    """The addresses of a target, every one allowed; () where its name is not known now. Raises TargetRefused."""
    try:
        found: tuple[IpAddress, ...] = (ip_address(target.host),)
    except ValueError:
        found = await _resolved(target)
    for address in found:
        check_address(target, address, own_networks)
    return found


async def _resolved(target: Target) -> tuple[IpAddress, ...]:
    look_up = partial(socket.getaddrinfo, target.host, target.port, type=socket.SOCK_STREAM)
    try:
        told = await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(_NAMES, look_up), LOOK_UP_S)
    except (TimeoutError, OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(ip_address(str(each[4][0]).partition("%")[0]) for each in told))
