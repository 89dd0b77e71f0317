"""The C node as a process under the sanitizers, on real wires: a whole charge, a lost partner, garbage."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from swapstation.model.device import ChargePhase, ModuleState
from tests.firmware.process import PATIENCE_S, Run, node

pytestmark = pytest.mark.slow
GARBAGE_ROUNDS = 60


async def charging(run: Run) -> None:
    await run.until(lambda: run.station.modules is not None)
    run.charger.start(asyncio.get_running_loop().time())
    await run.until(lambda: run.station.modules is not None and (run.station.modules.current_a or 0.0) > 5.0)


@pytest.mark.parametrize("wires", ["tcp", "pty"])
async def test_a_battery_is_charged_paused_and_filled(node_program: Path, tmp_path: Path, wires: str) -> None:
    async with node(node_program, tmp_path, wires, "--soc", "99", "--speed", "20") as run:
        await charging(run)
        assert run.charger.phase is ChargePhase.CHARGING
        run.turn("temperature_c", 57)
        await run.until(lambda: run.charger.demand.enabled and run.charger.demand.current_a == 0.0)
        assert run.charger.phase is ChargePhase.CHARGING
        await run.until(lambda: run.charger.demand.current_a > 0.0)  # it has cooled down
        run.turn("soc_pct", 99.99)
        await run.until(lambda: run.charger.phase is ChargePhase.END)
        told = run.charger.battery_charge(asyncio.get_running_loop().time())
        assert "soc_reached" in told.stop_reasons
        assert told.timeouts == ()
        await run.until(lambda: run.station.rack is not None and not run.station.rack.contactor_closed)


async def test_a_station_that_falls_silent_leaves_no_current(node_program: Path, tmp_path: Path) -> None:
    async with node(node_program, tmp_path, "tcp") as run:
        await charging(run)
        run.deaf = True
        await run.until(lambda: run.station.modules is not None and run.station.modules.state is ModuleState.WATCHDOG)
        await run.until(lambda: run.station.modules is not None and run.station.modules.current_a == 0.0)


async def test_a_node_shows_the_version_it_is_given(node_program: Path, tmp_path: Path) -> None:
    async with node(node_program, tmp_path, "tcp", "--protocol-version", "2") as run:
        await run.until(lambda: run.station.rack is not None and run.station.modules is not None)
        assert run.station.rack is not None
        assert run.station.modules is not None
        assert (run.station.rack.protocol_version, run.station.modules.protocol_version) == (2, 2)


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--bay", "3", "--station", "tcp:127.0.0.1:1"],
        ["--bay", "0", "--station", "a", "--battery", "b"],
        ["--bay", "3.5", "--station", "a", "--battery", "b"],
        ["--bay", "3", "--station", "a", "--battery", "b", "--speed", "fast"],
        ["--bay", "3", "--station", "a", "--battery", "b", "--protocol-version", "0"],
        ["--bay", "3", "--station", "a", "--battery", "b", "more"],
    ],
)
def test_wrong_options_are_refused_with_the_usage(node_program: Path, options: list[str]) -> None:
    done = subprocess.run([node_program, *options], capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 2
    assert "usage: swapstation-node" in done.stderr


SENSED = {
    "ok": True,
    "speed": 20.0,
    "presence_a": True,
    "presence_b": True,
    "mated": True,
    "smoke": False,
    "module_fault": False,
    "bms_silent": False,
    "bay_temperature_c": 25.0,
    "battery": "LFP-003",
    "soc_pct": 40.0,
    "temperature_c": 25.0,
    "energy_kwh": 282.0,
    "max_voltage_v": 733.6,
    "max_current_a": 350.0,
    "maker": "999",
    "serial": 3,
}


async def test_a_simulator_that_falls_silent_leaves_the_sensors_unknown(node_program: Path, tmp_path: Path) -> None:
    """The bay is as the simulator says; without it nothing is known, and afterwards everything again."""
    speaking = asyncio.Event()
    speaking.set()
    reports: list[dict[str, Any]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            reports.append(json.loads(line))
            if speaking.is_set():
                writer.write(json.dumps(SENSED).encode() + b"\n")
        writer.close()

    async with (
        await asyncio.start_unix_server(answer, tmp_path / "plant"),
        node(node_program, tmp_path, "tcp", "--plant", str(tmp_path / "plant")) as run,
    ):
        await charging(run)
        told = run.charger.battery_charge(asyncio.get_running_loop().time())
        assert (told.maker, told.serial) == ("999", 3)
        assert (reports[0]["battery"], reports[-1]["battery"]) == ("", "LFP-003")
        assert reports[-1]["soc_pct"] >= 40.0
        speaking.clear()
        await run.until(lambda: run.station.rack is not None and run.station.rack.presence_a is None)
        assert run.station.rack is not None
        assert run.station.rack.connector_mated is None
        speaking.set()
        await run.until(lambda: run.station.rack is not None and run.station.rack.presence_a is True)


def spoilt(chance: random.Random) -> bytes:
    """Something that is almost right, or nothing of the kind."""
    right = chance.choice(
        [
            b"T1826F4563010100\r",
            b"T1801F4568AAEA0300000030\r",
            b"T1808F45684C1DD007DC058C0F\r",
            b"T1CECF456811FF01FFFF000200\r",
            b"T1812F45688019A00F0C00FDFF\r",
            b"T1821A3278015E1BE80301FFFF\r",
            json.dumps(SENSED | {chance.choice(list(SENSED)): chance.choice([None, -1, 1e308, "x" * 60])}).encode()
            + b"\n",
            json.dumps(SENSED).encode() + b"\n",
            b"temperature_c nan\nsoc_pct 1e400\n",
            b"smoke 1\nsmoke 0\n",
        ]
    )
    data = bytearray(right)
    for _ in range(chance.choice([0, 0, 1, 3])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.2:
        data += chance.randbytes(chance.randrange(3000))
    return bytes(data)


async def test_garbage_on_every_wire_is_survived(node_program: Path, tmp_path: Path) -> None:
    """Seeded garbage on both CAN wires, the plant's socket and standard input; then the node still serves."""
    chance = random.Random(27930)
    writers: list[asyncio.StreamWriter] = []
    heard = bytearray()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while data := await reader.read(4096):
            heard.extend(data)

    station = await asyncio.start_server(take, "127.0.0.1", 0)
    battery = await asyncio.start_server(take, "127.0.0.1", 0)
    plant = await asyncio.start_unix_server(take, tmp_path / "plant")
    ports = [server.sockets[0].getsockname()[1] for server in (station, battery)]
    process = await asyncio.create_subprocess_exec(
        node_program, "--bay", "3", "--station", f"tcp:127.0.0.1:{ports[0]}", "--battery", f"tcp:127.0.0.1:{ports[1]}",
        "--plant", tmp_path / "plant", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    for number in range(GARBAGE_ROUNDS):
        for writer in [*writers, process.stdin]:
            writer.write(b"".join(spoilt(chance) for _ in range(20)))
        if number % 20 == 19 and writers:
            writers.pop(chance.randrange(len(writers))).close()
        await asyncio.sleep(0.02)
    for writer in writers:
        writer.write(json.dumps(SENSED).encode() + b"\n")
    heard.clear()
    async with asyncio.timeout(PATIENCE_S):
        while b"T18FF1083" not in heard:
            assert process.returncode is None
            await asyncio.sleep(0.02)
    process.terminate()
    _, errors = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    for writer in writers:
        writer.close()
    for server in (station, battery, plant):
        server.close()
    assert process.returncode == 0, errors.decode(errors="replace")[-3000:]
    assert b"malformed" in errors
