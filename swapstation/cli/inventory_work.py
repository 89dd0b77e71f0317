"""`swapstation inventory`: daily work that needs the running controller, which alone knows the sensors."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from swapstation.cli.inventory_session import BAD_INPUT, REFUSED, Reason, opened
from swapstation.cli.inventory_texts import Language
from swapstation.inventory.database import DatabaseError
from swapstation.inventory.submit import ask_controller
from swapstation.model.bay_request import ChargeBay, EndLockOut, LockOutBay, ResetCharge, StopBayCharge
from swapstation.model.reasons import reason as text_of
from swapstation.model.request import (
    Accepted,
    AcceptUnevenSet,
    AttestIdentity,
    CloseSwap,
    ConfirmCloseSwap,
    Payload,
    ReconcileSwap,
    Request,
)

work_app = typer.Typer()
Swap = Annotated[str, typer.Argument(metavar="SWAP", help="Number of the open swap. 换电单号.")]
Bay = Annotated[int, typer.Argument(metavar="BAY", help="Number of the bay. 仓号.")]


@work_app.command()
def lock_out(context: typer.Context, bay: Bay, reason: Reason) -> None:
    """Take a bay out of service to work in it. 锁定检修."""
    _ask(context, LockOutBay(bay, reason))


@work_app.command()
def end_lock_out(context: typer.Context, bay: Bay, reason: Reason) -> None:
    """The work in a bay is done. 解除锁定."""
    _ask(context, EndLockOut(bay, reason))


@work_app.command()
def charge(
    context: typer.Context,
    bay: Bay,
    target_soc_pct: Annotated[float, typer.Option(help="Up to this SOC, 5 to 100. 目标 SOC, %.")],
    max_power_kw: Annotated[float | None, typer.Option(help="With this power at most. 最大功率, kW.")] = None,
) -> None:
    """Charge the battery of a bay to a target of its own. 手动充电."""
    _ask(context, ChargeBay(bay, target_soc_pct, max_power_kw))


@work_app.command()
def stop_charge(context: typer.Context, bay: Bay) -> None:
    """End the charge of a bay; it does not begin again by itself. 停止充电."""
    _ask(context, StopBayCharge(bay))


@work_app.command()
def reset_charge(context: typer.Context, bay: Bay) -> None:
    """Begin the charging session of a bay anew and forget its failures. 充电复位."""
    _ask(context, ResetCharge(bay))


@work_app.command()
def reconcile_swap(
    context: typer.Context,
    vin: Annotated[str, typer.Argument(metavar="VIN", help="The truck. 车辆.")],
    fresh: Annotated[str, typer.Option(help="Battery that is on the truck now. 装上的电池.")],
    returned: Annotated[str, typer.Option(help="Battery that came off the truck. 换下的电池.")],
    to_bay: Annotated[int, typer.Option(help="Bay where it stands now. 换下电池所在的仓.")],
    reason: Reason,
    position: Annotated[int, typer.Option(help="Battery position of the truck, 1 to 3. 车上电池位.")] = 1,
) -> None:
    """Enter a swap that was made without the controller. 补单."""
    _ask(context, ReconcileSwap(vin, fresh, returned, to_bay, reason, position))


@work_app.command()
def attest(
    context: typer.Context,
    swap: Swap,
    battery: Annotated[
        str, typer.Argument(metavar="BATTERY", help="The battery that you have seen. 亲眼看到的电池箱.")
    ],
    reason: Reason,
) -> None:
    """Say, after looking, which battery this is where a reader is silent. 人工确认电池身份."""
    _ask(context, AttestIdentity(swap, battery, reason))


@work_app.command()
def accept_uneven_set(context: typer.Context, swap: Swap, reason: Reason) -> None:
    """Let the truck go with batteries that make no set. 同意不成组放行."""
    _ask(context, AcceptUnevenSet(swap, reason))


@work_app.command()
def close_swap(context: typer.Context, swap: Swap, reason: Reason) -> None:
    """Ask for the closing by force of a swap that no way out can end; a second person confirms. 申请强制结束换电."""
    _ask(context, CloseSwap(swap, reason))


@work_app.command()
def confirm_close_swap(context: typer.Context, swap: Swap) -> None:
    """Agree, as the second person: the swap has failed, its batteries are in doubt. 确认强制结束换电."""
    _ask(context, ConfirmCloseSwap(swap))


def _ask(context: typer.Context, payload: Payload) -> None:
    with opened(context) as (session, config):
        try:
            answer = ask_controller(config.controller_socket, Request(str(uuid.uuid4()), session.person, payload))
        except DatabaseError as silent:
            raise DatabaseError(f"{session.say('needs_controller')}: {silent}") from silent
        if isinstance(answer, Accepted):
            typer.echo(session.say("recorded"))
            for name, text in answer.result.items():
                typer.echo(f"{session.say(name)}: {session.say(text)}")
            return
        for code in answer.reasons or (answer.code,):
            known = text_of(code)
            typer.echo(known.zh if session.language is Language.ZH else known.en, err=True)
        if answer.detail:
            typer.echo(answer.detail, err=True)
        raise typer.Exit(BAD_INPUT if answer.code == "bad_input" else REFUSED)
