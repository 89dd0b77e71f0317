"""Checking the audit: which row was altered, taken out, put in, moved or cut off, told from the rows and known heads.

The chain proves its own rows; only a head that was kept elsewhere proves that the end is still there, or that nobody
who could compute hashes has written the chain anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from swapstation.business.audit import GENESIS, Head, Row, row_hash
from swapstation.errors import InputError


class Fault(StrEnum):
    """What is wrong with a row."""

    ALTERED = "altered"
    MISSING = "missing"
    OUT_OF_CHAIN = "out_of_chain"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    UNKNOWN_HEAD = "unknown_head"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault at rows `number` to `last`."""

    fault: Fault
    number: int
    last: int


@dataclass(frozen=True, slots=True)
class Checked:
    """How many rows were read, their head, and every fault found."""

    rows: int
    head: Head
    findings: tuple[Finding, ...]


def check(rows: Iterable[Row], heads: Iterable[Head] = (), hashes: Iterable[str] = ()) -> Checked:
    """Walk over the chain in the order of its numbers, against exported `heads` and `hashes` that a person noted.

    ALTERED: the row does not match its own hash. MISSING: numbers are not there. OUT_OF_CHAIN: the row does not follow
    the one before it: something was put in, moved or replaced. TRUNCATED: a known head lies behind the end. REWRITTEN:
    the row is another one than when its head was exported. UNKNOWN_HEAD (row 0): no row has the hash.
    """
    known: dict[int, set[str]] = {}
    for each in heads:
        known.setdefault(each.number, set()).add(each.hash)
    wanted = set(hashes)
    found: list[Finding] = []
    last, count = Head(0, GENESIS), 0
    for row in rows:
        count += 1
        found += _faults_of(row, last)
        if any(each != row.hash for each in known.pop(row.number, ())):
            found.append(Finding(Fault.REWRITTEN, row.number, row.number))
        wanted.discard(row.hash)
        last = Head(row.number, row.hash)
    behind = [number for number in known if number > last.number]
    if behind:
        found.append(Finding(Fault.TRUNCATED, last.number + 1, max(behind)))
    if wanted:
        found.append(Finding(Fault.UNKNOWN_HEAD, 0, 0))
    return Checked(count, last, tuple(found))


def _faults_of(row: Row, before: Head) -> Iterator[Finding]:
    if row.number > before.number + 1:
        yield Finding(Fault.MISSING, before.number + 1, row.number - 1)
    elif row.previous != before.hash:
        yield Finding(Fault.OUT_OF_CHAIN, row.number, row.number)
    if row.number < 1:
        yield Finding(Fault.OUT_OF_CHAIN, row.number, row.number)
    if row_hash(row) != row.hash:
        yield Finding(Fault.ALTERED, row.number, row.number)


def read_heads(file: Path) -> list[Head]:
    """The heads of an exported file, `NUMBER HASH TIME` per line; none where there is no file. Raises InputError."""
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise InputError("heads", str(file), "a file of lines NUMBER HASH TIME") from error
    heads = []
    for number, line in enumerate(lines, start=1):
        parts = line.split()
        if len(parts) != 3 or not parts[0].isdigit() or len(parts[1]) != len(GENESIS):
            raise InputError("heads", f"{file}:{number}", "lines of NUMBER HASH TIME")
        heads.append(Head(int(parts[0]), parts[1]))
    return heads


def head_line(head: Head, at: str) -> str:
    """How a head is exported."""
    return f"{head.number} {head.hash} {at}\n"
