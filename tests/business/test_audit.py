"""The audit finds every row that was altered, taken out, put in, moved or cut off, and names it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.business.audit import GENESIS, Entry, Head, Row, append, chained, head, last_rows, list_rows, read
from swapstation.business.audit_check import Checked, Fault, Finding, check, head_line, read_heads
from swapstation.business.database import Database
from swapstation.errors import InputError

AT = datetime(2026, 12, 1, 8, 0, 0, 123456, tzinfo=UTC)
TEXTS = st.text(max_size=12)
ENTRIES = st.builds(
    Entry,
    kind=st.sampled_from(["log_in", "request", "answer", "configuration"]),
    actor=TEXTS,
    role=TEXTS,
    address=TEXTS,
    subject=TEXTS,
    detail=st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers(), st.none()), max_size=3),
)
CHAINS = st.lists(ENTRIES, min_size=3, max_size=12).map(lambda entries: list(chained(Head(0, GENESIS), entries, AT)))


def faults(checked: Checked) -> set[Fault]:
    return {finding.fault for finding in checked.findings}


def numbers(checked: Checked) -> set[int]:
    return {number for finding in checked.findings for number in range(finding.number, finding.last + 1)}


@given(CHAINS)
def test_a_chain_that_nobody_touched_has_no_finding(rows: list[Row]) -> None:
    heads = [Head(row.number, row.hash) for row in rows]
    assert check(rows, heads, [rows[0].hash]) == Checked(len(rows), heads[-1], ())


@given(CHAINS, st.data())
def test_any_altered_field_of_any_row_is_found_and_named(rows: list[Row], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(
        st.sampled_from(["at", "kind", "actor", "role", "address", "subject", "detail", "previous", "hash"])
    )
    old = getattr(rows[at], name)
    changed: dict[str, Any] = {name: old + timedelta(microseconds=1) if name == "at" else f"{old}x"}
    rows[at] = replace(rows[at], **changed)
    assert Finding(Fault.ALTERED, at + 1, at + 1) in check(rows).findings


@given(CHAINS, st.data())
def test_rows_that_were_deleted_are_named(rows: list[Row], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(rows) - 2))
    last = data.draw(st.integers(first, len(rows) - 2))
    del rows[first : last + 1]
    assert check(rows).findings == (Finding(Fault.MISSING, first + 1, last + 1),)


@given(CHAINS, st.data())
def test_rows_that_changed_places_are_named(rows: list[Row], data: st.DataObject) -> None:
    """The numbers decide the order in which rows are read, so who moves rows must change their numbers."""
    one, other = sorted(data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=2, max_size=2, unique=True)))
    a, b = rows[one], rows[other]
    rows[one], rows[other] = replace(b, number=a.number), replace(a, number=b.number)
    found = check(rows)
    assert Fault.ALTERED in faults(found)
    assert {one + 1, other + 1} <= numbers(found)


@given(CHAINS, st.integers(1, 12))
def test_an_end_that_was_cut_off_is_found_by_any_head_behind_it(rows: list[Row], cut: int) -> None:
    left = rows[: max(len(rows) - cut, 0)]
    end = Head(rows[-1].number, rows[-1].hash)
    assert check(left, [end]).findings == (Finding(Fault.TRUNCATED, len(left) + 1, len(rows)),)
    assert faults(check(left, hashes=[end.hash])) == {Fault.UNKNOWN_HEAD}


@given(CHAINS, ENTRIES, st.data())
def test_a_row_that_was_put_in_is_found_however_well_it_was_made(
    rows: list[Row], entry: Entry, data: st.DataObject
) -> None:
    """Who puts a row in and moves the following ones on leaves either wrong hashes or a wrong link behind."""
    at = data.draw(st.integers(1, len(rows) - 1))
    before = Head(rows[at - 1].number, rows[at - 1].hash)
    made = next(iter(chained(before, [replace(entry, kind="forged")], AT)))
    moved = [replace(row, number=row.number + 1) for row in rows[at:]]
    found = check([*rows[:at], made, *moved])
    assert {Fault.ALTERED, Fault.OUT_OF_CHAIN} <= faults(found)
    assert at + 2 in numbers(found)


@given(CHAINS, ENTRIES, st.data())
def test_a_chain_that_was_computed_anew_is_found_by_an_exported_head(
    rows: list[Row], entry: Entry, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    before = Head(at, rows[at - 1].hash if at else GENESIS)
    forged = list(chained(before, [replace(entry, kind="forged")] * (len(rows) - at), AT))
    exported = data.draw(st.integers(at, len(rows) - 1))
    found = check([*rows[:at], *forged], [Head(exported + 1, rows[exported].hash)])
    assert check([*rows[:at], *forged]).findings == ()
    assert found.findings == (Finding(Fault.REWRITTEN, exported + 1, exported + 1),)


def test_rows_are_stored_and_read_as_they_were_chained(engine: Database) -> None:
    entries = [
        Entry("request", "li", "operator", "127.0.0.1", f"swap {number}", {"说": "好"}) for number in range(1500)
    ]
    with engine.begin() as connection:
        first = append(connection, entries[:700], AT)
    with engine.begin() as connection:
        end = append(connection, entries[700:], AT)
        assert append(connection, [], AT) == end
    with engine.connect() as connection:
        assert head(connection) == end
        rows = list(read(connection))
        assert list_rows(connection, 1498, 10, "request", "li") == last_rows(connection, 2)
        assert list_rows(connection, 0, 10, actor="wang") == ()
    assert check(rows, [first, end]) == Checked(1500, end, ())
    assert json.loads(rows[0].detail) == {"说": "好"}


def test_what_a_terminal_would_obey_is_stored_as_text(engine: Database) -> None:
    with engine.begin() as connection:
        append(connection, [Entry("log_in_failed", "li\x1b[2J\n\x00\ud800", subject="好")], AT)
    with engine.connect() as connection:
        (row,) = read(connection)
    assert (row.actor, row.subject) == ("li\\u001b[2J\\u000a\\u0000\\ud800", "好")


def test_exported_heads_are_read_back_and_a_wrong_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "heads"
    assert read_heads(file) == []
    exported = Head(7, "a" * 64)
    file.write_text(head_line(exported, "2026-12-01T08:00:00Z"))
    assert read_heads(file) == [exported]
    file.write_text("7 short 2026\n")
    with pytest.raises(InputError, match="heads:1"):
        read_heads(file)
