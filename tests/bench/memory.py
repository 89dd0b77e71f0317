"""Memory of controller and simulation over one hour of ten charging bays, in virtual time, in a process of its own."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

from swapstation.simulation.memory import ByteWire, CanWire, VirtualTime
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.ten_bays import (
    BAYS,
    CYCLE_S,
    PLANT_STEP_S,
    TenBays,
    charging_bays,
    station_toml,
    ten_bays,
    write_files,
)

SHARES = (0.1, 0.5, 1.0)
SOC_PCT = 10.0
POWER_KW = 100.0
"""So little that no battery is full within the hour."""
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


def charge(station: TenBays) -> VirtualTime:
    """Join both halves of the station under a virtual clock."""
    clock = VirtualTime()
    simulation, equipment = station.simulation, station.equipment
    for name, node in equipment.can_nodes.items():
        clock.join(CanWire(node, simulation.can_nodes[name]))
    clock.join(ByteWire(equipment.byte_nodes["robot"], simulation.robot_node()))
    clock.join(ByteWire(equipment.byte_nodes["meter"], simulation.meter_node()))

    clock.every(PLANT_STEP_S, simulation.advance)
    clock.every(CYCLE_S, station.cycle)
    return clock


def _sample() -> tuple[float, int]:
    """Resident memory in MB and blocks that Python holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_MB, sys.getallocatedblocks()


def _hour(seconds: float) -> list[Figure]:
    samples, bays = [], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        text = station_toml(folder, itertools.count(20_001).__next__, POWER_KW)
        with ten_bays(*write_files(folder, text, SOC_PCT)) as station:
            clock = charge(station)
            for share in SHARES:
                clock.run(share * seconds - clock.now_s)
                samples.append(_sample())
                assert station.core.snapshot is not None
                bays.append(charging_bays(station.core.snapshot))
    sizes_mb, blocks = zip(*samples, strict=True)
    return [
        *(
            Figure(f"resident memory after {share:.0%}", size, "MB")
            for share, size in zip(SHARES, sizes_mb, strict=True)
        ),
        at_most("growth of resident memory from 10 % to 100 %", 100.0 * (sizes_mb[-1] / sizes_mb[0] - 1), 5.0, "%"),
        at_most("growth of Python's blocks from 10 % to 100 %", 100.0 * (blocks[-1] / blocks[0] - 1), 5.0, "%"),
        at_least("bays that charge at every sample", min(bays), BAYS),
    ]


def measure(seconds: float = 3600.0) -> list[Figure]:
    """Charge for so many virtual seconds."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_hour, (seconds,))
