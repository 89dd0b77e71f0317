"""The controller process driving ten charging bays over slcan TCP in real time: processor share and CCS period.

The simulator and the controller run as processes of their own; every bay's wire leads through a proxy in this one,
which notes when each CCS line passes.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from swapstation.demo.station_file import free_ports
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.ten_bays import BAYS, station_toml, write_files

CCS_LINE = b"T1812F456"
CCS_PERIOD_MS = 50.0
START_PATIENCE_S = 60.0
ENOUGH_CCS = 20
SOC_PCT = 30.0


async def _data_until_cancelled(source: asyncio.StreamReader) -> bytes:
    """What came; nothing any more once the reading task is cancelled (asyncio logs a cancelled handler as an error)."""
    try:
        return await source.read(4096)
    except asyncio.CancelledError:
        return b""


class CcsProxy:
    """Forwards one TCP wire and notes the time of every CCS that passes toward the battery."""

    def __init__(self, target_port: int) -> None:
        self.seen_s: list[float] = []
        self._target_port = target_port
        self._partial = b""

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        device, to_device = await asyncio.open_connection("127.0.0.1", self._target_port)
        back = asyncio.create_task(self._carry(device, to_client))
        try:
            while data := await _data_until_cancelled(client):
                now_s = time.monotonic()
                *lines, self._partial = (self._partial + data).split(b"\r")
                self.seen_s.extend(now_s for line in lines if line.startswith(CCS_LINE))
                to_device.write(data)
        finally:
            back.cancel()
            to_device.close()
            to_client.close()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(4096):
            sink.write(data)


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a `swapstation` process, and end it."""
    command = [sys.executable, "-m", "swapstation", *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def cpu_s(pid: int) -> float:
    """User and system seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def charging_station(folder: Path) -> AsyncIterator[tuple[list[CcsProxy], subprocess.Popen[bytes]]]:
    """Simulator and controller as processes, all ten bays charging: the proxies of their wires, the controller."""
    plant = station_toml(folder, iter(free_ports(BAYS + 3)).__next__)
    plant_file = folder / "plant.toml"
    plant_file.write_text(plant, encoding="utf-8")
    proxies: list[CcsProxy] = []
    text = plant
    for line in [line for line in plant.splitlines() if line.startswith("can = ")]:
        port = int(line.rstrip('"').rsplit(":", 1)[1])
        proxies.append(CcsProxy(port))
        server = await proxies[-1].listen()
        text = text.replace(f":{port}", f":{server.sockets[0].getsockname()[1]}")
    station_file, stock_file = write_files(folder, text, SOC_PCT)
    plant_arguments = ["--config", str(plant_file), "--inventory", str(stock_file)]
    with running("simulate", *plant_arguments), running("controller", str(station_file)) as controller:
        async with asyncio.timeout(START_PATIENCE_S):
            while not all(len(proxy.seen_s) > ENOUGH_CCS for proxy in proxies):
                await asyncio.sleep(0.1)
        yield proxies, controller


def off_ms(proxies: Sequence[CcsProxy]) -> list[float]:
    """How far each period between two CCS was off its 50 ms, smallest first."""
    periods_ms = [1000.0 * (late - early) for proxy in proxies for early, late in itertools.pairwise(proxy.seen_s)]
    return sorted(abs(period_ms - CCS_PERIOD_MS) for period_ms in periods_ms)


async def _measure(folder: Path, seconds: float) -> list[Figure]:
    async with charging_station(folder) as (proxies, controller):
        for proxy in proxies:
            proxy.seen_s.clear()
        begun_s, begun_cpu_s = time.monotonic(), cpu_s(controller.pid)
        await asyncio.sleep(seconds)
        share_pct = 100.0 * (cpu_s(controller.pid) - begun_cpu_s) / (time.monotonic() - begun_s)
    off = off_ms(proxies)
    return [
        at_most("processor share of the controller, ten bays charging", share_pct, 15.0, "%"),
        at_most("CCS period off its 50 ms, 99th percentile", off[int(0.99 * len(off))], 10.0, "ms"),
        Figure("CCS period off its 50 ms, median", off[len(off) // 2], "ms"),
        Figure("CCS period off its 50 ms, largest", off[-1], "ms"),
        at_least("CCS frames sent / due", len(off) / (BAYS * seconds * 1000.0 / CCS_PERIOD_MS), 0.99),
    ]


def measure(seconds: float = 30.0) -> list[Figure]:
    """Run simulator and controller until all ten bays charge, then measure for `seconds`."""
    with tempfile.TemporaryDirectory() as place:
        return asyncio.run(_measure(Path(place), seconds))
