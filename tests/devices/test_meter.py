"""The site energy meter against a DL/T 645 meter in memory."""

from __future__ import annotations

import pytest

from swapstation.devices.meter import SiteMeter
from swapstation.model.device import Meter
from swapstation.protocol.dlt645_items import CURRENTS, FORWARD_ENERGY, POWER, VOLTAGES, Value, formats_of
from swapstation.protocol.dlt645_meter import DltMeter
from swapstation.wire_address import parse_wire

ADDRESS = "000000000161"


def _read(values: dict[int, Value], ratio: float = 1.0, duration_s: float = 3.0) -> tuple[Meter, float] | None:
    meter, device = SiteMeter(ADDRESS, ratio), DltMeter(ADDRESS, values)
    meter.node.opened(0.0)
    device.opened(0.0)
    for tick in range(round(duration_s / 0.01)):
        now_s = tick * 0.01
        for data in meter.node.due(now_s):
            device.receive(data, now_s)
        for data in device.due(now_s):
            meter.node.receive(data, now_s)
    for update in meter.updates(duration_s):
        assert isinstance(update.state, Meter)
        return update.state, update.received_s
    return None


FULL: dict[int, Value] = {
    FORWARD_ENERGY: 123456.78,
    POWER: 45.6789,
    VOLTAGES: (230.1, 229.9, 231.0),
    CURRENTS: (100.5, 99.5, 101.25),
}


def test_energy_power_voltages_and_currents_are_read() -> None:
    found = _read(FULL)
    assert found is not None
    assert found[0] == Meter(ADDRESS, 123456.78, 45.6789, (230.1, 229.9, 231.0), (100.5, 99.5, 101.25))
    assert found[1] > 1.0


def test_the_transformers_before_the_meter_multiply_energy_power_and_currents() -> None:
    found = _read(FULL, ratio=80.0)
    assert found is not None
    meter = found[0]
    assert meter.energy_kwh == pytest.approx(9876542.4)
    assert meter.power_kw == pytest.approx(3654.312)
    assert meter.currents_a == pytest.approx((8040.0, 7960.0, 8100.0))
    assert meter.voltages_v == (230.1, 229.9, 231.0)


def test_a_meter_with_more_digits_is_read_as_its_wire_says() -> None:
    wire = parse_wire("links.meter", f"dlt645+tcp://127.0.0.1:1?address={ADDRESS}&digits=0001:5.4")
    meter = SiteMeter(wire.address, formats=formats_of(wire.digits))
    device = DltMeter(ADDRESS, {FORWARD_ENERGY: 123456.7891}, formats_of(wire.digits))
    meter.node.opened(0.0)
    device.receive(b"".join(meter.node.due(0.0)), 0.0)
    meter.node.receive(b"".join(device.due(0.1)), 0.1)
    assert [update.state.energy_kwh for update in meter.updates(0.1) if isinstance(update.state, Meter)] == [
        123456.7891
    ]


def test_a_meter_that_gives_no_energy_gives_nothing() -> None:
    assert _read({POWER: 1.0}) is None
    assert _read({}) is None
    assert _read(FULL, duration_s=0.0) is None


def test_what_a_meter_does_not_have_is_left_out() -> None:
    found = _read({FORWARD_ENERGY: 1.5, VOLTAGES: (230.0, None, 231.0)})
    assert found is not None
    assert found[0] == Meter(ADDRESS, 1.5, None, (230.0, 231.0), ())
