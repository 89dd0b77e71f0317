"""Wire URLs: what is accepted, and errors that name field, value and what is allowed."""

from __future__ import annotations

import pytest

from swapstation.errors import InputError
from swapstation.wire_address import CAN_WIRES, METER_WIRES, MODBUS_WIRES, Medium, WireAddress, WireProtocol, parse_wire
from swapstation.wire_files import wire_file


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("slcan+tcp://127.0.0.1:29001", WireAddress(WireProtocol.SLCAN, Medium.TCP, host="127.0.0.1", port=29001)),
        ("slcan+tcp://[::1]:0", WireAddress(WireProtocol.SLCAN, Medium.TCP, host="::1", port=0)),
        (
            "slcan+serial:///dev/ttyACM0?baud=9600&listen=1",
            WireAddress(WireProtocol.SLCAN, Medium.SERIAL, device="/dev/ttyACM0", baud=9600, listen=1),
        ),
        (
            "socketcand://10.0.0.9:29536/can0",
            WireAddress(WireProtocol.SOCKETCAND, Medium.TCP, host="10.0.0.9", port=29536, channel="can0"),
        ),
        (
            "can+socketcan://can0?bitrate=500000",
            WireAddress(WireProtocol.CAN, Medium.HARDWARE, interface="socketcan", channel="can0", bitrate=500_000),
        ),
        ("modbus-tcp://plc:502?unit=7", WireAddress(WireProtocol.MODBUS_TCP, Medium.TCP, host="plc", port=502, unit=7)),
        (
            "modbus-rtu:///dev/ttyS1?baud=115200&parity=N&unit=1",
            WireAddress(WireProtocol.MODBUS_RTU, Medium.SERIAL, device="/dev/ttyS1", parity="N"),
        ),
        (
            "dlt645:///dev/ttyS2?baud=9600&parity=E&address=000000000161",
            WireAddress(
                WireProtocol.DLT645, Medium.SERIAL, device="/dev/ttyS2", baud=9600, parity="E", address="000000000161"
            ),
        ),
        (
            "dlt645+tcp://10.0.0.9:4001?digits=0001:5.4,0203:4.6",
            WireAddress(
                WireProtocol.DLT645, Medium.TCP, host="10.0.0.9", port=4001, digits=((0x0001, 5, 4), (0x0203, 4, 6))
            ),
        ),
        ("dlt645+tcp://10.0.0.9:4001", WireAddress(WireProtocol.DLT645, Medium.TCP, host="10.0.0.9", port=4001)),
        (
            "packed-plc+tcp-listen://127.0.0.1:29100",
            WireAddress(WireProtocol.PACKED_PLC, Medium.TCP_LISTEN, host="127.0.0.1", port=29100, peer="127.0.0.1"),
        ),
        (
            "packed-plc+tcp-listen://0.0.0.0:29100?peer=192.168.1.5",
            WireAddress(WireProtocol.PACKED_PLC, Medium.TCP_LISTEN, host="0.0.0.0", port=29100, peer="192.168.1.5"),
        ),
    ],
)
def test_accepts(url: str, address: WireAddress) -> None:
    assert parse_wire("links.x", url) == address


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "SCHEME://PLACE"),
        ("slcan", "SCHEME://PLACE"),
        ("http://x:1", "allowed schemes: slcan+tcp"),
        ("slcan+tcp://host", "HOST:PORT"),
        ("slcan+tcp://host:99999", "HOST:PORT"),
        ("slcan+tcp://:5", "HOST:PORT"),
        ("slcan+tcp://[::1:5", "not a URL"),
        ("slcan+serial://ttyACM0", "absolute path"),
        ("slcan+serial:///dev/", "absolute path"),
        ("can+socketcan://", "channel"),
        ("socketcand://h:1", "HOST:PORT/CHANNEL"),
        ("socketcand://h:1/can 0", "HOST:PORT/CHANNEL"),
        ("socketcand://h/can0", "HOST:PORT"),
        ("slcan+tcp://h:1?speed=5", "speed"),
        ("slcan+tcp://h:1?bitrate=5&bitrate=6", "allowed: 10000"),
        ("modbus-tcp://h:1?unit=256", "0 to 255"),  # 255 is a device without units (Modbus on TCP/IP 4.4.2)
        ("modbus-rtu:///dev/x?unit=248", "0 to 247"),
        ("modbus-rtu:///dev/x?parity=X", "allowed: N, E, O"),
        ("modbus-rtu:///dev/x?baud=1e3", "allowed: 600"),
        ("dlt645:///dev/x?address=12", "12 digits"),
        ("dlt645:///dev/x?address", "name=value"),
        ("dlt645:///dev/x?digits=0001:9.4", "GROUP:BYTES.DECIMALS"),
        ("dlt645:///dev/x?digits=0001:5.4,", "GROUP:BYTES.DECIMALS"),
        ("packed-plc+tcp-listen://0.0.0.0:29100", "?peer=IP"),
        ("packed-plc+tcp-listen://localhost:29100", "an IP address"),
        ("packed-plc+tcp-listen://127.0.0.1:29100?peer=plc", "an IP address"),
        ("aaf5+tcp-listen://192.168.10.1:29200", "?peer=IP"),
        ("aaf5+tcp-listen://192.168.10.1:29200?peer=192.168.10.1/24", "a network such as 192.168.10.0/24"),
    ],
)
def test_refuses_and_says_what_is_allowed(url: str, told: str) -> None:
    with pytest.raises(InputError, match=r"links\.x") as error:
        parse_wire("links.x", url)
    assert told in str(error.value)


def test_a_setting_takes_only_its_own_kind_of_wire() -> None:
    for protocols, url in (
        (CAN_WIRES, "modbus-tcp://h:1"),
        (MODBUS_WIRES, "dlt645+tcp://h:1"),
        (METER_WIRES, "can+socketcan://can0"),
    ):
        with pytest.raises(InputError, match="allowed schemes"):
            parse_wire("links.x", url, protocols)


def test_the_wire_contract_is_found_in_a_checkout() -> None:
    assert wire_file("dbc", "station.dbc").read_text(encoding="utf-8").startswith("VERSION")
