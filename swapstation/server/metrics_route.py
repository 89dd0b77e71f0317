"""GET /metrics, outside /api/v1 because Prometheus looks there."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from swapstation.server.metrics import CONTENT_TYPE, exposition
from swapstation.server.parts import Here
from swapstation.server.problems import declared

metrics_router = APIRouter(tags=["metrics"])


@metrics_router.get("/metrics", response_class=PlainTextResponse, responses=declared())
async def metrics(here: Here) -> PlainTextResponse:
    """Metrics in the format of Prometheus: on this machine without log-in, from elsewhere with a platform's key."""
    return PlainTextResponse(exposition(here.link, here.upkeep.due), media_type=CONTENT_TYPE)
