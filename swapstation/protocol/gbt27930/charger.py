"""The charger's side (0x56) of GB/T 27930 charging processes, sans-IO (clauses 7 to 10, annex A).

`start` begins a process, `stop` ends it in any phase. `measured` brings what the charging modules put out, `demand`
says what they should. Contactors open only when the current is at most 5 A. A lost battery: CEM, output off, again from
CRM, three times, then ERROR until `start` is called again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from swapstation.model.device import BatteryCharge, ChargePhase
from swapstation.protocol.gbt27930.charger_process import (
    BEFORE_CONFIG,
    DELIVERING,
    RULES,
    SILENT,
    STOPPABLE,
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
    Ccs,
    Cem,
    Chm,
    Cml,
    Crm,
    Cro,
    Csd,
    Cst,
    Cts,
    Message,
)
from swapstation.protocol.gbt27930.words import ChargerStop, ChargerTimeout, Edition, Party, spoken_edition
from swapstation.protocol.node import Frame

_RETRY_S = 0.1
_STOP_SHOWN_S = 0.1


@dataclass(frozen=True, slots=True)
class Demand:
    """What the charging modules should do now; `enabled` False opens the contactors."""

    enabled: bool
    voltage_v: float
    current_a: float


class ChargerSession:
    """Drives one bay's charging processes, one after the other. A `CanNode`; silent while idle or ended."""

    def __init__(self, settings: ChargerSettings) -> None:
        self._settings = settings
        self._times = settings.times
        self._link = Link(Party.CHARGER)
        self._cyclic = Cyclic()
        self._step = Step.IDLE
        self._process = Process(settings.edition, settings.reconnects)
        self._voltage_v = 0.0
        self._current_a = 0.0
        self._energy_kwh: float | None = None
        self._cap_a = settings.max_current_a
        self._live = False
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
            Timer.NO_BHM: self._recognise,
            Timer.INSULATION_TEST: self._recognise,
            Timer.PRECHARGE: lambda now_s: self._stop((ChargerStop.FAULT, ChargerStop.VOLTAGE_ABNORMAL), now_s),
            Timer.PAUSE: lambda now_s: self._stop((ChargerStop.CONDITION_REACHED,), now_s),
            Timer.BSM: lambda now_s: self._stop((ChargerStop.FAULT, ChargerStop.OTHER_FAULT), now_s),
            Timer.STOP_SHOWN: lambda now_s: None,
            Timer.STATISTICS: lambda now_s: self._enter(Step.ENDED, now_s),
            Timer.RECONNECT: self._reconnect,
        }

    def start(self, now_s: float) -> None:
        """Begin a charging process; nothing happens while one is under way."""
        if self._step not in SILENT or self._live:
            return
        self._process = Process(self._settings.edition, self._settings.reconnects, first_energy_kwh=self._energy_kwh)
        self._link.cancel()
        if self._settings.edition is Edition.GB2011:
            self._recognise(now_s)
        else:
            self._enter(Step.HANDSHAKE, now_s, {Timer.NO_BHM: self._times.bhm_s})

    def stop(self, now_s: float, *causes: ChargerStop) -> None:
        """End the process: CST with `causes` (by hand if none) once the configuration has begun, silence before."""
        self._stop(causes or (ChargerStop.MANUAL,), now_s)

    def measured(self, voltage_v: float, current_a: float, now_s: float, energy_kwh: float | None = None) -> None:
        """What the charging modules put out now, and their energy counter in kWh if they have one."""
        self._voltage_v, self._current_a = voltage_v, current_a
        if energy_kwh is not None:
            self._energy_kwh = energy_kwh
            if self._process.first_energy_kwh is None:
                self._process.first_energy_kwh = energy_kwh
        if self._step is Step.PRECHARGE and self._precharged():
            self._deliver(Step.READY, now_s)
        self._advance(now_s)

    def limit(self, current_a: float) -> None:
        """Cap the charging current from now on, A; the limits told to the battery (CML) stay."""
        self._cap_a = max(0.0, current_a)

    @property
    def demand(self) -> Demand:
        """What the charging modules should do now."""
        process = self._process
        if not self._live:
            return Demand(False, 0.0, 0.0)
        if self._step is not Step.CHARGING or process.bcl is None or process.bcp is None:
            return Demand(True, process.bcp.pack_voltage_v if process.bcp else self._voltage_v, 0.0)
        voltage_v = min(process.bcl.wanted_voltage_v, process.bcp.max_voltage_v, self._settings.max_voltage_v)
        wanted_a = process.bcl.wanted_current_a if process.permitted else 0.0
        return Demand(True, voltage_v, max(0.0, min(wanted_a, self._cap_a, self._settings.max_current_a)))

    @property
    def phase(self) -> ChargePhase:
        return RULES[self._step].phase

    @property
    def malformed(self) -> int:
        """Messages of the battery that could not be read, since the beginning."""
        return self._link.malformed

    def battery_charge(self, now_s: float) -> BatteryCharge:
        """What the battery and this process are like now."""
        view = self._process.view
        return replace(
            view.facts, phase=self.phase, bms_age_s=view.age_s(now_s), session_energy_kwh=self._session_energy_kwh
        )

    def receive(self, frame: Frame, now_s: float) -> None:
        heard = None if self._step in SILENT else self._link.receive(frame, now_s)
        if heard is None:
            return
        self._process.view.take(heard.message, now_s)
        if isinstance(heard.message, Brm):
            spoken = spoken_edition(self._process.bhm_seen, heard.message.version, heard.length)
            known = self._settings.edition is Edition.GB2023 and spoken is Edition.GB2015
            self._process.edition = Edition.GB2023 if known else spoken
        handler = self._on.get(type(heard.message))
        if handler is not None:
            handler(heard.message, now_s)
        self._advance(now_s)

    def due(self, now_s: float) -> list[Frame]:
        self._advance(now_s)
        sends = RULES[self._step].sends
        if self._step is Step.LOST and not self._process.missed:
            sends = ()
        for kind in self._cyclic.due(sends, now_s):
            self._link.send(self._build(kind, now_s), now_s, self._process.edition)
        return self._link.due(now_s)

    def next_deadline(self) -> float:
        awaited_s = min(self._process.deadlines.values(), default=inf)
        return min(awaited_s, self._cyclic.next_deadline(), self._link.next_deadline())

    def _enter(self, step: Step, now_s: float, waits: Mapping[ChargerTimeout | Timer, float] | None = None) -> None:
        """Go to a step; `waits` are seconds from now, everything awaited before is forgotten."""
        self._step = step
        self._process.step_since_s = now_s
        self._process.deadlines = {key: now_s + seconds for key, seconds in (waits or {}).items()}
        self._live = self._live or step is Step.PRECHARGE
        self._cyclic.restart()
        self._link.drop_waiting()

    def _advance(self, now_s: float) -> None:
        """Do what time or the measured current has brought about."""
        process = self._process
        opening = abs(self._current_a) <= self._settings.opening_current_a
        if self._step is Step.STOPPING and process.bst_seen and opening and Timer.STOP_SHOWN not in process.deadlines:
            self._enter(Step.STATISTICS, now_s, {ChargerTimeout.BSD: self._times.bsd_s})
        if self._live and opening and not RULES[self._step].live:
            self._live = False
        over = [key for key, deadline_s in process.deadlines.items() if now_s >= deadline_s]
        for key in over:
            process.deadlines.pop(key, None)
        missed = tuple(key for key in over if isinstance(key, ChargerTimeout))
        if missed:
            self._lost(missed, now_s)
        elif over:
            for key in over:
                if isinstance(key, Timer):
                    self._over[key](now_s)
            self._advance(now_s)

    def _recognise(self, now_s: float) -> None:
        self._enter(Step.RECOGNISING, now_s, {ChargerTimeout.BRM: self._times.brm_s})

    def _deliver(self, step: Step, now_s: float) -> None:
        self._enter(step, now_s, {ChargerTimeout.BCL: self._times.bcl_s, ChargerTimeout.BCS: self._times.bcs_s})

    def _lost(self, missed: tuple[ChargerTimeout, ...], now_s: float) -> None:
        process = self._process
        process.missed = missed
        process.view.timed_out(missed)
        process.charging_until_s = now_s
        self._link.cancel()
        self._enter(Step.LOST, now_s, {Timer.RECONNECT: self._times.reconnect_s})

    def _reconnect(self, now_s: float) -> None:
        process = self._process
        if self._live:
            process.deadlines[Timer.RECONNECT] = now_s + _RETRY_S
        elif process.stopping:
            self._enter(Step.ENDED, now_s)
        elif process.reconnects_left == 0:
            self._enter(Step.FAILED, now_s)
        else:
            process.reconnects_left -= 1
            process.forget_demand()
            self._recognise(now_s)

    def _stop(self, reasons: tuple[ChargerStop, ...], now_s: float) -> None:
        process = self._process
        if self._step in SILENT or process.stopping:
            return
        process.stopping = True
        process.stop_reasons = reasons
        process.charging_until_s = now_s
        process.view.stopped(reasons)
        if self._step in BEFORE_CONFIG:
            self._link.cancel()
            self._enter(Step.ENDED, now_s)
        elif self._step is not Step.LOST:
            self._enter(Step.STOPPING, now_s, {ChargerTimeout.BST: self._times.bst_s, Timer.STOP_SHOWN: _STOP_SHOWN_S})

    def _precharged(self) -> bool:
        if self._process.bcp is None:
            return False
        pack_v = self._process.bcp.pack_voltage_v
        tolerance_v = min(self._settings.precharge_tolerance_v, pack_v * self._settings.precharge_tolerance_pct / 100)
        return abs(self._voltage_v - pack_v) <= tolerance_v

    def _on_bhm(self, bhm: Bhm, now_s: float) -> None:
        self._process.bhm_seen = True
        if self._step is Step.HANDSHAKE and Timer.NO_BHM in self._process.deadlines:
            self._process.deadlines = {Timer.INSULATION_TEST: now_s + self._settings.insulation_test_s}

    def _on_brm(self, brm: Brm, now_s: float) -> None:
        if self._step is Step.RECOGNISING:
            self._enter(Step.RECOGNISED, now_s, {ChargerTimeout.BCP: self._times.bcp_s})

    def _on_bcp(self, bcp: Bcp, now_s: float) -> None:
        if self._step in (Step.RECOGNISED, Step.LIMITS_SENT):
            self._process.bcp = bcp
        if self._step is Step.RECOGNISED:
            self._enter(Step.LIMITS_SENT, now_s, {ChargerTimeout.BRO: self._times.bro_s})

    def _on_bro(self, bro: Bro, now_s: float) -> None:
        process = self._process
        if self._step is not Step.LIMITS_SENT or process.bcp is None:
            return
        process.deadlines[ChargerTimeout.BRO] = process.step_since_s + self._times.bro_ready_s
        if not bro.ready:
            return
        if self._settings.min_voltage_v <= process.bcp.pack_voltage_v <= self._settings.max_voltage_v:
            self._enter(Step.PRECHARGE, now_s, {Timer.PRECHARGE: self._times.precharge_s})
        else:
            self._stop((ChargerStop.FAULT, ChargerStop.VOLTAGE_ABNORMAL), now_s)

    def _on_bcl(self, bcl: Bcl, now_s: float) -> None:
        if self._step in DELIVERING:
            self._process.bcl = bcl
            self._process.deadlines[ChargerTimeout.BCL] = now_s + self._times.bcl_s
        if self._step is Step.READY:
            self._process.charging_since_s = self._process.charging_since_s or now_s
            self._process.charging_until_s = None
            self._deliver(Step.CHARGING, now_s)

    def _on_bcs(self, bcs: Bcs, now_s: float) -> None:
        if self._step in DELIVERING:
            self._process.bcs = bcs
            self._process.deadlines[ChargerTimeout.BCS] = now_s + self._times.bcs_s

    def _on_bsm(self, bsm: Bsm, now_s: float) -> None:
        if self._step not in DELIVERING:
            return
        self._process.bsm = bsm
        if bsm.faults:
            self._stop((ChargerStop.FAULT, ChargerStop.OTHER_FAULT), now_s)
            return
        if self._process.edition is Edition.GB2023:
            self._process.deadlines[Timer.BSM] = now_s + self._times.bsm_s
        if bsm.permitted:
            self._process.deadlines.pop(Timer.PAUSE, None)
        else:
            self._process.deadlines.setdefault(Timer.PAUSE, now_s + self._times.pause_s)

    def _on_bst(self, bst: Bst, now_s: float) -> None:
        if self._step in STOPPABLE:
            self._stop((ChargerStop.BMS_STOPPED,), now_s)
        if self._step is Step.STOPPING:
            self._bms_stopped()

    def _bms_stopped(self) -> None:
        self._process.bst_seen = True
        self._process.deadlines.pop(ChargerTimeout.BST, None)

    def _on_bsd(self, bsd: Bsd, now_s: float) -> None:
        if self._step is Step.STOPPING:
            self._bms_stopped()
        elif self._step is Step.STATISTICS and ChargerTimeout.BSD in self._process.deadlines:
            del self._process.deadlines[ChargerTimeout.BSD]
            self._process.deadlines[Timer.STATISTICS] = now_s + self._times.statistics_s

    def _on_bem(self, bem: Bem, now_s: float) -> None:
        if self._step not in (Step.HANDSHAKE, Step.RECOGNISING, Step.LOST):
            self._lost((), now_s)

    @property
    def _session_energy_kwh(self) -> float | None:
        first_kwh = self._process.first_energy_kwh
        return None if self._energy_kwh is None or first_kwh is None else self._energy_kwh - first_kwh

    def _build(self, kind: type[Message], now_s: float) -> Message:
        process, settings = self._process, self._settings
        voltage_v, current_a = _within(self._voltage_v, 0.0, 1500.0), _within(self._current_a, -400.0, 400.0)
        elapsed_min = min(process.elapsed_min(now_s), 0xFFFE)
        energy_kwh = _within(self._session_energy_kwh or 0.0, 0.0, 6553.4)
        said: dict[type[Message], Message] = {
            Chm: Chm(),
            Crm: Crm(self._step is Step.RECOGNISED, settings.charger_number, settings.location),
            Cts: Cts(),
            Cml: Cml(settings.max_voltage_v, settings.min_voltage_v, settings.max_current_a, settings.min_current_a),
            Cro: Cro(self._step is Step.READY),
            Ccs: Ccs(voltage_v, current_a, elapsed_min, process.permitted),
            Cst: Cst(process.stop_reasons),
            Csd: Csd(elapsed_min, energy_kwh, settings.charger_number),
            Cem: Cem(process.missed),
        }
        return said[kind]


def _within(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))
