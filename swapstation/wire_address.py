"""Addresses of wires as URLs, as they stand in the configuration. Pure text: nothing is opened here.

slcan+tcp://HOST:PORT?bitrate=250000              slcan+serial:///dev/PATH?baud=115200&bitrate=250000&listen=1
socketcand://HOST:PORT/CHANNEL?bitrate=250000     a bus of another computer; the bit rate is set there
can+INTERFACE://CHANNEL?bitrate=250000            any python-can interface, for example can+socketcan://can0
modbus-tcp://HOST:PORT?unit=1                     modbus-rtu:///dev/PATH?baud=115200&parity=E&unit=1
dlt645:///dev/PATH?baud=9600&parity=E&address=N   dlt645+tcp://HOST:PORT?address=N&digits=0001:5.4
packed-plc+tcp-listen://OWN_IP:PORT?peer=IP       the device connects to us; peer only needed off the loopback
aaf5+tcp-listen://OWN_IP:PORT?peer=IP/BITS         many devices connect to us from one network
tcp://HOST:PORT                                   serial:///dev/PATH?baud=9600&parity=N
tcp-listen://OWN_IP:PORT?peer=IP                  bytes whose protocol an adapter of another package knows
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from swapstation.errors import InputError

BITRATES = (10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 1_000_000)
BAUDS = (600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
ANY_METER = "AAAAAAAAAAAA"


class WireProtocol(StrEnum):
    """The language spoken on a wire."""

    SLCAN = "slcan"
    SOCKETCAND = "socketcand"
    CAN = "can"
    MODBUS_TCP = "modbus-tcp"
    MODBUS_RTU = "modbus-rtu"
    DLT645 = "dlt645"
    PACKED_PLC = "packed-plc"
    AAF5 = "aaf5"
    BYTES = "bytes"


class Medium(StrEnum):
    """What carries a wire's bytes or frames."""

    TCP = "tcp"
    TCP_LISTEN = "tcp-listen"
    SERIAL = "serial"
    HARDWARE = "hardware"


CAN_WIRES = frozenset({WireProtocol.SLCAN, WireProtocol.SOCKETCAND, WireProtocol.CAN})
MODBUS_WIRES = frozenset({WireProtocol.MODBUS_TCP, WireProtocol.MODBUS_RTU})
METER_WIRES = frozenset({WireProtocol.DLT645})
PACKED_WIRES = frozenset({WireProtocol.PACKED_PLC})
AAF5_WIRES = frozenset({WireProtocol.AAF5})
BYTE_WIRES = frozenset(WireProtocol) - CAN_WIRES


@dataclass(frozen=True, slots=True)
class WireAddress:
    """One parsed wire URL. Only the fields of its medium and protocol mean something; baud and bitrate in bit/s.

    `digits` are groups of meter items that the maker gave more digits: group, bytes, decimals. With `listen` 1 an slcan
    adapter drives the bus with nothing. `peer` is the one IP address, or for AA F5 the network, that may connect where
    we listen.
    """

    protocol: WireProtocol
    medium: Medium
    host: str = ""
    port: int = 0
    device: str = ""
    interface: str = ""
    channel: str = ""
    baud: int = 115_200
    parity: str = "N"
    bitrate: int = 250_000
    listen: int = 0
    unit: int = 1
    address: str = ANY_METER
    digits: tuple[tuple[int, int, int], ...] = ()
    peer: str = ""


_Option = Callable[[str, str], Any]


def _number(allowed: tuple[int, ...] | range) -> _Option:
    text = f"{allowed.start} to {allowed.stop - 1}" if isinstance(allowed, range) else ", ".join(map(str, allowed))

    def parse(field: str, value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) not in allowed:
            raise InputError(field, value, f"allowed: {text}")
        return int(value)

    return parse


def _parity(field: str, value: str) -> str:
    if value not in {"N", "E", "O"}:
        raise InputError(field, value, "allowed: N, E, O")
    return value


def _meter_address(field: str, value: str) -> str:
    if not re.fullmatch(r"[0-9]{12}|A{12}", value):
        raise InputError(field, value, f"allowed: 12 digits, or {ANY_METER} for the only meter on the line")
    return value


def _digits(field: str, value: str) -> tuple[tuple[int, int, int], ...]:
    rows = [re.fullmatch(r"([0-9A-Fa-f]{4}):([1-8])\.([0-9]{1,2})", row) for row in value.split(",")]
    if not all(rows):
        raise InputError(field, value, "allowed: GROUP:BYTES.DECIMALS joined by commas, for example 0001:5.4,0203:4.4")
    return tuple((int(row[1], 16), int(row[2]), int(row[3])) for row in rows if row)


def _ip(field: str, value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise InputError(field, value, "allowed: an IP address") from None


def _network(field: str, value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise InputError(field, value, "allowed: an IP address, or a network such as 192.168.10.0/24") from None


_BITRATE, _BAUD, _UNIT = _number(BITRATES), _number(BAUDS), _number(range(248))
_METER: dict[str, _Option] = {"address": _meter_address, "digits": _digits}
_SLCAN: dict[str, _Option] = {"bitrate": _BITRATE, "listen": _number(range(2))}
_SERIAL: dict[str, _Option] = {"baud": _BAUD, "parity": _parity}
_SCHEMES: dict[str, tuple[WireAddress, dict[str, _Option]]] = {
    "slcan+tcp": (WireAddress(WireProtocol.SLCAN, Medium.TCP), _SLCAN),
    "slcan+serial": (WireAddress(WireProtocol.SLCAN, Medium.SERIAL), {"baud": _BAUD, **_SLCAN}),
    "socketcand": (WireAddress(WireProtocol.SOCKETCAND, Medium.TCP), {"bitrate": _BITRATE}),
    "modbus-tcp": (WireAddress(WireProtocol.MODBUS_TCP, Medium.TCP), {"unit": _number(range(256))}),
    "modbus-rtu": (WireAddress(WireProtocol.MODBUS_RTU, Medium.SERIAL, parity="E"), {"unit": _UNIT, **_SERIAL}),
    "dlt645": (
        WireAddress(WireProtocol.DLT645, Medium.SERIAL, baud=2400, parity="E"),
        {**_METER, **_SERIAL},
    ),
    "dlt645+tcp": (WireAddress(WireProtocol.DLT645, Medium.TCP), _METER),
    "packed-plc+tcp-listen": (WireAddress(WireProtocol.PACKED_PLC, Medium.TCP_LISTEN), {"peer": _ip}),
    "tcp": (WireAddress(WireProtocol.BYTES, Medium.TCP), {}),
    "serial": (WireAddress(WireProtocol.BYTES, Medium.SERIAL, baud=9600), _SERIAL),
    "tcp-listen": (WireAddress(WireProtocol.BYTES, Medium.TCP_LISTEN), {"peer": _ip}),
    "aaf5+tcp-listen": (WireAddress(WireProtocol.AAF5, Medium.TCP_LISTEN), {"peer": _network}),
}
_HARDWARE = WireAddress(WireProtocol.CAN, Medium.HARDWARE)


def parse_wire(field: str, url: str, protocols: frozenset[WireProtocol] | None = None) -> WireAddress:
    """Parse the URL of a wire; `field` names the setting in errors, `protocols` limits what the setting may be.

    Raises InputError naming the field, the value and what is allowed.
    """
    scheme, parts = _split(field, url)
    if re.fullmatch(r"can\+[a-z][a-z0-9_-]*", scheme):
        base, options = replace(_HARDWARE, interface=scheme.removeprefix("can+")), {"bitrate": _BITRATE}
    elif scheme in _SCHEMES:
        base, options = _SCHEMES[scheme]
    else:
        raise InputError(field, url, f"allowed schemes: {_allowed_schemes(protocols)}")
    if protocols is not None and base.protocol not in protocols:
        raise InputError(field, url, f"allowed schemes: {_allowed_schemes(protocols)}")
    chosen = _options(field, url, parts.query, options)
    place = _channel_place if base.protocol is WireProtocol.SOCKETCAND else _PLACES[base.medium]
    found: dict[str, Any] = place(field, url, parts) | chosen
    address = replace(base, **found)
    if address.medium is Medium.TCP_LISTEN and "peer" not in chosen and not ip_address(address.host).is_loopback:
        raise InputError(field, url, "allowed: ?peer=IP, who may connect")
    return address


def _split(field: str, url: str) -> tuple[str, SplitResult]:
    """Take the scheme off by hand: urlsplit refuses schemes with an underscore, which python-can's names may have."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise InputError(field, url, "allowed: SCHEME://PLACE, for example slcan+tcp://127.0.0.1:29001")
    try:
        return scheme, urlsplit(f"wire://{rest}")
    except ValueError as error:
        raise InputError(field, url, f"not a URL: {error}") from None


def _tcp_place(field: str, url: str, parts: SplitResult) -> dict[str, Any]:
    try:
        port = parts.port
    except ValueError:
        port = None
    if not parts.hostname or port is None or parts.path not in {"", "/"} or parts.username is not None:
        raise InputError(field, url, "allowed: HOST:PORT after //, with a port from 0 to 65535")
    return {"host": parts.hostname, "port": port}


def _listen_place(field: str, url: str, parts: SplitResult) -> dict[str, Any]:
    """Where we listen; who listens on the loopback expects the peer there too."""
    place = _tcp_place(field, url, parts)
    host = _ip(field, str(place["host"]))
    return {**place, "host": host, "peer": host}


def _channel_place(field: str, url: str, parts: SplitResult) -> dict[str, Any]:
    channel = parts.path.removeprefix("/")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,15}", channel):
        raise InputError(field, url, "allowed: HOST:PORT/CHANNEL, for example socketcand://10.0.0.9:29536/can0")
    return _tcp_place(field, url, parts._replace(path="")) | {"channel": channel}


def _serial_place(field: str, url: str, parts: SplitResult) -> dict[str, Any]:
    if parts.netloc or not parts.path.startswith("/") or parts.path.endswith("/"):
        raise InputError(
            field, url, "allowed: the absolute path of a device after //, for example modbus-rtu:///dev/ttyS1"
        )
    return {"device": parts.path}


def _hardware_place(field: str, url: str, parts: SplitResult) -> dict[str, Any]:
    channel = parts.netloc + parts.path
    if not channel:
        raise InputError(
            field, url, "allowed: the channel of the CAN interface after //, for example can+socketcan://can0"
        )
    return {"channel": channel}


_PLACES = {
    Medium.TCP: _tcp_place,
    Medium.TCP_LISTEN: _listen_place,
    Medium.SERIAL: _serial_place,
    Medium.HARDWARE: _hardware_place,
}


def _options(field: str, url: str, query: str, allowed: dict[str, _Option]) -> dict[str, Any]:
    names = ", ".join(sorted(allowed))
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise InputError(field, url, f"allowed options: name=value joined by &, with {names}") from None
    chosen: dict[str, Any] = {}
    for name, value in pairs:
        if name not in allowed or name in chosen:
            raise InputError(f"{field} option", name, f"allowed, each once: {names}")
        chosen[name] = allowed[name](f"{field} {name}", value)
    return chosen


def _allowed_schemes(protocols: frozenset[WireProtocol] | None) -> str:
    schemes = [name for name, (base, _) in _SCHEMES.items() if protocols is None or base.protocol in protocols]
    hardware = ["can+INTERFACE"] if protocols is None or WireProtocol.CAN in protocols else []
    return ", ".join(schemes + hardware)
