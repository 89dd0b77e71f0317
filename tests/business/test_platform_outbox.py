"""The outbox: told once, in order, newest state first, and never lost by a crash between two steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swapstation.business.database import Database
from swapstation.business.platform_outbox import PlatformOutbox, list_messages, outbox_figures, receipts_of
from swapstation.business.platform_tables import platform_outbox
from swapstation.errors import InputError
from swapstation.model.platform_outbox import Direction, Draft, Lane, MessageState, OutboxMessage, Receipt

AT = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
RECEIPT = Receipt(Direction.OUT, "order", "20261201160000", "0001", {"a": 1}, AT, AT, 0, "", {"ConfirmResult": 0})


def order(number: str, kwh: float = 1.0) -> Draft:
    return Draft("order", Lane.RECORD, number, {"StartChargeSeq": number, "TotalPower": kwh}, AT)


def state(connector: str, status: int) -> Draft:
    return Draft("state", Lane.STATE, connector, {"Status": status}, AT)


def messages(engine: Database, *states: MessageState) -> list[OutboxMessage]:
    with engine.connect() as connection:
        return list(reversed(list_messages(connection, states, limit=500)))


def due(outbox: PlatformOutbox, now: datetime = AT) -> OutboxMessage:
    message = outbox.due(now)
    assert message is not None
    return message


def test_messages_and_cursor_are_one_transaction(engine: Database) -> None:
    outbox = PlatformOutbox(engine)
    assert outbox.cursor() is None
    assert outbox.queue([order("1"), order("2")], AT, cursor=40) == 2
    assert outbox.cursor() == 40
    broken = replace(order("3"), body={"a": object()})
    with pytest.raises(Exception, match="JSON"):
        outbox.queue([order("4"), broken], AT, cursor=50)
    assert outbox.cursor() == 40
    assert [message.key for message in messages(engine)] == ["1", "2"]


def test_a_record_that_is_derived_again_is_told_once(engine: Database) -> None:
    outbox = PlatformOutbox(engine)
    assert outbox.queue([order("1"), order("2")], AT) == 2
    assert outbox.queue([order("1"), order("2"), order("3")], AT) == 1
    assert outbox.queue([order("1", 2.0)], AT) == 1
    assert outbox.queue([order("1", 2.0)], AT) == 0, "a contradiction is told to people once"
    (changed,) = messages(engine, MessageState.DEAD)
    assert "changed" in changed.reason


def test_newest_states_go_first_and_older_ones_never(engine: Database) -> None:
    outbox = PlatformOutbox(engine)
    outbox.queue([order("1"), state("A", 1), state("B", 1), state("A", 3)], AT)
    sent = []
    while (message := outbox.due(AT)) is not None:
        sent.append((message.key, message.body.get("Status")))
        outbox.answered(message, replace(RECEIPT, message=message.number), MessageState.DELIVERED, AT)
    assert sent == [("B", 1), ("A", 3), ("1", None)]
    assert [message.body["Status"] for message in messages(engine, MessageState.SUPERSEDED)] == [1]
    assert outbox.last_states() == {"A": {"Status": 3}, "B": {"Status": 1}}


def test_a_message_that_waits_lets_others_pass(engine: Database) -> None:
    outbox = PlatformOutbox(engine)
    outbox.queue([order("1"), order("2")], AT)
    first = due(outbox)
    outbox.answered(first, None, MessageState.PENDING, AT, "Ret 500", AT + timedelta(minutes=1))
    assert due(outbox).key == "2"
    later = due(outbox, AT + timedelta(minutes=1))
    assert (later.key, later.attempts, later.reason) == ("1", 1, "Ret 500")


def test_a_newer_state_that_came_while_the_older_was_on_its_way_is_sent(engine: Database) -> None:
    outbox = PlatformOutbox(engine)
    outbox.queue([state("A", 1)], AT)
    on_its_way = due(outbox)
    outbox.queue([state("A", 3)], AT)
    outbox.answered(on_its_way, None, MessageState.PENDING, AT, "no answer", AT)
    assert due(outbox).body == {"Status": 3}
    outbox.answered(on_its_way, RECEIPT, MessageState.DELIVERED, AT)
    assert due(outbox).body == {"Status": 3}


def test_what_waits_for_a_person_is_sent_again_on_demand(engine: Database) -> None:
    outbox = PlatformOutbox(engine)
    outbox.queue([order("1"), state("A", 1)], AT)
    for _ in range(2):
        outbox.answered(due(outbox), RECEIPT, MessageState.DEAD, AT, "Ret 4004: wrong")
    assert outbox.due(AT) is None
    dead_state, dead_order = messages(engine, MessageState.DEAD)[::-1]
    assert outbox.resend(dead_order.number).key == "1"
    assert (due(outbox).key, due(outbox).attempts) == ("1", 0)
    outbox.queue([state("A", 2)], AT)
    for number in (dead_state.number, dead_order.number, 999):
        with pytest.raises(InputError):
            outbox.resend(number)


def test_receipts_say_what_the_platform_got(engine: Database) -> None:
    outbox = PlatformOutbox(engine)
    outbox.queue([order("1")], AT)
    message = due(outbox)
    outbox.answered(message, replace(RECEIPT, ret=500), MessageState.PENDING, AT, "Ret 500", AT)
    outbox.answered(due(outbox), RECEIPT, MessageState.DELIVERED, AT)
    outbox.keep(replace(RECEIPT, direction=Direction.IN))
    with engine.connect() as connection:
        assert [each.ret for each in receipts_of(connection, message.number)] == [500, 0]
        figures = outbox_figures(connection)
    assert figures.counts["delivered"] == 1
    assert (figures.oldest_pending_at, figures.last_delivered_at) == (None, AT)


def test_records_of_a_time(engine: Database) -> None:
    outbox = PlatformOutbox(engine)
    days = [AT + timedelta(days=n) for n in range(3)]
    outbox.queue([replace(order(str(n)), happened_at=day) for n, day in enumerate(days)], AT)
    assert [each.key for each in outbox.records("order", days[0], days[2])] == ["0", "1"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(1, 6), st.just(1)),
        st.tuples(st.just("state"), st.sampled_from("AB"), st.integers(0, 3)),
        st.tuples(st.just("send"), st.sampled_from(["delivered", "pending", "dead"]), st.just(0)),
    ),
    max_size=40,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_each_order_is_told_once_and_the_last_state_is_the_newest(
    engine: Database, steps: list[tuple[str, int | str, int]]
) -> None:
    with engine.begin() as connection:
        connection.execute(sa.delete(platform_outbox))
    outbox, told, newest, orders = PlatformOutbox(engine), [], {}, set()
    for kind, what, value in [*steps, *[("send", "delivered", 0)] * 80]:
        if kind == "order":
            outbox.queue([order(str(what))], AT)
            orders.add(str(what))
        elif kind == "state":
            outbox.queue([state(str(what), value)], AT)
            newest[str(what)] = value
        elif (message := outbox.due(AT)) is not None:
            outbox.answered(message, None, MessageState(str(what)), AT)
            if what == "dead":
                outbox.resend(message.number)
            elif what == "delivered":
                told.append((message.key, message.body.get("Status")))
    assert sorted(key for key, status in told if status is None) == sorted(orders)
    assert {key: status for key, status in told if status is not None} == newest
