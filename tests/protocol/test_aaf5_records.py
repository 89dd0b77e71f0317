"""AA F5 charge records: kept once, answered again, whole whatever the charger's clock and count do."""

from __future__ import annotations

from dataclasses import replace

from swapstation.protocol.aaf5 import encode_frame
from tests.protocol.aaf5_pile import (
    LAYOUTS,
    Cable,
    Pile,
    Yard,
    record,
    wire,
)


def test_a_record_is_repeated_until_taken_over_and_then_has_no_second_effect(
    yard: Yard, pile: Pile, cable: Cable
) -> None:
    pile.end.keep_record(record())
    yard.run(25.0)
    ((waiting, came_s),) = yard.station.records
    assert waiting == record()
    assert came_s < 3.0, "the time at which it came first"
    yard.station.take_over(waiting)
    yard.run(1.0)
    assert yard.station.records == ()
    sent = len([data for data in cable.sent_up if data[6] == 222])
    yard.run(30.0)
    assert len([data for data in cable.sent_up if data[6] == 222]) == sent == 3


def test_a_record_whose_answer_was_lost_is_answered_again_and_not_kept_twice(
    yard: Yard, pile: Pile, cable: Cable
) -> None:
    pile.end.keep_record(record())
    yard.run(2.0)
    cable.down = False
    yard.station.take_over(record())
    yard.run(2.0)
    cable.down = True
    yard.run(15.0)
    assert yard.station.records == ()
    assert len([data for data in cable.sent_down if data[6] == 221]) == 2


def test_a_record_number_that_begins_again_is_another_record(yard: Yard, pile: Pile, cable: Cable) -> None:
    """A charger that lost its memory counts from 1 again; its charge must not be thrown away."""
    first, second = record(), replace(record(order_id="99"), started="2000-01-01T00:00:00", ended=None)
    pile.end.keep_record(first)
    yard.run(2.0)
    yard.station.take_over(first)
    pile.end.keep_record(second)
    yard.run(12.0)
    assert [waiting for waiting, _ in yard.station.records] == [second]


def test_a_clock_that_jumps_leaves_the_record_whole(yard: Yard, pile: Pile, cable: Cable) -> None:
    """The end lies before the beginning, and one time is no date: energy and duration stay what they are."""
    jumped = replace(record(), started="2026-01-01T10:00:00", ended="2026-01-01T09:00:00")
    pile.end.keep_record(jumped)
    yard.run(1.5)
    frame = LAYOUTS.encode(replace(jumped, record_number=2), 9)
    started_at = 4 + 32 + 1 + 1 + 32
    broken = replace(frame, data=frame.data[:started_at] + b"\x99" * 8 + frame.data[started_at + 8 :])
    cable.station.receive(encode_frame(broken), yard.time.now_s)
    (first, _), (second, _) = yard.station.records
    assert (first.started, first.ended, first.duration_s) == ("2026-01-01T10:00:00", "2026-01-01T09:00:00", 3600)
    assert (second.started, second.energy_kwh) == (None, 153.41)


def test_waiting_records_are_bounded(yard: Yard, cable: Cable) -> None:
    for number in range(100):
        cable.station.receive(wire(record(number=number)), yard.time.now_s)
    assert len(yard.station.records) == 64
