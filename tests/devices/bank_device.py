"""A Modbus device with a register map of ours at the other end of a wire in memory."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.protocol.modbus_client import ModbusClient
from swapstation.protocol.modbus_server import ModbusTcpServer
from swapstation.protocol.register_bank import RegisterBank, RegisterWrite
from swapstation.protocol.register_files import load_register_map
from swapstation.protocol.registers import Value


class BankDevice:
    """Register bank behind a Modbus TCP server; `read_block` is what the device shows, the station writes `station`."""

    def __init__(self, client: ModbusClient, map_name: str, read_block: str, units: tuple[int, ...] = (1,)) -> None:
        self.map = load_register_map(map_name)
        self.bank = RegisterBank()
        self.client = client
        self.server = ModbusTcpServer(self.bank)
        self.now_s = 0.0
        self._block = self.map.blocks[read_block]
        station = self.map.blocks["station"]
        for unit in units:
            self.bank.define(unit, station.address, station.count, writable=True)
            self.bank.define(unit, self._block.address, self._block.count)
        self.connect()

    def connect(self) -> None:
        self.client.opened(self.now_s)
        self.server.opened(self.now_s)

    def disconnect(self) -> None:
        self.client.closed(self.now_s)
        self.server.closed(self.now_s)

    def show(self, values: Mapping[str, Value], unit: int = 1) -> None:
        """Put values into the device's own registers."""
        present = self.bank.get(unit, self._block.address, self._block.count)
        self.bank.set(unit, self._block.address, self.map.encode(self._block.name, values, present))

    def show_raw(self, address: int, register: int, unit: int = 1) -> None:
        self.bank.set(unit, address, [register])

    def run(self, duration_s: float) -> None:
        """Let the wire carry what is due."""
        for _ in range(round(duration_s / 0.01)):
            self.now_s = round(self.now_s + 0.01, 3)
            for data in self.client.due(self.now_s):
                self.server.receive(data, self.now_s)
            for data in self.server.due(self.now_s):
                self.client.receive(data, self.now_s)

    def written(self) -> list[tuple[int, Mapping[str, Value]]]:
        """Each write since the last call: its unit, and the points it covered with what they now hold."""
        return [(write.unit, self._points(write)) for write in self.bank.take_writes()]

    def _points(self, write: RegisterWrite) -> Mapping[str, Value]:
        station = self.map.blocks["station"]
        registers = [0] * station.count
        start = write.address - station.address
        registers[start : start + len(write.registers)] = write.registers
        values = self.map.decode("station", registers)
        covered = range(write.address, write.address + len(write.registers))
        return {name: value for name, value in values.items() if self.map.points["station"][name].address in covered}
