"""The wire face: real TCP connections and pseudo-terminals, spoken to by raw clients."""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from swapstation.config.link_settings import Links
from swapstation.config.settings import Config
from swapstation.errors import InputError
from swapstation.simulation.face import WireFace
from swapstation.simulation.placement import Placement
from swapstation.simulation.world import Simulation

PATIENCE_S = 10.0
READ_ROBOT_STATE = struct.pack(">HHHBBHH", 7, 0, 6, 1, 3, 101, 1)
READ_METER = bytes.fromhex("FEFEFEFE 68 610100000000 68 11 04 33333433 14 16")


@contextlib.asynccontextmanager
async def served(config: Config, placement: Placement) -> AsyncIterator[WireFace]:
    face = WireFace(Simulation(config, placement))
    serving = asyncio.create_task(face.run())
    try:
        yield face
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


@contextlib.asynccontextmanager
async def connected(face: WireFace, name: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = face.places[name].rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def within_patience(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():
            await asyncio.sleep(0.02)


async def test_rack_nodes_speak_slcan_over_tcp(config: Config, placement: Placement) -> None:
    """Opened at 250 kbit/s, the adapter passes the frames of the four rack nodes."""
    async with served(config, placement) as face, connected(face, "station_can") as (reader, writer):
        writer.write(b"S5\rO\r")
        sources: set[str] = set()
        async with asyncio.timeout(PATIENCE_S):
            while sources != {"81", "82", "83", "84"}:
                line = (await reader.readuntil(b"\r")).decode()
                if line.startswith("T18FF10"):
                    sources.add(line[7:9])


async def test_robot_answers_modbus_tcp(config: Config, placement: Placement) -> None:
    async with served(config, placement) as face, connected(face, "robot") as (reader, writer):
        writer.write(READ_ROBOT_STATE)
        async with asyncio.timeout(PATIENCE_S):
            answer = await reader.readexactly(11)
        assert answer == struct.pack(">HHHBBBH", 7, 0, 5, 1, 3, 2, 1)


async def test_meter_answers_on_its_pty(config: Config, placement: Placement) -> None:
    """A raw client on the pty reads forward energy: the public worked frame asks, the plant's counter answers."""
    async with served(config, placement) as face:
        terminal = os.open(face.places["meter"], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        heard = bytearray()

        async def answered() -> bool:
            with contextlib.suppress(BlockingIOError):
                heard.extend(os.read(terminal, 256))
            return len(heard) >= 20

        await asyncio.sleep(0.2)  # the pty is served once its end has seen the client
        os.write(terminal, READ_METER)
        try:
            await within_patience(answered)
        finally:
            os.close(terminal)
        data = bytes((byte - 0x33) % 256 for byte in heard[10:18])
        assert data[:4] == bytes.fromhex("00000100")
        assert int(data[:3:-1].hex()) / 100 == pytest.approx(12345.0, abs=1)


async def test_everything_on_ptys(config: Config, placement: Placement, tmp_path: Path) -> None:
    """Every CAN segment and the robot on a serial line, at the paths that the configuration names."""
    links = Links(
        station_can=f"slcan+serial://{tmp_path}/station",
        robot=f"modbus-rtu://{tmp_path}/robot?baud=115200&parity=E&unit=1",
        meter=config.links.meter,
        chargers=config.links.chargers,
    )
    bays = tuple(replace(bay, can=f"slcan+serial://{tmp_path}/bay{bay.number}") for bay in config.bays[:3])
    async with served(replace(config, links=links, bays=(*bays, config.bays[3])), placement):
        assert {path.name for path in tmp_path.iterdir()} == {"station", "robot", "meter", "bay1", "bay2", "bay3"}
        terminal = os.open(tmp_path / "station", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        heard = bytearray()

        async def spoken() -> bool:
            with contextlib.suppress(BlockingIOError):
                heard.extend(os.read(terminal, 4096))
            if b"T18FF10" not in heard:
                os.write(terminal, b"C\rS5\rO\r")
            return b"T18FF10" in heard

        try:
            await within_patience(spoken)
        finally:
            os.close(terminal)
    assert not list(tmp_path.iterdir())


async def test_cut_bay_link_closes_and_comes_back(config: Config, placement: Placement) -> None:
    async with served(config, placement) as face:
        faults = face.simulation.plant.faults
        async with connected(face, "bay-1") as (reader, _), asyncio.timeout(PATIENCE_S):
            faults.set("bay_link_cut", "1", True, (1,))
            assert await reader.read() == b""
        with pytest.raises(ConnectionRefusedError):
            async with connected(face, "bay-1"):
                pass
        faults.set("bay_link_cut", "1", False, (1,))

        async def back() -> bool:
            with contextlib.suppress(ConnectionRefusedError):
                async with connected(face, "bay-1"):
                    return True
            return False

        await within_patience(back)


def test_hardware_can_is_not_for_a_simulator(config: Config, placement: Placement) -> None:
    links = replace(config.links, station_can="can+socketcan://can0?bitrate=250000")
    simulation = Simulation(replace(config, links=links), placement)
    with pytest.raises(InputError, match="station_can"):
        WireFace(simulation)
