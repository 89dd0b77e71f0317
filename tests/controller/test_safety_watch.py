"""A changed safety input starts the next cycle at once: what counts as one, and the controller over a real wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swapstation.config.limits import Limits
from swapstation.controller import process
from swapstation.controller.safety_picture import safety_picture
from swapstation.controller.safety_watch import SafetyWatch
from swapstation.devices.adapter import DeviceState, Update
from swapstation.inventory.journal import open_station_database, start_boot
from swapstation.model.device import (
    BatteryCharge,
    ChargePhase,
    Charger,
    ChargerState,
    ChargingModule,
    FirePanel,
    LockState,
    Meter,
    ModuleState,
    Presence,
    RackIo,
    RobotState,
)
from swapstation.model.vendor_alarm import VendorAlarm, VendorAlarms
from swapstation.protocol import station_can
from swapstation.protocol.station_can import StationCan
from swapstation.transport.can_segment import CanSegment
from tests.controller.test_core import WIRES
from tests.station.situations import AT, SAFE, config, robot, truck
from tests.transport.support import ListeningNode, eventually, running

LIMITS = Limits()
CHAIN = ("estop_ok", "doors_closed", "light_curtain_clear", "overtravel_ok", "fire_ok")
IO = RackIo(Presence.PRESENT, True, False, False, 25.0, 1)
CHARGE = BatteryCharge(phase=ChargePhase.CHARGING, max_temperature_c=30.0, charge_permitted=True, soc_pct=50.0)
CHARGER = Charger(ChargerState.CHARGING, 600.0, 200.0, 10.0, 50.0, 0, True)
MODULES = ChargingModule(ModuleState.ON, 600.0, 200.0, 40.0)
PANEL = FirePanel(False, (), False, False, False)

CHANGES: tuple[tuple[Any, dict[str, Any]], ...] = (
    *(
        (SAFE, {name: False})
        for name in ("estop_ok", "doors_closed", "light_curtain_clear", "overtravel_ok", "fire_ok")
    ),
    *((truck(), {name: False}) for name in ("parking_brake_set", "key_off", "gear_neutral", "hv_powered_down")),
    (truck(), {"lock": LockState.FAULT}),
    (truck(), {"battery_present": False}),
    (IO, {"smoke": True}),
    (IO, {"smoke": None}),
    (IO, {"temperature_c": LIMITS.max_bay_temperature_c + 0.1}),
    (IO, {"contactor_closed": True}),
    (PANEL, {"alarm": True}),
    (PANEL, {"zones": (3,)}),
    (CHARGE, {"faults": ("over_temperature",)}),
    (CHARGE, {"max_temperature_c": LIMITS.max_battery_temperature_c + 1}),
    (CHARGE, {"max_temperature_c": None}),
    (CHARGE, {"charge_permitted": False}),
    (CHARGE, {"phase": ChargePhase.ERROR}),
    (CHARGER, {"state": ChargerState.FAULT}),
    (CHARGER, {"fault_code": 7}),
    (MODULES, {"state": ModuleState.WATCHDOG}),
    (VendorAlarms(), {"alarms": (VendorAlarm("E1", "热", "hot"),)}),
    (robot(), {"state": RobotState.ESTOP}),
    (robot(), {"truck_in_position": False}),
    (robot(), {"request_id": 4}),
)
JITTER: tuple[tuple[Any, dict[str, Any]], ...] = (
    (IO, {"temperature_c": LIMITS.max_bay_temperature_c - 0.1}),
    (CHARGE, {"max_temperature_c": LIMITS.max_battery_temperature_c, "soc_pct": 51.0, "current_a": 1.0}),
    (CHARGER, {"voltage_v": 601.0, "current_a": 199.0, "energy_kwh": 11.0, "soc_pct": 51.0}),
    (MODULES, {"voltage_v": 601.0, "current_a": 201.0, "temperature_c": 41.0, "state": ModuleState.OFF}),
    (robot(), {"x_mm": 1, "z_mm": 3, "load_kg": 5, "pose_x_mm": 11, "state": RobotState.BUSY, "done_id": 9}),
    (truck(), {"soc_pct": 13.0, "receipt_id": 3}),
    (Meter("1", 1.0), {"energy_kwh": 2.0}),
)


def picture(state: DeviceState, received_s: float = 1.0) -> Hashable:
    return safety_picture((Update(state, received_s, 1),), LIMITS)


@pytest.mark.parametrize(("state", "change"), CHANGES)
def test_a_changed_safety_input_changes_the_picture(state: Any, change: dict[str, Any]) -> None:
    assert picture(replace(state, **change)) != picture(state)


@pytest.mark.parametrize(("state", "change"), JITTER)
def test_a_measured_value_that_moves_within_its_limits_does_not(state: Any, change: dict[str, Any]) -> None:
    assert picture(replace(state, **change), 2.0) == picture(state, 1.0)


def test_the_same_change_in_another_bay_is_another_picture() -> None:
    smoke = replace(IO, smoke=True)
    one, other = (safety_picture((Update(smoke, 1.0, bay),), LIMITS) for bay in (1, 2))
    assert one != other


async def test_a_flood_is_looked_at_no_more_often_than_its_period() -> None:
    looked: list[str] = []
    woken: list[bool] = []
    watch = SafetyWatch(lambda wire, now_s: looked.append(wire), lambda: woken.append(True), period_s=3600.0)
    one, other = watch.tap("one"), watch.tap("other")
    for _ in range(1000):
        one(b"", False)
        other(b"", True)
    await asyncio.sleep(0)
    await eventually(lambda: looked)
    for _ in range(1000):
        one(b"", False)
        await asyncio.sleep(0)
    watch.close()
    assert looked == ["one"], "what we sent ourselves is no reason to look"
    assert woken == [], "None before and None now: nothing is known of the wire"


class Rack(ListeningNode):
    """The rack node of bay 1 at the other end of the wire."""

    def __init__(self) -> None:
        super().__init__()
        self._can = StationCan.load()
        self._alive = 0

    def say(self, segment: CanSegment, **changes: Any) -> None:
        self._alive += 1
        said: dict[str, Any] = {
            "presence_a": True,
            "presence_b": True,
            "connector_mated": True,
            "contactor_closed": False,
            "smoke": False,
            "temperature_c": 25.0,
            "protocol_version": 1,
            "alive_counter": self._alive,
        }
        self.outbox.append(self._can.encode(station_can.RackIo(**{**said, **changes}), 1))
        segment.wake()


@asynccontextmanager
async def on_a_wire(folder: Path, cycles: list[float]) -> AsyncIterator[tuple[Rack, CanSegment]]:
    """A controller whose cycles are noted, and the rack node that is connected to it."""
    rack = Rack()
    segment = CanSegment(rack)
    port = segment.listen("127.0.0.1", 0)
    settings = replace(config(data=folder), links=replace(WIRES, station_can=f"slcan+tcp://127.0.0.1:{port}"))
    database = open_station_database(settings)
    controller = process.Controller(settings, database, start_boot(database, "test", "test", AT))
    cycle = controller._core.cycle

    def noted(now_s: float, at: Any) -> None:
        cycles.append(now_s)
        cycle(now_s, at)

    controller._core.cycle = noted  # type: ignore[method-assign]
    stop = asyncio.Event()
    try:
        async with running(segment.run(), controller.run(stop)):
            await eventually(lambda: controller._links[0].status.connected)
            yield rack, segment
            stop.set()
            controller._early.set()
            await eventually(lambda: not settings.controller_socket.exists())
    finally:
        database.dispose()


async def test_smoke_on_the_wire_starts_a_cycle_that_is_not_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next cycle would be due in an hour; smoke starts it, a temperature that creeps does not."""
    monkeypatch.setattr(process, "CYCLE_S", 3600.0)
    cycles: list[float] = []
    async with on_a_wire(tmp_path, cycles) as (rack, segment):
        rack.say(segment)
        await eventually(lambda: len(cycles) >= 2)
        await _calm(cycles)
        before = len(cycles)
        for tenths in range(20):
            rack.say(segment, temperature_c=25.0 + tenths)
            await asyncio.sleep(0.015)
        assert len(cycles) == before
        rack.say(segment, smoke=True)
        await eventually(lambda: len(cycles) > before)


async def _calm(cycles: list[float]) -> None:
    """Wait until what the first message set off has been written down."""
    count = -1
    while count != len(cycles):
        count = len(cycles)
        await asyncio.sleep(0.1)
