"""A route whose answer is written already: who asks is checked as for every route, then the bytes go out.

For what is asked so often that solving dependencies and writing JSON anew would be most of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from swapstation.server.actor import authorised
from swapstation.server.parts import context_of


class WrittenRoute(APIRoute):
    """Its endpoint takes the parts of the server alone and gives JSON as bytes; `response_model` describes them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        written: Callable[..., bytes] = self.endpoint

        async def answer(request: Request) -> Response:
            await authorised(request)
            return Response(written(context_of(request)), media_type="application/json")

        return answer
