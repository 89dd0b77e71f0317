"""Answers that a client need not read twice: an ETag over the body, 304 where the client has it already."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Header
from fastapi.responses import Response
from pydantic import TypeAdapter

IfNoneMatch = Annotated[str | None, Header(max_length=200, description="ETag of the answer that you have.")]
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "You have it already."}}


def tagged(body: object, if_none_match: str | None, tag: str | None = None) -> Response:
    """The answer with its ETag: `tag`, or a hash of the body."""
    text = TypeAdapter(type(body)).dump_json(body)
    etag = f'"{tag or hashlib.sha256(text).hexdigest()[:32]}"'
    known = {each.strip() for each in (if_none_match or "").split(",")}
    if etag in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    return Response(text, media_type="application/json", headers={"ETag": etag})
