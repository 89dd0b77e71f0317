"""The battery's side (0xF4) of a GB/T 27930 charging process, sans-IO: what a BMS does, for simulated batteries.

It begins when a charger shakes hands (CHM; CRM 00 for a 2011-edition battery), stops by itself at its target or on a
fault, and is ready for the next charger afterwards. CRO is awaited from its own BRO AA on: no charger says it before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.bms_facts import BmsFacts, BmsStatus
from swapstation.protocol.gbt27930.bms_messages import SAY
from swapstation.protocol.gbt27930.bms_process import RULES, STOP_FOR, Process, Step, Timer
from swapstation.protocol.gbt27930.link import Cyclic, Link
from swapstation.protocol.gbt27930.messages import (
    Bem,
    Bmt,
    Bmv,
    Bsm,
    Bsp,
    Ccs,
    Cem,
    Chm,
    Cml,
    Crm,
    Cro,
    Csd,
    Cst,
    Message,
)
from swapstation.protocol.gbt27930.words import BmsStop, BmsTimeout, Edition, Party
from swapstation.protocol.node import Frame

_STOP_SHOWN_S = 0.1


class BmsSession:
    """One battery that answers chargers. A `CanNode`; silent until a charger speaks."""

    def __init__(self, facts: BmsFacts, status: BmsStatus) -> None:
        self._facts = facts
        self._times = facts.times
        self._status = status
        self._link = Link(Party.BMS)
        self._cyclic = Cyclic()
        self._step = Step.IDLE
        self._process = Process()
        self._live = False
        self._woken = not facts.wakes_by_power_cycle
        self._on: Mapping[type[Message], Callable[[Any, float], None]] = {
            Chm: self._on_chm,
            Crm: self._on_crm,
            Cml: self._on_cml,
            Cro: self._on_cro,
            Ccs: self._on_ccs,
            Cst: self._on_cst,
            Csd: self._on_csd,
            Cem: self._on_cem,
        }

    @property
    def phase(self) -> ChargePhase:
        return RULES[self._step].phase

    @property
    def contactors_wanted(self) -> bool:
        """Whether the battery's own contactors should be closed."""
        return self._live

    @property
    def stop_reasons(self) -> tuple[BmsStop, ...]:
        """Why this battery stopped the last process; empty when it did not."""
        return self._process.stop_reasons

    @property
    def timeouts(self) -> tuple[BmsTimeout, ...]:
        """What was waited for in vain in the last process."""
        return self._process.timeouts

    @property
    def malformed(self) -> int:
        """Messages of the charger that could not be read, since the beginning."""
        return self._link.malformed

    def battery(self, status: BmsStatus, now_s: float) -> None:
        """What the battery measures and wants now; a reached target or a fault ends the charge."""
        self._status = status
        self._advance(now_s)

    def plug(self, now_s: float) -> None:
        """The connector was mated anew: forget the last process."""
        self._enter(Step.IDLE, now_s)

    def power(self, on: bool, now_s: float) -> None:
        """The auxiliary supply went on or off; who never calls this has a battery that is always on."""
        if on and self._step is Step.OFF:
            self._begin(Step.IDLE, now_s, {BmsTimeout.CRM_00: self._times.own_start_s})
            self._woken = True
        elif not on and self._step is not Step.OFF:
            self._begin(Step.OFF, now_s, {})
            self._live = False

    def receive(self, frame: Frame, now_s: float) -> None:
        heard = self._link.receive(frame, now_s)
        handler = heard and self._on.get(type(heard.message))
        if heard and handler and self._woken and self._step is not Step.OFF:
            handler(heard.message, now_s)
        self._advance(now_s)

    def due(self, now_s: float) -> list[Frame]:
        self._advance(now_s)
        for kind in self._cyclic.due(self._sends(), now_s):
            self._link.send(self._build(kind), now_s, self._facts.edition)
        return self._link.due(now_s)

    def next_deadline(self) -> float:
        awaited_s = min(self._process.deadlines.values(), default=inf)
        return min(awaited_s, self._process.opening_by_s, self._cyclic.next_deadline(), self._link.next_deadline())

    def _sends(self) -> tuple[type[Message], ...]:
        absent: set[type[Message]] = set()
        if not self._status.cell_voltages_v:
            absent.add(Bmv)
        if not self._status.temperatures_c:
            absent.add(Bmt)
        if not self._status.reserved:
            absent.add(Bsp)
        if not self._process.ccs_seen:
            absent.add(Bsm)
        if not self._process.missed:
            absent.add(Bem)
        return tuple(kind for kind in RULES[self._step].sends if kind not in absent)

    def _enter(self, step: Step, now_s: float, waits: Mapping[BmsTimeout | Timer, float] | None = None) -> None:
        """Go to a step; `waits` are seconds from now, everything awaited before is forgotten."""
        self._step = step
        self._process.deadlines = {key: now_s + seconds for key, seconds in (waits or {}).items()}
        self._live = self._live or step is Step.CLOSING
        if self._live and step in (Step.STOPPING, Step.LOST):
            self._process.opening_by_s = min(self._process.opening_by_s, now_s + self._times.emergency_open_s)
        self._cyclic.restart()
        self._link.drop_waiting()

    def _advance(self, now_s: float) -> None:
        """Do what time, the battery or the charger's current has brought about."""
        process = self._process
        if self._step is Step.CLOSING and self._status.contactors_closed and process.ready_since_s is None:
            process.ready_since_s = now_s
            process.deadlines[BmsTimeout.CRO] = now_s + self._times.cro_s
            self._cyclic.restart()
        if self._step is Step.CHARGING and (reasons := self._reasons_to_stop()):
            self._stop(reasons, now_s)
        self._open_contactors(now_s)
        shown = Timer.STOP_SHOWN not in process.deadlines
        if self._step is Step.STOPPING and process.cst_seen and shown and self._may_open:
            self._enter(Step.STATISTICS, now_s, {BmsTimeout.CSD: self._times.csd_s})
            self._open_contactors(now_s)
        over = [key for key, deadline_s in process.deadlines.items() if now_s >= deadline_s]
        for key in over:
            del process.deadlines[key]
        missed = tuple(key for key in over if isinstance(key, BmsTimeout))
        if missed:
            self._lost(missed, now_s)
        elif Timer.STATISTICS in over or Timer.RECONNECT in over:
            self._end(now_s)
        elif over:
            self._advance(now_s)

    @property
    def _may_open(self) -> bool:
        return not self._live or abs(self._status.current_a) <= self._facts.opening_current_a

    def _open_contactors(self, now_s: float) -> None:
        """Without load once the step wants it, and in an emergency with whatever current still flows."""
        if now_s >= self._process.opening_by_s or (self._may_open and not RULES[self._step].live):
            self._live, self._process.opening_by_s = False, inf

    def _reasons_to_stop(self) -> tuple[BmsStop, ...]:
        facts, status = self._facts, self._status
        reached = {
            BmsStop.SOC_REACHED: status.soc_pct >= facts.target_soc_pct,
            BmsStop.VOLTAGE_REACHED: status.voltage_v >= facts.max_voltage_v,
            BmsStop.CELL_VOLTAGE_REACHED: status.max_cell_v >= facts.max_cell_v,
        }
        faults = (STOP_FOR.get(fault, BmsStop.OTHER_FAULT) for fault in status.faults)
        return tuple(dict.fromkeys((*(reason for reason, yes in reached.items() if yes), *faults)))

    def _stop(self, reasons: tuple[BmsStop, ...], now_s: float) -> None:
        self._process.stop_reasons = reasons
        self._enter(Step.STOPPING, now_s, {BmsTimeout.CST: self._times.cst_s, Timer.STOP_SHOWN: _STOP_SHOWN_S})

    def _lost(self, missed: tuple[BmsTimeout, ...], now_s: float) -> None:
        process = self._process
        process.missed = missed
        process.timeouts = tuple(dict.fromkeys((*process.timeouts, *missed)))
        self._link.cancel()
        self._enter(Step.LOST, now_s, {Timer.RECONNECT: self._times.reconnect_s})

    def _end(self, now_s: float) -> None:
        self._enter(Step.DONE if self._facts.replug_required else Step.IDLE, now_s)

    def _begin(self, step: Step, now_s: float, waits: Mapping[BmsTimeout | Timer, float]) -> None:
        self._process = Process(self._facts.reconnects)
        self._link.cancel()
        self._enter(step, now_s, waits)

    def _recognition(self) -> Mapping[BmsTimeout | Timer, float]:
        return {BmsTimeout.CRM_AA: self._times.crm_recognised_s}

    def _on_chm(self, chm: Chm, now_s: float) -> None:
        again = self._step in (Step.STATISTICS, Step.LOST) and not self._facts.replug_required
        if (again or self._step is Step.IDLE) and self._facts.edition is not Edition.GB2011:
            self._begin(Step.HANDSHAKE, now_s, {BmsTimeout.CRM_00: self._times.crm_s})

    def _on_crm(self, crm: Crm, now_s: float) -> None:
        if crm.recognised:
            if self._step is Step.RECOGNITION:
                self._enter(Step.PARAMETERS, now_s, {BmsTimeout.CTS_CML: self._times.cml_s})
        elif self._step is Step.HANDSHAKE:
            self._enter(Step.RECOGNITION, now_s, self._recognition())
        elif self._step is Step.IDLE and self._facts.edition is Edition.GB2011:
            self._begin(Step.RECOGNITION, now_s, self._recognition())
        elif self._step is Step.LOST and self._process.reconnects_left > 0:
            self._process.reconnects_left -= 1
            self._process.missed, self._process.cst_seen, self._process.ccs_seen = (), False, False
            self._enter(Step.RECOGNITION, now_s, self._recognition())

    def _on_cml(self, cml: Cml, now_s: float) -> None:
        if self._step is not Step.PARAMETERS:
            return
        fits = cml.min_voltage_v <= self._status.voltage_v <= cml.max_voltage_v
        if self._facts.edition is Edition.GB2023 and not fits:
            self._stop((BmsStop.PARAMETERS_MISMATCH,), now_s)
        else:
            self._process.ready_since_s = None
            self._enter(Step.CLOSING, now_s, {BmsTimeout.CRO: self._times.cro_ready_s})

    def _on_cro(self, cro: Cro, now_s: float) -> None:
        process = self._process
        if self._step is not Step.CLOSING or process.ready_since_s is None:
            return
        process.deadlines[BmsTimeout.CRO] = process.ready_since_s + self._times.cro_ready_s
        if cro.ready:
            self._enter(Step.CHARGING, now_s, {BmsTimeout.CCS: self._times.ccs_s})

    def _on_ccs(self, ccs: Ccs, now_s: float) -> None:
        if self._step is Step.CHARGING:
            self._process.ccs_seen = True
            self._process.deadlines[BmsTimeout.CCS] = now_s + self._times.ccs_s

    def _on_cst(self, cst: Cst, now_s: float) -> None:
        if self._step in (Step.PARAMETERS, Step.CLOSING, Step.CHARGING):
            self._stop((BmsStop.CHARGER_STOPPED,), now_s)
        if self._step is Step.STOPPING:
            self._charger_stopped()

    def _on_csd(self, csd: Csd, now_s: float) -> None:
        if self._step is Step.STOPPING:
            self._charger_stopped()
        elif self._step is Step.STATISTICS and BmsTimeout.CSD in self._process.deadlines:
            del self._process.deadlines[BmsTimeout.CSD]
            self._process.deadlines[Timer.STATISTICS] = now_s + self._times.statistics_s

    def _charger_stopped(self) -> None:
        self._process.cst_seen = True
        self._process.deadlines.pop(BmsTimeout.CST, None)

    def _on_cem(self, cem: Cem, now_s: float) -> None:
        if self._step not in (Step.IDLE, Step.HANDSHAKE, Step.LOST, Step.DONE):
            self._process.missed = ()
            self._link.cancel()
            self._enter(Step.LOST, now_s, {Timer.RECONNECT: self._times.reconnect_s})

    def _build(self, kind: type[Message]) -> Message:
        return SAY[kind](self._facts, self._status, self._process)
