"""The command line: one command per verb. Exit codes: 0 done, 1 failed or refused, 2 bad input or configuration."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated

import typer

from swapstation import __version__
from swapstation.logs import set_up_logs

VERBS = {
    "demo": "demo.demo",
    "train": "train.train",
    "controller": "controller.controller",
    "planner": "planner.planner",
    "server": "server.server",
    "platform": "platform.platform_app",
    "mock-platform": "mock_platform.mock_platform",
    "mock-headquarters": "mock_headquarters.mock_headquarters",
    "simulate": "simulate.simulate",
    "replay": "replay.replay",
    "check-config": "config.check_config",
    "recipe": "recipe.recipe_app",
    "adapter": "adapter.adapter_app",
    "inventory": "inventory.inventory_app",
    "tariff": "tariff.tariff_app",
    "energy": "energy.energy_app",
    "battery": "battery.battery_app",
    "report": "report.report",
    "trips": "trips.trips_app",
    "maintenance": "maintenance.maintenance_app",
    "account": "account.account_app",
    "audit": "audit.audit_app",
    "records": "records.records_app",
    "black-box": "black_box.black_box_app",
    "faults": "faults.faults",
    "booking": "booking.booking_app",
    "truck": "truck.truck_app",
    "power": "power.power_app",
    "pv": "pv.pv_app",
    "study": "study.study_app",
    "doctor": "doctor.doctor",
    "db": "db.db_app",
    "update": "update.update_app",
    "config": "signed_config.config_app",
}
"""Verb -> module of this package and its command (a function or a Typer app)."""

_HELP = "Open control software for battery-swap stations for heavy trucks. 重卡换电站控制软件。"


def command_line(verb: str = "") -> typer.Typer:
    """The application with all verbs, or only with the one that is called: a controller need not load a web server."""
    app = typer.Typer(name="swapstation", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback(help=_HELP)(_options)
    for name in [verb] if verb in VERBS else VERBS:
        module, _, attribute = VERBS[name].partition(".")
        command = getattr(import_module(f"swapstation.cli.{module}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"swapstation {__version__}")
        raise typer.Exit


def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version. 版本号")
    ] = False,
) -> None:
    """What may stand before the verb."""


def main() -> None:
    """Entry point."""
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    set_up_logs(verb)
    command_line(verb)()
