"""Any input gets an answer that the OpenAPI description declares, and never a server error."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from swapstation.server.access import ACCESS
from swapstation.server.actor import API
from swapstation.server.app import create_app
from tests.server import station_sample
from tests.server.running_server import LEAVING, RunningServer, running_server

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


DESCRIPTION = schemathesis.openapi.from_dict(create_app(station_sample.config(Path("nowhere"))).openapi())
OPERATIONS = [result.ok() for result in DESCRIPTION.get_all_operations() if isinstance(result, Ok)]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as server:
        yield server


@cache
def headers_of(server: RunningServer, *, fleet: bool) -> dict[str, str]:
    """One session for all operations: a wrong guess at its secrets makes the next log-in wait. Fleets have a key."""
    return server.fleet_key() if fleet else server.log_in()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.label for operation in OPERATIONS])
def test_any_input_gets_a_declared_answer(
    server: RunningServer, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode
) -> None:
    leaves = operation.label == f"DELETE {API}/session"
    fleet = operation.path.startswith(f"{API}/fleet/")
    headers = server.log_in(LEAVING) if leaves else headers_of(server, fleet=fleet)

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    def check(case: Case[Any]) -> None:
        case.call_and_validate(base_url=server.url, checks=CHECKS, headers=headers)

    try:
        check()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "only an operation without any input has no bad input"


def test_every_operation_is_described_and_typed(data: Path) -> None:
    for path, operations in create_app(station_sample.config(data)).openapi()["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (method, path)
            success = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            content = success[0]["content"]
            assert content.get("application/json", next(iter(content.values())))["schema"], (method, path)
            rule = ACCESS[f"{method.upper()} {path.removeprefix(API)}"]
            assert rule.anybody or {"401", "403"} <= set(operation["responses"]), (method, path)


def test_every_integer_of_a_path_or_query_has_its_limits(data: Path) -> None:
    """A number longer than a column of the database is wrong input, not a fault of the server."""
    for path, operations in create_app(station_sample.config(data)).openapi()["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                for schema in parameter["schema"].get("anyOf", [parameter["schema"]]):
                    if schema.get("type") == "integer":
                        assert {"minimum", "maximum"} <= set(schema), (method, path, parameter["name"])
