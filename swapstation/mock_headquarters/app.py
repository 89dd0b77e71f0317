"""The headquarters as a process: its interface over HTTP, and a look into its books."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from swapstation.contract.headquarters import VERSION, Master, PermitQuestion, Record, content_digest, written
from swapstation.mock_headquarters.books import Books, Differs
from swapstation.mock_headquarters.misbehaviour import Act, Misbehaviour, Mood

HANG_S = 3600.0


class MockHeadquarters:
    """One headquarters with one station behind it, which calls with a token."""

    def __init__(self, station: str, token: str, books: Books, misbehaviour: Misbehaviour | None = None) -> None:
        self.books = books
        self.mood = Mood(misbehaviour or Misbehaviour())
        self._station, self._token = station, token

    def app(self) -> Starlette:
        """The application."""
        base = f"/{VERSION}/stations/{{station}}"
        spoken = [
            Route(f"{base}/master", self._spoken(self._master), methods=["GET"]),
            Route(f"{base}/permits", self._spoken(self._permit), methods=["POST"]),
            Route(f"{base}/records/{{record}}", self._spoken(self._record), methods=["PUT"]),
        ]
        own = [
            Route("/mock/books", self._look, methods=["GET"]),
            Route("/mock/behave", self._behave, methods=["POST"]),
            Route("/mock/master", self._tell, methods=["POST"]),
            Route("/mock/refuse", self._refuse, methods=["POST"]),
        ]
        return Starlette(routes=[*spoken, *own])

    def _spoken(self, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """An interface of the contract behind its door and the mood of the day."""

        async def endpoint(request: Request) -> Response:
            act = self.mood.act()
            await asyncio.sleep(HANG_S if act is Act.TIMEOUT else self.mood.misbehaviour.slow_s)
            if act is Act.AWAY:
                return _no(HTTPStatus.SERVICE_UNAVAILABLE, "away")
            if act is Act.SERVER_ERROR:
                return _no(HTTPStatus.INTERNAL_SERVER_ERROR, "own fault")
            refused = self._door(request)
            answered = refused if refused is not None else await answer(request)
            if act is Act.LOSE_ANSWER:
                return _no(HTTPStatus.INTERNAL_SERVER_ERROR, "own fault, after it was done")
            if act is Act.GARBAGE:
                return Response("<html>gateway</html>", HTTPStatus.OK, media_type="text/html")
            if act is Act.WRONG_ANSWER:
                wrong = {"record_id": "another", "sha256": "0" * 64, "first": True}
                return JSONResponse(wrong if request.method == "PUT" else {"request_id": "another", "granted": True})
            return answered

        return endpoint

    def _door(self, request: Request) -> Response | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not hmac.compare_digest(token.encode(), self._token.encode()):
            return _no(HTTPStatus.UNAUTHORIZED, "token")
        if request.path_params["station"] != self._station:
            return _no(HTTPStatus.NOT_FOUND, "station")
        return None

    async def _master(self, request: Request) -> Response:
        master, told = self.books.master, request.query_params.get("after", "0")
        if not told.isdecimal():
            return _no(HTTPStatus.UNPROCESSABLE_ENTITY, "after")
        if master is None or master.revision == int(told):
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return Response(written(master), media_type="application/json")

    async def _permit(self, request: Request) -> Response:
        try:
            question = PermitQuestion.model_validate_json(await request.body())
        except ValidationError as wrong:
            return _no(HTTPStatus.UNPROCESSABLE_ENTITY, str(wrong))
        return Response(written(self.books.permit(question)), media_type="application/json")

    async def _record(self, request: Request) -> Response:
        content = await request.body()
        if request.headers.get("content-digest") != content_digest(content):
            return _no(HTTPStatus.BAD_REQUEST, "content-digest")
        try:
            record = Record.model_validate_json(content)
        except ValidationError as wrong:
            return _no(HTTPStatus.UNPROCESSABLE_ENTITY, str(wrong))
        if record.record_id != request.path_params["record"]:
            return _no(HTTPStatus.UNPROCESSABLE_ENTITY, "record_id")
        try:
            taken = await asyncio.to_thread(self.books.take, record, content)
        except Differs:
            return _no(HTTPStatus.CONFLICT, "differs from what came first")
        return Response(written(taken), media_type="application/json")

    async def _look(self, _: Request) -> Response:
        return JSONResponse(books_of(self.books))

    async def _behave(self, request: Request) -> Response:
        self.mood = Mood(Misbehaviour(**await request.json()))
        return JSONResponse({})

    async def _tell(self, request: Request) -> Response:
        self.books.master = Master.model_validate_json(await request.body())
        return JSONResponse({})

    async def _refuse(self, request: Request) -> Response:
        """VIN -> why it is refused, from now on."""
        self.books.refused_vins = await request.json()
        return JSONResponse({})


def books_of(books: Books) -> dict[str, Any]:
    """What the headquarters has, as JSON."""
    return {
        "records": {record_id: kept["record"] for record_id, kept in books.records.items()},
        "repeated": {record_id: times for record_id, times in books.came.items() if times > 1},
        "differing": sorted(books.differing),
        "permits": {request_id: each.granted for request_id, each in books.permits.items()},
    }


def _no(status: HTTPStatus, why: str) -> Response:
    return JSONResponse({"detail": why}, status)


def serve_headquarters(headquarters: MockHeadquarters, port: int) -> None:
    """Serve on this machine until SIGINT or SIGTERM."""
    app = headquarters.app()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=1)


def read_master(file: Path) -> Master:
    """Master data from a JSON file. Raises ValidationError, OSError."""
    return Master.model_validate_json(file.read_bytes())
