"""The truck in the lane, put together from the messages of its on-board swap controller."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from swapstation.devices.truck import GONE_S, TruckAssembly
from swapstation.model.device import LockState, Truck
from swapstation.model.device import TruckPosition as Position
from swapstation.protocol.station_can import TruckBatteryCode, TruckPosition, TruckState, TruckVin

VIN, OTHER_VIN = "LGAX5DEC4N3000001", "LZZ5BLSJ4MA000123"
CODES = ("999PB0A0000001E6K0000042", "999PB0A0000001E6K0000043")
STATE = TruckState(
    lock=LockState.LOCKED,
    parking_brake_set=True,
    key_off=True,
    gear_neutral=True,
    hv_powered_down=True,
    connector_mated=True,
    battery_present=True,
    soc_pct=12.5,
    receipt_id=7,
    protocol_version=1,
    alive_counter=0,
)
PARKED = Truck(VIN, CODES, LockState.LOCKED, True, True, True, True, True, True, 12.5, 7)


def _vin(vin: str = VIN) -> list[TruckVin]:
    return [TruckVin(1, vin[:7]), TruckVin(2, vin[7:14]), TruckVin(3, vin[14:])]


def _codes(codes: tuple[str, ...] = CODES) -> list[TruckBatteryCode]:
    return [
        TruckBatteryCode(battery, part, code[6 * part - 6 : 6 * part])
        for battery, code in enumerate(codes, start=1)
        for part in range(1, 5)
    ]


def _take(truck: TruckAssembly, *parts: TruckVin | TruckBatteryCode) -> None:
    for part in parts:
        if isinstance(part, TruckVin):
            truck.take_vin(part)
        else:
            truck.take_code(part)


def _second(**changes: Any) -> TruckPosition:
    told = TruckPosition(2, LockState.LOCKED, True, True, 40.0, 0)
    return replace(told, **changes)


def _here(now_s: float = 0.0) -> TruckAssembly:
    truck = TruckAssembly()
    truck.take_state(STATE, now_s)
    return truck


def _state(truck: TruckAssembly) -> Truck:
    found = truck.state()
    assert found is not None
    return found[0]


def test_there_is_no_truck_before_its_first_state() -> None:
    truck = TruckAssembly()
    _take(truck, *_vin(), *_codes())
    assert truck.state() is None


@given(order=st.permutations([*_vin(), *_codes()]))
def test_the_parts_may_come_in_any_order_and_twice(order: list[TruckVin | TruckBatteryCode]) -> None:
    truck = _here()
    _take(truck, *order, *order[:3])
    assert _state(truck) == PARKED


@pytest.mark.parametrize("missing", range(3))
def test_a_vin_is_none_until_complete(missing: int) -> None:
    truck = _here()
    _take(truck, *(part for at, part in enumerate(_vin()) if at != missing))
    assert _state(truck).vin is None


def test_a_code_is_left_out_until_complete() -> None:
    truck = _here()
    _take(truck, *_codes()[:7])
    assert _state(truck).codes == CODES[:1]


@pytest.mark.parametrize(
    "name", ["parking_brake_set", "key_off", "gear_neutral", "hv_powered_down", "connector_mated", "battery_present"]
)
def test_a_signal_the_truck_does_not_have_is_not_safe(name: str) -> None:
    unknown: dict[str, Any] = {name: None}
    truck = TruckAssembly()
    truck.take_state(replace(STATE, **unknown), 0.0)
    assert getattr(_state(truck), name) is False


def test_a_truck_that_was_silent_has_to_identify_itself_anew() -> None:
    truck = _here()
    _take(truck, *_vin(), *_codes())
    truck.take_state(STATE, GONE_S)
    assert _state(truck) == PARKED
    truck.take_state(STATE, GONE_S + GONE_S + 0.1)
    assert (_state(truck).vin, _state(truck).codes) == (None, ())
    _take(truck, *_vin(OTHER_VIN))
    assert _state(truck).vin == OTHER_VIN


def test_the_codes_go_with_the_battery_and_come_with_the_next() -> None:
    truck = _here()
    _take(truck, *_vin(), *_codes())
    truck.take_state(replace(STATE, battery_present=False), 0.1)
    _take(truck, *_codes())
    assert (_state(truck).vin, _state(truck).codes) == (VIN, ())
    truck.take_state(STATE, 0.2)
    _take(truck, *_codes(CODES[1:]))
    assert _state(truck).codes == CODES[1:]


def test_the_state_is_as_old_as_its_last_message() -> None:
    truck = _here(5.0)
    _take(truck, *_vin())
    found = truck.state()
    assert found is not None
    assert found[1] == 5.0


def test_every_order_of_the_vin_parts_gives_the_same_vin() -> None:
    for order in permutations(_vin()):
        truck = _here()
        _take(truck, *order)
        assert _state(truck).vin == VIN


def test_a_truck_tells_of_its_further_positions_each_with_codes_of_its_own() -> None:
    truck = _here()
    truck.take_position(_second(), 0.1)
    _take(truck, *_vin(), *_codes(CODES[:1]), *(replace(part, position=2) for part in _codes(CODES[1:])))
    told = _state(truck)
    assert told.further == (Position(LockState.LOCKED, True, True, CODES[1:], 40.0),)
    assert told.positions == (Position(LockState.LOCKED, True, True, CODES[:1], 12.5), *told.further)
    assert (told.position(2), told.position(3), told.position(0)) == (told.further[0], None, None)


def test_the_codes_of_a_position_go_with_its_battery_alone() -> None:
    truck = _here()
    truck.take_position(_second(), 0.1)
    _take(truck, *_codes(CODES[:1]), *(replace(part, position=2) for part in _codes(CODES[1:])))
    truck.take_position(_second(battery_present=False, connector_mated=None, lock=LockState.UNLOCKED), 0.2)
    assert _state(truck).codes == CODES[:1]
    assert _state(truck).further == (Position(LockState.UNLOCKED, False, False, (), 40.0),)
    _take(truck, *(replace(part, position=2) for part in _codes(CODES[1:])))
    assert _state(truck).further[0].codes == ()


def test_a_truck_is_as_old_as_the_oldest_of_its_positions() -> None:
    truck = _here()
    truck.take_position(_second(), 0.1)
    truck.take_state(STATE, 1.5)
    found = truck.state()
    assert found is not None
    assert found[1] == 0.0 + 0.1
    assert len(found[0].positions) == 2


def test_a_third_position_is_none_while_the_second_was_never_told() -> None:
    truck = _here()
    truck.take_position(_second(position=3), 0.1)
    assert _state(truck).further == ()
    truck.take_position(_second(), 0.2)
    assert len(_state(truck).further) == 2


def test_another_truck_has_no_positions_of_the_one_before() -> None:
    truck = _here()
    truck.take_position(_second(), 0.1)
    truck.take_state(STATE, GONE_S + 0.2)
    assert _state(truck).further == ()
    alone = TruckAssembly()
    alone.take_position(_second(), 0.0)
    assert alone.state() is None
