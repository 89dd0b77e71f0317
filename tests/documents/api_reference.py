"""docs/api.md: every route of the HTTP API and who may call it, from the OpenAPI description and ACCESS."""

from __future__ import annotations

import inspect
from collections import defaultdict
from pathlib import Path
from typing import Any

from swapstation.model.people import PEOPLE, Role
from swapstation.server.access import ACCESS, Rule
from swapstation.server.actor import API
from swapstation.server.api.fleet_events import feed
from swapstation.server.api.live import live
from swapstation.server.app import create_app
from tests.documents.markdown import table
from tests.server import station_sample

HEAD = f"""# HTTP API 接口

Made from the server's OpenAPI description by `make documents`; do not edit. Paths are under `{API}` (`/metrics` alone
is not); a running station gives the whole description, with all types, as `GET {API}/openapi.json`. Logging in, keys
and scopes: docs/security.md; a client in Python for fleets: docs/fleet.md.

* *who*: roles of people; *fleet* and *platform* are keys of programs, with the scope that they need. *cabin*: at the
  station's own machine no log-in is needed.
* *takes*: `?name` is a query parameter, the others are fields of the JSON body; what may be left out ends with `?`.
* What changes the station may carry `Idempotency-Key`: same key and body, same answer, one effect.
* A refusal is `application/problem+json` (RFC 9457) with a `code`, `title` (English), `title_zh` and `reasons`: 401 log
  in first, 403 not your role, 404 no such thing, 409 the station refuses now, 422 wrong input (`errors` name field,
  value and what is allowed), 429 too many tries, 503 the controller is away.
"""
COLUMNS = ("method and path", "who", "takes", "what it does")
EVERYBODY = "all people"
STREAMS = {"WS /live": live, "WS /fleet/feed": feed}


def api_reference() -> str:
    """The whole document: one table for each tag, then the streams."""
    description = create_app(station_sample.config(Path("nowhere"))).openapi()
    by_tag: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            by_tag[operation["tags"][0]].append(_row(method, path, operation, description))
    lines = [HEAD]
    for tag in sorted(by_tag):
        lines += [f"## {tag.capitalize()}", "", *table(COLUMNS, by_tag[tag])]
    lines += ["## Live streams", "", *table(("path", "who", "what it does"), _streams())]
    return "\n".join(lines).rstrip() + "\n"


def _row(method: str, path: str, operation: dict[str, Any], description: dict[str, Any]) -> tuple[str, ...]:
    route = f"{method.upper()} {path.removeprefix(API)}"
    takes = ", ".join((*_query(operation), *_body(operation, description)))
    return f"`{route}`", _who(ACCESS[route]), takes, operation["description"]


def _who(rule: Rule) -> str:
    if rule.anybody:
        return "anybody"
    people = [EVERYBODY] if rule.people == frozenset(PEOPLE) else [role.value for role in Role if role in rule.people]
    programs = [f"{role.value} ({rule.scope})" for role in Role if role in rule.programs]
    return ", ".join([*people, *programs, *(["cabin"] if rule.in_the_cabin else [])])


def _query(operation: dict[str, Any]) -> list[str]:
    asked = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    return [f"`?{each['name']}`" + ("" if each.get("required") else "?") for each in asked]


def _body(operation: dict[str, Any], description: dict[str, Any]) -> list[str]:
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((each["schema"] for each in content.values()), {})
    named = schema.get("$ref") or next((each["$ref"] for each in schema.get("anyOf", ()) if "$ref" in each), None)
    if named is None:
        return ["a body"] if schema else []
    fields = description["components"]["schemas"][named.rpartition("/")[2]]
    return [f"`{name}`" + ("" if name in fields.get("required", ()) else "?") for name in fields.get("properties", ())]


def _streams() -> list[tuple[str, ...]]:
    """OpenAPI knows no WebSockets."""
    assert set(STREAMS) == {route for route in ACCESS if route.startswith("WS ")}
    return [(f"`{route}`", _who(ACCESS[route]), inspect.getdoc(each) or "") for route, each in STREAMS.items()]
