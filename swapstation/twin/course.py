"""The course of a run: what people asked, what was written down, which way the station's state went on that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from swapstation.config.settings import Exchange
from swapstation.model.alarm import Alarm, AlarmState, Reaction
from swapstation.model.alarm_request import AcknowledgeAlarm
from swapstation.model.inventory import ROBOT, SwapResult
from swapstation.model.journal import (
    AlarmChanged,
    BatteryMoved,
    IntentRecorded,
    Record,
    RequestAnswered,
    StartUpConfirmed,
    SwapAllocated,
    SwapClosed,
)
from swapstation.model.mode import Mode
from swapstation.model.request import (
    Accepted,
    Answer,
    ConfirmRelease,
    HoldStation,
    ReleaseQuarantine,
    Request,
    RequestSwap,
    ResumeStation,
    StartJob,
)
from swapstation.model.snapshot import StationState
from swapstation.simulation.plant.robot import GRIP_S
from swapstation.station.memory import Memory
from swapstation.station.order_tracking import EXCHANGE_ORDERS
from swapstation.station.standing import STEP_SOURCE
from swapstation.twin.expected import misplaced
from swapstation.twin.station import TwinStation

STAND_STILL_S = 1.5
REACTION_S = 0.5
FIRE_MODE_S = 2.0
PATIENCE_S = 12.0
"""A step that is late is told at the latest so long after its time-out and its retries."""
_MAY_STOP = frozenset({"lossy"})
"""A request of the robot whose answers all get lost stops it; a person lets it go on."""
HARMLESS = frozenset({"clock_back", "clock_forward", "old_controller", "meter_silent", "lossy", "asked_twice"})
"""Attacks that no swap may notice."""
_MOVING = (StationState.UNHOLDING, StationState.EXECUTE)

Breaches = Iterator[tuple[int, str]]


@dataclass(slots=True)
class Course:
    """Follows one station. `begun`: the attacks so far, crashes among them."""

    twin: TwinStation
    begun: set[str] = field(default_factory=set)
    intents: dict[int, IntentRecorded] = field(default_factory=dict)
    confirmed: bool = False
    _boot: int = 0
    _since_s: dict[object, float] = field(default_factory=dict)
    _state: StationState = StationState.ABORTED
    _told: frozenset[type] = frozenset()
    _standing: dict[str, Alarm] = field(default_factory=dict)
    _durable: set[str] = field(default_factory=set)
    _acknowledged: set[str] = field(default_factory=set)
    _keys: set[str] = field(default_factory=set)
    _answers: dict[str, Answer] = field(default_factory=dict)
    _releases: dict[str, set[str]] = field(default_factory=dict)
    _quarantined: frozenset[str] = frozenset()
    _hold_asked_s: dict[str, float] = field(default_factory=dict)
    _fresh: str | None = None
    _vin: str = ""

    def asked(self, request: Request) -> None:
        payload = request.payload
        self._told |= {type(payload)}
        match payload:
            case AcknowledgeAlarm(alarm=alarm):
                self._acknowledged.add(alarm)
            case ReleaseQuarantine(battery=battery) | ConfirmRelease(battery=battery):
                self._releases.setdefault(battery, set()).add(request.person)
            case HoldStation():
                self._hold_asked_s[request.key] = self.twin.now_s

    def answered(self, request: Request, answer: Answer) -> Breaches:
        known = self._answers.setdefault(request.key, answer)
        if known != answer:
            yield 17, f"{request.payload.kind} asked twice: first {known}, then {answer}"
        self._hold_asked_s.pop(request.key, None)
        if isinstance(request.payload, HoldStation):
            state = self.twin.memory.state if self.twin.memory else None
            if not isinstance(answer, Accepted) or state in _MOVING:
                yield 29, f"a hold is answered with {answer}, and the station is {state}"
        elif isinstance(answer, Accepted) and request.key not in self._keys:
            yield 15, f"{request.payload.kind} is answered before its answer is durable"

    def recorded(self, record: Record) -> Breaches:
        match record:
            case IntentRecorded(command_id=command_id):
                self.intents[command_id] = record
            case BatteryMoved():
                yield from self._moved(record)
            case StartUpConfirmed():
                self.confirmed = True
                if any(misplaced(self.twin)):
                    yield 20, "the start is confirmed though sensors and record contradict each other"
            case SwapAllocated(fresh=fresh):
                battery = self.twin.inventory.battery(fresh) if self.twin.inventory else None
                if battery is None or battery.doubtful or battery.quarantined:
                    yield 14, f"{fresh} is to go onto a truck and is not sound"
            case AlarmChanged(alarm=alarm, gone=gone):
                (self._durable.discard if gone else self._durable.add)(alarm.alarm)
            case RequestAnswered(request=request):
                self._keys.add(request.key)
            case SwapClosed(result=result):
                yield from self._closed(result)

    def _moved(self, record: BatteryMoved) -> Breaches:
        """A fact is true when it is written down; a PLC that runs the exchange may be a move further already."""
        twin = self.twin
        real = twin.world.plant.batteries[record.battery]
        ahead = twin.config.exchange is Exchange.PLC and record.destination == ROBOT
        if real.place != record.destination and not ahead and record.battery not in twin.hand_moved:
            yield 3, f"{record.battery} is written down in {record.destination} and is in {real.place}"

    def _closed(self, result: SwapResult) -> Breaches:
        plant = self.twin.world.plant
        truck = plant.trucks.get(self._vin)
        on_truck = plant.on_truck(truck) if truck is not None else None
        if result is SwapResult.COMPLETED and (on_truck is None or on_truck.battery != self._fresh):
            yield 18, f"completed with {self._fresh}; the truck has {on_truck.battery if on_truck else 'nothing'}"
        if result is SwapResult.FAILED and self.begun <= HARMLESS:
            yield 28, "a swap that nothing disturbed has failed"

    def breaches(self) -> Breaches:
        """What the present instant shows against the one before."""
        twin, memory = self.twin, self.twin.memory
        if twin.core is None or memory is None:
            self.begun.add("crash")
            self._state, self.confirmed, self._told = StationState.ABORTED, False, frozenset()
            self._hold_asked_s.clear()
            return
        if twin.boot != self._boot:
            yield from self._started(memory)
        yield from self._states(memory)
        yield from self._stops(memory)
        yield from self._alarms(memory)
        yield from self._stock()
        yield from self._stuck(memory)
        yield from self._order(memory)

    def _started(self, memory: Memory) -> Breaches:
        if self.twin.boot < self._boot:
            yield 21, f"boot {self.twin.boot} after boot {self._boot}"
        lost = self._durable - {alarm.alarm for alarm in memory.alarms}
        if lost:
            yield 26, f"forgotten over a restart: {', '.join(sorted(lost))}"
        self._boot, self._standing = self.twin.boot, {}

    def _states(self, memory: Memory) -> Breaches:
        before, self._state = self._state, memory.state
        if before is memory.state:
            return
        told, by_itself = self._told, memory.fire.transfer is not None
        stood = before in (StationState.HELD, StationState.HOLDING)
        deliberate = {ResumeStation, StartJob} if stood else {RequestSwap, StartJob}
        begins = stood or before is StationState.IDLE
        if memory.state in _MOVING and begins and not told & deliberate and not by_itself:
            yield 20, f"{before} -> {memory.state} and nobody asked for it"
        stops = before is StationState.EXECUTE and memory.state in (StationState.HOLDING, StationState.HELD)
        if stops and self.begun <= HARMLESS - _MAY_STOP and HoldStation not in told:
            yield 24, f"held without a cause: {', '.join(memory.hold_reasons)}"
        if memory.state not in _MOVING:
            self._told = frozenset()

    def _lasts(self, key: object, holds: bool) -> float:
        """For how long something has been so (s); 0 while it is not."""
        if not holds:
            self._since_s.pop(key, None)
            return 0.0
        return self.twin.now_s - self._since_s.setdefault(key, self.twin.now_s)

    def _stops(self, memory: Memory) -> Breaches:
        held = memory.state in (StationState.HOLDING, StationState.HELD)
        by_hand = self.twin.now_s - self.twin.hand_opened_s <= GRIP_S
        moving = self.twin.world.plant.robot.moving and not by_hand
        if self._lasts("moves", held and moving) > STAND_STILL_S:
            yield 29, f"the robot moves while {memory.state}"
        for key, since_s in self._hold_asked_s.items():
            if self.twin.now_s - since_s > REACTION_S:
                yield 29, f"hold {key} is not answered"

    def _alarms(self, memory: Memory) -> Breaches:
        standing = {alarm.alarm: alarm for alarm in memory.alarms}
        for name in self._standing.keys() - standing.keys():
            latching = self.twin.rules.alarms[self._standing[name].code].latching
            over = self._standing[name].state is AlarmState.RETURNED_UNACKNOWLEDGED
            if name not in self._acknowledged or (latching and not over):
                yield 26, f"{name} is gone and nobody acknowledged it"
            self._acknowledged.discard(name)
        self._standing = standing
        holding = [name for name, alarm in standing.items() if self._holds(alarm)]
        if self._lasts("goes on", bool(holding) and memory.state is StationState.EXECUTE) > REACTION_S:
            yield 6, f"goes on in spite of {', '.join(holding)}"
        confirmed = "FIRE_CONFIRMED@station" in standing
        if not confirmed:
            self._since_s.pop("fire mode seen", None)
        mode = self.twin.inventory.mode.mode if self.twin.inventory else None
        if confirmed and mode is Mode.FIRE:
            self._since_s["fire mode seen"] = self.twin.now_s
        late = confirmed and "fire mode seen" not in self._since_s and not self._writes_wait
        if self._lasts("fire mode", late) > FIRE_MODE_S:
            yield 13, f"a confirmed fire and still in mode {mode}"

    @property
    def _writes_wait(self) -> bool:
        return self.twin.disk_full or self.twin.disk_hangs

    def _holds(self, alarm: Alarm) -> bool:
        stands = alarm.state is not AlarmState.RETURNED_UNACKNOWLEDGED
        definition = self.twin.rules.alarms[alarm.code]
        return stands and definition.reaction is Reaction.HOLD and alarm.source != STEP_SOURCE

    def _stock(self) -> Breaches:
        inventory = self.twin.inventory
        assert inventory is not None
        if inventory.swap is not None:
            self._fresh, self._vin = inventory.swap.fresh, inventory.swap.vin
        quarantined = frozenset(battery.battery for battery in inventory.batteries if battery.quarantined)
        for battery in self._quarantined - quarantined:
            if len(self._releases.pop(battery, set())) < 2:
                yield 14, f"{battery} left quarantine without two people"
        self._quarantined = quarantined

    def _stuck(self, memory: Memory) -> Breaches:
        inventory = self.twin.inventory
        swap = inventory.swap if inventory is not None and inventory.job is None else None
        if swap is None or memory.state is not StationState.EXECUTE or self._writes_wait:
            self._since_s = {key: at_s for key, at_s in self._since_s.items() if not isinstance(key, tuple)}
            return
        step = self.twin.rules.recipe_of(swap.recipe).step(swap.step)
        allowed_s = step.timeout_s * (step.retries + 1) + PATIENCE_S
        if self._lasts((swap.swap, swap.step, swap.position), True) > allowed_s:
            yield 28, f"nobody is told that {swap.step} does not end"

    def _order(self, memory: Memory) -> Breaches:
        running, order = self.twin.world.plc.running_id, memory.robot_order
        ours = order is not None and order.command_id == running
        if self._lasts("stray", running != 0 and not ours and memory.state is StationState.EXECUTE) > STAND_STILL_S:
            yield 8, f"the robot carries out {running}, the station waits for {order}"

    def at_rest(self) -> Breaches:
        """What must not be left over once nothing is open."""
        inventory = self.twin.inventory
        left = [row for row in self.twin.open_orders() if row[1] in EXCHANGE_ORDERS]
        if inventory is None or inventory.swap or inventory.job:
            return
        if left:
            yield 15, f"orders without an end: {left}"
        claims = [hold.hold for hold in inventory.holds if hold.kind.value in ("swap", "job")]
        if claims:
            yield 9, f"still held though nothing is open: {', '.join(claims)}"
