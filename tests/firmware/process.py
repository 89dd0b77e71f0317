"""The C node as a process on real wires, with the product's ends of both segments."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.charger_settings import ChargerSettings
from swapstation.protocol.node import Frame
from swapstation.protocol.station_can import ModuleFeedback, ModuleSetpoint, RackIo, Received, StationCan
from swapstation.transport.can_segment import CanSegment

BAY = 3
PATIENCE_S = 20.0
RENEW_S = 0.1
NEVER_S = float("inf")
CHARGER = ChargerSettings(charger_number=BAY, max_voltage_v=750.0, min_voltage_v=200.0, max_current_a=250.0)


class StationEnd:
    """What the station sends to the modules of the bay, and what it last heard of its nodes."""

    def __init__(self) -> None:
        self._can = StationCan.load()
        self._alive = 0
        self._outbox: list[Frame] = []
        self.rack: RackIo | None = None
        self.modules: ModuleFeedback | None = None

    def receive(self, frame: Frame, now_s: float) -> None:
        received = self._can.decode(frame)
        assert isinstance(received, Received)
        assert received.node == BAY
        if isinstance(received.message, RackIo):
            self.rack = received.message
        elif isinstance(received.message, ModuleFeedback):
            self.modules = received.message

    def set_modules(self, enable: bool, voltage_v: float, current_a: float) -> None:
        self._alive = (self._alive + 1) % 251
        self._outbox.append(self._can.encode(ModuleSetpoint(enable, voltage_v, current_a, self._alive), BAY))

    def due(self, now_s: float) -> list[Frame]:
        frames, self._outbox = self._outbox, []
        return frames

    def next_deadline(self) -> float:
        return NEVER_S


@dataclass
class Run:
    """A running node. `charger` demands current, the set-points follow it."""

    process: asyncio.subprocess.Process
    station: StationEnd
    charger: ChargerSession
    deaf: bool = False
    """Set-points are no longer renewed."""
    errors: bytes = b""
    _segments: list[CanSegment] = field(default_factory=list)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                assert self.process.returncode is None, "the node has ended"
                await asyncio.sleep(0.01)

    def turn(self, knob: str, value: float) -> None:
        """Turn a knob of the node's plant on its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{knob} {value}\n".encode())

    async def renew(self) -> None:
        """What a station does every cycle: measured values to the charger side, its demand to the modules."""
        loop = asyncio.get_running_loop()
        while True:
            modules, demand = self.station.modules, self.charger.demand
            if modules is not None and modules.voltage_v is not None and modules.current_a is not None:
                self.charger.measured(modules.voltage_v, modules.current_a, loop.time())
            if not self.deaf:
                self.station.set_modules(demand.enabled, demand.voltage_v, demand.current_a)
            for segment in self._segments:
                segment.wake()
            await asyncio.sleep(RENEW_S)


@contextlib.asynccontextmanager
async def node(program: Path, folder: Path, wires: str, *options: str) -> AsyncIterator[Run]:
    """Start the node on both segments, over TCP or ptys; at the end it must end by itself with code 0."""
    station, charger = StationEnd(), ChargerSession(CHARGER)
    segments = {"station": CanSegment(station), "battery": CanSegment(charger)}
    wiring: list[str] = []
    for name, segment in segments.items():
        if wires == "tcp":
            wiring += [f"--{name}", f"tcp:127.0.0.1:{segment.listen('127.0.0.1', 0)}"]
        else:
            segment.open_pty(folder / name)
            wiring += [f"--{name}", str(folder / name)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        program, "--bay", str(BAY), *wiring, *options, stdin=pipe, stderr=pipe
    )
    run = Run(process, station, charger, _segments=list(segments.values()))
    serving = [asyncio.create_task(work) for work in (*(each.run() for each in segments.values()), run.renew())]
    try:
        yield run
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        _, run.errors = await asyncio.wait_for(process.communicate(), PATIENCE_S)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
    assert process.returncode == 0, run.errors.decode(errors="replace")[-3000:]
