"""A second master on the robot PLC's wire that means harm: it writes orders and controls in the PLC's own words."""

from __future__ import annotations

import socket
import struct
from types import TracebackType

from swapstation.config.settings import Config
from swapstation.protocol.register_files import load_register_map
from swapstation.protocol.registers import Value
from swapstation.wire_address import parse_wire

WRITE_REGISTERS = 16
TIMEOUT_S = 5.0
ALIEN_ID = 4_000_000_000


class Intruder:
    """One Modbus TCP connection to the PLC."""

    def __init__(self, config: Config) -> None:
        address = parse_wire("links.robot", config.links.robot)
        self._map = load_register_map("robot_plc")
        self._unit = address.unit
        self._socket = socket.create_connection((address.host, address.port), timeout=TIMEOUT_S)
        self._order_id = ALIEN_ID
        self._control_id = 0

    def __enter__(self) -> Intruder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def order(self, command: str, epoch: int) -> int:
        """Order a motion; returns the order's id."""
        self._order_id += 1
        self._write(
            truck_position=0,
            command=command,
            from_bay=0,
            to_bay=0,
            truck_model=0,
            order_id=self._order_id,
            order_epoch=epoch,
        )
        return self._order_id

    def control(self, control: str, epoch: int) -> None:
        self._control_id += 1
        self._write(epoch=epoch, protocol_version=1, control=control, control_id=self._control_id)

    def _write(self, **values: Value) -> None:
        """Write neighbouring points in one telegram and wait for its acknowledgement."""
        points = [self._map.points["station"][name] for name in values]
        first, end = points[0].address, points[-1].address + points[-1].width
        words = self._map.encode("station", values)[first:end]
        head = struct.pack(">BBHHB", self._unit, WRITE_REGISTERS, first, len(words), 2 * len(words))
        told = head + struct.pack(f">{len(words)}H", *words)
        self._socket.sendall(struct.pack(">HHH", 1, 0, len(told)) + told)
        if self._socket.recv(260)[7] != WRITE_REGISTERS:
            raise OSError("the PLC refuses the telegram")
