"""`swapstation adapter list` and `adapter check`: which adapters are installed, and does one keep its contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from swapstation.cli.inventory_texts import Language, language_of_the_system
from swapstation.config.adapter_names import installed_adapters
from swapstation.devices.adapter import Adapter, AdapterKind, AdapterSettings, Role
from swapstation.devices.contract_suite.checks import Trial, run_contract
from swapstation.devices.contract_suite.exchange import Event, read_bytes_log
from swapstation.devices.contract_suite.finding import Finding
from swapstation.devices.installed import adapter_kind, build_adapter
from swapstation.errors import InputError, SwapstationError
from swapstation.transport.recordings import Recorded, read_recording
from swapstation.wire_address import CAN_WIRES, MODBUS_WIRES, Medium, WireAddress, WireProtocol, parse_wire

BROKEN, BAD_INPUT = 1, 2
_BYTES_LOG = ".bytes.log"
_MBAP_PROTOCOL = slice(2, 4)

adapter_app = typer.Typer(no_args_is_help=True, help="Adapters of devices: list them, check one. 设备适配器.")


@adapter_app.command("list")
def list_adapters(as_json: Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")] = False) -> None:
    """List the installed adapters with role, name and package. 列出已安装的适配器."""
    rows = [
        {"role": role.value, "name": name, "package": f"{entry.dist.name} {entry.dist.version}" if entry.dist else "-"}
        for role in Role
        for name, entry in installed_adapters(role).items()
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table(box=None)
    for heading in ("用途 role", "名称 name", "软件包 package"):
        table.add_column(heading)
    for row in rows:
        table.add_row(*row.values())
    Console(highlight=False).print(table)


@adapter_app.command("check")
def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="NAME or ROLE.NAME of `adapter list`. 适配器名.")],
    replay: Annotated[Path, typer.Option(help="Recording: NAME.bytes.log, candump .log, .asc, .blf. 录波文件.")],
    map_file: Annotated[Path | None, typer.Option("--map", help="The vendor's map. 厂家映射文件.")] = None,
    wire: Annotated[
        str, typer.Option(help="The wire's URL as in the table links, for unit or address. 线路地址.")
    ] = "",
    bays: Annotated[str, typer.Option(help="Bays that are behind the wire, 1,2,3. 仓号.")] = "1",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object. 输出 JSON.")] = False,
    language: Annotated[Language | None, typer.Option(help="zh or en; by LANG if absent. 语言.")] = None,
) -> None:
    """Play a recording to an adapter and say what works and what its role misses. Exit 1: something is missing.

    用录波检查适配器: 哪些可用, 还缺什么.
    """
    try:
        role, short = _role_of(name)
        kind = adapter_kind(role, short)
        events = _events(replay)
        address = parse_wire("wire", wire) if wire else _likely_wire(kind, events)
        settings = AdapterSettings(address, _bays(role, bays), map=map_file)

        def make() -> Adapter:
            return build_adapter(role, short, settings)

        findings = run_contract(Trial(make, events, address.protocol))
    except SwapstationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from error
    _tell(role, short, findings, as_json, language or language_of_the_system())
    if not all(finding.passed for finding in findings):
        raise typer.Exit(BROKEN)


def _role_of(name: str) -> tuple[Role, str]:
    """Role and name; a name alone must belong to one role."""
    role, _, short = name.rpartition(".")
    if role:
        if role not in list(Role):
            raise InputError("NAME", name, f"roles are {', '.join(Role)}")
        return Role(role), short
    roles = [each for each in Role if name in installed_adapters(each)]
    if len(roles) != 1:
        choice = [f"{each}.{name}" for each in roles]
        every = [f"{each}.{known}" for each in Role for known in installed_adapters(each)]
        raise InputError("NAME", name, f"installed: {', '.join(choice or every)}")
    return roles[0], name


def _events(path: Path) -> list[Event]:
    if _BYTES_LOG not in path.name:
        return [Event(each.time_s, each.frame) for each in read_recording(path) if isinstance(each, Recorded)]
    try:
        return read_bytes_log(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("replay", str(path), f"a file that can be read ({error})") from error


def _likely_wire(kind: AdapterKind, events: list[Event]) -> WireAddress:
    """A wire that the adapter speaks; of both Modbus framings the one that the recording shows."""
    protocol = min(kind.wires)
    if kind.wires == MODBUS_WIRES:
        first = next((event.item for event in events if isinstance(event.item, bytes)), b"")
        tcp = first[_MBAP_PROTOCOL] == b"\0\0"
        protocol = WireProtocol.MODBUS_TCP if tcp else WireProtocol.MODBUS_RTU
    return WireAddress(protocol, Medium.HARDWARE if protocol in CAN_WIRES else Medium.TCP)


_OF_BAYS = frozenset({Role.CHARGER, Role.CLIMATE, Role.BAY_METER})
"""One wire of these leads to the devices of many bays."""


def _bays(role: Role, text: str) -> tuple[int, ...]:
    if role not in _OF_BAYS:
        return ()
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError("bays", text, "allowed: numbers joined by commas") from None


def _tell(role: Role, name: str, findings: list[Finding], as_json: bool, language: Language) -> None:
    if as_json:
        rows = [{"code": each.code, "passed": each.passed, "zh": each.zh, "en": each.en} for each in findings]
        passed = all(finding.passed for finding in findings)
        typer.echo(json.dumps({"role": role, "name": name, "passed": passed, "findings": rows}, ensure_ascii=False))
        return
    for finding in findings:
        mark = "✓" if finding.passed else "✗"
        typer.echo(f"{mark} {finding.zh if language.value == 'zh' else finding.en}")
