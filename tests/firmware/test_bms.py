"""The C BMS in virtual time against the product's charger session: a whole charge, a pause, every timeout."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.charger_settings import ChargerSettings
from swapstation.protocol.gbt27930.listener import Listener
from swapstation.protocol.node import Frame
from tests.firmware.bench import Bench, Step

BEM, BHM, CCS, CHM, CRM, CRO, CML = 0x081E56F4, 0x182756F4, 0x1812F456, 0x1826F456, 0x1801F456, 0x100AF456, 0x1808F456
CST, CSD, CEM, BST, BSD, BSM = 0x101AF456, 0x181DF456, 0x081FF456, 0x101956F4, 0x181C56F4, 0x181356F4
STEP_S = 0.005
CHARGER = ChargerSettings(charger_number=3, max_voltage_v=750.0, min_voltage_v=200.0, max_current_a=250.0)


@dataclass
class Segment:
    """Charger session, C BMS and ideal charging modules; `lost` drops frames on the way."""

    bench: Bench
    charger: ChargerSession = field(default_factory=lambda: ChargerSession(CHARGER))
    lost: Callable[[Frame], bool] = lambda frame: False
    now_s: float = 100.0
    speed: float = 1.0
    hot_c: float = 25.0
    log: list[tuple[float, Frame]] = field(default_factory=list)

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> float:
        """Let time pass; returns how long it took until the condition held, or all of it."""
        begun_s = self.now_s
        while self.now_s - begun_s < seconds and not until():
            self._exchange()
            demand = self.charger.demand
            current_a = demand.current_a if demand.enabled else 0.0
            self.bench.force(battery_current_a=current_a, temperature_c=self.hot_c)
            self.charger.measured(demand.voltage_v, current_a, self.now_s)
            self.now_s += STEP_S
        return self.now_s - begun_s

    def sent(self, can_id: int) -> list[bytes]:
        return [frame.data for _, frame in self.log if frame.can_id == can_id]

    def _exchange(self) -> None:
        while frames := [*self._passed(self.charger.due(self.now_s)), *self._passed(self.bench.from_bms(self.now_s))]:
            for frame in frames:
                if frame.can_id & 0xFF == 0x56:
                    self.bench.to_bms(frame, self.now_s)
                else:
                    self.charger.receive(frame, self.now_s)

    def _passed(self, frames: Iterable[Frame]) -> list[Frame]:
        passed = [frame for frame in frames if not self.lost(frame)]
        self.log += [(self.now_s, frame) for frame in passed]
        return passed


@pytest.fixture
def segment(bench: Bench) -> Segment:
    return Segment(bench)


def charging(segment: Segment) -> Segment:
    segment.charger.start(segment.now_s)
    segment.run(20.0, until=lambda: segment.charger.demand.current_a > 0)
    assert segment.bench.step is Step.CHARGING
    return segment


def of(*can_ids: int) -> Callable[[Frame], bool]:
    return lambda frame: frame.can_id in can_ids


def crm(first_byte: int) -> Callable[[Frame], bool]:
    return lambda frame: frame.can_id == CRM and frame.data[0] == first_byte


def test_a_handshake_leads_to_current_as_demanded(segment: Segment) -> None:
    charging(segment)
    told = segment.charger.battery_charge(segment.now_s)
    assert (told.maker, told.serial) == ("999", 7)
    assert segment.charger.demand.current_a == pytest.approx(240.0)
    assert segment.charger.malformed == 0


def test_everything_the_battery_says_can_be_read_by_a_listener(segment: Segment) -> None:
    listener = Listener()
    charging(segment)
    segment.run(12.0)
    for at_s, frame in segment.log:
        listener.receive(frame, at_s)
    heard = listener.messages
    for name in ("BHM", "BRM", "BCP", "BRO", "BCL", "BCS", "BSM", "BMV", "BMT"):
        assert heard[name] > 0, name
    assert listener.malformed == 0
    assert not listener.unknown_ids


def test_periods_of_charging_are_those_of_the_standard(segment: Segment) -> None:
    charging(segment)
    segment.log.clear()
    segment.run(5.0)
    assert len(segment.sent(0x181056F4)) == pytest.approx(100, abs=2)
    assert len(segment.sent(BSM)) == pytest.approx(20, abs=1)


def test_heat_pauses_the_charge_and_cooling_resumes_it(segment: Segment) -> None:
    charging(segment)
    segment.hot_c = 56.0
    segment.run(1.0)
    assert segment.charger.demand.enabled
    assert segment.charger.demand.current_a == 0.0
    assert segment.charger.phase is ChargePhase.CHARGING
    segment.hot_c = 30.0
    segment.run(1.0)
    assert segment.charger.demand.current_a > 0.0


def test_a_full_battery_stops_by_itself_and_both_sides_end(segment: Segment) -> None:
    charging(segment)
    segment.bench.reset(100.0)  # the same BMS would have grown full
    segment = Segment(segment.bench)
    segment.charger.start(segment.now_s)
    segment.run(30.0, until=lambda: segment.charger.phase is ChargePhase.END and segment.bench.step is Step.IDLE)
    assert segment.bench.step is Step.IDLE
    assert segment.sent(BST)[0].hex(" ").upper() == "01 00 00 F0"
    assert len(segment.sent(BSD)) >= 1
    assert "soc_reached" in segment.charger.battery_charge(segment.now_s).stop_reasons


def test_over_temperature_ends_the_charge_with_its_reason(segment: Segment) -> None:
    charging(segment)
    segment.hot_c = 61.0
    segment.run(0.5)
    assert segment.sent(BST)[0].hex(" ").upper() == "00 00 01 F0"


def test_a_stopped_charger_ends_it_and_a_new_start_begins_anew(segment: Segment) -> None:
    charging(segment)
    segment.charger.stop(segment.now_s)
    segment.run(4.0)
    assert (segment.bench.step, segment.charger.phase) == (Step.IDLE, ChargePhase.END)
    assert segment.sent(BST)[0].hex(" ").upper() == "40 00 00 F0"
    charging(segment)


@pytest.mark.parametrize(
    ("lost", "bem", "within_s"),
    [
        (crm(0x00), "F1 F0 F0 FC", 31.0),
        (crm(0xAA), "F4 F0 F0 FC", 12.0),
        (of(CML), "F0 F1 F0 FC", 12.0),
        (of(CRO, CEM), "F0 F4 F0 FC", 12.0),
        (of(CCS), "F0 F0 F1 FC", 12.0),
    ],
    ids=["CRM 00", "CRM AA", "CML", "CRO", "CCS"],
)
def test_the_battery_says_what_it_waited_for(
    segment: Segment, lost: Callable[[Frame], bool], bem: str, within_s: float
) -> None:
    segment.lost = lost
    segment.charger.start(segment.now_s)
    segment.run(within_s, until=lambda: bool(segment.sent(BEM)))
    assert [data.hex(" ").upper() for data in segment.sent(BEM)] == [bem]


@pytest.mark.parametrize(("lost", "bem"), [(of(CST, CSD), "F0 F0 F4 FC"), (of(CSD), "F0 F0 F0 FD")], ids=["CST", "CSD"])
def test_the_battery_waits_for_the_end_too(segment: Segment, lost: Callable[[Frame], bool], bem: str) -> None:
    charging(segment)
    segment.lost = lost
    segment.hot_c = 61.0
    segment.run(20.0, until=lambda: bool(segment.sent(BEM)))
    assert segment.sent(BEM)[0].hex(" ").upper() == bem


def test_a_lost_charger_finds_the_battery_again_from_crm(segment: Segment) -> None:
    charging(segment)
    segment.lost = lambda frame: frame.can_id & 0xFF == 0x56
    segment.run(1.5)
    assert segment.sent(BEM)
    segment.lost = lambda frame: False
    segment.run(20.0, until=lambda: segment.bench.step is Step.CHARGING)
    assert segment.bench.step is Step.CHARGING


def test_contactors_stay_closed_while_more_than_5_a_flow(bench: Bench) -> None:
    segment = charging(Segment(bench))
    for _ in range(400):  # 2 s without a charger, its current still flows
        segment.now_s += STEP_S
        bench.force(battery_current_a=6.0)
        bench.from_bms(segment.now_s)
    assert bench.step is Step.LOST
    assert bench.battery_contactor_closed
    bench.force(battery_current_a=5.0)
    bench.from_bms(segment.now_s)
    assert not bench.battery_contactor_closed


def test_contactors_open_in_the_end_whatever_current_flows(bench: Bench) -> None:
    """A charger that does not take its current away: 5 s after the battery wanted to open, it opens."""
    segment = charging(Segment(bench))
    for _ in range(round(7.0 / STEP_S)):
        segment.now_s += STEP_S
        bench.force(battery_current_a=100.0)
        bench.from_bms(segment.now_s)
    assert not bench.battery_contactor_closed


def test_bsm_comes_after_the_first_ccs(segment: Segment) -> None:
    segment.lost = of(CCS)
    segment.charger.start(segment.now_s)
    segment.run(20.0, until=lambda: segment.bench.step is Step.LOST)
    heard = [frame.can_id for _, frame in segment.log]
    assert 0x181056F4 in heard
    assert BSM not in heard


charger_frames = st.builds(
    Frame,
    st.sampled_from([CHM, CRM, CML, CRO, CCS, CST, CSD, 0x1CECF456, 0x1CEBF456, CEM, 0x1807F456, 0x18FFF456]),
    st.one_of(st.binary(max_size=8), st.sampled_from([b"\xaa", b"\x01\x01\x00", b"\xaa" + b"\xff" * 7, b"\0" * 8])),
)


@given(st.lists(st.tuples(charger_frames, st.floats(0.0, 3.0)), max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_charger_confuses_the_battery(bench: Bench, story: list[tuple[Frame, float]]) -> None:
    """Whatever comes, the BMS is in a step of its own and sends only its own messages."""
    bench.reset(50.0)
    now_s = 100.0
    for frame, pause_s in story:
        bench.to_bms(frame, now_s)
        for sent in bench.from_bms(now_s):
            assert sent.can_id & 0xFFFF == 0x56F4
            assert sent.extended
        now_s += pause_s
        assert bench.step in Step
