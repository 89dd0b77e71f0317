"""`swapstation faults`: attack a simulated station with seeded schedules, or replay one of them."""

from __future__ import annotations

import json
import logging
import os
import time
from typing import Annotated

import structlog
import typer

from swapstation.twin.level import Level
from swapstation.twin.pool import run_seeds, shrunk
from swapstation.twin.report import Report
from swapstation.twin.run import Outcome
from swapstation.twin.schedule import Schedule


def faults(
    schedules: Annotated[int, typer.Option(min=1, help="How many schedules. 计划数量")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="First seed; the next schedules count on. 起始种子")] = 1,
    level: Annotated[Level, typer.Option(help="Messages, or bytes on wires. 报文级或字节级")] = Level.MESSAGE,
    replay: Annotated[int | None, typer.Option(min=0, help="Run this seed alone. 只重放该种子")] = None,
    verbose: Annotated[bool, typer.Option(help="Tell the story of a replay. 输出过程")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object. 输出 JSON")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes. 进程数")] = os.cpu_count() or 1,
) -> None:
    """Attack a simulated station; exit 1 when an invariant is broken in the model. 用故障计划攻击仿真站。"""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    report, began_s = Report(level), time.monotonic()
    seeds = range(seed, seed + schedules)
    if replay is not None:
        seeds, workers = range(replay, replay + 1), 1
    for outcome in run_seeds(seeds, workers, level):
        report.add(outcome)
        if replay is not None and verbose:
            typer.echo("\n".join(outcome.story))
        if outcome.violations and not as_json:
            _tell(outcome)
    document = report.document(time.monotonic() - began_s)
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        typer.echo(
            f"{report.schedules} 个计划, {report.swaps} 次换电, {len(report.violations)} 处违反 | "
            f"{report.schedules} schedules, {report.swaps} swaps, {len(report.violations)} violations, "
            f"{document['schedules_per_s']} schedules/s, trace {document['trace_hash'][:16]}"
        )
    raise typer.Exit(1 if report.violations else 0)


def _tell(outcome: Outcome) -> None:
    """A broken invariant, and the fewest attacks with which it still breaks."""
    for violation in outcome.violations:
        typer.echo(
            f"seed {outcome.schedule.seed}: invariant {violation.invariant} at {violation.at_s} s: {violation.text}"
        )
    typer.echo(_listed(shrunk(outcome.schedule)))


def _listed(schedule: Schedule) -> str:
    crashes = [f"crash at point {point}" for point in sorted(schedule.crash_points)]
    causes = [*map(str, schedule.attacks), *crashes]
    return "\n".join([f"  {schedule.exchange}, {schedule.charging}, with:", *(f"  - {cause}" for cause in causes)])
