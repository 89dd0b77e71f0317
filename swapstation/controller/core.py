"""The scan cycle: freeze one snapshot, decide, write down, send. Synchronous and without a clock of its own.

The process calls `cycle` every 100 ms and at once after a record became durable; the virtual-time tests call it the
same way. Nothing here waits: the journal is asked, requests come from a bounded inbox, links have their own drivers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from swapstation.controller.energy_book import EnergyBook
from swapstation.controller.journal import Journal
from swapstation.controller.process_image import ProcessImage
from swapstation.errors import SwapstationError
from swapstation.inventory.changes import answer_change, fitted
from swapstation.model.alarm import Alarm
from swapstation.model.charge_plan import ChargePlan
from swapstation.model.disk import DiskLevel, DiskSpace
from swapstation.model.inventory import Inventory
from swapstation.model.journal import InventoryChanged, Record, RequestAnswered
from swapstation.model.request import Accepted, Answer, HoldStation, InventoryChange, Payload, Refused, Request
from swapstation.model.seen import Seen, seen
from swapstation.model.snapshot import Snapshot
from swapstation.records.trace import Moment
from swapstation.station.bypass import with_bypass
from swapstation.station.decide import decide
from swapstation.station.draft import Draft, Rules
from swapstation.station.memory import Batch, Decision, Memory
from swapstation.station.order_tracking import adopt_open_intents
from swapstation.station.people import for_people
from swapstation.station.planning import forecast_in_force, orders_in_force
from swapstation.station.survey import survey
from swapstation.station.takt import NO_PAST, Past

INBOX_REQUESTS = 64
"""More requests than this in one cycle are refused: a flood must not delay the next one."""

Reply = Callable[[Answer], None]


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A request that is not answered yet and everybody who waits for its answer."""

    payload: Payload
    replies: list[Reply]


class RecordRefused(SwapstationError):
    """The database contradicts what the decisions hold for a fact: stop, restart, survey and ask a person."""


def roomy(now_s: float) -> Seen[DiskSpace]:
    """A disk that is never full: for a core without one."""
    return seen(DiskSpace(DiskLevel.ENOUGH, 100.0), now_s, now_s, 0.0)


class Core:
    """One station: equipment, memory of the decisions and journal.

    `answered`: the last cycle answered a request. `moment`: what it leaves for the black box.
    `disk` tells of the disk under the journal what was seen last, at a monotonic time. `energy` adds the records of the
    energy ledger; None: none is kept.
    """

    def __init__(
        self,
        rules: Rules,
        equipment: ProcessImage,
        journal: Journal,
        inventory: Inventory,
        boot: int,
        alarms: tuple[Alarm, ...] = (),
        past: Past = NO_PAST,
        disk: Callable[[float], Seen[DiskSpace]] = roomy,
        energy: EnergyBook | None = None,
    ) -> None:
        self._rules = rules
        self._equipment = equipment
        self._journal = journal
        self._inventory = inventory
        self._boot = boot
        self._disk = disk
        self._energy = energy
        self._sequence = 0
        self._inbox: deque[Request] = deque()
        self._under_way: dict[str, _UnderWay] = {}
        self._memory = Memory(next_command_id=inventory.next_command_id, alarms=alarms, past=past)
        self.max_lateness_s = 0.0
        self.answered = False
        self.black_box_error = ""
        self.moment: Moment | None = None
        self._submitted: list[Record] = []
        self._draft: Draft | None = None
        self._shown: Snapshot | None = None

    def submit(self, request: Request, reply: Reply) -> None:
        """Take a request for the next cycle; the same request under way already joins the answer to come."""
        under_way = self._under_way.get(request.key)
        if under_way is not None and under_way.payload != request.payload:
            reply(Refused(request.key, "key_reused", f"key = {request.key!r}: under way with another payload"))
        elif under_way is not None:
            under_way.replies.append(reply)
        elif len(self._inbox) >= INBOX_REQUESTS and not isinstance(request.payload, HoldStation):
            reply(Refused(request.key, "busy", f"more than {INBOX_REQUESTS} requests are waiting"))
        else:
            self._under_way[request.key] = _UnderWay(request.payload, [reply])
            self._inbox.append(request)

    @property
    def snapshot(self) -> Snapshot | None:
        """The last cycle as people see it, put together when somebody asks; None before the first."""
        if self._shown is None and self._draft is not None:
            self._shown = for_people(self._draft)
        return self._shown

    @property
    def sheds(self) -> bool:
        """Whether what can be done without is not to be written now."""
        disk = self._draft.snapshot.disk.value if self._draft else None
        return disk is not None and disk.sheds

    @property
    def inventory(self) -> Inventory:
        """The stock as the last durable record left it."""
        return self._inventory

    @property
    def forecast(self) -> ChargePlan | None:
        """The plan that counts now with all that it foresees; None: charge on arrival."""
        return forecast_in_force(self._memory.planning, self._draft.now_s) if self._draft else None

    @property
    def memory(self) -> Memory:
        """What the decisions remember of the last cycle."""
        return self._memory

    def cycle(self, now_s: float, at: datetime) -> None:
        """Run one scan cycle at monotonic `now_s`; `at` is a UTC label."""
        self.answered = False
        self._take_written()
        self._sequence += 1
        frozen = self._freeze(now_s, at)
        if self._sequence == 1:
            self._adopt(frozen, at)
        requests, stock_changed = self._take_requests(frozen, at)
        if stock_changed:  # nothing is decided on the stock that was frozen before
            frozen = replace(frozen, journal_pending=max(frozen.journal_pending, 1))
        decision = decide(self._rules, frozen, self._memory, requests)
        self._memory = decision.memory
        for sending in decision.sendings:
            self._equipment.send(sending.command, sending.command_id, now_s)
        for batch in self._with_energy(frozen, decision):
            if not batch.records or (batch.request is not None and isinstance(batch.request.payload, HoldStation)):
                self._reply(batch)  # toward safety: a database that is away must not keep the answer back
            if batch.records:
                self._submit(batch, at)
        self._equipment.end_cycle(now_s)
        self.moment = self._left(frozen, decision)
        self._draft, self._shown = Draft(self._rules, frozen, self._memory), None

    def _with_energy(self, frozen: Snapshot, decision: Decision) -> tuple[Batch, ...]:
        if self._energy is None:
            for record in self._equipment.charge_records.values():
                self._equipment.kept(record)  # nobody keeps them: their chargers must not wait for ever
            return decision.batches
        return self._energy.entered(frozen, decision, self._equipment.charge_records)

    def _submit(self, batch: Batch, at: datetime) -> None:
        self._submitted.extend(batch.records)
        self._journal.submit(batch, at)

    def _left(self, frozen: Snapshot, decision: Decision) -> Moment:
        records, self._submitted = tuple(self._submitted), []
        commands = tuple((sending.command, sending.command_id) for sending in decision.sendings)
        memory = decision.memory
        return Moment(frozen, memory.state, memory.alarms, memory.refused, commands, records)

    def _freeze(self, now_s: float, at: datetime) -> Snapshot:
        snapshot = with_bypass(self._equipment.read(now_s, self._inventory), self._memory)
        return replace(
            snapshot,
            survey=survey(snapshot),
            sequence=self._sequence,
            boot=self._boot,
            at=at,
            energy=self._energy.state(snapshot.inventory) if self._energy else snapshot.energy,
            state=self._memory.state,
            confirmed=self._memory.confirmed,
            admitted=self._memory.gate.admitted,
            alarms=self._memory.alarms,
            plan=orders_in_force(self._memory.planning, now_s),
            journal_pending=self._journal.pending,
            journal_error=self._journal.error,
            black_box_error=self.black_box_error,
            disk=self._disk(now_s),
            max_cycle_lateness_ms=round(self.max_lateness_s * 1000.0, 1),
        )

    def _adopt(self, frozen: Snapshot, at: datetime) -> None:
        draft = Draft(self._rules, frozen, self._memory)
        adopt_open_intents(draft)
        decision = draft.decision()
        self._memory = decision.memory
        for batch in decision.batches:
            self._submit(batch, at)

    def _take_requests(self, frozen: Snapshot, at: datetime) -> tuple[tuple[Request, ...], bool]:
        """The requests for this cycle's decisions; and whether people have just changed the stock record."""
        requests, stock_changed = [], False
        while self._inbox:
            request = self._inbox.popleft()
            if isinstance(request.payload, InventoryChange):
                self._change_inventory(request, request.payload, at)
                stock_changed = True
            else:
                requests.append(request)
        return tuple(requests), stock_changed

    def _change_inventory(self, request: Request, change: InventoryChange, at: datetime) -> None:
        answer = answer_change(request.key, change, self._inventory, self._rules.config, at, request.person)
        fit = fitted(change, self._rules.config)
        records: list[Record] = [InventoryChanged(fit, request.person)] if isinstance(answer, Accepted) else []
        self._submit(Batch((*records, RequestAnswered(request, answer)), request, answer), at)

    def _take_written(self) -> None:
        for written in self._journal.take_written():
            if written.inventory is not None:
                self._inventory = written.inventory
                for record in self._energy.written(written.batch.records) if self._energy else ():
                    self._equipment.kept(record)
            elif written.batch.request is None:
                raise RecordRefused(written.refusal)
            self._reply(written.batch, written.refusal)

    def _reply(self, batch: Batch, refusal: str = "") -> None:
        """Answer the request of a batch, if it has one that is not answered yet."""
        request, answer = batch.request, batch.answer
        under_way = self._under_way.pop(request.key, None) if request else None
        if request is None or answer is None or under_way is None:
            return
        for reply in under_way.replies:
            reply(Refused(request.key, "inventory_contradicts", refusal) if refusal else answer)
        self.answered = True
