"""Writes the golden logs beside this file: `python -m tests.protocol.gbt27930.make_logs`.

Each is a charging process of our charger and our battery in virtual time, as a candump log that people can read. They
show every time-out with its BEM or CEM; what a case needs in place of the defaults stands in its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from swapstation.config.gbt27930 import EditionChoice, Gbt27930
from swapstation.model.device import ChargePhase
from swapstation.protocol import j1939
from swapstation.protocol.gbt27930.bms_facts import BmsFacts, BmsTimes
from swapstation.protocol.gbt27930.words import Edition
from swapstation.protocol.node import Frame
from tests.protocol.gbt27930.segment import FACTS, SETTINGS, STATUS, Segment, segment

LOGS = Path(__file__).parent / "logs"
_ERRORS = (0x081FF456, 0x081E56F4)
_EPOCH_S = 1_700_000_000.0
_CELLS = tuple(round(3.30 + 0.01 * (index % 5), 2) for index in range(201))
_FULL = replace(
    STATUS, cell_voltages_v=_CELLS, temperatures_c=(31, 29, 28, 27, 30), reserved=(0, 1, 2, 3), max_cell_group=3
)

Lost = Callable[[Frame], bool]


@dataclass(frozen=True, slots=True)
class Case:
    """One log: who takes part, what the wire loses once the process is in `since`, what happens, and when it ends."""

    facts: BmsFacts = FACTS
    choice: EditionChoice = EditionChoice.GB2015
    gbt27930: Gbt27930 = field(default_factory=Gbt27930)
    lost: Lost | None = None
    since: ChargePhase = ChargePhase.HANDSHAKE
    happens: Callable[[Segment], None] = lambda wires: None
    keep_s: float = 0.6


def nothing(frame: Frame) -> bool:
    return False


def message(can_id: int, first: int | None = None) -> Lost:
    """Every frame of one identifier, if told only those with this first byte."""
    return lambda frame: frame.can_id == can_id and (first is None or frame.data[0] == first)


def transfer(pgn: int) -> Lost:
    """The RTS of one long message."""
    return lambda frame: (
        frame.can_id == 0x1CEC56F4 and frame.data[0] == 0x10 and int.from_bytes(frame.data[5:8], "little") == pgn
    )


def sent_by(source: int) -> Lost:
    return lambda frame: j1939.split(frame.can_id).source == source


def normal(wires: Segment) -> None:
    """A short charge that reaches its target."""
    wires.soc_per_s = 40.0
    until(wires, lambda: wires.charger.phase is ChargePhase.END)
    wires.run(1.2)


def pause(wires: Segment) -> None:
    """The battery forbids charging for a second and allows it again; then the charge is stopped by hand."""
    charging(wires)
    for permitted in (False, True):
        wires.status = replace(wires.status, permitted=permitted)
        wires.run(1.0)
    stop(wires)


def stop(wires: Segment) -> None:
    charging(wires)
    wires.charger.stop(wires.now_s)
    until(wires, lambda: wires.charger.phase is ChargePhase.END)


def charging(wires: Segment) -> None:
    until(wires, lambda: wires.charger.demand.current_a > 0)
    wires.run(0.3)


def battery_stops(wires: Segment) -> None:
    wires.status = replace(wires.status, soc_pct=100.0)


def wants_too_little(wires: Segment) -> None:
    wires.status = replace(wires.status, wanted_current_a=1.0)
    until(wires, lambda: wires.charger.phase is ChargePhase.END)


def stopped(wires: Segment) -> None:
    wires.charger.stop(wires.now_s)


def until(wires: Segment, reached: Callable[[], bool]) -> None:
    wires.run(90, until=reached)
    assert reached()


_PATIENT = Gbt27930(brm_s=60.0, bcp_s=60.0, bro_s=60.0, bcl_s=5.0, bcs_s=30.0, bst_s=30.0)
_HASTY = BmsTimes(crm_s=2.0, crm_recognised_s=2.0, cml_s=2.0, cro_s=2.0, cro_ready_s=4.0, cst_s=2.0, csd_s=2.0)
_PATIENT_BMS = replace(FACTS, times=BmsTimes(csd_s=30.0, cst_s=30.0, crm_recognised_s=60.0, cml_s=60.0))
_SHORT = Gbt27930(brm_s=2.0, bcp_s=2.0, bro_s=2.0, bro_ready_s=5.0, bcs_s=2.0, bsm_s=2.0, bst_s=1.0, bsd_s=2.0)
_HASTY_FACTS = replace(FACTS, times=_HASTY)

CASES: Mapping[str, Case] = {
    "normal": Case(happens=normal),
    "pause_and_resume": Case(happens=pause),
    "edition_2011": Case(replace(FACTS, edition=Edition.GB2011), happens=stop),
    "edition_2023": Case(
        replace(FACTS, edition=Edition.GB2023),
        EditionChoice.GB2023,
        Gbt27930(min_current_a=2.0),
        since=ChargePhase.CHARGING,
        happens=wants_too_little,
    ),
    "cem_brm": Case(gbt27930=_SHORT, lost=transfer(0x0200)),
    "cem_bcp": Case(_PATIENT_BMS, gbt27930=_SHORT, lost=transfer(0x0600)),
    "cem_bro": Case(_PATIENT_BMS, gbt27930=_SHORT, lost=message(0x100956F4)),
    "cem_bro_ready": Case(_PATIENT_BMS, gbt27930=_SHORT, lost=message(0x100956F4, 0xAA)),
    "cem_bcl": Case(lost=message(0x181056F4), since=ChargePhase.CHARGING),
    "cem_bcs": Case(gbt27930=_SHORT, lost=transfer(0x1100), since=ChargePhase.CHARGING),
    "cem_bsm_2023": Case(
        FACTS, EditionChoice.GB2023, _SHORT, lost=message(0x181356F4), since=ChargePhase.CHARGING
    ),
    "cem_bst": Case(
        _PATIENT_BMS,
        gbt27930=_SHORT,
        lost=lambda frame: frame.can_id in (0x101956F4, 0x181C56F4),
        since=ChargePhase.CHARGING,
        happens=stopped,
    ),
    "cem_bsd": Case(
        _PATIENT_BMS, gbt27930=_SHORT, lost=message(0x181C56F4), since=ChargePhase.CHARGING, happens=stopped
    ),
    "bem_crm_00": Case(_HASTY_FACTS, gbt27930=_PATIENT, lost=message(0x1801F456, 0x00)),
    "bem_crm_aa": Case(_HASTY_FACTS, gbt27930=_PATIENT, lost=message(0x1801F456, 0xAA)),
    "bem_cts_cml": Case(_HASTY_FACTS, gbt27930=_PATIENT, lost=message(0x1808F456)),
    "bem_cro": Case(_HASTY_FACTS, gbt27930=_PATIENT, lost=message(0x100AF456)),
    "bem_cro_ready": Case(_HASTY_FACTS, gbt27930=_PATIENT, lost=message(0x100AF456, 0xAA)),
    "bem_ccs": Case(gbt27930=_PATIENT, lost=message(0x1812F456), since=ChargePhase.CHARGING),
    "bem_cst": Case(
        _HASTY_FACTS, gbt27930=_PATIENT, lost=sent_by(0x56), since=ChargePhase.CHARGING, happens=battery_stops
    ),
    "bem_csd": Case(
        _HASTY_FACTS, gbt27930=_PATIENT, lost=message(0x181DF456), since=ChargePhase.CHARGING, happens=stopped
    ),
}  # fmt: skip
"""Cases `cem_...` and `bem_...` end `keep_s` after the first CEM or BEM."""


def log(case: Case) -> str:
    """The candump log of one case."""
    wires = segment(case.facts, _FULL, replace(SETTINGS, edition=case.choice, gbt27930=case.gbt27930))
    begun_s = wires.now_s
    wires.charger.start(begun_s, datetime(2026, 3, 9, 8, 5, 30, tzinfo=UTC))
    if case.since is ChargePhase.CHARGING:
        charging(wires)
    whole = len(wires.log)
    wires.lost = case.lost or nothing
    case.happens(wires)
    if case.lost:
        until(wires, lambda: any(frame.can_id in _ERRORS for _, frame in wires.log))
    wires.run(case.keep_s)
    heard = [*wires.log[:whole], *(entry for entry in wires.log[whole:] if not wires.lost(entry[1]))]
    return "".join(_line(at_s - begun_s, frame) for at_s, frame in heard)


def _line(after_s: float, frame: Frame) -> str:
    return f"({_EPOCH_S + after_s:.6f}) can0 {frame.can_id:08X}#{frame.data.hex().upper()}\n"


if __name__ == "__main__":
    LOGS.mkdir(exist_ok=True)
    for name, case in CASES.items():
        (LOGS / f"{name}.log").write_text(log(case), encoding="ascii")
