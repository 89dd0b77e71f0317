"""The demo run: start the processes, confirm the start-up, send trucks and have them swapped through the API."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any, TypeVar

from swapstation.config.file import load_config
from swapstation.config.settings import Config
from swapstation.demo.c_node import build_node, node_command
from swapstation.demo.clients import Api, SimulatorControl, problem
from swapstation.demo.people import FIRST, SECOND, make_fleet_key, make_people
from swapstation.demo.processes import Processes
from swapstation.demo.station_file import (
    CONTRACTS,
    TARIFF,
    TRUCK_SOC_PCT,
    TRUCKS,
    DemoOptions,
    inventory_toml,
    station_toml,
)
from swapstation.errors import SwapstationError
from swapstation.inventory.import_file import import_inventory
from swapstation.inventory.journal import open_station_database

POLL_S = 0.1
"""Pause between two looks: the driver stands outside the station and learns of it only by asking."""
START_PATIENCE_S = 60.0
SWAP_PATIENCE_PLANT_S = 900.0
READY_PATIENCE_PLANT_S = 7200.0
PAUSE_BETWEEN_TRUCKS_S = 3.0

Found = TypeVar("Found")


class DemoFailed(SwapstationError):
    """The demo did not reach its end; the message says at what it waited."""


@dataclass(slots=True)
class DemoResult:
    """What the run adds up to; `to_json` is the command's contract."""

    swap_seconds: list[float] = field(default_factory=list)
    failed: int = 0
    c_bay: int | None = None
    snapshot: dict[str, Any] = field(default_factory=dict)

    @property
    def every_battery_in_one_place(self) -> bool:
        places = [battery["place"] for battery in self.snapshot["inventory"]["batteries"]]
        return len(places) == len(set(places)) and all(places)

    def to_json(self) -> dict[str, Any]:
        """Counts, places, frames and times; seconds are wall time."""
        links: list[dict[str, Any]] = self.snapshot["links"]
        can = [link for link in links if link["name"] == "station" or link["name"].startswith("bay-")]
        modbus = [link for link in links if link["name"] in ("robot", "chargers")]

        def total(rows: list[dict[str, Any]], *names: str) -> dict[str, int]:
            return {name: sum(row[name] for row in rows) for name in names}

        c_node = {} if self.c_bay is None else {"c_bay": _charge_of(self.snapshot, self.c_bay)}
        return {
            "swaps_completed": len(self.swap_seconds),
            "swaps_failed": self.failed,
            "batteries": [
                {key: battery[key] for key in ("battery", "codes", "place", "soc_pct")}
                for battery in self.snapshot["inventory"]["batteries"]
            ],
            "frames": total(can, "rx", "tx", "malformed"),
            "modbus": total(modbus, "requests", "timeouts"),
            "max_cycle_lateness_ms": self.snapshot["max_cycle_lateness_ms"],
            "swap_seconds": self.swap_seconds,
            "planner": {name: self.snapshot["plan_watch"][name] for name in ("enabled", "taken", "refused", "late")},
            **c_node,
        }


def _charge_of(snapshot: dict[str, Any], bay: int) -> dict[str, Any]:
    """What the snapshot says of a bay's charge."""
    state = next(state for state in snapshot["bays"] if state["number"] == bay)
    charge, modules = state["charge"]["value"] or {}, state["modules"]["value"] or {}
    return {
        "bay": bay,
        "battery": state["battery"],
        "phase": charge.get("phase"),
        "soc_pct": charge.get("soc_pct"),
        "current_a": modules.get("current_a"),
    }


class Demo:
    """One running demo station."""

    def __init__(
        self, config: Config, options: DemoOptions, processes: Processes, pins: dict[str, str], fleet_key: str
    ) -> None:
        self._options = options
        self.config = config
        self.processes = processes
        self.pins = pins
        self.fleet_key = fleet_key
        self.api, self.second = (Api(config.server.port, name, pins[name]) for name in (FIRST, SECOND))
        self.simulator = SimulatorControl(config.data / "simulator.sock")
        self._model = config.battery_models[0].name

    def start_up(self) -> None:
        """Wait for the survey and confirm it, as an operator would after looking."""
        self.until("the console answers", START_PATIENCE_S, lambda: self.snapshot() or None)
        self.until("the start-up is confirmed", START_PATIENCE_S, self.confirm)
        bay = self._options.c_bay
        if bay is not None and _charge_of(self.snapshot(), bay)["battery"] is not None:
            self.until(f"the C node's battery in bay {bay} is charged", START_PATIENCE_S, lambda: self._charges(bay))

    def swap(self, vin: str) -> float:
        """Bring one truck and have it swapped; returns wall seconds from request to completion."""
        swap = self.begin(vin)
        started_s = time.monotonic()
        self.finish(swap)
        return round(time.monotonic() - started_s, 2)

    def next_truck(self, waiting: Iterable[str]) -> str | None:
        """The booked truck that is due, else the first without a booking; None: all come later, or nobody answers."""
        try:
            bookings = self.api.get("/bookings")
        except OSError:
            return None
        booked = {each["vin"]: each["needed_at"] for each in bookings}
        now = datetime.now(UTC)
        due = [vin for vin, at in booked.items() if at is None or datetime.fromisoformat(at) <= now]
        return next((vin for vin in (*due, *waiting) if vin in due or vin not in booked), None)

    def begin(self, vin: str) -> str:
        """Bring one truck and request its swap; returns the swap's id."""
        patience_s = READY_PATIENCE_PLANT_S / self._options.speed + START_PATIENCE_S
        self.until("a battery is ready", patience_s, self._ready)
        self.until("the lane is free", START_PATIENCE_S, self._lane_is_free)
        self.simulator.do("truck_arrives", vin=vin, soc_pct=TRUCK_SOC_PCT)
        self.until("the truck can be swapped", START_PATIENCE_S, lambda: self._truck_is(vin))
        swap: str = self._post("/swaps", {"vin": vin})["result"]["swap"]
        return swap

    def finish(self, swap: str) -> None:
        """Wait until a swap has ended; DemoFailed unless it completed."""
        speed = self._options.speed
        patience_s = SWAP_PATIENCE_PLANT_S / speed + START_PATIENCE_S
        ended = self.until(f"swap {swap} ends", patience_s, lambda: self._ended(swap))
        if ended != "completed":
            raise DemoFailed(f"swap {swap}: {ended}")

    def result_snapshot(self) -> dict[str, Any]:
        """The last snapshot once the database has caught up with the last swap."""
        self.until("the station is idle", START_PATIENCE_S, lambda: self.snapshot().get("state") == "idle" or None)
        if self._options.planner:
            self.until("a charging plan is followed", START_PATIENCE_S, lambda: self.snapshot().get("plan"))
        return self.snapshot()

    def pause(self, seconds: float) -> None:
        """Wait while watching the processes."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            self.processes.check()
            time.sleep(POLL_S)

    def until(self, what: str, patience_s: float, look: Callable[[], Found | None]) -> Found:
        """Look until something is found; DemoFailed says what it waited for and where the station is."""
        end_s = time.monotonic() + patience_s
        while time.monotonic() < end_s:
            self.processes.check()
            try:
                found = look()
            except OSError:
                found = None
            if found is not None:
                return found
            time.sleep(POLL_S)
        raise DemoFailed(f"waited {patience_s:.0f} s in vain until {what}; {self._where()}")

    def _where(self) -> str:
        """What the station says it is doing, for the message of a failed wait."""
        try:
            snapshot = self.snapshot()
        except OSError as error:
            return str(error)
        swap = snapshot.get("swap") or {}
        alarms = [alarm["alarm"] for alarm in snapshot.get("alarms", [])]
        return f"state {snapshot.get('state')}, step {swap.get('step')} {swap.get('waiting_for')}, alarms {alarms}"

    def snapshot(self) -> dict[str, Any]:
        snapshot: dict[str, Any] = self.api.get("/snapshot")["snapshot"]
        return snapshot or {}

    def _action(self, name: str) -> bool | None:
        actions = self.snapshot().get("actions", [])
        return next((True for action in actions if action["action"] == name and action["allowed"]), None)

    def _charges(self, bay: int) -> bool | None:
        charge = _charge_of(self.snapshot(), bay)
        return True if charge["phase"] == "charging" and (charge["current_a"] or 0.0) > 0.0 else None

    def confirm(self) -> bool | None:
        """Confirm the start-up if that is possible now; None to try again.

        A refusal (a device fell silent for a moment) is no end: the operator looks, and confirms, again.
        """
        if self.snapshot()["confirmed"]:
            return True
        if self._action("confirm_start_up"):
            self.api.post("/station/confirm-start-up", {})
        return None

    def _ready(self) -> bool | None:
        return some_ready(self.api.get(f"/batteries/ready?model={self._model}")) or None

    def _lane_is_free(self) -> bool | None:
        return True if self.simulator.do("state")["truck"] is None else None

    def _truck_is(self, vin: str) -> bool | None:
        truck = (self.snapshot().get("truck") or {}).get("value")
        fits = truck is not None and truck["vin"] == vin and bool(truck["codes"])
        return True if fits and self._action("swap") else None

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        try:
            return self.api.post(path, body)
        except OSError as error:
            raise DemoFailed(f"{path}: {problem(error)}") from error

    def _ended(self, swap: str) -> str | None:
        result: str = self.api.get(f"/swaps/{swap}")["result"]
        return None if result == "open" else result


def some_ready(models: Iterable[dict[str, Any]]) -> bool:
    """Whether an answer of `GET /batteries/ready` names a battery: it has a row also for a model without any."""
    return any(model["batteries"] for model in models)


@contextmanager
def station(
    options: DemoOptions,
    data: Path,
    server_port: int,
    logs: Path | None,
    detour: Callable[[str], str] = str,
    plant: Path | None = None,
) -> Iterator[Demo]:
    """Start simulator, controller, planner and server in `data`, and end them all at the end, whatever happens.

    `detour` rewrites the configuration of our side only, for example to lead one of the wires through a proxy. `plant`:
    where the simulator writes down how its devices stand, None in `data`.
    """
    (data / "wires").mkdir()
    plant_file, station_file, stock_file = data / "plant.toml", data / "station.toml", data / "inventory.toml"
    text = station_toml(options, data, server_port)
    plant_file.write_text(text, encoding="utf-8")
    station_file.write_text(detour(text), encoding="utf-8")
    (data / "tariff.toml").write_text(TARIFF, encoding="utf-8")
    (data / "contracts.toml").write_text(CONTRACTS, encoding="utf-8")
    stock_file.write_text(inventory_toml(options.seed, options.c_bay, options.truck_batteries), encoding="utf-8")
    config, control = load_config(station_file), data / "simulator.sock"
    engine = open_station_database(config)
    import_inventory(engine, config, stock_file, "demo", datetime.now(UTC))
    engine.dispose()
    pins, fleet_key = make_people(config), make_fleet_key(config)
    program = build_node(data / "node") if options.c_bay is not None else None
    processes = Processes(logs)
    try:
        simulate = ["--config", str(plant_file), "--inventory", str(stock_file), "--seed", str(options.seed)]
        simulate += ["--speed", str(options.speed), "--state", str((plant or data) / "plant.json")]
        simulate += ["--control", str(control)]
        if program is None or options.c_bay is None:
            processes.start("simulator", "simulate", *simulate)
        else:
            processes.start("simulator", "simulate", *simulate, "--external-bay", str(options.c_bay))
            processes.start_program("c-node", node_command(program, load_config(plant_file), options.c_bay, control))
        processes.start("controller", "controller", str(station_file))
        if options.planner:
            processes.start("planner", "planner", str(station_file))
        processes.start("server", "server", str(station_file))
        yield Demo(config, options, processes, pins, fleet_key)
    finally:
        processes.end()


def run_swaps(demo: Demo, options: DemoOptions) -> DemoResult:
    """Confirm the start-up and run the asked number of swaps; a failed one is told on stderr and ends the run."""
    result = DemoResult(c_bay=options.c_bay)
    demo.start_up()
    for vin in islice(cycle(TRUCKS), options.swaps):
        try:
            result.swap_seconds.append(demo.swap(vin))
        except DemoFailed as error:
            print(error, file=sys.stderr)
            result.failed += 1
            result.snapshot = demo.snapshot()
            return result
    result.snapshot = demo.result_snapshot()
    return result


def run_traffic(demo: Demo) -> None:
    """Confirm the start-up, then send truck after truck until interrupted; a person may hold the station meanwhile.

    A truck that has booked comes when it said that it would, the others come one after the other.
    """
    demo.start_up()
    waiting = deque(TRUCKS)
    while True:
        vin = demo.next_truck(waiting)
        if vin is not None:
            waiting.remove(vin)
            waiting.append(vin)
            try:
                demo.swap(vin)
            except DemoFailed as error:
                print(error, file=sys.stderr)
        demo.pause(PAUSE_BETWEEN_TRUCKS_S)
