"""The platform's door on our own server: token and queries, authenticated by their own token alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response

from swapstation.database.store import DatabaseError
from swapstation.server.uplinks.platform_link import PlatformLink
from swapstation.supervision.envelope import Refusal, Ret
from swapstation.supervision.interfaces import ANSWERED_BY_STATION, QUERY_TOKEN

MAX_BODY_BYTES = 2_000_000
"""A month's orders in one check; only who signs it right gets further than that."""
MEDIA_TYPE = "application/json;charset=utf-8"


def door_paths(link: PlatformLink) -> dict[str, str]:
    """The interfaces that the platform may call, by their path on our server."""
    paths, prefix = link.profile.paths, link.platform.path
    return {f"{prefix}/{paths[name]}": name for name in ANSWERED_BY_STATION if name in paths}


def door_router(link: PlatformLink) -> APIRouter:
    """The routes of one platform; they are no part of our own API's description."""
    router = APIRouter(include_in_schema=False)
    for path, interface in door_paths(link).items():
        endpoint, name = _route(link, interface), f"platform {interface}"
        router.add_api_route(path, endpoint, methods=["POST"], name=name, max_body_size=MAX_BODY_BYTES)
    return router


def _route(link: PlatformLink, interface: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        text = await request.body()
        authorization = request.headers.get("authorization")
        try:
            entered = link.enter(interface, authorization, text)
            if interface == QUERY_TOKEN:
                message = link.give_token(entered.message)
            else:
                message = await link.answers.ask(interface, entered.message)
            sealed = link.door.answer(interface, message)
            await link.keep_question(interface, entered.sealed, entered.body, sealed)
        except Refusal as refusal:
            sealed = link.door.refuse(refusal)
        except DatabaseError:
            sealed = link.door.refuse(Refusal(Ret.BUSY, "the station's records cannot be read now"))
        return Response(sealed, media_type=MEDIA_TYPE)

    return answer
