"""Charger and battery joined by a wire that drops, doubles, delays, reorders and corrupts: what must hold always."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from swapstation.config.gbt27930 import EditionChoice, Gbt27930
from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.bms import BmsSession
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.words import BatteryFault, Edition
from swapstation.protocol.node import CanNode, Frame
from tests.protocol.gbt27930.segment import FACTS, SETTINGS, STATUS

_RESTING = (ChargePhase.IDLE, ChargePhase.END, ChargePhase.ERROR)
_STEP_S = 0.01
_FALL_A = 10.0
_TRANSPORT_IDS = (0x1CEC56F4, 0x1CEB56F4, 0x1CECF456)
_IDS = (
    0x182756F4, 0x100956F4, 0x181056F4, 0x181356F4, 0x101956F4, 0x181C56F4, 0x081E56F4,
    0x1826F456, 0x1801F456, 0x1808F456, 0x100AF456, 0x1812F456, 0x101AF456, 0x181DF456, 0x081FF456, *_TRANSPORT_IDS,
)  # fmt: skip
# Valid messages at any wrong moment: (identifier, bytes).
_WORDS = (
    (0x1826F456, "010100"), (0x182756F4, "841C"), (0x1801F456, "00EA030000303130"), (0x1801F456, "AAEA030000303130"),
    (0x1808F456, "4C1DD007DC058C0F"), (0x100956F4, "00"), (0x100956F4, "AA"), (0x100AF456, "00"), (0x100AF456, "AA"),
    (0x181056F4, "A81C400602"), (0x1812F456, "80194F060C00FDFF"), (0x181356F4, "5651034D0A00D0"),
    (0x181356F4, "5651034D0A00C0"), (0x181356F4, "5670034D0A40D0"), (0x101956F4, "010000F0"), (0x101AF456, "0400F0F0"),
    (0x181C56F4, "5F550159014C53"), (0x181DF456, "3E00FE05EA030000"), (0x081E56F4, "F0F0F1FC"),
    (0x081FF456, "FDF0C0FC"),
)  # fmt: skip
FATES = ("pass", "pass", "pass", "drop", "double", "late", "corrupt")


@dataclass
class Wire:
    """One direction: frames on their way with the time they arrive."""

    under_way: list[tuple[float, int, Frame]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)

    def put(self, frame: Frame, now_s: float, fate: str, noise: int) -> None:
        if fate == "drop":
            return
        if fate == "corrupt" and frame.data:
            data = bytearray(frame.data)
            data[noise % len(data)] ^= 1 + noise % 255
            frame = Frame(frame.can_id, bytes(data))
        delay_s = (noise % 40) * _STEP_S if fate == "late" else 0.0
        for _ in range(2 if fate == "double" else 1):
            self.under_way.append((now_s + delay_s, next(self._order), frame))

    def arrived(self, now_s: float) -> list[Frame]:
        due = sorted(entry for entry in self.under_way if entry[0] <= now_s)
        self.under_way = [entry for entry in self.under_way if entry[0] > now_s]
        return [frame for _, _, frame in due]


class Attack(RuleBasedStateMachine):
    """Both sides, a bad wire between them, modules behind the charger that need up to 0.25 s to lower the current."""

    @initialize(
        choice=st.sampled_from(EditionChoice),
        edition=st.sampled_from(Edition),
        least_a=st.sampled_from([0.0, 2.0]),
        cycle_s=st.sampled_from([0.0, 1.0]),
        most_a=st.sampled_from([60.0, 150.0, 350.0]),
        steps=st.sampled_from([0, 60, 130, 300, 900]),
    )
    def begin(
        self, choice: EditionChoice, edition: Edition, least_a: float, cycle_s: float, most_a: float, steps: int
    ) -> None:
        gbt27930 = Gbt27930(min_current_a=least_a, aux_cycle_s=cycle_s, insulation_test_s=0.2)
        self.settings = replace(SETTINGS, edition=choice, gbt27930=gbt27930)
        self.charger = ChargerSession(self.settings)
        facts = replace(FACTS, edition=edition, max_current_a=most_a, max_voltage_v=720.0)
        self.bms = BmsSession(facts, STATUS)
        self.status = STATUS
        self.to_charger, self.to_bms = Wire(), Wire()
        self.now_s = 10.0
        self.current_a = 0.0
        self.cap_a = 250.0
        self.fates: tuple[str, ...] = ("pass",)
        self.noise = 1
        if steps:
            self.charger.start(self.now_s)
        self.time_passes(steps)

    @rule()
    def start(self) -> None:
        self.charger.start(self.now_s)

    @rule()
    def stop(self) -> None:
        self.charger.stop(self.now_s)

    @rule(cap_a=st.floats(0.0, 500.0))
    def limit(self, cap_a: float) -> None:
        self.cap_a = cap_a
        self.charger.limit(cap_a)

    @rule(mated=st.booleans())
    def plug(self, mated: bool) -> None:
        self.charger.plugged(mated, self.now_s)

    @rule(current_a=st.floats(0.0, 400.0), voltage_v=st.floats(0.0, 1000.0), permitted=st.booleans())
    def battery_wants(self, current_a: float, voltage_v: float, permitted: bool) -> None:
        self.status = replace(self.status, wanted_current_a=current_a, wanted_voltage_v=voltage_v, permitted=permitted)

    @rule(fault=st.sampled_from(BatteryFault))
    def battery_fails(self, fault: BatteryFault) -> None:
        self.status = replace(self.status, faults=(fault,))

    @rule()
    def battery_recovers(self) -> None:
        self.status = replace(self.status, faults=())

    @rule(fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=7), noise=st.integers(1, 1 << 16))
    def wire(self, fates: list[str], noise: int) -> None:
        self.fates, self.noise = tuple(fates), noise

    @rule(steps=st.sampled_from([120, 600, 2500]), stop=st.booleans())
    def cut(self, steps: int, stop: bool) -> None:
        """Nothing comes through for a while, in which somebody may give the charge up."""
        fates, self.fates = self.fates, ("drop",)
        if stop:
            self.charger.stop(self.now_s)
        self.time_passes(steps)
        self.fates = fates

    @rule(can_id=st.sampled_from(_IDS), data=st.binary(max_size=8))
    def babble(self, can_id: int, data: bytes) -> None:
        self.charger.receive(Frame(can_id, data), self.now_s)
        self.bms.receive(Frame(can_id, data), self.now_s)

    @rule(word=st.sampled_from(_WORDS))
    def word_out_of_turn(self, word: tuple[int, str]) -> None:
        frame = Frame(word[0], bytes.fromhex(word[1]))
        self.charger.receive(frame, self.now_s)
        self.bms.receive(frame, self.now_s)

    @rule(steps=st.sampled_from([5, 30, 200, 700]))
    def time_passes(self, steps: int) -> None:
        for _ in range(steps):
            self._step()

    @precondition(lambda self: hasattr(self, "charger"))
    @rule()
    def heal(self) -> None:
        """On a sound wire a stop is over within bounded time, and the next charge works."""
        self.fates = ("pass",)
        self.status = replace(self.status, faults=(), permitted=True, wanted_current_a=100.0, wanted_voltage_v=733.0)
        self.charger.stop(self.now_s)
        for _ in range(2000):
            self._step()
        assert self.charger.phase in _RESTING
        assert not self.charger.demand.enabled
        for _ in range(4500):
            if self.bms.phase is ChargePhase.IDLE:
                break
            self._step()
        assert self.bms.phase is ChargePhase.IDLE
        assert not self.bms.contactors_wanted

    @invariant()
    def within_limits(self) -> None:
        if hasattr(self, "charger"):
            self._check_demand()

    def _check_demand(self) -> None:
        demand, bcp = self.charger.demand, self.charger._process.bcp
        assert 0.0 <= demand.current_a <= min(self.cap_a, self.settings.max_current_a)
        assert demand.current_a == 0.0 or (demand.enabled and self.charger.phase is ChargePhase.CHARGING)
        if demand.current_a > 0.0:
            assert bcp is not None
            assert demand.current_a <= bcp.max_current_a
            assert demand.voltage_v <= min(bcp.max_voltage_v, self.settings.max_voltage_v)
            assert self.charger._process.permitted
            assert not self.charger.battery_charge(self.now_s).faults
        if not demand.enabled:
            assert (demand.voltage_v, demand.current_a) == (0.0, 0.0)
        if self.charger.phase in (ChargePhase.IDLE, ChargePhase.HANDSHAKE, ChargePhase.RECOGNITION):
            assert not demand.enabled

    def _step(self) -> None:
        self._carry(self.charger, self.to_bms, self.to_charger)
        self._carry(self.bms, self.to_charger, self.to_bms)
        demand = self.charger.demand
        assert demand.enabled or self.current_a <= 5.0, "opened under load though the modules obey"
        self.current_a = max(demand.current_a, self.current_a - _FALL_A)
        self.status = replace(self.status, current_a=self.current_a, contactors_closed=self.bms.contactors_wanted)
        self.bms.battery(self.status, self.now_s)
        self.charger.measured(demand.voltage_v, self.current_a, self.now_s)
        self._check_demand()
        self.now_s += _STEP_S

    def _carry(self, node: CanNode, out: Wire, inward: Wire) -> None:
        for frame in inward.arrived(self.now_s):
            node.receive(frame, self.now_s)
        for frame in node.due(self.now_s):
            self.noise = self.noise * 1103515245 + 12345 & 0x7FFFFFFF
            out.put(frame, self.now_s, self.fates[(self.noise >> 8) % len(self.fates)], self.noise >> 12)
        assert node.next_deadline() > self.now_s - 1.0


TestAttack = Attack.TestCase
TestAttack.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
