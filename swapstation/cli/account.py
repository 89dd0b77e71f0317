"""`swapstation account`: accounts of people and keys of programs, on the station's own machine while no server runs.

Exit 0: done; 2: bad input, or the server runs. Who may write the station's files may do this: it needs no log-in, and
the audit keeps the operating system's user.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from swapstation.business import accounts, sessions
from swapstation.business.credentials import new_totp_secret, totp_uri
from swapstation.cli.acting import acting_person
from swapstation.cli.business_reading import changing, reading
from swapstation.cli.station_reading import StationFile, never_cut, print_json
from swapstation.model.people import Role, Scope

account_app = typer.Typer(help="Accounts of people, keys of programs. 账号与接口密钥.", no_args_is_help=True)
key_app = typer.Typer(help="Keys of fleets and platforms. 车队与平台的接口密钥.", no_args_is_help=True)
account_app.add_typer(key_app, name="key")

Name = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Name to log in with. 账号.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON. 输出 JSON.")]
_FILE = Path("station.toml")


@account_app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the person is there for. 角色.")],
    display: Annotated[str, typer.Option(help="The person's name. 姓名.")] = "",
    config: StationFile = _FILE,
) -> None:
    """Make an account and print the one-time code that sets its PIN and password. 新建账号."""
    with changing(config) as changes:
        accounts.add_account(changes.connection, name, display, role, changes.at)
        code = accounts.invite(changes.connection, name, changes.at)
        changes.note("account_added", name, {"role": role})
    _say_code(name, code)


@account_app.command("list")
def list_command(config: StationFile = _FILE, as_json: AsJson = False) -> None:
    """Every account, never its secrets. 账号列表."""
    with reading(config) as (_, connection):
        known = accounts.list_accounts(connection)
    if as_json:
        print_json(list(known))
        return
    table = Table(box=None)
    for heading in ("账号 account", "姓名 name", "角色 role", "PIN", "密码 password", "TOTP", "锁定 locked"):
        table.add_column(heading)
    for each in known:
        has = ("+" if held else "-" for held in (each.has_pin, each.has_password, each.has_totp))
        table.add_row(each.account, each.display, each.role, *has, f"{each.locked_at:%F %T}" if each.locked_at else "")
    never_cut().print(table)


@account_app.command()
def lock(name: Name, config: StationFile = _FILE) -> None:
    """Lock an account: its sessions end, nobody can log in to it. 锁定账号."""
    with changing(config) as changes:
        accounts.lock(changes.connection, name, changes.at)
        sessions.end_sessions_of(changes.connection, name, changes.at)
        changes.note("account_locked", name)
    typer.echo("已锁定 locked")


@account_app.command()
def unlock(name: Name, config: StationFile = _FILE) -> None:
    """Unlock an account. 解锁账号."""
    with changing(config) as changes:
        accounts.unlock(changes.connection, name)
        changes.note("account_unlocked", name)
    typer.echo("已解锁 unlocked")


@account_app.command()
def reset(name: Name, config: StationFile = _FILE) -> None:
    """Print a new one-time code for somebody who cannot log in any more. 重置: 生成一次性代码."""
    with changing(config) as changes:
        code = accounts.invite(changes.connection, name, changes.at)
        changes.note("reset_code_made", name)
    _say_code(name, code)


@account_app.command()
def totp(
    name: Name,
    off: Annotated[bool, typer.Option("--off", help="Demand no codes any more. 关闭.")] = False,
    config: StationFile = _FILE,
) -> None:
    """Demand codes of an authenticator app at remote log-ins; prints the new secret. 动态验证码."""
    secret = None if off else new_totp_secret()
    with changing(config) as changes:
        accounts.set_totp(changes.connection, name, secret)
        changes.note("totp_ended" if off else "totp_set", name)
        station = changes.config.name
    typer.echo("已关闭 off" if secret is None else f"{secret}\n{totp_uri(secret, name, station)}")


@key_app.command("add")
def add_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key. 名称.")],
    role: Annotated[Role, typer.Option(help="fleet or platform. 角色.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may be used for; may be repeated. 用途.")],
    fleet: Annotated[str, typer.Option(help="The fleet of a fleet's key. 车队.")] = "",
    config: StationFile = _FILE,
) -> None:
    """Make a key and print its text, once. 新建密钥."""
    with changing(config) as changes:
        scopes = tuple(dict.fromkeys(scope))
        made, token = sessions.add_key(changes.connection, name, role, fleet, scopes, acting_person(), changes.at)
        changes.note("key_made", name, {"role": role, "fleet": fleet, "scopes": list(scopes)})
    typer.echo(f"{made.key}\n{token}")


@key_app.command("list")
def list_keys(config: StationFile = _FILE, as_json: AsJson = False) -> None:
    """Every key, never its text. 密钥列表."""
    with reading(config) as (_, connection):
        known = sessions.list_keys(connection)
    if as_json:
        print_json(list(known))
        return
    table = Table(box=None)
    for heading in ("编号 key", "名称 name", "角色 role", "车队 fleet", "用途 scopes", "作废 revoked"):
        table.add_column(heading)
    for each in known:
        revoked = f"{each.revoked_at:%F %T}" if each.revoked_at else ""
        table.add_row(each.key, each.name, each.role, each.fleet, ", ".join(each.scopes), revoked)
    never_cut().print(table)


@key_app.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id. 编号.")], config: StationFile = _FILE
) -> None:
    """End a key for good. 作废密钥."""
    with changing(config) as changes:
        sessions.revoke_key(changes.connection, key, changes.at)
        changes.note("key_revoked", key)
    typer.echo("已作废 revoked")


def _say_code(name: str, code: str) -> None:
    hours = accounts.CODE_VALID.total_seconds() / 3600
    typer.echo(f"{name}: {code} (一次性代码, {hours:.0f} 小时内有效 one-time code, valid {hours:.0f} h)")
