"""The C rack and module nodes in virtual time, read by the product's own codec, and the C slcan codec."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swapstation.model.device import ModuleState
from swapstation.protocol.node import Frame, Malformed
from swapstation.protocol.slcan import Control, SlcanDecoder, encode_frame
from swapstation.protocol.station_can import ModuleFeedback, ModuleSetpoint, RackIo, Received, StationCan
from tests.firmware.bench import Bench, SlcanItem

BAY = 3
TICK_S = 0.02
SHARED_BENCH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class Station:
    """The product's end of the station segment, and the C nodes of bay 3."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.now_s = 50.0
        self.frames: list[Frame] = []
        self._can = StationCan.load()
        self._alive = 0

    def run(self, seconds: float, setpoint: tuple[float, float] | None = None) -> None:
        """Let time pass; with a set-point, renew its lease every 100 ms."""
        for tick in range(round(seconds / TICK_S)):
            if setpoint is not None and tick % 5 == 0:
                self.bench.to_modules(self.setpoint(*setpoint), self.now_s)
            self.frames += self.bench.from_modules(self.now_s)
            self.bench.advance(TICK_S)
            self.now_s += TICK_S

    def setpoint(self, voltage_v: float, current_a: float) -> Frame:
        self._alive = (self._alive + 1) % 251
        return self._can.encode(ModuleSetpoint(True, voltage_v, current_a, self._alive), BAY)

    @property
    def rack(self) -> RackIo:
        message = self._last(0x18FF1083)
        assert isinstance(message, RackIo)
        return message

    @property
    def modules(self) -> ModuleFeedback:
        message = self._last(0x18FF11A3)
        assert isinstance(message, ModuleFeedback)
        return message

    def _last(self, can_id: int) -> object:
        frame = next(frame for frame in reversed(self.frames) if frame.can_id == can_id)
        received = self._can.decode(frame)
        assert isinstance(received, Received)
        assert received.node == BAY
        return received.message


@pytest.fixture
def station(bench: Bench) -> Station:
    return Station(bench)


def test_a_bay_shows_itself_ten_times_a_second(station: Station) -> None:
    station.run(1.0)
    assert [frame.can_id for frame in station.frames].count(0x18FF1083) == 10
    assert [frame.can_id for frame in station.frames].count(0x18FF11A3) == 10
    rack, modules = station.rack, station.modules
    assert (rack.presence_a, rack.presence_b) == (True, True)
    assert (rack.connector_mated, rack.contactor_closed, rack.smoke) == (True, False, False)
    assert (rack.temperature_c, rack.protocol_version) == (25, 1)
    assert (modules.state, modules.current_a, modules.protocol_version) == (ModuleState.OFF, 0.0, 1)
    alive = [frame.data[4] for frame in station.frames if frame.can_id == 0x18FF1083]
    assert alive == list(range(1, 11))


def test_unused_bits_are_ones(station: Station) -> None:
    station.run(0.1)
    assert station.frames[0].data[1] & 0xFC == 0xFC
    assert station.frames[0].data[5:] == b"\xff\xff\xff"


def state_of(station: Station) -> ModuleState | None:
    return station.modules.state


def test_a_set_point_closes_the_contactor_and_its_lease_ends_after_500_ms(station: Station) -> None:
    station.run(0.5, setpoint=(700.0, 100.0))
    assert state_of(station) is ModuleState.ON
    assert station.bench.contactor_closed
    station.run(0.7)
    assert state_of(station) is ModuleState.WATCHDOG
    assert station.modules.current_a == 0.0


def test_a_repeated_alive_counter_renews_no_lease(station: Station) -> None:
    setpoint = station.setpoint(700.0, 100.0)
    for _ in range(40):
        station.bench.to_modules(setpoint, station.now_s)
        station.run(TICK_S)
    assert state_of(station) is ModuleState.WATCHDOG


@pytest.mark.parametrize(("current_a", "closed"), [(6.0, True), (5.0, False)])
def test_the_contactor_opens_only_below_5_a(bench: Bench, current_a: float, closed: bool) -> None:
    bench.modules_run(current_a)
    bench.from_modules(50.0)
    assert bench.contactor_closed is closed


def test_smoke_is_a_fault_that_no_set_point_overrides(station: Station) -> None:
    station.bench.force(smoke=True)
    station.run(0.5, setpoint=(700.0, 100.0))
    assert state_of(station) is ModuleState.FAULT
    assert station.rack.smoke
    station.bench.force(smoke=False)
    station.run(0.2)
    assert state_of(station) is ModuleState.OFF


@given(st.binary(min_size=8, max_size=8))
@SHARED_BENCH
def test_a_set_point_beyond_its_limits_does_nothing(bench: Bench, data: bytes) -> None:
    bench.reset(50.0)
    bench.to_modules(Frame(0x1821A327, data), 50.0)
    (_, feedback) = bench.from_modules(50.0)
    enable = data[0] & 3
    inside = int.from_bytes(data[1:3], "little") <= 15000 and int.from_bytes(data[3:5], "little") <= 10000
    wanted = enable == 1 and inside and data[5] <= 250
    assert feedback.data[4] & 0x0F == (1 if wanted else 0)


frames = st.one_of(
    st.builds(Frame, st.integers(0, 0x1FFFFFFF), st.binary(max_size=8)),
    st.builds(Frame, st.integers(0, 0x7FF), st.binary(max_size=8), st.just(False)),
)


@given(frames)
@SHARED_BENCH
def test_slcan_lines_are_those_of_the_product(bench: Bench, frame: Frame) -> None:
    line = bench.slcan_encoded(frame)
    assert line == encode_frame(frame)
    assert list(bench.slcan_decoded(line)) == [(SlcanItem.FRAME, frame)]
    assert list(bench.slcan_decoded(encode_frame(frame, stamp_ms=1234))) == [(SlcanItem.FRAME, frame)]


line_bytes = st.lists(st.sampled_from(b"TtxrRSVNFzZOLC0123456789abcdefABCDEF8\r\r\r\a g"), max_size=60).map(bytes)


@given(st.one_of(line_bytes, st.binary(max_size=80)))
@SHARED_BENCH
def test_both_slcan_decoders_read_the_same(bench: Bench, data: bytes) -> None:
    ours = [_kind(item) for item in SlcanDecoder().feed(data)]
    theirs = list(bench.slcan_decoded(data))
    assert [item for item in theirs if item[0] is not SlcanItem.CONTROL] == [
        item for item in ours if item[0] is not SlcanItem.CONTROL
    ]


def _kind(item: Frame | Control | Malformed) -> tuple[SlcanItem, Frame | None]:
    if isinstance(item, Frame):
        return SlcanItem.FRAME, item
    return (SlcanItem.CONTROL if isinstance(item, Control) else SlcanItem.MALFORMED), None
