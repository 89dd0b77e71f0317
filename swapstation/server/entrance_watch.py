"""The queue follows the devices before the lane: what camera and tag reader read, and what the weighbridge shows.

A read is a proof of an arrival like any other (swapstation/model/arriving.py). A mass is put to a stay only where no
other can have stood on the scale; while the scale has not been seen empty nobody can say whose mass it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from swapstation.business import queue
from swapstation.business.database import Connection
from swapstation.model.arriving import Source
from swapstation.model.snapshot import Snapshot
from swapstation.model.yard import Weigher

YOUNG = queue.SAME_STAY
"""An older read is not taken after a start: its truck has come and perhaps gone."""


@dataclass(frozen=True, slots=True)
class Read:
    """One read that is sure enough, and when it was made."""

    source: Source
    value: str
    passage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Scale:
    """What was seen of the weighbridge: empty, then loaded since when; None: not seen to be loaded.

    `weighed`: what stands on it has been put to a stay.
    """

    seen_empty: bool = False
    loaded_at: datetime | None = None
    weighed: bool = False


def reads_of(snapshot: Snapshot, least_confidence_pct: float) -> Iterator[Read]:
    """What the devices have read of late, as far as it is sure enough."""
    identifier = snapshot.identifier.value
    for read in identifier.reads if identifier is not None else ():
        at = (snapshot.at - timedelta(seconds=snapshot.now_s - read.read_s)).astimezone(UTC)
        if read.confidence_pct >= least_confidence_pct and snapshot.at - at <= YOUNG:
            yield Read(read.source, read.value, read.passage, at)


def scale_seen(scale: Scale, weigher: Weigher | None, above_kg: float, at: datetime) -> Scale:
    """What is known of the scale after a look at it; a silent or faulty one tells nothing any more."""
    if weigher is None or weigher.fault_code:
        return Scale()
    if weigher.gross_kg < above_kg:
        return Scale(seen_empty=True)
    if scale.seen_empty and scale.loaded_at is None:
        return replace(scale, loaded_at=at)
    return scale


def note_reads(connection: Connection, reads: Sequence[Read]) -> None:
    """Take reads into the stays that they belong to; those that were taken before change nothing."""
    for read in reads:
        queue.note_read(connection, read.source, read.value, read.passage, read.at)


def may_weigh(scale: Scale, weigher: Weigher, at: datetime) -> bool:
    """Whether the mass of who came onto the scale has settled and is not put to a stay yet."""
    loaded_at = scale.loaded_at
    return loaded_at is not None and not scale.weighed and weigher.stable and at - loaded_at <= queue.SAME_STAY


def note_mass(connection: Connection, scale: Scale, weigher: Weigher, at: datetime) -> Scale:
    """Put a settled mass to its stay, where there is one."""
    assert scale.loaded_at is not None
    weighed = queue.weigh(connection, weigher.gross_kg, scale.loaded_at, at)
    return replace(scale, weighed=weighed is not None)
