"""Write what the operator console needs of the OpenAPI description: python -m tests.ui.openapi_file (make ui runs it).

Its types come from this file, so a change of the API that the console would not survive fails its type check.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from swapstation.server.app import create_app
from tests.server import station_sample

FILE = Path(__file__).parents[2] / "ops_ui" / "openapi.json"
NOT_OF_THE_CONSOLE = ("/api/v1/fleet/", "/api/v1/keys", "/api/v1/staggering", "/api/v1/openapi")
PROSE = ("description", "title", "examples", "operationId", "tags")
REF = "#/components/schemas/"


def console_description() -> dict[str, Any]:
    """Paths of the console with their schemas, without prose.

    What the server answers has every field, also those with a default; what it is asked may leave them out.
    """
    whole = create_app(station_sample.config(Path("nowhere"))).openapi()
    paths = {path: _successes(each) for path, each in whole["paths"].items() if not path.startswith(NOT_OF_THE_CONSOLE)}
    schemas = whole["components"]["schemas"]
    asked = _reached([_body(operation) for each in paths.values() for operation in each.values()], schemas)
    kept = {name: schemas[name] for name in sorted(_reached([paths], schemas))}
    for name, schema in kept.items():
        if name not in asked and "properties" in schema:
            schema["required"] = list(schema["properties"])
    described = {"openapi": whole["openapi"], "info": {}, "paths": paths, "components": {"schemas": kept}}
    return {key: _without_prose(each) for key, each in described.items()}


def _successes(operations: dict[str, Any]) -> dict[str, Any]:
    """Every refusal has one shape, which the console knows by itself."""
    return {
        method: operation | {"responses": {s: each for s, each in operation["responses"].items() if s.startswith("2")}}
        for method, operation in operations.items()
    }


def _body(operation: dict[str, Any]) -> Any:
    return operation.get("requestBody", {})


def _reached(roots: list[Any], schemas: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        names = set(_references(waiting.pop())) - found
        found |= names
        waiting += [schemas[name] for name in names]
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _references(each)
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(REF)
        for each in node.values():
            yield from _references(each)


def _without_prose(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_prose(each) for each in node]
    if isinstance(node, dict):
        return {key: _without_prose(each) for key, each in node.items() if key not in PROSE or not _is_prose(key, each)}
    return node


def _is_prose(key: str, value: Any) -> bool:
    """A property may be called `title` too: that one holds a schema."""
    return not isinstance(value, dict) and (key != "examples" or isinstance(value, list))


def lost(kept: Any, present: Any, place: str = "") -> list[str]:
    """Where the API no longer is as the console's file says. What came to it since, the console can do without."""
    if isinstance(kept, dict) and isinstance(present, dict):
        gone = [f"{place}/{key}" for key in kept if key not in present]
        return gone + [
            each for key in kept if key in present for each in lost(kept[key], present[key], f"{place}/{key}")
        ]
    if place.endswith("/required") and isinstance(kept, list):
        return [f"{place}/{name}" for name in kept if name not in present]
    return [] if kept == present else [place]


def written() -> str:
    """The file's text."""
    return json.dumps(console_description(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
