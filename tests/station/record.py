"""The station database as a pure function: what journal records do to the inventory (checked against the real one)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from swapstation.model.inventory import Inventory, StepTime, Swap
from swapstation.model.job import Job
from swapstation.model.journal import (
    BatteryDoubted,
    BatteryMoved,
    BatteryQuarantined,
    BypassEnded,
    BypassSet,
    HoldChanged,
    HoldEnded,
    HoldPlaced,
    IdentityAttested,
    IntentRecorded,
    IntentResolved,
    JobClosed,
    JobOpened,
    JobStepped,
    ModeChanged,
    PositionExchanged,
    Record,
    SwapAllocated,
    SwapClosed,
    SwapDiverted,
    SwapOpened,
    SwapStepped,
    UnevenSetAccepted,
)
from swapstation.model.mode import ModeState


def recorded(stock: Inventory, records: Iterable[Record]) -> Inventory:
    """The inventory after `records`; AssertionError where the database would refuse them."""
    for record in records:
        stock = _after(stock, record)
    return stock


def _after(stock: Inventory, record: Record) -> Inventory:
    match record:
        case SwapOpened(swap, holds):
            assert stock.swap is None
            return replace(stock, swap=swap, holds=(*stock.holds, *holds))
        case SwapAllocated(_, fresh, returned, from_bay, to_bay, holds):
            held = {hold.battery or hold.place for hold in stock.holds}
            assert not held & {hold.battery or hold.place for hold in holds}, "a second open hold"
            swap = replace(_open(stock), fresh=fresh, returned=returned, from_bay=from_bay, to_bay=to_bay)
            swap = replace(swap, fresh_soc_pct=record.fresh_soc_pct, returned_soc_pct=record.returned_soc_pct)
            return replace(stock, swap=replace(swap, ahead=record.ahead), holds=(*stock.holds, *holds))
        case PositionExchanged(_, position):
            swap = _open(stock)
            assert swap.position == position
            assert swap.exchange is not None
            return replace(stock, swap=swap.gone_on())
        case UnevenSetAccepted(_, person):
            return replace(stock, swap=replace(_open(stock), uneven_accepted_by=person))
        case SwapStepped(_, before, after, seconds, software_s, target_s, baseline_s, slow):
            swap = _open(stock)
            assert swap.step == before
            time = StepTime(before, seconds, software_s, target_s, baseline_s, slow)
            return replace(stock, swap=replace(swap, step=after, step_seconds=(*swap.step_seconds, time)))
        case SwapDiverted(_, before, after, quarantined=doubtful, holds=holds, seconds=seconds):
            swap = _open(stock)
            assert swap.step == before
            swap = replace(swap, step=after, step_seconds=(*swap.step_seconds, StepTime(before, seconds)))
            held = {hold.battery or hold.place for hold in stock.holds}
            assert not held & {hold.battery or hold.place for hold in holds}, "a second open hold"
            batteries = tuple(
                replace(each, quarantined=each.quarantined or each.battery == doubtful) for each in stock.batteries
            )
            return replace(stock, swap=swap, holds=(*stock.holds, *holds), batteries=batteries)
        case IdentityAttested(name, battery):
            swap = _open(stock)
            assert swap.swap == name
            return replace(stock, swap=replace(swap, attested=(*swap.attested, battery)))
        case SwapClosed(name):
            left = tuple(hold for hold in stock.holds if not hold.hold.startswith(name))
            assert _open(stock).swap == name
            return replace(stock, swap=None, holds=left)
        case JobOpened(job, holds):
            assert stock.job is None
            held = {hold.battery or hold.place for hold in stock.holds}
            assert not held & {hold.battery or hold.place for hold in holds}, "a second open hold"
            return replace(stock, job=job, holds=(*stock.holds, *holds))
        case JobStepped(_, before, after):
            job = _open_job(stock)
            assert job.step == before
            return replace(stock, job=replace(job, step=after))
        case JobClosed(name):
            assert _open_job(stock).job == name
            left = tuple(hold for hold in stock.holds if not hold.hold.startswith(name))
            return replace(stock, job=None, holds=left)
        case ModeChanged(_, after, person, reason):
            return replace(stock, mode=ModeState(after, person, reason))
        case BypassSet(bypass):
            assert stock.bypass is None
            return replace(stock, bypass=bypass)
        case BypassEnded(name):
            assert stock.bypass is not None
            assert stock.bypass.bypass == name
            return replace(stock, bypass=None)
        case BatteryMoved(battery, origin, destination):
            assert stock.at(destination) is None
            moved = stock.battery(battery)
            assert moved is not None
            assert moved.place == origin
            others = (each for each in stock.batteries if each.battery != battery)
            return replace(stock, batteries=tuple(sorted((*others, replace(moved, place=destination)), key=str)))
        case BatteryQuarantined(battery, reason):
            return _with_battery(stock, battery, quarantined=True, quarantine_reason=reason)
        case BatteryDoubted(battery, reason):
            return _with_battery(stock, battery, doubtful=True, doubt_reason=reason)
        case HoldPlaced(hold):
            return replace(stock, holds=(*stock.holds, hold))
        case HoldChanged(hold):
            assert any(each.hold == hold.hold for each in stock.holds)
            return replace(stock, holds=tuple(hold if each.hold == hold.hold else each for each in stock.holds))
        case HoldEnded(name):
            assert any(hold.hold == name for hold in stock.holds)
            return replace(stock, holds=tuple(hold for hold in stock.holds if hold.hold != name))
        case IntentRecorded(command_id, _, command):
            assert command_id >= stock.next_command_id
            intents = (*stock.open_intents, (command_id, command))
            return replace(stock, next_command_id=command_id + 1, open_intents=intents)
        case IntentResolved(command_id):
            assert command_id in dict(stock.open_intents)
            return replace(stock, open_intents=tuple(each for each in stock.open_intents if each[0] != command_id))
        case _:
            return stock


def _with_battery(stock: Inventory, asset: str, **changes: Any) -> Inventory:
    assert stock.battery(asset) is not None
    batteries = (replace(each, **changes) if each.battery == asset else each for each in stock.batteries)
    return replace(stock, batteries=tuple(batteries))


def _open(stock: Inventory) -> Swap:
    assert stock.swap is not None
    return stock.swap


def _open_job(stock: Inventory) -> Job:
    assert stock.job is not None
    return stock.job
