"""AA F5 chargers as an adapter: device states by bay, orders and refusals, charge records shown and answered once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.devices.aaf5_charger import Aaf5Chargers, charge_record
from swapstation.devices.adapter import NOT_CONNECTED, OUT_OF_RANGE, UNKNOWN_COMMAND, AdapterSettings, Role
from swapstation.devices.installed import build_adapter
from swapstation.errors import InputError
from swapstation.model.charge_record import ChargeRecord
from swapstation.model.command import HoldRobot, LimitCharge, StartCharge, StopCharge
from swapstation.model.device import BatteryCells, BatteryCharge, Charger, ChargerState
from swapstation.protocol.aaf5_messages import BmsData, CellVoltages, PileState
from swapstation.simulation.memory import VirtualTime
from swapstation.wire_address import parse_wire
from tests.protocol.aaf5_pile import FIRST_ID, OTHER_ID, Cable, Pile, record

WIRE = parse_wire("links.chargers", "aaf5+tcp-listen://127.0.0.1:0")
CYCLE_S = 0.1


class Site:
    """The adapter of two bays under a scan cycle, and a charger at the first of them."""

    def __init__(self) -> None:
        settings = AdapterSettings(WIRE, bays=(3, 5), charger_ids={FIRST_ID: 3, OTHER_ID: 5})
        adapter = build_adapter(Role.CHARGER, "aaf5_charger", settings)
        assert isinstance(adapter, Aaf5Chargers)
        self.adapter = adapter
        self.time = VirtualTime()
        self.seen: list[tuple[int, ChargeRecord]] = []
        self.time.every(CYCLE_S, self._cycle)
        self.pile = Pile(FIRST_ID)
        self.cable = self.plug(self.pile)

    def plug(self, pile: Pile) -> Cable:
        cable = Cable(pile.end, self.adapter.node.connection())
        self.time.join(cable)
        return cable

    def _cycle(self, now_s: float) -> None:
        for update in self.adapter.updates(now_s):
            if isinstance(update.state, ChargeRecord):
                self.seen.append((update.bay, update.state))
                self.adapter.kept(update.state)
        self.adapter.cycle(now_s)

    def run(self, seconds: float) -> None:
        self.time.run(seconds)

    def states(self) -> dict[tuple[type[object], int], object]:
        updates = self.adapter.updates(self.time.now_s)
        return {(type(update.state), update.bay): update.state for update in updates}

    def order(self, command: StartCharge | LimitCharge | StopCharge | HoldRobot) -> str | None:
        refusal = self.adapter.order(command, 4711, self.time.now_s)
        return refusal.code if refusal else None


@pytest.fixture
def site() -> Site:
    site = Site()
    site.run(1.0)
    return site


def test_each_charger_speaks_for_its_own_bay(site: Site) -> None:
    assert set(site.states()) == {(Charger, 3)}
    site.plug(Pile(OTHER_ID))
    site.run(1.0)
    assert set(site.states()) == {(Charger, 3), (Charger, 5)}


def test_a_charging_charger_tells_charger_battery_and_cells(site: Site) -> None:
    site.pile.shown = replace(
        site.pile.shown,
        state=PileState.CHARGING,
        connection=2,
        voltage_v=652.8,
        current_a=238.5,
        energy_kwh=12.34,
        soc_pct=41,
        alarm_code=7,
    )
    site.run(1.5)
    site.pile.end.report(BmsData(FIRST_ID, 0, 0x1100, bytes.fromhex("7B194D065231293700")))
    site.pile.end.report(CellVoltages(FIRST_ID, 0, (3.401, 3.377)))
    site.run(0.2)
    states = site.states()
    charger = Charger(ChargerState.CHARGING, 652.8, 238.5, 12.34, 41, 7, True, dc_meter_kwh=site.pile.shown.meter_kwh)
    assert states[Charger, 3] == charger
    assert states[BatteryCells, 3] == BatteryCells((3.401, 3.377))
    charge = states[BatteryCharge, 3]
    assert isinstance(charge, BatteryCharge)
    assert (charge.soc_pct, charge.session_energy_kwh) == (41, 12.34)


def test_a_silent_charger_keeps_its_old_time_and_then_vanishes(site: Site) -> None:
    site.cable.up = False
    (before,) = site.adapter.updates(site.time.now_s)
    site.run(3.0)
    (after,) = site.adapter.updates(site.time.now_s)
    assert after.received_s == before.received_s
    site.run(5.0)
    assert site.states() == {}


def test_start_and_stop_reach_the_charger(site: Site) -> None:
    assert site.order(StartCharge(3, 95.0, 180.0)) is None
    site.run(1.0)
    (start,) = site.pile.acts
    assert getattr(start, "order_id", None) == "4711"
    assert site.order(StopCharge(3)) is None
    site.run(1.0)
    assert site.pile.acts[1:] == ["stop"]


def test_a_limit_reaches_the_charger(site: Site) -> None:
    assert site.order(LimitCharge(3, 60.0)) is None
    assert site.order(LimitCharge(5, 60.0)) == NOT_CONNECTED
    assert site.order(LimitCharge(8, 60.0)) == OUT_OF_RANGE
    site.run(1.0)
    assert site.pile.acts == [60.0]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (StartCharge(5, 95.0, 100.0), NOT_CONNECTED),
        (StopCharge(5), NOT_CONNECTED),
        (StartCharge(8, 95.0, 100.0), OUT_OF_RANGE),
        (StopCharge(8), OUT_OF_RANGE),
        (StartCharge(3, 95.0, 99_999.0), OUT_OF_RANGE),
        (StartCharge(3, -1.0, 100.0), OUT_OF_RANGE),
        (HoldRobot(), UNKNOWN_COMMAND),
    ],
)
def test_what_cannot_be_done_is_refused(site: Site, command: StartCharge | StopCharge | HoldRobot, code: str) -> None:
    assert site.order(command) == code
    site.run(1.0)
    assert site.pile.acts == []


def test_two_chargers_with_one_id_are_no_charger_but_can_be_stopped(site: Site) -> None:
    twin = Pile(FIRST_ID)
    site.plug(twin)
    site.run(2.0)
    assert site.states() == {}
    refusal = site.adapter.order(StartCharge(3, 95.0, 100.0), 1, site.time.now_s)
    assert refusal is not None
    assert "two devices use it" in refusal.allowed
    assert site.order(StopCharge(3)) is None
    site.run(1.0)
    assert (site.pile.acts, twin.acts) == (["stop"], ["stop"])


def test_records_are_shown_one_at_a_time_and_each_once(site: Site) -> None:
    """The charger repeats its oldest record until it is answered; three records take three answers."""
    records = [record(number=number, order_id=str(number)) for number in (1, 2, 3)]
    for each in records:
        site.pile.end.keep_record(each)
    site.run(60.0)
    assert site.seen == [(3, charge_record(each)) for each in records]
    assert site.pile.end.records_waiting == 0


def test_a_record_is_not_answered_before_it_is_kept(site: Site) -> None:
    site.time = VirtualTime(site.time.now_s)
    site.time.join(site.cable)
    site.pile.end.keep_record(record())
    site.run(12.0)
    assert site.pile.end.records_waiting == 1
    shown = site.states()[ChargeRecord, 3]
    assert isinstance(shown, ChargeRecord)
    site.adapter.cycle(site.time.now_s)
    site.run(12.0)
    assert site.pile.end.records_waiting == 1
    assert site.states()[ChargeRecord, 3] == shown
    site.adapter.kept(shown)
    site.run(1.0)
    assert site.pile.end.records_waiting == 0
    assert (ChargeRecord, 3) not in site.states()


def test_a_charging_bay_without_an_id_is_a_mistake_in_the_file() -> None:
    settings = AdapterSettings(WIRE, bays=(3, 5), charger_ids={FIRST_ID: 3})
    with pytest.raises(InputError, match=r"adapters\.charger_ids.*bays \[5\]"):
        build_adapter(Role.CHARGER, "aaf5_charger", settings)


def test_garbage_is_counted_and_changes_nothing(site: Site) -> None:
    before = site.states()
    site.cable.station.receive(b"\xaa\xf5\x00\x00garbage", site.time.now_s)
    assert site.adapter.malformed > 0
    assert site.states() == before
