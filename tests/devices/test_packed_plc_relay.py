"""What the PLC that speaks packed structs is told of the truck and the bays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from swapstation.devices.packed_plc import PackedPlc
from swapstation.model.device import (
    LockState,
    Presence,
    RackIo,
    Truck,
)
from swapstation.model.inventory import Inventory, Swap
from swapstation.model.seen import Seen, seen
from swapstation.model.snapshot import BayState, Snapshot, StationState
from swapstation.protocol.packed_files import load_packed_layout
from tests.devices.packed_device import PackedDevice

TRUCK = Truck("V", ("C",), LockState.LOCKED, True, True, True, True, True, True, 30.0, 0)


@pytest.fixture
def device() -> PackedDevice:
    return PackedDevice(PackedPlc(load_packed_layout("packed_plc"), epoch=5))


def snapshot(device: PackedDevice, truck: Truck | None = None, swap: bool = False, live: int = 0) -> Snapshot:
    """The station as the adapter is shown it; bay `live` has its contactor closed, bay 3 gives no data."""
    now_s = device.now_s
    racks = [(number, RackIo(Presence.EMPTY, False, number == live, False, 21.4, 1)) for number in (1, 2, 4)]
    return Snapshot(
        sequence=1,
        boot=1,
        now_s=now_s,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        name="t",
        exchange="plc",
        state=StationState.IDLE,
        truck=seen(truck, now_s, now_s, 1.0) if truck else Seen(),
        bays=tuple(
            BayState(number, f"bay-{number}", False, "direct", None, seen(io, now_s, now_s, 1.0))
            for number, io in racks
        ),
        inventory=Inventory(swap=Swap("S", "V", "T6", "top_lift_plc", "h", "exchange") if swap else None),
    )


def test_the_truck_is_relayed_from_its_arrival_until_the_swap_is_over(device: PackedDevice) -> None:
    told_ = []
    for truck, swap in [(None, False), (TRUCK, False), (TRUCK, True), (TRUCK, False), (None, False), (TRUCK, False)]:
        before = device.count("R3")
        device.adapter.relay(snapshot(device, truck, swap))
        device.run(3)
        told_.append(device.count("R3") - before)
    assert told_ == [0, 3, 3, 0, 0, 3]


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({}, "lock", "LOCKED"),
        ({"lock": LockState.UNLOCKED}, "lock", "UNLOCKED"),
        ({"lock": LockState.MOVING}, "lock", "MOVING"),
        ({"lock": LockState.FAULT}, "lock", "FAULT"),
        ({"parking_brake_set": False}, "parking_brake", "RELEASED"),
        ({"key_off": False}, "key", "ON"),
        ({"gear_neutral": False}, "gear", "DRIVE"),
        ({"hv_powered_down": False}, "hv", "UP"),
        ({"connector_mated": False}, "swap_connector", "OPEN"),
        ({"battery_present": False}, "battery", "NONE"),
    ],
)
def test_every_word_of_the_truck(device: PackedDevice, change: dict[str, Any], field: str, word: str) -> None:
    device.adapter.relay(snapshot(device, replace(TRUCK, **change)))
    device.run()
    (r3,) = [values for name, values in device.heard if name == "R3"]
    good = {
        "swap_connector": "MATED",
        "parking_brake": "SET",
        "key": "OFF",
        "gear": "NEUTRAL",
        "lock": "LOCKED",
        "hv": "DOWN",
        "battery": "PRESENT",
    }
    unknown = dict.fromkeys(("charge_connector", "discharge_connector", "battery_model"))
    assert r3 == good | unknown | {field: word}


def test_the_bays_are_told_every_second_and_when_one_changes(device: PackedDevice) -> None:
    device.adapter.relay(snapshot(device))
    device.run(25)
    assert device.count("R1") == 3
    device.adapter.relay(snapshot(device, live=2))
    device.run()
    (r1,) = [values for name, values in device.heard if name == "R1"][3:]
    assert r1["charger"] == ("DEAD", "LIVE", None, "DEAD", *[None] * 6)
    assert r1["outlet_temperature_c"] == (21, 21, None, 21, *[None] * 6)
