"""FastAPI's description of the API, made exact: whatever only we write has every one of its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_PREFIX = "#/components/schemas/"


def require_what_is_told(description: dict[str, Any]) -> None:
    """Mark every field of schemas that only answers use as required: a field with a default is told all the same.

    What a request body uses too stays as it is.
    """
    schemas: Mapping[str, dict[str, Any]] = description["components"]["schemas"]
    operations = [operation for path in description["paths"].values() for operation in path.values()]
    asked = _reached(schemas, [operation.get("requestBody") for operation in operations])
    told = _reached(schemas, [operation["responses"] for operation in operations])
    for name in told - asked:
        if properties := schemas[name].get("properties"):
            schemas[name]["required"] = list(properties)


def _reached(schemas: Mapping[str, Any], roots: object) -> set[str]:
    """Names of the schemas that are referred to, directly or by others."""
    reached: set[str] = set()
    waiting = list(_named(roots))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _named(schemas[name])
    return reached


def _named(part: object) -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == "$ref":
                yield str(value).removeprefix(_PREFIX)
            else:
                yield from _named(value)
    elif isinstance(part, list):
        for each in part:
            yield from _named(each)
