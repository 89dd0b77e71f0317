"""The controller process: opens the database and the wires, runs the scan cycle, serves its socket, ends cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from swapstation import __version__
from swapstation.config.file import configuration_hash
from swapstation.config.settings import Config
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.controller.black_box import BlackBox
from swapstation.controller.core import Core, Reply
from swapstation.controller.disk_watch import DiskWatch
from swapstation.controller.energy_book import load_energy_book
from swapstation.controller.equipment import Equipment
from swapstation.controller.journal import ThreadedJournal
from swapstation.controller.plugging import YARD
from swapstation.controller.safety_watch import SafetyWatch
from swapstation.controller.socket import ControllerSocket
from swapstation.energy.tariff_watch import TariffWatch
from swapstation.errors import ConfigurationError
from swapstation.inventory.database import Database, DatabaseError, open_reader, storage_errors
from swapstation.inventory.journal import RecordWriter, find_answer, open_station_database, start_boot
from swapstation.inventory.queries import arrivals_since, load_inventory, past_swaps, standing_alarms
from swapstation.logs import about
from swapstation.model.arrival import Arrival
from swapstation.model.concern_request import WordOfServer
from swapstation.model.inventory import Swap
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.request import Answer, HoldStation, Request
from swapstation.records.event_folders import Boot
from swapstation.records.recorder import Owner, Recorder
from swapstation.records.safety_events import safety_alarms
from swapstation.service import Service
from swapstation.station.draft import Rules
from swapstation.station.recipe import load_recipes
from swapstation.station.takt import BASELINE_SWAPS, past_of
from swapstation.transport.link import Link
from swapstation.transport.links import byte_link, can_link
from swapstation.transport.recorder import Recording, RecordOptions
from swapstation.transport.server_link import ServerLink
from swapstation.wire_address import parse_wire

CYCLE_S = 0.1
SHORTEST_CYCLE_S = 0.01
"""What became durable, a request or a changed safety input starts the next cycle early, but none sooner than this."""
LOOK_S = 0.02
"""What the wires brought is looked at for changed safety inputs no more often than this."""
PUBLISH_S = 0.2

log = structlog.get_logger("controller")


def _now_s() -> float:
    return time.monotonic()


def _now_at() -> datetime:
    return datetime.now(UTC)


class Controller:
    """Wires, clock and database around one Core."""

    def __init__(self, config: Config, engine: Database, boot: int, record: RecordOptions | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._early = asyncio.Event()
        catalogue = alarm_catalogue()
        recipe, *others = load_recipes(config.recipes, config.exchange.value, catalogue)
        rules = Rules(config, recipe, catalogue, tuple(others))
        equipment = Equipment(config, boot, lambda: _now_at().astimezone())
        self._recording = Recording(record, _recording_ended) if record else None
        self._watch = SafetyWatch(equipment.safety_picture, self._early.set, LOOK_S)
        self._links = _links(config, equipment, self._watch, self._recording)
        equipment.links = lambda: tuple(link.status for link in self._links)

        disk = DiskWatch(config.data, config.disk)
        tariff = TariffWatch(config)

        def look() -> None:
            disk.look()
            tariff.look()

        self._journal = ThreadedJournal(RecordWriter(engine, boot).write, self._wake, look)
        with engine.connect() as connection:
            inventory, alarms = load_inventory(connection), standing_alarms(connection)
            past = past_of(past_swaps(connection, len(config.recipes) * BASELINE_SWAPS))
        energy = load_energy_book(engine, config, inventory, lambda: tariff.tariff, _now_at())
        _check_open_swap(inventory.swap, rules)
        known = tuple(alarm for alarm in alarms if alarm.code in catalogue)
        self._core = Core(rules, equipment, self._journal, inventory, boot, known, past, disk.seen, energy)
        owner = Owner(config.name, Boot(boot, __version__, configuration_hash(config)))
        self._black_box = BlackBox(
            Recorder(config.data / "black_box", owner, safety_alarms(catalogue), config.black_box)
        )
        self._models = {model.name: model.battery_model for model in config.truck_models}
        self._reader = open_reader(config.station_database_url)
        self._socket = ControllerSocket(config.controller_socket, self._submit, self._arrivals)
        self._published_s = float("-inf")
        self._service = Service()
        self._lookups: set[asyncio.Task[None]] = set()

    def _wake(self) -> None:
        """Called from the journal thread: a record is durable, the next step may be taken."""
        with contextlib.suppress(RuntimeError):  # the loop is already closed at the very end
            self._loop.call_soon_threadsafe(self._early.set)

    def _submit(self, request: Request, reply: Reply) -> None:
        """Take a request; an earlier answer to its key is looked for beside the cycle. A hold waits for nothing.

        A plan or word of the server is not written down, so there is no earlier answer.
        """
        if isinstance(request.payload, HoldStation | SubmitPlan | WordOfServer):
            self._take(request, reply)
        else:
            lookup = self._loop.create_task(self._submit_once(request, reply))
            self._lookups.add(lookup)
            lookup.add_done_callback(self._lookups.discard)

    async def _submit_once(self, request: Request, reply: Reply) -> None:
        try:
            earlier = await asyncio.to_thread(self._earlier_answer, request)
        except DatabaseError as error:
            log.warning("no look-up of earlier answers", reason=str(error))
            earlier = None
        if earlier is not None:
            reply(earlier)
        else:
            self._take(request, reply)

    def _earlier_answer(self, request: Request) -> Answer | None:
        with storage_errors(), self._reader.connect() as connection:
            return find_answer(connection, request)

    def _arrivals(self, since: datetime) -> tuple[Arrival, ...]:
        with storage_errors(), self._reader.connect() as connection:
            return arrivals_since(connection, since, self._models)

    def _take(self, request: Request, reply: Reply) -> None:
        self._core.submit(request, reply)
        self._early.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set.

        An error in the cycle or in a link is a bug: it ends the process, and motion stops for want of a heartbeat.
        """
        await self._socket.start()
        try:
            async with asyncio.TaskGroup() as group:
                links = [group.create_task(link.run()) for link in self._links]
                await self._cycles(stop)
                for link in links:
                    link.cancel()
        finally:
            self._service.ending()
            self._watch.close()
            await self._socket.close()
            self._journal.close()
            self._black_box.close()
            self._reader.dispose()
            if self._recording:
                self._recording.close()
                log.info("recording closed", dropped=self._recording.dropped)

    async def _cycles(self, stop: asyncio.Event) -> None:
        due_s = _now_s()
        while not stop.is_set():
            started_s = _now_s()
            if started_s >= due_s:
                self._core.max_lateness_s = max(self._core.max_lateness_s, started_s - due_s)
                due_s = max(due_s + CYCLE_S, started_s)
            self._early.clear()
            self._cycle(started_s)
            self._service.alive()
            await asyncio.sleep(min(SHORTEST_CYCLE_S, max(0.0, due_s - _now_s())))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, due_s - _now_s())):
                    await self._early.wait()

    def _cycle(self, now_s: float) -> None:
        self._core.black_box_error = self._black_box.error
        self._core.cycle(now_s, _now_at())
        swap = self._core.inventory.swap
        about(swap="" if swap is None else swap.swap)
        if self._core.moment is not None:
            self._black_box.take(self._core.moment)
        if self._recording:
            self._recording.paused = self._core.sheds
        for link in self._links:
            link.wake()
        self._socket.publish_plan(self._core.forecast)
        if self._core.answered or is_due_to_publish(self._published_s, now_s):
            self._published_s = now_s
            snapshot = self._core.snapshot
            assert snapshot is not None
            self._socket.publish(snapshot)


def is_due_to_publish(published_s: float, now_s: float) -> bool:
    """Whether a snapshot goes out in the cycle that began at `now_s` (s).

    Cycles begin a little early or late: the one nearest to the period counts, or every third would carry it.
    """
    return now_s - published_s >= PUBLISH_S - CYCLE_S / 2


def _check_open_swap(swap: Swap | None, rules: Rules) -> None:
    """Refuse to go on with a swap that was begun by another recipe than those that this configuration names."""
    if swap is None:
        return
    recipe = rules.recipe_of(swap.recipe)
    if swap.recipe_hash != recipe.hash:
        begun, now = f"{swap.recipe} {swap.recipe_hash}", f"{recipe.name}_{recipe.exchange} {recipe.hash}"
        raise ConfigurationError([f"swap {swap.swap} was begun with recipe {begun}, this is {now}: finish it first"])


def _recording_ended(reason: str) -> None:
    log.warning("recording ended", reason=reason)


Tap = Callable[[Any, bool], None]


def _both(one: Tap, other: Tap | None) -> Tap:
    if other is None:
        return one

    def tell(item: Any, sent: bool) -> None:
        one(item, sent)
        other(item, sent)

    return tell


def _links(config: Config, equipment: Equipment, watch: SafetyWatch, recording: Recording | None) -> list[Link]:
    """One driver per wire of the configuration; a charger's CAN that nobody listens to has none."""
    urls = {"station": config.links.station_can, "robot": config.links.robot, "meter": config.links.meter}
    urls |= {f"bay-{bay.number}": bay.can for bay in config.charging_bays}
    wires = config.links
    urls |= {"chargers": wires.chargers, "bay_meters": wires.bay_meters, "climate": wires.climate, "store": wires.store}
    urls |= {role.value: getattr(wires, role) for role in YARD}
    links: list[Link] = []
    for name, can_node in equipment.can_nodes.items():
        if urls[name]:
            tap = _both(watch.tap(name), recording.frames(name) if recording else None)
            links.append(can_link(name, parse_wire(name, urls[name]), can_node, tap))
    for name, byte_node in equipment.byte_nodes.items():
        byte_tap = _both(watch.tap(name), recording.bytes(name) if recording else None)
        links.append(byte_link(name, parse_wire(name, urls[name]), byte_node, byte_tap))
    for name, server in equipment.byte_servers.items():
        links.append(ServerLink(name, parse_wire(name, urls[name]), server, _peers(name, watch, recording)))
    return links


def _peers(name: str, watch: SafetyWatch, recording: Recording | None) -> Callable[[str], Tap]:
    recorded = recording.peers(name) if recording else None
    return lambda peer: _both(watch.tap(name), recorded(peer) if recorded else None)


async def run_controller(config: Config, record: RecordOptions | None = None) -> None:
    """Run the controller of a station until SIGINT or SIGTERM; `record`: how to record all wires, if at all.

    Raises DatabaseError when it cannot own its database and ConfigurationError when the configuration does not fit.
    """
    engine = open_station_database(config)
    try:
        boot = start_boot(engine, __version__, configuration_hash(config), _now_at())
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        log.info("controller started", boot=boot, version=__version__, data=str(config.data))
        await Controller(config, engine, boot, record).run(stop)
        log.info("controller stopped", boot=boot)
    finally:
        engine.dispose()
