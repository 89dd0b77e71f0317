"""What the records of swaps and jobs do to the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from swapstation.inventory import tables
from swapstation.inventory.queries import read_swap
from swapstation.inventory.writing import Contradiction, Entry, insert, one, place_holds, quarantine
from swapstation.model.inventory import PositionExchange, StepTime, Swap, SwapResult
from swapstation.model.job import JobResult
from swapstation.model.journal import (
    IdentityAttested,
    JobClosed,
    JobOpened,
    JobStepped,
    PositionExchanged,
    Record,
    SwapAllocated,
    SwapClosed,
    SwapDiverted,
    SwapOpened,
    SwapStepped,
    UnevenSetAccepted,
)


def _swap_opened(entry: Entry, record: SwapOpened) -> tuple[str, ...]:
    swap = asdict(record.swap)
    insert(entry, tables.swaps, **{**swap, "opened_at": swap["opened_at"] or entry.at})
    return place_holds(entry, record.holds, record.swap.swap)


def _swap_stepped(entry: Entry, record: SwapStepped) -> tuple[str, ...]:
    swaps = tables.swaps
    here = (*_open_swap(record.swap), swaps.c.step == record.before)
    taken = entry.connection.scalar(sa.select(swaps.c.step_seconds).where(*here)) or []
    times = record.software_s, record.target_s, record.baseline_s, record.slow
    seconds = [*taken, asdict(StepTime(record.before, record.seconds, *times))]
    reason = f"swap {record.swap} is not open in step {record.before}"
    one(entry, sa.update(swaps).where(*here), reason, step=record.after, step_seconds=seconds)
    return ()


def _swap_diverted(entry: Entry, record: SwapDiverted) -> tuple[str, ...]:
    _swap_stepped(entry, SwapStepped(record.swap, record.before, record.after, record.seconds))
    swap = sa.update(tables.swaps).where(*_open_swap(record.swap))
    one(entry, swap, f"swap {record.swap} is not open", reason=f"{record.cause}: {record.reason}")
    held = place_holds(entry, record.holds, record.swap)
    if record.quarantined is None:
        return held
    quarantine(entry, record.quarantined, f"{record.cause}: {record.reason}")
    return (*held, record.quarantined)


def _identity_attested(entry: Entry, record: IdentityAttested) -> tuple[str, ...]:
    swaps = tables.swaps
    here = _open_swap(record.swap)
    attested = entry.connection.scalar(sa.select(swaps.c.attested).where(*here)) or []
    names = list(dict.fromkeys((*attested, record.battery)))
    one(entry, sa.update(swaps).where(*here), f"swap {record.swap} is not open", attested=names)
    return (record.battery,)


def _swap_allocated(entry: Entry, record: SwapAllocated) -> tuple[str, ...]:
    one(
        entry,
        sa.update(tables.swaps).where(*_open_swap(record.swap)),
        f"swap {record.swap} is not open",
        fresh=record.fresh,
        returned=record.returned,
        from_bay=record.from_bay,
        to_bay=record.to_bay,
        fresh_soc_pct=record.fresh_soc_pct,
        returned_soc_pct=record.returned_soc_pct,
        ahead=[asdict(each) for each in record.ahead],
    )
    others = (battery for each in record.ahead for battery in (each.fresh, each.returned))
    held = place_holds(entry, record.holds, record.swap)
    return (record.fresh, record.returned, *others, *held)


def _position_exchanged(entry: Entry, record: PositionExchanged) -> tuple[str, ...]:
    here = (*_open_swap(record.swap), tables.swaps.c.position == record.position)
    swap = read_swap(entry.connection, *here)
    _go_on(entry, swap, f"swap {record.swap} is not open at position {record.position}")
    return () if swap is None or swap.exchange is None else (swap.exchange.fresh, swap.exchange.returned)


def _go_on(entry: Entry, swap: Swap | None, otherwise: str) -> None:
    """Write the present position of a swap down as done and take up the next one."""
    if swap is None or swap.exchange is None:
        raise Contradiction(otherwise)
    after = asdict(swap.gone_on())
    names = ("exchanged", "ahead", *(each.name for each in fields(PositionExchange)))
    values = {name: after[name] for name in names}
    one(entry, sa.update(tables.swaps).where(*_open_swap(swap.swap)), otherwise, **values)


def _uneven_set_accepted(entry: Entry, record: UnevenSetAccepted) -> tuple[str, ...]:
    swap = sa.update(tables.swaps).where(*_open_swap(record.swap))
    one(entry, swap, f"swap {record.swap} is not open", uneven_accepted_by=record.person)
    return ()


def _swap_closed(entry: Entry, record: SwapClosed) -> tuple[str, ...]:
    swaps, holds = tables.swaps, tables.holds
    swap = read_swap(entry.connection, *_open_swap(record.swap))
    if swap is not None and swap.exchange is not None and record.result is SwapResult.COMPLETED:
        _go_on(entry, swap, f"swap {record.swap} is not open")
    one(
        entry,
        sa.update(swaps).where(*_open_swap(record.swap)),
        f"swap {record.swap} is not open",
        result=record.result,
        reason=record.reason,
        closed_at=entry.at,
    )
    still_held = sa.update(holds).where(holds.c.swap == record.swap, tables.hold_open)
    entry.connection.execute(still_held.values(ended_at=entry.at, end_reason=f"swap {record.result}"))
    both = ((swap.fresh, swap.returned), *((each.fresh, each.returned) for each in swap.allocated)) if swap else ()
    return tuple(dict.fromkeys(battery for pair in both for battery in pair if battery is not None))


def _job_opened(entry: Entry, record: JobOpened) -> tuple[str, ...]:
    job = record.job
    insert(entry, tables.jobs, **{**asdict(job), "differences": [], "opened_at": job.opened_at or entry.at})
    held = place_holds(entry, record.holds, job=job.job)
    return held if job.battery is None else tuple(dict.fromkeys((*held, job.battery)))


def _job_stepped(entry: Entry, record: JobStepped) -> tuple[str, ...]:
    here = sa.update(tables.jobs).where(*_open_job(record.job), tables.jobs.c.step == record.before)
    one(entry, here, f"job {record.job} is not open in step {record.before}", step=record.after)
    return ()


def _job_closed(entry: Entry, record: JobClosed) -> tuple[str, ...]:
    one(
        entry,
        sa.update(tables.jobs).where(*_open_job(record.job)),
        f"job {record.job} is not open",
        result=record.result,
        reason=record.reason,
        closed_at=entry.at,
        differences=[asdict(difference) for difference in record.differences],
    )
    still_held = sa.update(tables.holds).where(tables.holds.c.job == record.job, tables.hold_open)
    entry.connection.execute(still_held.values(ended_at=entry.at, end_reason=f"job {record.result}"))
    battery = entry.connection.scalar(sa.select(tables.jobs.c.battery).where(tables.jobs.c.job == record.job))
    return () if battery is None else (battery,)


def _open_swap(swap: str) -> tuple[sa.ColumnElement[bool], ...]:
    return tables.swaps.c.swap == swap, tables.swaps.c.result == SwapResult.OPEN


def _open_job(job: str) -> tuple[sa.ColumnElement[bool], ...]:
    return tables.jobs.c.job == job, tables.jobs.c.result == JobResult.OPEN


WORK_EFFECTS: dict[type[Record], Callable[[Entry, Any], tuple[str, ...]]] = {
    SwapOpened: _swap_opened,
    SwapStepped: _swap_stepped,
    SwapDiverted: _swap_diverted,
    IdentityAttested: _identity_attested,
    SwapAllocated: _swap_allocated,
    PositionExchanged: _position_exchanged,
    UnevenSetAccepted: _uneven_set_accepted,
    SwapClosed: _swap_closed,
    JobOpened: _job_opened,
    JobStepped: _job_stepped,
    JobClosed: _job_closed,
}
"""Records of swaps and jobs."""
