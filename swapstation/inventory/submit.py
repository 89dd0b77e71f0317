"""Submitting a change of the stock record: to the controller if it runs, since it owns the database, else here."""

from __future__ import annotations

import socket
import time
import uuid
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from pydantic import ValidationError

from swapstation.config.settings import Config
from swapstation.contract.envelope import FROM_CONTROLLER, TO_CONTROLLER, AnswerMessage, RequestMessage
from swapstation.inventory.changes import answer_change, fitted
from swapstation.inventory.database import DatabaseError, DatabaseOwned, storage_errors
from swapstation.inventory.journal import TOOL_BOOT, find_answer, open_station_database, write
from swapstation.inventory.queries import load_inventory
from swapstation.model.journal import InventoryChanged, Record, RequestAnswered
from swapstation.model.request import Accepted, Answer, InventoryChange, Request

ANSWER_TIMEOUT_S = 10.0


def submit_change(config: Config, person: str, change: InventoryChange, at: datetime) -> Answer:
    """Submit a change in a person's name. Raises DatabaseError when neither database nor controller takes it."""
    key = str(uuid.uuid4())
    try:
        engine = open_station_database(config)
    except DatabaseOwned as owned:
        try:
            return ask_controller(config.controller_socket, Request(key, person, change))
        except DatabaseError as silent:
            raise DatabaseError(f"another process owns the station database, but {silent}") from owned
    try:
        return record_change(engine, config, person, key, change, at)
    finally:
        engine.dispose()


def record_change(
    engine: sa.Engine, config: Config, person: str, key: str, change: InventoryChange, at: datetime
) -> Answer:
    """Answer and journal a change as the writer of the database; a repeated key gets its first answer."""
    request = Request(key, person, change)
    with storage_errors(), engine.connect() as connection:
        earlier = find_answer(connection, request)
        inventory = load_inventory(connection)
    if earlier is not None:
        return earlier
    answer = answer_change(key, change, inventory, config, at, person)
    records: list[Record] = [InventoryChanged(fitted(change, config), person)] if isinstance(answer, Accepted) else []
    write(engine, [*records, RequestAnswered(request, answer)], at, TOOL_BOOT)
    return answer


def ask_controller(address: Path, request: Request) -> Answer:
    """Send one request over the controller's socket and wait up to 10 s for its answer. Raises DatabaseError."""
    message = RequestMessage(request.key, request)
    deadline_s = time.monotonic() + ANSWER_TIMEOUT_S
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_TIMEOUT_S)
            connection.connect(str(address))
            connection.sendall(TO_CONTROLLER.dump_json(message) + b"\n")
            with connection.makefile("rb") as lines:
                for line in lines:
                    reply = FROM_CONTROLLER.validate_json(line)
                    if isinstance(reply, AnswerMessage) and reply.id == message.id:
                        return reply.answer
                    if time.monotonic() > deadline_s:
                        raise TimeoutError("no answer in time")
    except (OSError, ValidationError) as error:
        raise DatabaseError(f"the controller at {address} does not answer: {error}") from error
    raise DatabaseError(f"the controller closed {address} without an answer")
