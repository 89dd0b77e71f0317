"""The HTTP application: API under /api/v1, live stream, operator page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles

from swapstation import __version__
from swapstation.config.settings import Config
from swapstation.contract.controller_link import ControllerLink
from swapstation.energy.tariff_watch import TariffWatch
from swapstation.model.uplink_request import Uplink
from swapstation.server import problems
from swapstation.server.actor import API, authorised
from swapstation.server.api import ROUTERS
from swapstation.server.background import background, stay_alive
from swapstation.server.billing import Billing, billed
from swapstation.server.book import Business
from swapstation.server.concerns import concerns_told
from swapstation.server.confirmations import Confirmations
from swapstation.server.control import Control
from swapstation.server.description import require_what_is_told
from swapstation.server.fleet_watch import followed
from swapstation.server.fleets import Fleets
from swapstation.server.guard import Guard
from swapstation.server.history import History
from swapstation.server.live_messages import LiveMessages
from swapstation.server.log_ins import LogIns
from swapstation.server.metrics_route import metrics_router
from swapstation.server.parts import Context, known_to_platform
from swapstation.server.paying import Paying
from swapstation.server.queue_promises import waiting_promised
from swapstation.server.queue_watch import queue_followed
from swapstation.server.station_audit import audited
from swapstation.server.telemetry import Telemetry
from swapstation.server.training import Training
from swapstation.server.upkeep import Upkeep
from swapstation.server.uplinks.headquarters_contracts import expect_contracts
from swapstation.server.uplinks.headquarters_link import HeadquartersLink
from swapstation.server.uplinks.lost_watch import Watched, losses_told
from swapstation.server.uplinks.platform_door import door_router
from swapstation.server.uplinks.platform_link import PlatformLink
from swapstation.server.webhook_delivery import delivered

MAX_BODY_BYTES = 65_536
_STATIC = files("swapstation.server") / "static"


def create_app(config: Config, station_file: Path | None = None) -> FastAPI:
    """The application of one station: what it tells comes from the controller, who may ask from the business database.

    `station_file` is where the configuration was read from: its changes are recorded.
    """
    link, history = ControllerLink(config.controller_socket), History(config.station_database_url)
    business, tariff = Business(config), TariffWatch(config)
    log_ins = LogIns(business, config.server, swap_runs=lambda: _swap_runs(link))
    platform = None
    if config.platform is not None:
        business.open()
        platform = PlatformLink(config, config.platform, business.engine, known_to_platform(link, tariff))
    headquarters = None
    if config.headquarters is not None:
        headquarters = HeadquartersLink(config, config.headquarters, business, link)
    expect_contracts(config)
    billing = Billing(config, business, history, tariff)
    paying = Paying(config, business)
    training = None
    if config.training is not None:
        socket = config.data / config.training.simulator
        training = Training(socket, business, history, swap_runs=lambda: _swap_runs(link))
    telemetry = Telemetry(config, link)
    control = Control(log_ins, business)
    context = Context(
        config,
        link,
        history,
        tariff,
        business,
        log_ins,
        control,
        billing,
        Fleets(),
        telemetry,
        Confirmations(),
        LiveMessages(link, control, training is not None, _console_build()),
        Upkeep(config, business, history, telemetry),
        platform,
        training,
        headquarters,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        business.open()
        log_ins.load()
        async with AsyncExitStack() as stack:
            stack.callback(history.close)
            stack.push_async_callback(business.close)  # also after a bug: what is still to be written is written
            await stack.enter_async_context(background(stay_alive(), "watchdog"))
            await stack.enter_async_context(link.running())
            await stack.enter_async_context(audited(config, station_file, business))
            await stack.enter_async_context(billed(billing))
            await stack.enter_async_context(paying.running())
            await stack.enter_async_context(followed(context))
            await stack.enter_async_context(queue_followed(context))
            await stack.enter_async_context(waiting_promised(context))
            networks = config.server.webhook_networks
            await stack.enter_async_context(delivered(business, context.fleets.bell, networks))
            await stack.enter_async_context(telemetry.running())
            await stack.enter_async_context(context.upkeep.running())
            if platform is not None:
                await stack.enter_async_context(platform.running())
            if headquarters is not None:
                await stack.enter_async_context(headquarters.running())
            await stack.enter_async_context(concerns_told(context.upkeep, telemetry, link))
            await stack.enter_async_context(losses_told(_watched(platform, headquarters), link))
            if training is not None:
                await stack.enter_async_context(training.running())
            yield

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
    names = frozenset((config.server.host, *config.server.names))
    app.add_middleware(Guard, names=names, encrypted=config.server.certificate is not None)
    problems.install(app)
    for router in ROUTERS:  # one by one: each level of routers is searched twice for every request
        app.include_router(router, prefix=API, dependencies=[Depends(authorised)])
    app.include_router(metrics_router, dependencies=[Depends(authorised)])
    if platform is not None:
        app.include_router(door_router(platform))
    app.mount("/", StaticFiles(directory=str(_STATIC), html=True))
    return app


def _console_build() -> str:
    """Names the console that is served: a page that is open notices another one and loads itself anew."""
    found = sorted(path for path in Path(str(_STATIC)).rglob("*") if path.is_file())
    return sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:16]


def _watched(platform: PlatformLink | None, headquarters: HeadquartersLink | None) -> list[Watched]:
    """The links beyond the site whose loss people are told of."""
    links = []
    if platform is not None:
        links.append(Watched(Uplink.PLATFORM, (platform.delivery.link,)))
    if headquarters is not None:
        long = timedelta(minutes=headquarters.settings.alarm_minutes)
        links.append(Watched(Uplink.HEADQUARTERS, (headquarters.state, headquarters.master_state), long))
    return links


def _swap_runs(link: ControllerLink) -> bool:
    return link.latest is not None and link.latest.snapshot.swap is not None


class _Application(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """FastAPI's description, with the schemas of problem details."""
        if self.openapi_schema is None:
            schema = get_openapi(
                title=self.title, version=self.version, description=self.description, routes=self.routes
            )
            schema["components"]["schemas"].update(problems.openapi_components())
            require_what_is_told(schema)
            self.openapi_schema = schema
        return self.openapi_schema
