"""The contract, one function per part: each builds the adapter anew, plays the exchange and says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from math import isfinite
from typing import Any, get_args

from swapstation.devices.adapter import Adapter, DeviceState, Role, Update
from swapstation.devices.contract_suite.exchange import Event, Silent, peer_of
from swapstation.devices.contract_suite.finding import Finding, failed, passed
from swapstation.devices.contract_suite.rig import Rig
from swapstation.devices.roles import AGE_LIMITS_S, EXCHANGES, EXPECTED, example
from swapstation.devices.state_fields import range_of
from swapstation.errors import InputError
from swapstation.model.command import Command, TowardSafety
from swapstation.model.snapshot import ModuleDemand
from swapstation.protocol.node import Frame
from swapstation.wire_address import WireProtocol

LONGEST_S = 60.0
"""Of a longer recording only the beginning is tried."""
_WARM_S = 3.0
_SILENCE_S = 60.0
_WRONG_BAY = 99
_ALL_COMMANDS: tuple[type[Command], ...] = get_args(Command)
_GARBAGE = (b"\x00" * 9, bytes(range(256)), b"\xff" * 40, b"GET / HTTP/1.1\r\n\r\n", bytes(reversed(range(200))))


@dataclass(frozen=True, slots=True)
class Trial:
    """An adapter to be tried: `make` builds it as after a start, `exchange` is what its device said."""

    make: Callable[[], Adapter]
    exchange: Sequence[Event]
    protocol: WireProtocol

    def rig(self) -> Rig:
        return Rig(self.make(), peer_of(self.exchange, self.protocol))

    @property
    def duration_s(self) -> float:
        times = [event.time_s for event in self.exchange]
        return min(max(times) - min(times) + 1.0, LONGEST_S) if times else 1.0


def run_contract(trial: Trial) -> list[Finding]:
    """Every part of the contract of the adapter's role. InputError when the role has none yet."""
    role = trial.make().role
    if role not in EXPECTED:
        raise InputError("role", role.value, f"a contract exists for {', '.join(EXPECTED)}")
    findings = []
    for check in CHECKS:
        try:
            findings += list(check(trial))
        except Exception as error:  # an adapter that raises breaks its contract, whatever it raises
            findings.append(failed("raised", what=check.__name__, why=f"{type(error).__name__}: {error}"))
    return findings


def check_states(trial: Trial) -> Iterator[Finding]:
    """Every state of the role appears, often enough to stay fresh, with the fields that give it its use."""
    rig, expected = trial.rig(), EXPECTED[trial.make().role]
    rig.run(trial.duration_s)
    for kind in expected.states:
        times = sorted({update.received_s for _, update in rig.seen if isinstance(update.state, kind)})
        if not times:
            yield failed("state_missing", what=kind.__name__)
            continue
        yield passed("state_seen", what=kind.__name__, count=len(times))
        yield from _freshness(kind, times)
    for name in expected.fields:
        state, _, entry = name.partition(".")
        told = [update.state for _, update in rig.seen if type(update.state).__name__ == state]
        code = passed if any(getattr(each, entry) for each in told) else failed
        yield code("field_seen" if code is passed else "field_missing", what=name)


def _freshness(kind: type[DeviceState], times: list[float]) -> Iterator[Finding]:
    limit_s = AGE_LIMITS_S[kind]
    gap_s = max((later - earlier for earlier, later in pairwise(times)), default=0.0)
    code = passed if gap_s <= limit_s else failed
    words = {"what": kind.__name__, "gap": f"{gap_s:.1f}", "limit": f"{limit_s:g}"}
    yield code("fresh" if code is passed else "too_slow", **words)


def check_values(trial: Trial) -> Iterator[Finding]:
    """Numbers are plausible in their units, times never lie ahead or go back, one state per kind and bay."""
    rig = trial.rig()
    rig.run(trial.duration_s)
    wrong: dict[str, Finding] = {}
    last_s: dict[tuple[type, int], float] = {}
    told: set[tuple[float, type, int]] = set()
    for now_s, update in rig.seen:
        place = (type(update.state), update.bay)
        name = place[0].__name__
        for finding in _implausible(update.state):
            wrong.setdefault(finding.en.split(" = ")[0], finding)
        if update.received_s > now_s or update.received_s < last_s.get(place, update.received_s):
            wrong.setdefault(f"time {name}", failed("time_wrong", what=name, value=update.received_s))
        if (now_s, *place) in told:
            wrong.setdefault(f"twice {name}", failed("told_twice", what=name))
        told.add((now_s, *place))
        last_s[place] = update.received_s
    yield from wrong.values() or [passed("values_plausible")]


def _implausible(state: DeviceState) -> Iterator[Finding]:
    for entry in fields(state):
        value: Any = getattr(state, entry.name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, float):
                low, high = range_of(entry.name)
                if not (isfinite(each) and low <= each <= high):
                    what = f"{type(state).__name__}.{entry.name}"
                    yield failed("value_implausible", what=what, value=f"{each:g}", low=f"{low:g}", high=f"{high:g}")


def check_silence(trial: Trial) -> Iterator[Finding]:
    """A device that is gone leaves its last states with their old times."""
    rig = trial.rig()
    rig.run(trial.duration_s)
    rig.peer = Silent()
    rig.run(1.0)
    gone_s = rig.now_s
    rig.run(_SILENCE_S)
    kinds = EXPECTED[trial.make().role].states
    fresh = [each for each in rig.updates() if isinstance(each.state, kinds) and each.received_s > gone_s]
    yield from [failed("silence_fresh", what=type(each.state).__name__) for each in fresh] or [passed("silence_stale")]


def check_garbage(trial: Trial) -> Iterator[Finding]:
    """Input that is no message is counted, raises nothing and changes no state."""
    rig = trial.rig()
    rig.run(min(trial.duration_s, _WARM_S))
    before, counted = _states(rig.updates()), rig.adapter.malformed
    for item in _garbage(trial, rig.is_bytes):
        rig.node.receive(item, rig.now_s)
    changed = {kind for kind, state in _states(rig.updates()).items() if before.get(kind, state) != state}
    changed -= {(ModuleDemand, bay) for _, bay in changed}
    yield from [failed("garbage_acted", what=kind.__name__) for kind, _ in changed]
    if rig.adapter.malformed == counted:
        yield failed("garbage_uncounted")
    elif not changed:
        yield passed("garbage_counted")


def _states(updates: Sequence[Update]) -> dict[tuple[type, int], DeviceState]:
    return {(type(update.state), update.bay): update.state for update in updates}


def _garbage(trial: Trial, is_bytes: bool) -> Iterator[Any]:
    if is_bytes:
        yield from _GARBAGE
        return
    for frame in {event.item.can_id: event.item for event in trial.exchange if isinstance(event.item, Frame)}.values():
        yield Frame(frame.can_id, frame.data[:-1], frame.extended)
        yield Frame(frame.can_id ^ 0x0004_0000, frame.data, frame.extended)


def check_orders(trial: Trial) -> Iterator[Finding]:
    """Each order of the role makes something leave that would not have left without it."""
    adapter = trial.make()
    for kind in EXPECTED[adapter.role].orders:
        yield _order(trial, kind)
    if adapter.role is Role.EXCHANGER:
        yield from _exchanges(trial, adapter)


def _exchanges(trial: Trial, adapter: Adapter) -> Iterator[Finding]:
    served = 0
    for exchange, kinds in EXCHANGES.items():
        missing = [kind.__name__ for kind in kinds if kind not in adapter.orders]
        if missing:
            yield passed("exchange_missing", what=exchange.value, why=", ".join(missing))
            continue
        served += 1
        yield passed("exchange_served", what=exchange.value)
        for kind in kinds:
            yield _order(trial, kind)
    if not served:
        yield failed("exchange_none")


def _order(trial: Trial, kind: type[Command]) -> Finding:
    with_order, without = trial.rig(), trial.rig()
    for rig in (with_order, without):
        rig.run(min(trial.duration_s, _WARM_S))
    command = example(kind, _first_bay(with_order.adapter))
    refusal = with_order.adapter.order(command, 7, with_order.now_s)
    if refusal is not None:
        return failed("order_refused", what=kind.__name__, why=f"{refusal.code}: {refusal.allowed}")
    for rig in (with_order, without):
        rig.run(1.0)
    different = with_order.sent != without.sent
    return passed("order_sent", what=kind.__name__) if different else failed("order_lost", what=kind.__name__)


def _first_bay(adapter: Adapter) -> int:
    return min(adapter.bays, default=1)


def check_refusals(trial: Trial) -> Iterator[Finding]:
    """What the adapter does not know, or a bay that is not its own, is refused and never dropped silently."""
    adapter = trial.make()
    unknown = [kind for kind in _ALL_COMMANDS if kind not in adapter.orders]
    taken = [kind for kind in unknown if adapter.order(example(kind, 1), 7, 0.0) is None]
    yield from [failed("unknown_taken", what=kind.__name__) for kind in taken] or [passed("unknown_refused")]
    if adapter.bays and adapter.orders:
        wrong = [kind for kind in adapter.orders if adapter.order(example(kind, _WRONG_BAY), 7, 0.0) is None]
        yield from [failed("bay_taken", what=kind.__name__) for kind in wrong] or [passed("bay_refused")]


def check_lost_wire(trial: Trial) -> Iterator[Finding]:
    """A byte wire that comes back must not bring back an order given while it was gone, unless it is toward safety."""
    probe = trial.rig()
    expected = set(EXPECTED[probe.adapter.role].orders) - set(get_args(TowardSafety))
    kinds = sorted(expected & probe.adapter.orders, key=lambda kind: kind.__name__)
    if not probe.is_bytes or not kinds:
        return
    late = [kind for kind in kinds if _leaves_late(trial, kind)]
    yield from [failed("lost_wire_sent", what=kind.__name__) for kind in late] or [passed("lost_wire_kept")]


def _leaves_late(trial: Trial, kind: type[Command]) -> bool:
    with_order, without = trial.rig(), trial.rig()
    for rig in (with_order, without):
        rig.run(min(trial.duration_s, _WARM_S))
        rig.close()
        if rig is with_order:
            rig.adapter.order(example(kind, _first_bay(rig.adapter)), 7, rig.now_s)
        rig.run(1.0)
        rig.sent.clear()
        rig.open()
        rig.run(2.0)
    return with_order.sent != without.sent


def check_restart(trial: Trial) -> Iterator[Finding]:
    """After a restart in the middle of a message the states come back."""
    rig = trial.rig()
    rig.run(min(trial.duration_s, _WARM_S))
    again = Rig(trial.make(), peer_of(trial.exchange, trial.protocol))
    if again.is_bytes:
        items = (event.item for event in trial.exchange if not event.sent)
        received = next((item for item in items if isinstance(item, bytes)), b"")
        again.node.receive(received[: len(received) // 2], 0.0)
        again.close()
        again.open()
    again.run(trial.duration_s)
    seen = {type(update.state) for _, update in again.seen}
    missing = [kind.__name__ for kind in EXPECTED[rig.adapter.role].states if kind not in seen]
    yield from [failed("not_restarted", what=name) for name in missing] or [passed("restarted")]


def check_listens_only(trial: Trial) -> Iterator[Finding]:
    """An adapter that only listens sends nothing, whatever it hears."""
    rig = trial.rig()
    if rig.adapter.orders or rig.is_bytes:
        return
    rig.run(trial.duration_s)
    count = len(rig.sent)
    yield failed("speaking_listener", count=count) if count else passed("silent_listener")


CHECKS: tuple[Callable[[Trial], Iterator[Finding]], ...] = (
    check_states,
    check_values,
    check_silence,
    check_garbage,
    check_orders,
    check_refusals,
    check_lost_wire,
    check_restart,
    check_listens_only,
)
