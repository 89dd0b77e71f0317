"""The simulated store: its energy balance, its lease, its faults, and what the site's meter sees of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.settings import Charging, Exchange
from swapstation.config.site_settings import SiteStore
from swapstation.devices.adapter import Role
from swapstation.devices.contract_suite.rig import Rig
from swapstation.model.command import Command, SetStorePower, StopStore
from swapstation.model.store import Store as Told
from swapstation.model.store import StoreState
from swapstation.simulation.plant.store import Store
from swapstation.simulation.world import Simulation
from tests.adapters.recording import SimulatedDevice, simulated
from tests.adapters.shipped import SHIPPED, Shipped

SETTINGS = SiteStore(400.0, 100.0, 80.0, efficiency=0.9)
STORES = [shipped for shipped in SHIPPED if shipped.role is Role.STORE]


class Wired:
    """A store adapter and the simulated store at the other end of its wire."""

    def __init__(self, shipped: Shipped, folder: Path) -> None:
        self.simulation: Simulation = simulated(folder, Exchange.PLC, Charging.CHARGER, shipped.station)
        self.rig = Rig(shipped.make(), SimulatedDevice(self.simulation, self.simulation.store_node()))
        self.rig.run(2.0)

    @property
    def plant(self) -> Store:
        assert self.simulation.plant.store is not None
        return self.simulation.plant.store

    def order(self, command: Command, seconds: float = 3.0) -> Told:
        assert self.rig.adapter.order(command, 1, self.rig.now_s) is None
        return self.after(seconds)

    def after(self, seconds: float) -> Told:
        self.rig.run(seconds)
        (state,) = (update.state for update in self.rig.updates() if isinstance(update.state, Told))
        return state

    def fault(self, name: str, on: bool = True) -> None:
        self.simulation.plant.faults.set(name, "", on, ())


@pytest.fixture(params=STORES, ids=lambda shipped: shipped.name)
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Wired:
    return Wired(request.param, tmp_path)


@given(powers=st.lists(st.floats(-200.0, 200.0), min_size=1, max_size=60), soc=st.floats(0.0, 1.0))
def test_energy_is_neither_made_nor_lost_beyond_the_losses(powers: list[float], soc: float) -> None:
    store = Store(SETTINGS)
    store.held_kwh = begun_kwh = soc * SETTINGS.energy_kwh
    taken_kwh = given_kwh = 0.0
    for power_kw in powers:
        store.setpoint_kw = power_kw
        for _ in range(20):
            store.advance(3.0)
            taken_kwh += max(store.power_kw, 0.0) * 3.0 / 3600.0
            given_kwh += max(-store.power_kw, 0.0) * 3.0 / 3600.0
        assert -SETTINGS.discharge_kw - 1e-9 <= store.power_kw <= SETTINGS.charge_kw + 1e-9
        assert 0.0 <= store.held_kwh <= SETTINGS.energy_kwh
    assert store.held_kwh == pytest.approx(begun_kwh + 0.9 * taken_kwh - given_kwh, abs=1e-6)


def test_it_follows_its_set_point_in_both_directions_and_the_site_s_meter_sees_it(wired: Wired) -> None:
    plant = wired.simulation.plant
    beside_kw = plant.power_kw
    charging = wired.order(SetStorePower(60.0))
    assert (charging.state, charging.power_kw) == (StoreState.READY, 60.0)
    assert plant.power_kw == pytest.approx(beside_kw + 60.0, abs=30.0)
    assert wired.order(SetStorePower(-45.5)).power_kw == pytest.approx(-45.5)
    assert wired.order(StopStore()).power_kw == 0.0


def test_a_set_point_that_nobody_renews_ends_after_a_minute(wired: Wired) -> None:
    wired.order(SetStorePower(60.0))
    assert wired.after(55.0).power_kw == 60.0
    assert wired.after(5.0).power_kw == 0.0


def resting(store: Store) -> bool:
    return store.power_kw == 0.0


def charging(store: Store) -> bool:
    return store.power_kw == 60.0


@pytest.mark.parametrize(
    ("knob", "after_s", "shows"),
    [("store_fault", 2.0, resting), ("store_stuck", 70.0, charging), ("store_silent", 70.0, resting)],
)
def test_its_faults(wired: Wired, knob: str, after_s: float, shows: Callable[[Store], bool]) -> None:
    wired.order(SetStorePower(60.0))
    wired.fault(knob)
    wired.rig.adapter.order(SetStorePower(20.0), 2, wired.rig.now_s)
    told = wired.after(after_s)
    assert shows(wired.plant)
    assert told.healthy is (knob != "store_fault")


def test_a_silent_store_tells_nothing_new_and_hears_nothing(wired: Wired) -> None:
    wired.order(SetStorePower(60.0))
    wired.fault("store_silent")
    before = {update.received_s for update in wired.rig.updates()}
    wired.order(SetStorePower(20.0), 10.0)
    assert {update.received_s for update in wired.rig.updates()} == before
    assert wired.plant.setpoint_kw == 60.0
