"""The HTTP application: API under /api/v1, live stream, operator page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles

from swapstation import __version__
from swapstation.business.database import open_business_database
from swapstation.config.settings import Config
from swapstation.contract.controller_link import ControllerLink
from swapstation.energy.tariff_watch import TariffWatch
from swapstation.server import problems
from swapstation.server.api import ROUTERS
from swapstation.server.context import Context, known_to_platform
from swapstation.server.guard import Guard
from swapstation.server.history import History
from swapstation.server.uplinks.platform_door import door_router
from swapstation.server.uplinks.platform_link import PlatformLink

MAX_BODY_BYTES = 65_536


def create_app(config: Config) -> FastAPI:
    """The application of one station. It holds no state of its own: everything comes from the controller."""
    link, history = ControllerLink(config.controller_socket), History(config.station_database_url)
    tariff = TariffWatch(config)
    platform = None
    if config.platform is not None:
        business = open_business_database(config)
        platform = PlatformLink(config, config.platform, business, known_to_platform(link, tariff))
    context = Context(config, link, history, tariff, platform)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(context.link.running())
            if context.platform is not None:
                await stack.enter_async_context(context.platform.running())
            yield
        context.history.close()

    app = _Application(
        title="swapstation",
        version=__version__,
        description="Battery-swap station: what it knows, what people and dispatchers may ask of it.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        max_body_size=MAX_BODY_BYTES,
    )
    app.state.context = context
    app.add_middleware(Guard)
    problems.install(app)
    api = APIRouter(prefix="/api/v1")
    for router in ROUTERS:
        api.include_router(router)
    app.include_router(api)
    if platform is not None:
        app.include_router(door_router(platform))
    app.mount("/", StaticFiles(directory=str(files("swapstation.server") / "static"), html=True))
    return app


class _Application(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """FastAPI's description, with the schemas of problem details."""
        if self.openapi_schema is None:
            schema = get_openapi(
                title=self.title, version=self.version, description=self.description, routes=self.routes
            )
            schema["components"]["schemas"].update(problems.openapi_components())
            self.openapi_schema = schema
        return self.openapi_schema
