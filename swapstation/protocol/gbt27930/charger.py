"""The charger's side (0x56) of GB/T 27930 charging processes, sans-IO (clauses 7 to 10, annex A).

`start` begins a process, `stop` ends it in any phase. `measured` brings what the charging modules put out, `demand`
says what they should. Contactors open at 5 A or less; only modules that do not obey are an emergency, after which they
open under load. A lost battery: CEM, output off, again from CRM, three times, then ERROR until `start` is called again.

CST is sent from the configuration on; before it a stop is silence. The standard lists BST and CST among the messages of
the charging phase, 2023 adds that parameters that do not match are answered by CML and then CST, and a battery in
handshake or recognition expects neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from math import inf
from typing import Any

from swapstation.model.device import BatteryCells, BatteryCharge, ChargePhase
from swapstation.protocol.gbt27930.charger_edition import chosen_edition, first_edition
from swapstation.protocol.gbt27930.charger_messages import SAY, Said, edition_of, session_energy_kwh
from swapstation.protocol.gbt27930.charger_output import Demand, Output, demanded, fits, precharged, too_little
from swapstation.protocol.gbt27930.charger_process import (
    BEFORE_CONFIG,
    DELIVERING,
    RULES,
    SILENT,
    STOPPABLE,
    UNRECOGNISED,
    Process,
    Step,
    Timer,
)
from swapstation.protocol.gbt27930.charger_settings import ChargerSettings
from swapstation.protocol.gbt27930.link import Cyclic, Link
from swapstation.protocol.gbt27930.messages import (
    Bcl,
    Bcp,
    Bcs,
    Bem,
    Bhm,
    Brm,
    Bro,
    Bsd,
    Bsm,
    Bst,
    Message,
)
from swapstation.protocol.gbt27930.words import ChargerStop, ChargerTimeout, Edition, Party
from swapstation.protocol.node import Frame

_RETRY_S = 0.1
_STOP_SHOWN_S = 0.1
_LIMITS_SHOWN_S = 0.25

_MISMATCH = (ChargerStop.FAULT, ChargerStop.VOLTAGE_ABNORMAL)
_OTHER = (ChargerStop.FAULT, ChargerStop.OTHER_FAULT)
_MISMATCH_2023 = (ChargerStop.FAULT, ChargerStop.PARAMETERS_MISMATCH)
_PRECHARGE_2023 = (ChargerStop.FAULT, ChargerStop.PRECHARGE_FAULT)


class ChargerSession:
    """Drives one bay's charging processes, one after the other. A `CanNode`; silent while idle or ended."""

    def __init__(self, settings: ChargerSettings) -> None:
        self._settings = settings
        self._times = settings.gbt27930
        self._link = Link(Party.CHARGER)
        self._cyclic = Cyclic()
        self._process = Process(first_edition(settings.edition))
        self._output = Output()
        self._cap_a = settings.max_current_a
        self._replug_needed = False
        self._on: Mapping[type[Message], Callable[[Any, float], None]] = {
            Bhm: self._on_bhm,
            Brm: self._on_brm,
            Bcp: self._on_bcp,
            Bro: self._on_bro,
            Bcl: self._on_bcl,
            Bcs: self._on_bcs,
            Bsm: self._on_bsm,
            Bst: self._on_bst,
            Bsd: self._on_bsd,
            Bem: self._on_bem,
        }
        self._over: Mapping[Timer, Callable[[float], None]] = {
            Timer.NO_BHM: self._no_bhm,
            Timer.POWER_CYCLE: self._recognise,
            Timer.INSULATION_TEST: self._recognise,
            Timer.LIMITS_SHOWN: lambda now_s: self._stop(self._by_edition(_MISMATCH_2023), now_s),
            Timer.PRECHARGE: lambda now_s: self._stop(self._by_edition(_PRECHARGE_2023), now_s),
            Timer.PAUSE: lambda now_s: self._stop((ChargerStop.CONDITION_REACHED,), now_s),
            Timer.STOP_SHOWN: lambda now_s: None,
            Timer.STATISTICS: lambda now_s: self._enter(Step.ENDED, now_s),
            Timer.RECONNECT: self._reconnect,
        }

    def start(self, now_s: float, local_time: datetime | None = None) -> None:
        """Begin a charging process; nothing happens while one is under way or the battery must be plugged anew.

        `local_time` is what CTS tells the battery, counted on from here; without it CTS says "not available".
        """
        if self._process.step not in SILENT or self._process.live or self._replug_needed:
            return
        self._process = Process(
            first_edition(self._settings.edition),
            self._times.reconnects,
            local_time,
            now_s,
            first_energy_kwh=self._output.energy_kwh,
        )
        self._link.cancel()
        if self._process.edition is Edition.GB2011:
            self._recognise(now_s)
        else:
            self._enter(Step.HANDSHAKE, now_s, {Timer.NO_BHM: self._times.bhm_s})

    def stop(self, now_s: float, *causes: ChargerStop) -> None:
        """End the process: CST with `causes` (by hand if none) once the configuration has begun, silence before."""
        self._stop(causes or (ChargerStop.MANUAL,), now_s)

    def plugged(self, mated: bool, now_s: float) -> None:
        """Whether the connector is mated; out of it a process ends with a fault, then is forgotten."""
        if mated:
            return
        self._replug_needed = False
        if self._process.step in SILENT and not self._process.live:
            self._process = Process(first_edition(self._settings.edition))
        else:
            self._stop((ChargerStop.FAULT, ChargerStop.CONNECTOR_FAULT), now_s)

    def measured(self, voltage_v: float, current_a: float, now_s: float, energy_kwh: float | None = None) -> None:
        """What the charging modules put out now, and their energy counter in kWh if they have one."""
        known_kwh = self._output.energy_kwh if energy_kwh is None else energy_kwh
        self._output = Output(voltage_v, current_a, known_kwh)
        if self._process.first_energy_kwh is None:
            self._process.first_energy_kwh = energy_kwh
        if self._process.step is Step.PRECHARGE and precharged(self._process, self._settings, self._output):
            self._enter(
                Step.READY, now_s, {ChargerTimeout.BCL: self._times.bcl_s, ChargerTimeout.BCS: self._times.bcs_s}
            )
        self._advance(now_s)

    def limit(self, current_a: float) -> None:
        """Cap the charging current from now on, A; the limits told to the battery (CML) stay."""
        self._cap_a = max(0.0, current_a)

    def hold(self, held: bool) -> None:
        """Pause the process, or let it go on: no current, contactors closed, CCS says "pause"."""
        self._process.held = held

    @property
    def held(self) -> bool:
        """Whether the charger itself pauses."""
        return self._process.held

    @property
    def demand(self) -> Demand:
        """What the charging modules should do now."""
        return demanded(self._process, self._settings, self._output, self._cap_a)

    @property
    def phase(self) -> ChargePhase:
        return RULES[self._process.step].phase

    @property
    def aux_power(self) -> bool:
        """Whether the battery's auxiliary supply should be on."""
        return self._process.live or RULES[self._process.step].powered

    @property
    def malformed(self) -> int:
        """Messages of the battery that could not be read, since the beginning."""
        return self._link.malformed

    def battery_charge(self, now_s: float) -> BatteryCharge:
        """What the battery and this process are like now."""
        view = self._process.view
        energy_kwh = session_energy_kwh(self._process, self._output)
        return view.charge(phase=self.phase, bms_age_s=view.age_s(now_s), session_energy_kwh=energy_kwh)

    @property
    def battery_cells(self) -> tuple[BatteryCells, float] | None:
        """The battery's cells and probes (BMV, BMT) and when they came."""
        return self._process.view.cells

    def receive(self, frame: Frame, now_s: float) -> None:
        heard = None if self._process.step in SILENT else self._link.receive(frame, now_s)
        if heard is None:
            return
        self._process.view.take(heard, now_s)
        if isinstance(heard.message, Brm):
            version, bhm_seen = heard.message.version, self._process.view.bhm_seen
            self._process.edition = chosen_edition(self._settings.edition, bhm_seen, version, heard.length)
            self._process.view.speaks(self._process.edition)
        handler = self._on.get(type(heard.message))
        if handler is not None:
            handler(heard.message, now_s)
        self._advance(now_s)

    def due(self, now_s: float) -> list[Frame]:
        self._advance(now_s)
        process = self._process
        silent = process.step is Step.LOST and not process.missed
        for kind in self._cyclic.due(() if silent else RULES[process.step].sends, now_s):
            edition = edition_of(kind, self._settings, process.edition)
            message = SAY[kind](Said(self._settings, process, self._output, now_s, edition))
            self._link.send(message, now_s, edition)
        return self._link.due(now_s)

    def next_deadline(self) -> float:
        process = self._process
        return min(
            process.opening_by_s,
            self._cyclic.next_deadline(),
            self._link.next_deadline(),
            *process.deadlines.values(),
        )

    def _enter(self, step: Step, now_s: float, waits: Mapping[ChargerTimeout | Timer, float] | None = None) -> None:
        """Go to a step; `waits` are seconds from now, everything awaited before is forgotten."""
        process = self._process
        process.step = step
        process.step_since_s = now_s
        process.deadlines = {key: now_s + seconds for key, seconds in (waits or {}).items()}
        process.live = process.live or step is Step.PRECHARGE
        if process.live and step in (Step.STOPPING, Step.LOST):
            process.opening_by_s = min(process.opening_by_s, now_s + self._times.emergency_open_s)
        self._cyclic.restart()
        self._link.drop_waiting()

    def _advance(self, now_s: float) -> None:
        """Do what time or the measured current has brought about."""
        process = self._process
        self._open_contactors(now_s)
        if process.bsm is not None and now_s - process.bsm_heard_s > self._times.bsm_s:
            process.bsm = None  # before 2023 no timeout of its own: its temperature must not be charged by for ever
            process.view.forget(Bsm)
        told = process.step is Step.STOPPING and process.bst_seen
        if told and Timer.STOP_SHOWN not in process.deadlines and self._may_open:
            self._enter(Step.STATISTICS, now_s, {ChargerTimeout.BSD: self._times.bsd_s})
            self._open_contactors(now_s)
        over = [key for key, deadline_s in process.deadlines.items() if now_s >= deadline_s]
        if not over:
            return
        for key in over:
            process.deadlines.pop(key, None)
        missed = tuple(key for key in over if isinstance(key, ChargerTimeout))
        if missed:
            self._lost(missed, now_s)
            return
        for key in over:
            if isinstance(key, Timer):
                self._over[key](now_s)
        self._advance(now_s)

    @property
    def _may_open(self) -> bool:
        return not self._process.live or abs(self._output.current_a) <= self._times.opening_current_a

    def _open_contactors(self, now_s: float) -> None:
        """Without load once the step wants it, and in an emergency with whatever current still flows."""
        process = self._process
        if now_s >= process.opening_by_s or (not RULES[process.step].live and self._may_open):
            process.live, process.opening_by_s = False, inf

    def _no_bhm(self, now_s: float) -> None:
        self._process.edition = Edition.GB2011
        if self._times.aux_cycle_s > 0:
            self._enter(Step.POWER_CYCLE, now_s, {Timer.POWER_CYCLE: self._times.aux_cycle_s})
        else:
            self._recognise(now_s)

    def _recognise(self, now_s: float) -> None:
        self._enter(Step.RECOGNISING, now_s, {ChargerTimeout.BRM: self._times.brm_s})

    def _lost(self, missed: tuple[ChargerTimeout, ...], now_s: float) -> None:
        process = self._process
        process.missed = missed
        process.view.timed_out(missed)
        process.charging_until_s = now_s
        if ChargerTimeout.BSM in missed:
            process.reconnects_left = 0
            self._replug_needed = self._times.bsm_replug
        self._link.cancel()
        self._enter(Step.LOST, now_s, {Timer.RECONNECT: self._times.reconnect_s})

    def _reconnect(self, now_s: float) -> None:
        process = self._process
        if process.live:
            process.deadlines[Timer.RECONNECT] = now_s + _RETRY_S
        elif process.stopping:
            self._enter(Step.ENDED, now_s)
        elif process.reconnects_left == 0:
            self._enter(Step.FAILED, now_s)
        else:
            process.reconnects_left -= 1
            process.forget_demand()
            self._recognise(now_s)

    def _by_edition(self, reasons_2023: tuple[ChargerStop, ...]) -> tuple[ChargerStop, ...]:
        return reasons_2023 if self._process.edition is Edition.GB2023 else _MISMATCH

    def _stop(self, reasons: tuple[ChargerStop, ...], now_s: float) -> None:
        process = self._process
        if process.step in SILENT or process.stopping:
            return
        process.stopping = True
        process.stop_reasons = reasons
        process.charging_until_s = now_s
        process.view.stopped(reasons)
        if process.step in BEFORE_CONFIG:
            self._link.cancel()
            self._enter(Step.ENDED, now_s)
        elif process.step is not Step.LOST:
            self._enter(Step.STOPPING, now_s, {ChargerTimeout.BST: self._times.bst_s, Timer.STOP_SHOWN: _STOP_SHOWN_S})

    def _on_bhm(self, bhm: Bhm, now_s: float) -> None:
        if self._process.step is Step.HANDSHAKE and Timer.NO_BHM in self._process.deadlines:
            self._process.deadlines = {Timer.INSULATION_TEST: now_s + self._times.insulation_test_s}

    def _on_brm(self, brm: Brm, now_s: float) -> None:
        if self._process.step is Step.RECOGNISING:
            self._enter(Step.RECOGNISED, now_s, {ChargerTimeout.BCP: self._times.bcp_s})

    def _on_bcp(self, bcp: Bcp, now_s: float) -> None:
        process = self._process
        if process.step in (Step.RECOGNISED, Step.LIMITS_SENT):
            process.bcp = bcp
        if process.step is Step.RECOGNISED:
            self._enter(Step.LIMITS_SENT, now_s, {ChargerTimeout.BRO: self._times.bro_s})
        if process.step is Step.LIMITS_SENT and not fits(process, self._settings):
            process.deadlines.setdefault(Timer.LIMITS_SHOWN, now_s + _LIMITS_SHOWN_S)

    def _on_bro(self, bro: Bro, now_s: float) -> None:
        process = self._process
        if process.step is not Step.LIMITS_SENT or Timer.LIMITS_SHOWN in process.deadlines:
            return
        process.deadlines[ChargerTimeout.BRO] = process.step_since_s + self._times.bro_ready_s
        if bro.ready:
            self._enter(Step.PRECHARGE, now_s, {Timer.PRECHARGE: self._times.precharge_s})

    def _on_bcl(self, bcl: Bcl, now_s: float) -> None:
        process = self._process
        if process.step not in DELIVERING:
            return
        process.bcl = bcl
        if process.step is Step.READY:
            process.charging_since_s = process.charging_since_s or now_s
            process.charging_until_s = None
            awaited = process.deadlines
            self._enter(Step.CHARGING, now_s)
            process.deadlines = awaited
        process.deadlines[ChargerTimeout.BCL] = now_s + self._times.bcl_s
        if process.edition is Edition.GB2023 and too_little(bcl, self._settings):
            self._stop(_MISMATCH_2023, now_s)

    def _on_bcs(self, bcs: Bcs, now_s: float) -> None:
        if self._process.step in DELIVERING:
            self._process.bcs = bcs
            self._process.deadlines[ChargerTimeout.BCS] = now_s + self._times.bcs_s

    def _on_bsm(self, bsm: Bsm, now_s: float) -> None:
        process = self._process
        if process.step not in DELIVERING:
            return
        process.bsm, process.bsm_heard_s = bsm, now_s
        if bsm.faults:
            self._stop(_OTHER, now_s)
            return
        if process.edition is Edition.GB2023:
            process.deadlines[ChargerTimeout.BSM] = now_s + self._times.bsm_s
        if bsm.permitted:
            process.deadlines.pop(Timer.PAUSE, None)
        else:
            process.deadlines.setdefault(Timer.PAUSE, now_s + self._times.pause_s)

    def _on_bst(self, bst: Bst, now_s: float) -> None:
        if self._process.step in STOPPABLE:
            self._stop((ChargerStop.BMS_STOPPED,), now_s)
        if self._process.step is Step.STOPPING:
            self._bms_stopped()

    def _bms_stopped(self) -> None:
        self._process.bst_seen = True
        self._process.deadlines.pop(ChargerTimeout.BST, None)

    def _on_bsd(self, bsd: Bsd, now_s: float) -> None:
        process = self._process
        if process.step is Step.STOPPING:
            self._bms_stopped()
        elif process.step is Step.STATISTICS and ChargerTimeout.BSD in process.deadlines:
            del process.deadlines[ChargerTimeout.BSD]
            process.deadlines[Timer.STATISTICS] = now_s + self._times.statistics_s

    def _on_bem(self, bem: Bem, now_s: float) -> None:
        if self._process.step not in (*UNRECOGNISED, Step.LOST):
            self._lost((), now_s)
