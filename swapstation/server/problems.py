"""Whatever is not a success, as problem details (RFC 9457): refusals, bad input, unknown things, controller away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException

from swapstation.contract.controller_link import ControllerAway
from swapstation.contract.simulator_link import SimulatorAway
from swapstation.contract.texts import text
from swapstation.errors import InputError
from swapstation.inventory.database import DatabaseError
from swapstation.model.reasons import Reason

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class WrongField:
    """One wrong field of a request: its name, the value as text, what is allowed."""

    field: str
    value: str
    allowed: str


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """Body of every answer that is not a success; `title` in English, `title_zh` in Chinese.

    `facts` are what would help, by name: `earliest_at`, from when a battery could be promised.
    """

    status: int
    code: str
    title: str
    title_zh: str
    detail: str = ""
    reasons: list[Reason] = field(default_factory=list)
    errors: list[WrongField] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    type: str = "about:blank"


class Problem(Exception):
    """Raised by a route to answer with problem details; `code` and `reasons` are codes of the catalogue."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str = "",
        reasons: tuple[str, ...] = (),
        facts: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        said = text(code)
        told = [text(each) for each in reasons or (code,)]
        self.details = ProblemDetails(status, code, said.en, said.zh, detail, told, facts=dict(facts or {}))


def _answer(details: ProblemDetails) -> Response:
    # ASCII only: what a client sent may hold lone surrogates that UTF-8 cannot carry
    return Response(json.dumps(asdict(details)), details.status, media_type=MEDIA_TYPE)


async def _problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return _answer(problem.details)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        WrongField(".".join(str(part) for part in each["loc"]), repr(each.get("input"))[:200], each["msg"])
        for each in error.errors()
    ]
    return _input_problem(errors)


async def _input_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, InputError)
    return _input_problem([WrongField(error.field, repr(error.value)[:200], error.allowed)])


def _input_problem(errors: list[WrongField]) -> Response:
    detail = "; ".join(f"{error.field} = {error.value}: {error.allowed}" for error in errors)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return _answer(ProblemDetails(status, "invalid_input", "invalid input", "输入不正确", detail, errors=errors))


async def _controller_away(_: Request, error: Exception) -> Response:
    said = text("controller_away")
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return _answer(ProblemDetails(status, said.code, said.en, said.zh, str(error), [said]))


async def _simulator_away(_: Request, error: Exception) -> Response:
    said = text("simulator_away")
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return _answer(ProblemDetails(status, said.code, said.en, said.zh, str(error), [said]))


async def _database(_: Request, error: Exception) -> Response:
    said = text("database_away")
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return _answer(ProblemDetails(status, said.code, said.en, said.zh, str(error), [said]))


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).name.lower()
    said = text(code)
    answer = _answer(ProblemDetails(error.status_code, code, said.en, said.zh, str(error.detail)))
    answer.headers.update(error.headers or {})
    return answer


def install(app: FastAPI) -> None:
    """Answer every problem as problem details, and say so in the OpenAPI description."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(InputError, _input_error)
    app.add_exception_handler(ControllerAway, _controller_away)
    app.add_exception_handler(SimulatorAway, _simulator_away)
    app.add_exception_handler(DatabaseError, _database)
    app.add_exception_handler(HTTPException, _http)


def openapi_components() -> dict[str, Any]:
    """JSON schemas that the declared responses refer to."""
    schema = TypeAdapter(ProblemDetails).json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "ProblemDetails": schema}


_ALWAYS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""What any route may answer: it cannot be read, nobody known, not allowed, wrong input, too often, not now."""


def file_of(media_type: str) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that answers with a file."""
    schema = {"type": "string", "contentMediaType": media_type}
    return {200: {"description": "The file.", "content": {media_type: {"schema": schema}}}}


def declared(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that may answer with these problems, always with the common ones."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {status.value: {"description": status.phrase, "content": content} for status in (*statuses, *_ALWAYS)}
