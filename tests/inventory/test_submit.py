"""Submitting a change: straight into the database, or to the controller while it owns the database."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from swapstation.config.settings import Config
from swapstation.contract.envelope import FROM_CONTROLLER, TO_CONTROLLER, AnswerMessage, RequestMessage, SnapshotMessage
from swapstation.inventory.database import DatabaseError
from swapstation.inventory.queries import last_sequence, load_inventory
from swapstation.inventory.submit import ask_controller, record_change, submit_change
from swapstation.model.request import Accepted, Answer, MoveBatteryRecord, Refused, Request
from swapstation.model.snapshot import Snapshot, StationState
from tests.inventory.stock import AT, stocked

MOVE = MoveBatteryRecord("B1", "bay-3")
SNAPSHOT = SnapshotMessage(Snapshot(1, 1, 0.0, datetime(2026, 1, 1, tzinfo=UTC), "test", "station", StationState.IDLE))


@contextmanager
def controller(address: Path, reply: Callable[[RequestMessage], list[bytes]]) -> Iterator[None]:
    """The controller's end of its socket, for one connection: reads a request, sends what `reply` makes of it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        listener.settimeout(10)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as lines:
                asked = TO_CONTROLLER.validate_json(lines.readline())
                assert isinstance(asked, RequestMessage)
                for line in reply(asked):
                    connection.sendall(line)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(10)


def line(message: SnapshotMessage | AnswerMessage) -> bytes:
    return FROM_CONTROLLER.dump_json(message) + b"\n"


def test_without_a_controller_the_change_is_journalled_here(config: Config, engine: sa.Engine) -> None:
    stocked(engine)
    engine.dispose()
    answer = submit_change(config, "li", MOVE, AT)
    assert isinstance(answer, Accepted)
    with engine.connect() as connection:
        battery = load_inventory(connection).at("bay-3")
    assert battery is not None
    assert battery.battery == "B1"


def test_a_repeated_key_gets_the_first_answer_and_has_no_further_effect(config: Config, engine: sa.Engine) -> None:
    stocked(engine)
    first = record_change(engine, config, "li", "k1", MOVE, AT)
    with engine.connect() as connection:
        sequence = last_sequence(connection)
    assert record_change(engine, config, "li", "k1", MOVE, AT) == first == Accepted("k1")
    reused = record_change(engine, config, "li", "k1", MoveBatteryRecord("B1", "bay-2"), AT)
    assert isinstance(reused, Refused)
    assert reused.code == "key_reused"
    with engine.connect() as connection:
        assert last_sequence(connection) == sequence


def test_a_refused_change_is_answered_for_ever_the_same_and_changes_nothing(config: Config, engine: sa.Engine) -> None:
    before = stocked(engine)
    refused = record_change(engine, config, "li", "k1", MoveBatteryRecord("B1", "bay-2"), AT)
    assert isinstance(refused, Refused)
    record_change(engine, config, "li", "k2", MoveBatteryRecord("B2", "bay-3"), AT)
    assert record_change(engine, config, "li", "k1", MoveBatteryRecord("B1", "bay-2"), AT) == refused
    with engine.connect() as connection:
        assert load_inventory(connection).at("bay-1") == before.at("bay-1")


def test_while_the_controller_owns_the_database_it_gets_the_request(config: Config, engine: sa.Engine) -> None:
    asked: list[Request] = []

    def reply(message: RequestMessage) -> list[bytes]:
        asked.append(message.request)
        others = AnswerMessage("another", Accepted("another"))
        own: Answer = Refused(message.request.key, "place_occupied", "occupied by B2")
        return [line(SNAPSHOT), line(others), line(AnswerMessage(message.id, own))]

    with controller(config.controller_socket, reply):
        answer = submit_change(config, "li", MOVE, AT)
    assert [(request.person, request.payload) for request in asked] == [("li", MOVE)]
    assert answer == Refused(asked[0].key, "place_occupied", "occupied by B2")


@pytest.mark.parametrize(
    ("lines", "told"), [([], "without an answer"), ([b"garbage\n"], "does not answer"), ([b"{}\n"], "does not answer")]
)
def test_a_controller_that_answers_nonsense_or_nothing_is_an_error(
    tmp_path: Path, lines: list[bytes], told: str
) -> None:
    address = tmp_path / "controller.sock"
    with controller(address, lambda _: lines), pytest.raises(DatabaseError, match=told):
        ask_controller(address, Request("k1", "li", MOVE))


def test_an_owned_database_without_a_controller_is_an_error(config: Config, engine: sa.Engine) -> None:
    with pytest.raises(
        DatabaseError, match=r"another process owns the station database, but the controller at .* does not answer"
    ):
        submit_change(config, "li", MOVE, AT)
