"""One FC 16 for a run of neighbouring points: a command and its parameters never travel in two frames."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.protocol.registers import RegisterMap, Value


def registers_of(register_map: RegisterMap, block: str, values: Mapping[str, Value]) -> tuple[int, list[int]]:
    """First address and registers that carry `values`, which must stand next to each other in the map."""
    registers = register_map.encode(block, values)
    points = [register_map.points[block][name] for name in values]
    first = min(point.address for point in points)
    end = max(point.address + point.width for point in points)
    start = register_map.blocks[block].address
    return first, registers[first - start : end - start]
