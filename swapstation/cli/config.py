"""`swapstation check-config FILE`: say what the station will be, or every mistake in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from swapstation.business.contract_file import load_contracts
from swapstation.config.settings import Bay, Config
from swapstation.controller.plugging import PLUGS, load_station
from swapstation.energy.pv import station_pv
from swapstation.errors import ConfigurationError
from swapstation.maintenance.plan_file import station_plan

WRONG_CONFIGURATION = 2
NEVER_CUT_COLUMNS = 200


def check_config(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The station's TOML file. 配置文件.")],
) -> None:
    """Check a configuration file. Exit 0: right, with a summary; 2: every mistake with its line. 检查配置文件."""
    try:
        config = load_station(file)
        station_pv(config)
        if config.money.contracts is not None:
            load_contracts(config.money.contracts)
        station_plan(config)
    except ConfigurationError as error:
        for mistake in error.mistakes:
            typer.echo(mistake, err=True)
        raise typer.Exit(WRONG_CONFIGURATION) from error
    console = Console(width=NEVER_CUT_COLUMNS, highlight=False)
    console.print(_summary(config))
    console.print(_bays(config))


def _summary(config: Config) -> Table:
    scheme = "http" if config.server.certificate is None else "https"
    table = Table(show_header=False, box=None, title=config.name, title_justify="left", title_style="bold")
    models = ", ".join(f"{model.name} ({model.energy_kwh:g} kWh)" for model in config.battery_models)
    trucks = "; ".join(
        f"{truck.name} ({truck.vehicle_type}): {len(truck.positions)} x {truck.battery_model}, "
        f"{config.recipe_of(truck)}"
        for truck in config.truck_models
    )
    for label, value in (
        ("换电 exchange", f"{config.recipe}, {config.exchange}"),
        ("电池 batteries", models),
        ("车型 trucks", trucks),
        ("可换出 ready", f"SOC >= {config.limits.ready_soc_pct:g} %"),
        ("站内 CAN station CAN", config.links.station_can),
        ("机器人 robot", config.links.robot),
        ("充电机 chargers", config.links.chargers or "-"),
        ("电表 meter", config.links.meter),
        ("适配器 adapters", ", ".join(f"{role} {getattr(config.adapters, role)}" for role in PLUGS)),
        ("数据库 database", config.station_database_url),
        ("操作台 console", f"{scheme}://{config.server.host}:{config.server.port}"),
    ):
        table.add_row(label, value)
    return table


def _bays(config: Config) -> Table:
    table = Table(box=None)
    for heading in ("仓 bay", "充电 charging", "CAN", "kW", "A", "V"):
        table.add_column(heading)
    for bay in config.bays:
        table.add_row(*_bay_row(bay))
    return table


def _bay_row(bay: Bay) -> tuple[str, ...]:
    if not bay.charges:
        kind = "消防仓 isolation place" if bay.isolation else "中转位 transit place"
        return str(bay.number), kind, "-", "-", "-", "-"
    voltages = f"{bay.min_voltage_v:g} - {bay.max_voltage_v:g}"
    return str(bay.number), bay.charging, bay.can or "-", f"{bay.max_power_kw:g}", f"{bay.max_current_a:g}", voltages
