"""What nmap and sqlmap find at a running station, where they are installed."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from swapstation.demo.processes import Processes
from tests.attack.ports import listening

STATION = ("simulator", "controller", "planner", "server")
FILLED = {"integer": "1", "number": "1.5", "boolean": "true"}
_ANY_PORT = 9
_FOUND = "sqlmap identified the following injection point"


def open_ports(processes: Processes) -> tuple[int, list[str]]:
    """How many ports the station's processes listen on, and which of them can be reached from elsewhere."""
    told = {each for name in STATION for each in listening(processes.pid(name))}
    faults = [f"{address}:{port} is no loopback" for address, port in told if not ip_address(address).is_loopback]
    own = _own_address()
    if shutil.which("nmap") and own:
        ports = ",".join(str(port) for _, port in sorted(told))
        found = _said("nmap", "-Pn", "-n", "-p", ports, own)
        faults += [f"{own}: {line}" for line in found.splitlines() if re.match(r"\d+/tcp +open", line)]
    return len(told), faults


def injections(
    url: str, description: Mapping[str, Any], headers: Mapping[str, str], folder: Path
) -> tuple[int, list[str]]:
    """How many places of GET requests sqlmap tried, and what it found."""
    if not shutil.which("sqlmap"):
        return 0, []
    faults, targets = [], list(_targets(description))
    for target in targets:
        options = ["--batch", "--smart", "--level", "2", "--flush-session", "--disable-coloring", "--timeout", "10"]
        told = _said(
            "sqlmap", "-u", f"{url}{target}", "--cookie", headers["Cookie"], *options, "--output-dir", str(folder)
        )
        if _FOUND in told:
            faults.append(f"{target}: {told[told.index(_FOUND) :][:500]}")
    return len(targets), faults


def _targets(description: Mapping[str, Any]) -> Iterator[str]:
    """Each GET with input: `*` marks an id of its path for sqlmap, which tries the query by itself."""
    for path, operations in description["paths"].items():
        parameters = operations.get("get", {}).get("parameters", ())
        names = {each["name"]: _example(each["schema"]) for each in parameters if each["in"] == "query"}
        marked = re.sub(r"\{\w+\}", "1*", path)
        query = "&".join(f"{name}={value}" for name, value in names.items())
        if query and marked == path:
            yield f"{path}?{query}"
        elif marked != path and "get" in operations:
            yield marked


def _example(schema: Mapping[str, Any]) -> str:
    first = schema.get("anyOf", [schema])[0]
    return FILLED.get(first.get("type", ""), "x1")


def _own_address() -> str:
    """The address by which others reach this machine, none where it has no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", _ANY_PORT))  # nothing is sent
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
