"""The platform as a process: its interfaces over HTTP, its own questions to the station, and a look into its books."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from swapstation.errors import InputError
from swapstation.mock_platform.misbehaviour import Misbehaviour, Mood
from swapstation.mock_platform.platform import MockPlatform
from swapstation.supervision.caller import Call, Caller, Told
from swapstation.supervision.envelope import UntrustedAnswer, plain
from swapstation.supervision.interfaces import ANSWERED_BY_STATION, QUERY_TOKEN, SENT_BY_STATION
from swapstation.supervision.profile import Profile
from swapstation.supervision.secret_files import SecretPair
from swapstation.supervision.wire_fields import write_message

PATH = "/evcs/v20161110"
ANSWER_S = 10.0


class Asking:
    """The platform's questions to the station, with the secrets that the station has issued."""

    def __init__(self, profile: Profile, pair: SecretPair, station_url: str) -> None:
        self._profile = profile
        self._caller = Caller(profile, pair.by_us)
        self._url = station_url

    async def ask(self, interface: str, question: dict[str, Any]) -> Told:
        """Ask with a message as it stands. Raises UntrustedAnswer, and HTTPError where the station is not reached."""
        async with httpx2.AsyncClient(timeout=ANSWER_S, trust_env=False) as client:
            now = datetime.now(UTC)
            if not self._caller.has_token(now):
                token = await self._exchange(client, self._caller.ask_token(now))
                self._caller.take_token(token, now)
            return await self._exchange(client, self._caller.call_with(interface, question, now))

    async def _exchange(self, client: httpx2.AsyncClient, call: Call) -> Told:
        answer = await client.post(f"{self._url}/{call.path}", content=call.body, headers=call.headers)
        return self._caller.told(call, answer.status_code, answer.content)


def mock_app(
    profile: Profile,
    pair: SecretPair,
    misbehaviour: Misbehaviour,
    station_url: str = "",
    store: Path | None = None,
) -> Starlette:
    """The application. `store`: every message that was taken is added to this file, one JSON object in a line."""
    started_s = time.monotonic()
    platform = MockPlatform(profile, pair.by_platform, lambda: secrets.token_hex(32), misbehaviour)
    asking = Asking(profile, pair, station_url)

    def since_start_s() -> float:
        return time.monotonic() - started_s

    def interface_route(interface: str) -> Route:
        async def endpoint(request: Request) -> Response:
            text, authorization = await request.body(), request.headers.get("authorization")
            reply = platform.receive(interface, authorization, text, datetime.now(UTC), since_start_s())
            if store is not None:
                with store.open("a", encoding="utf-8") as lines:
                    line = {"at": datetime.now(UTC).isoformat(), "interface": interface, "status": reply.status}
                    lines.write(json.dumps(line | {"request": text.decode("utf-8", "replace")}) + "\n")
            await asyncio.sleep(reply.delay_s)
            return Response(reply.body, reply.status, media_type="application/json;charset=utf-8")

        return Route(f"{PATH}/{profile.paths[interface]}", endpoint, methods=["POST"])

    async def books(_: Request) -> Response:
        return JSONResponse(books_of(platform, profile))

    async def behave(request: Request) -> Response:
        """Other behaviour from now on; the fields of `Misbehaviour`, outages in seconds from now."""
        told = await request.json()
        now_s = since_start_s()
        outages = tuple((now_s + first, now_s + last) for first, last in told.pop("outages", ()))
        platform.mood = Mood(Misbehaviour(**told, outages=outages))
        return JSONResponse({})

    async def ask(request: Request) -> Response:
        interface = request.path_params["interface"]
        if interface not in ANSWERED_BY_STATION or interface not in profile.paths or interface == QUERY_TOKEN:
            return JSONResponse({"error": "no such interface"}, HTTPStatus.NOT_FOUND)
        try:
            told = await asking.ask(interface, await request.json())
        except (UntrustedAnswer, InputError, httpx2.HTTPError) as error:
            return JSONResponse({"error": str(error)}, HTTPStatus.BAD_GATEWAY)
        return JSONResponse({"ret": told.ret, "msg": told.msg, "data": plain(told.body)})

    spoken = [name for name in SENT_BY_STATION if name in profile.paths]
    routes = [*map(interface_route, spoken), *_own({"/mock/books": books}, ["GET"])]
    routes += _own({"/mock/behave": behave, "/mock/ask/{interface}": ask}, ["POST"])
    return Starlette(routes=routes)


def books_of(platform: MockPlatform, profile: Profile) -> dict[str, Any]:
    """What the platform has, as JSON."""
    books = platform.books
    told = {number: plain(write_message(order, profile.spells(""))) for number, order in books.orders.items()}
    return {
        "orders": told,
        "swaps": sorted(books.swaps),
        "states": {connector: int(state.status) for connector, state in sorted(books.states.items())},
        "states_told": books.states_told,
        "repeated": {number: times for number, times in books.came.items() if times > 1},
        "differing": sorted(books.differing),
        "acts": {act.value: times for act, times in platform.acts.items()},
        "refused": {str(ret): times for ret, times in platform.refused.items()},
    }


def _own(paths: dict[str, Callable[[Request], Awaitable[Response]]], methods: list[str]) -> list[Route]:
    return [Route(path, endpoint, methods=methods) for path, endpoint in paths.items()]


def serve_mock(app: Starlette, port: int) -> None:
    """Serve on this machine until SIGINT or SIGTERM."""
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
