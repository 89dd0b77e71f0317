"""`[training]`: people train at this station; its wires must all end on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from swapstation.config.reading import Wrong
from swapstation.config.rule_kinds import Allowed, Rule, Text, is_loopback
from swapstation.errors import InputError
from swapstation.toml_lines import KeyPath
from swapstation.wire_address import Medium, WireAddress, parse_wire

TRAINING: Mapping[str, Rule] = {
    "simulator": Text(
        r"[A-Za-z0-9._-]{1,60}", "应为数据目录中的文件名", "must be the name of a file in the data folder"
    )
}
_ALLOWED = Allowed(
    "培训站的线路只能通向本机的仿真设备: 本机回环地址或伪终端",
    "a training station's wires lead to the simulator of this machine only: a loopback address or a pseudo terminal",
)


def check_training(wires: Iterable[tuple[KeyPath, str]]) -> Iterator[Wrong]:
    """No wire of a training station may reach equipment."""
    for path, url in wires:
        try:
            address = parse_wire(str(path[-1]), url)
        except InputError:
            continue  # told already
        if not _stays_here(address):
            yield Wrong(path, url, _ALLOWED)


def _stays_here(address: WireAddress) -> bool:
    if address.medium is Medium.SERIAL:
        return not address.device.startswith("/dev/") or address.device.startswith("/dev/pts/")
    return address.medium is not Medium.HARDWARE and is_loopback(address.host)
