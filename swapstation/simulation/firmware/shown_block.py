"""One block of registers in which a device shows its state; only what changed is laid out anew."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.protocol.register_bank import RegisterBank
from swapstation.protocol.registers import RegisterMap, Value


class ShownBlock:
    """Binds one block of a register map to a bank that already has its registers."""

    def __init__(self, bank: RegisterBank, unit: int, register_map: RegisterMap, block: str) -> None:
        self._bank, self._unit = bank, unit
        self._map, self._block = register_map, block
        self._shown: dict[str, Value] = {}
        self._registers: list[int] | None = None

    def show(self, values: Mapping[str, Value]) -> None:
        """Show these values of points."""
        known = self._shown
        changed = {name: value for name, value in values.items() if name not in known or known[name] != value}
        if changed:
            self._shown.update(changed)
            self._registers = self._map.encode(self._block, changed, self._registers)
            self._bank.set(self._unit, self._map.blocks[self._block].address, self._registers)
