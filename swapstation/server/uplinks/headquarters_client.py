"""The headquarters over HTTP as docs/headquarters.md describes it: every answer is checked before it counts."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError

from swapstation.config.headquarters_settings import Headquarters
from swapstation.contract.headquarters import (
    VERSION,
    Master,
    PermitAnswer,
    PermitQuestion,
    Record,
    RecordTaken,
    content_digest,
    written,
)
from swapstation.errors import ConfigurationError

Answer = TypeVar("Answer", bound=BaseModel)

MAX_ANSWER_BYTES = 32_000_000
LONG_S = 10.0
"""For what nobody waits for."""
REFUSALS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
"""Statuses by which a headquarters says that what was sent is wrong: to send it again changes nothing."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class NoAnswer(Exception):
    """No answer that can be trusted."""


class Stumbled(NoAnswer):
    """It is there, and answers this request wrongly: another one it may answer rightly."""


class NotTaken(Exception):
    """What was sent is wrong in the headquarters' eyes."""


def read_token(path: Path) -> str:
    """The token. Raises ConfigurationError where it cannot be read, or others can read it."""
    try:
        if path.stat().st_mode & _OTHERS:
            raise ConfigurationError([f"{path}:1: 令牌只能由所有者读取 | only its owner may read the token: chmod 600"])
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path}:1: 读不了令牌 | cannot read the token: {error}"]) from error
    if not 16 <= len(token) <= 500 or not token.isprintable() or " " in token:
        raise ConfigurationError([f"{path}:1: 令牌应为 16 到 500 个字符 | the token must be 16 to 500 characters"])
    return token


class HeadquartersClient:
    """One connection that is kept open. Every method raises NoAnswer, `deliver` also NotTaken."""

    def __init__(self, client: httpx2.AsyncClient, settings: Headquarters, token: str) -> None:
        self._client, self._settings = client, settings
        self._base = f"{settings.url}/{VERSION}/stations/{quote(settings.station_id)}"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def master(self, after: int) -> Master | None:
        """The master data, None: still that of this revision."""
        status, content = await self._ask("GET", f"master?after={after}", LONG_S)
        if status == HTTPStatus.NO_CONTENT:
            return None
        return _read(Master, status, content)

    async def permit(self, question: PermitQuestion) -> PermitAnswer:
        """Whether a truck may be swapped; waited for as long as a driver may be."""
        status, content = await self._ask("POST", "permits", self._settings.answer_s, written(question))
        answer = _read(PermitAnswer, status, content)
        if (answer.request_id, answer.vin) != (question.request_id, question.vin):
            raise NoAnswer(f"the answer is about {answer.request_id} {answer.vin}")
        return answer

    async def deliver(self, record: Record) -> RecordTaken:
        """Tell a record; the headquarters says what it has."""
        content = written(record)
        path = f"records/{quote(record.record_id, safe='')}"
        status, answered = await self._ask("PUT", path, LONG_S, content)
        if status in REFUSALS:
            raise NotTaken(f"HTTP {status}: {answered[:200].decode('utf-8', 'replace')}")
        taken = _read(RecordTaken, status, answered)
        if (taken.record_id, taken.sha256) != (record.record_id, hashlib.sha256(content).hexdigest()):
            raise Stumbled(f"the answer is about {taken.record_id} {taken.sha256[:12]}")
        return taken

    async def _ask(self, method: str, path: str, timeout_s: float, content: bytes | None = None) -> tuple[int, bytes]:
        headers = dict(self._headers)
        if content is not None:
            headers |= {"Content-Type": "application/json", "Content-Digest": content_digest(content)}
        try:
            async with asyncio.timeout(timeout_s):
                url = f"{self._base}/{path}"
                async with self._client.stream(method, url, content=content, headers=headers) as response:
                    return response.status_code, await _bounded(response)
        except TimeoutError:
            raise NoAnswer(f"no answer within {timeout_s:g} s") from None
        except httpx2.HTTPError as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from None


@asynccontextmanager
async def headquarters_client(settings: Headquarters, token: str) -> AsyncIterator[HeadquartersClient]:
    """A client as long as the context is open."""
    trusted = ssl.create_default_context()
    if settings.ca_file is not None:
        trusted.load_verify_locations(settings.ca_file)
    async with httpx2.AsyncClient(verify=trusted, timeout=LONG_S, follow_redirects=False, trust_env=False) as client:
        yield HeadquartersClient(client, settings, token)


async def _bounded(response: httpx2.Response) -> bytes:
    content = b""
    async for part in response.aiter_bytes():
        content += part
        if len(content) > MAX_ANSWER_BYTES:
            raise NoAnswer(f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
    return content


def _read(kind: type[Answer], status: int, content: bytes) -> Answer:
    if status != HTTPStatus.OK:
        raise (Stumbled if status == HTTPStatus.INTERNAL_SERVER_ERROR else NoAnswer)(f"HTTP {status}")
    try:
        return kind.model_validate_json(content)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Stumbled(f"no {kind.__name__}: {where} {first['msg']}") from None
