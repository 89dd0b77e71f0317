"""The C reference node (firmware_proto/node) as the equipment of one bay: built on demand, run beside the simulator."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from swapstation.config.settings import Config
from swapstation.errors import SwapstationError
from swapstation.simulation.can_end import SECOND_PTY
from swapstation.wire_address import Medium, parse_wire
from swapstation.wire_files import wire_file

PROGRAM = "swapstation-node"
TOOLS = ("gcc", "make")


class NodeNotBuilt(SwapstationError):
    """The C node cannot be built here; the message says why."""


def build_node(folder: Path) -> Path:
    """Build the program in `folder`; NodeNotBuilt names the tool to install or what the compiler said."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        names = ", ".join(missing)
        install = f"apt-get install {' '.join(missing)}"
        raise NodeNotBuilt(
            f"--c-bay: {names} is missing to build the C node; install it, on Debian: {install} (缺少编译工具: {names})"
        )
    makefile = wire_file("node", "Makefile")
    command = ["make", "-s", "-j2", "-C", str(makefile.parent), f"BUILD={folder}", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NodeNotBuilt(f"--c-bay: the C node does not build (C 节点编译失败):\n{done.stdout}{done.stderr}")
    return folder / PROGRAM


def node_command(program: Path, config: Config, bay: int, control: Path) -> list[str]:
    """How the program is run as the equipment of one bay of a simulated station."""
    station, battery = _wire(config.links.station_can), _wire(config.bay(bay).can)
    wires = ["--station", station, "--battery", battery, "--plant", str(control)]
    return [str(program), "--bay", str(bay), *wires]


def _wire(url: str) -> str:
    address = parse_wire("can", url)
    if address.medium is Medium.TCP:
        return f"tcp:{address.host}:{address.port}"
    return address.device + SECOND_PTY
