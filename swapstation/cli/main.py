"""The command line: one command per verb. Exit codes: 0 done, 1 failed or refused, 2 bad input or configuration."""

from __future__ import annotations

import logging
import sys

import structlog
import typer

from swapstation.cli.config import check_config
from swapstation.cli.controller import controller
from swapstation.cli.demo import demo
from swapstation.cli.inventory import inventory_app
from swapstation.cli.replay import replay
from swapstation.cli.server import server
from swapstation.cli.simulate import simulate

app = typer.Typer(
    name="swapstation",
    help="Open control software for battery-swap stations for heavy trucks. 重卡换电站控制软件。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(demo)
app.command()(controller)
app.command()(server)
app.command()(simulate)
app.command()(replay)
app.command("check-config")(check_config)
app.add_typer(inventory_app, name="inventory")


def main() -> None:
    """Entry point: logs go to stderr, one event per line, so that stdout carries results only."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    app()
