"""The charging processes of a recording: phases, identity, SOC, currents, why it stopped and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.messages import Bcp, Bcs, Bem, Bhm, Brm, Bsd, Bsm, Bst, Ccs, Cem, Chm, Cst
from swapstation.protocol.gbt27930.phase import begins_process, phase_after
from swapstation.protocol.gbt27930.table import Heard, type_of
from swapstation.protocol.gbt27930.words import BmsStop, ChargerStop, ChargerTimeout, Edition, spoken_edition

_UNNAMED = "OTHER"
_WORDS_OF_2023: frozenset[str] = frozenset(
    {
        BmsStop.PARAMETERS_MISMATCH,
        ChargerStop.PARAMETERS_MISMATCH,
        ChargerStop.PRECHARGE_FAULT,
        ChargerStop.SELF_TEST_FAULT,
        ChargerTimeout.BSM,
    }
)


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """One phase, seconds from the beginning of the recording."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the battery did not permit charging, seconds from the beginning of the recording."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class StopCause:
    """Who ended the charge ("bms", "charger", "timeout" or None) and the words of its reasons."""

    by: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """A BEM or CEM item (the message waited for in vain): first time in s, number of messages."""

    message: str
    item: str
    first_s: float
    count: int


@dataclass(frozen=True, slots=True)
class ChargeHistory:
    """One charging process; None where nothing was said."""

    edition: str | None
    phases: tuple[PhaseSpan, ...]
    vin: str | None
    battery_type: str | None
    rated_capacity_ah: float | None
    soc_start_pct: float | None
    soc_end_pct: float | None
    max_charge_current_a: float | None
    pauses: tuple[Pause, ...]
    stop: StopCause
    errors: tuple[ErrorCount, ...]


@dataclass(slots=True)
class _Process:
    phase: ChargePhase = ChargePhase.IDLE
    starts: list[tuple[ChargePhase, float]] = field(default_factory=list)
    last_s: float = 0.0
    chm: Chm | None = None
    bhm_seen: bool = False
    brm: Heard | None = None
    soc_start_pct: float | None = None
    bcs_soc_pct: float | None = None
    bsd_soc_pct: float | None = None
    max_current_a: float | None = None
    paused_s: float | None = None
    pauses: list[Pause] = field(default_factory=list)
    stop_by: str | None = None
    bst: dict[BmsStop, None] = field(default_factory=dict)
    cst: dict[ChargerStop, None] = field(default_factory=dict)
    errors: dict[tuple[str, str], ErrorCount] = field(default_factory=dict)

    @property
    def reached(self) -> ChargePhase:
        """The phase, but END for good once it was reached: an error after it reconnects nothing."""
        return ChargePhase.END if any(phase is ChargePhase.END for phase, _ in self.starts) else self.phase


class Histories:
    """Sorts the messages of a recording into charging processes.

    A process runs from the first CHM or CRM to BSD and CSD, a new CHM, or the end; reconnects stay inside. What is said
    outside of one belongs to none.
    """

    def __init__(self) -> None:
        self._closed: list[ChargeHistory] = []
        self._open: _Process | None = None

    def take(self, heard: Heard, at_s: float) -> None:
        """Take a message of either side in the order of the recording."""
        reached = ChargePhase.IDLE if self._open is None else self._open.reached
        if begins_process(reached, heard.message):
            self._close(at_s)
            self._open = _Process()
        if self._open is not None:
            _take(self._open, heard, at_s)

    def finish(self, end_s: float) -> tuple[ChargeHistory, ...]:
        """All processes; the recording ends at `end_s`."""
        self._close(end_s)
        return tuple(self._closed)

    def _close(self, end_s: float) -> None:
        if self._open is not None:
            self._closed.append(_history(self._open, end_s))
            self._open = None


def _take(process: _Process, heard: Heard, at_s: float) -> None:
    message = heard.message
    phase = phase_after(process.phase, message)
    if phase is not process.phase:
        process.starts.append((phase, at_s))
        if phase is ChargePhase.CHARGING:
            process.stop_by = None
            process.bst.clear()
            process.cst.clear()
    if phase is not ChargePhase.CHARGING:
        _resumed(process, at_s)
    process.phase = phase
    process.last_s = at_s
    match message:
        case Chm():
            process.chm = message
        case Bhm():
            process.bhm_seen = True
        case Brm():
            process.brm = heard
        case Bcp(soc_pct=soc_pct) if process.soc_start_pct is None:
            process.soc_start_pct = soc_pct
        case Bsd(soc_pct=soc_pct) if soc_pct is not None:
            process.bsd_soc_pct = soc_pct
        case Bcs(soc_pct=soc_pct, current_a=current_a):
            process.bcs_soc_pct = process.bcs_soc_pct if soc_pct is None else soc_pct
            _measured(process, current_a)
        case Ccs(current_a=current_a):
            _measured(process, current_a)
        case Bsm(permitted=permitted) if phase is ChargePhase.CHARGING:
            if permitted:
                _resumed(process, at_s)
            elif process.paused_s is None:
                process.paused_s = at_s
        case Bst() | Cst():
            _stopped(process, message)
        case Bem() | Cem():
            _timed_out(process, message, at_s)


def _measured(process: _Process, current_a: float) -> None:
    process.max_current_a = max(0.0, current_a, process.max_current_a or 0.0)


def _resumed(process: _Process, at_s: float) -> None:
    if process.paused_s is not None:
        process.pauses.append(Pause(process.paused_s, at_s))
        process.paused_s = None


def _stopped(process: _Process, message: Bst | Cst) -> None:
    """The first to stop ended the charge, unless all it says is that the other stopped before."""
    if isinstance(message, Bst):
        process.bst |= dict.fromkeys(message.reasons)
        by = "charger" if message.reasons == (BmsStop.CHARGER_STOPPED,) else "bms"
    else:
        process.cst |= dict.fromkeys(message.reasons)
        by = "bms" if message.reasons == (ChargerStop.BMS_STOPPED,) else "charger"
    process.stop_by = process.stop_by or by


def _timed_out(process: _Process, message: Bem | Cem, at_s: float) -> None:
    process.stop_by = process.stop_by or "timeout"
    name = type_of(message).name
    for item in message.timeouts or (_UNNAMED,):
        known = process.errors.get((name, item))
        first_s, count = (known.first_s, known.count) if known else (at_s, 0)
        process.errors[name, item] = ErrorCount(name, str(item), first_s, count + 1)


def _history(process: _Process, end_s: float) -> ChargeHistory:
    _resumed(process, end_s)
    brm = process.brm.message if process.brm and isinstance(process.brm.message, Brm) else None
    return ChargeHistory(
        edition=_edition(process),
        phases=_spans(process, end_s),
        vin=brm.vin if brm else None,
        battery_type=brm.battery_type.name.lower() if brm else None,
        rated_capacity_ah=brm.rated_capacity_ah if brm else None,
        soc_start_pct=process.soc_start_pct,
        soc_end_pct=process.bcs_soc_pct if process.bsd_soc_pct is None else process.bsd_soc_pct,
        max_charge_current_a=process.max_current_a,
        pauses=tuple(process.pauses),
        stop=StopCause(process.stop_by, _reasons(process)),
        errors=tuple(process.errors.values()),
    )


def _edition(process: _Process) -> str | None:
    """What was spoken; 2023 is told by its words alone, because no source says which version it writes."""
    if _WORDS_OF_2023 & {*process.bst, *process.cst, *(error.item for error in process.errors.values())}:
        return Edition.GB2023
    if process.brm and isinstance(process.brm.message, Brm):
        return spoken_edition(process.bhm_seen, process.brm.message.version, process.brm.length)
    return Edition.GB2015 if process.chm or process.bhm_seen else None


def _reasons(process: _Process) -> tuple[str, ...]:
    """Reasons of the side that stopped; its echo of the other's stop is none."""
    words: dict[str | None, tuple[str, ...]] = {
        "bms": tuple(word for word in process.bst if word is not BmsStop.CHARGER_STOPPED),
        "charger": tuple(word for word in process.cst if word is not ChargerStop.BMS_STOPPED),
    }
    return tuple(map(str, words.get(process.stop_by, ())))


def _spans(process: _Process, end_s: float) -> tuple[PhaseSpan, ...]:
    last_s = process.last_s if process.phase is ChargePhase.END else end_s
    ends = [start_s for _, start_s in process.starts[1:]] + [last_s]
    return tuple(
        PhaseSpan(str(phase), start_s, until_s) for (phase, start_s), until_s in zip(process.starts, ends, strict=True)
    )
