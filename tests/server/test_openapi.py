"""Any input gets an answer that the OpenAPI description declares, and never a server error."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from swapstation.server.app import create_app
from tests.server import station_sample

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def app(data: Path) -> FastAPI:
    return create_app(station_sample.config(data))


def test_every_operation_has_a_summary_and_typed_answers(app: FastAPI) -> None:
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (method, path)
            success = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            assert success[0]["content"]["application/json"]["schema"], (method, path)
