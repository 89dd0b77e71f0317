"""Every waiting time of the standard, with its defaults: what is waited for, from when, how long, and what is said."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from swapstation.config.gbt27930 import Gbt27930
from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.bms_facts import BmsTimes
from swapstation.protocol.node import Frame
from tests.protocol.gbt27930.make_logs import Lost, message, nothing, transfer
from tests.protocol.gbt27930.segment import FACTS, SETTINGS, Segment, segment
from tests.protocol.gbt27930.test_sessions import (
    BCL,
    BEM,
    BRO,
    BSD,
    BSM,
    BST,
    CCS,
    CEM,
    CHM,
    CML,
    CRM,
    CRO,
    CSD,
    CST,
    charger_phase,
    charging,
)

Instant = Callable[[Segment], float]

_NEVER = 900.0
_PATIENT_CHARGER = Gbt27930(
    brm_s=_NEVER, bcp_s=_NEVER, bro_s=_NEVER, bro_ready_s=_NEVER, bcl_s=_NEVER, bcs_s=_NEVER, bst_s=_NEVER, bsd_s=_NEVER
)
_PATIENT_BMS = BmsTimes(
    crm_s=_NEVER, crm_recognised_s=_NEVER, cml_s=_NEVER, cro_s=_NEVER, cro_ready_s=_NEVER, ccs_s=_NEVER,
    cst_s=_NEVER, csd_s=_NEVER,
)  # fmt: skip


def first(can_id: int, said: int | None = None) -> Instant:
    return lambda wires: next(at_s for at_s, data in wires.sent(can_id) if said is None or data[0] == said)


def last(can_id: int) -> Instant:
    return lambda wires: wires.sent(can_id)[-1][0]


def first_transfer(pgn: int) -> Instant:
    return lambda wires: next(at_s for at_s, frame in wires.log if transfer(pgn)(frame))


@dataclass(frozen=True, slots=True)
class Wait:
    """A row: what the wire loses, from which instant is waited, for how many seconds, and the bytes of the error."""

    lost: Lost
    since: Instant
    seconds: float
    said: str
    while_charging: bool = False
    then: str = ""


def any_of(*can_ids: int) -> Lost:
    return lambda frame: frame.can_id in can_ids


CHARGER_WAITS = {
    "BRM": Wait(transfer(0x0200), first(CRM, 0x00), 5.0, "FDF0C0FC"),
    "BCP": Wait(transfer(0x0600), first(CRM, 0xAA), 5.0, "FCF1C0FC"),
    "BRO any": Wait(message(BRO), first(CML), 5.0, "FCF4C0FC"),
    "BRO AA": Wait(message(BRO, 0xAA), first(CML), 60.0, "FCF4C0FC"),
    "BCL at first": Wait(message(BCL), first(CRO, 0xAA), 1.0, "FCF0C4FC"),
    "BCL": Wait(message(BCL), last(CCS), 1.0, "FCF0C4FC", while_charging=True),
    "BCS at first": Wait(transfer(0x1100), first(CRO, 0xAA), 5.0, "FCF0C1FC"),
    "BST": Wait(any_of(BST, BSD), first(CST), 5.0, "FCF0D0FC", while_charging=True, then="stop"),
    "BSD": Wait(message(BSD), first(CSD), 10.0, "FCF0C0FD", while_charging=True, then="stop"),
}
BMS_WAITS = {
    "CRM 00": Wait(message(CRM, 0x00), first(CHM), 30.0, "F1F0F0FC"),
    "CRM AA": Wait(message(CRM, 0xAA), first_transfer(0x0200), 5.0, "F4F0F0FC"),
    "CML": Wait(message(CML), first_transfer(0x0600), 5.0, "F0F1F0FC"),
    "CRO any": Wait(message(CRO), first(BRO, 0xAA), 5.0, "F0F4F0FC"),
    "CRO AA": Wait(message(CRO, 0xAA), first(BRO, 0xAA), 60.0, "F0F4F0FC"),
    "CCS at first": Wait(message(CCS), first(BCL), 1.0, "F0F0F1FC"),
    "CST": Wait(any_of(CST, CSD), first(BST), 5.0, "F0F0F4FC", while_charging=True, then="full"),
    "CSD": Wait(message(CSD), first(BSD), 10.0, "F0F0F0FD", while_charging=True, then="stop"),
}


def waited(wait: Wait, wires: Segment, error: int) -> float:
    wires.lost = nothing if wait.while_charging else wait.lost
    if wait.while_charging:
        charging(wires)
    else:
        wires.charger.start(wires.now_s)
    wires.lost = wait.lost
    if wait.then == "stop":
        wires.charger.stop(wires.now_s)
    if wait.then == "full":
        wires.status = replace(wires.status, soc_pct=100.0)
    lost_s = wires.now_s
    wires.run(100, until=lambda: bool(wires.sent(error)))
    assert wires.sent(error)[0][1].hex().upper() == wait.said
    since_s = lost_s if wait.while_charging and not wait.then else wait.since(wires)
    return wires.sent(error)[0][0] - since_s


@pytest.mark.parametrize("name", CHARGER_WAITS)
def test_the_charger_waits_as_long_as_the_standard_says(name: str) -> None:
    wires = segment(replace(FACTS, times=_PATIENT_BMS))
    wait = CHARGER_WAITS[name]
    assert waited(wait, wires, CEM) == pytest.approx(wait.seconds, abs=0.06)
    assert wires.charger.phase is ChargePhase.ERROR
    assert wires.charger.demand.current_a == 0.0


@pytest.mark.parametrize("name", BMS_WAITS)
def test_the_battery_waits_as_long_as_the_standard_says(name: str) -> None:
    wires = segment(settings=replace(SETTINGS, gbt27930=_PATIENT_CHARGER))
    wait = BMS_WAITS[name]
    assert waited(wait, wires, BEM) == pytest.approx(wait.seconds, abs=0.06)
    assert wires.bms.phase is ChargePhase.ERROR


def test_a_battery_that_was_woken_and_hears_nobody_says_so_after_sixty_seconds() -> None:
    wires = segment()
    wires.bms.power(False, wires.now_s)
    wires.bms.power(True, wires.now_s)
    begun_s = wires.now_s
    wires.run(70, until=lambda: bool(wires.sent(BEM)))
    assert wires.sent(BEM)[0][0] - begun_s == pytest.approx(60.0)
    assert wires.sent(BEM)[0][1].hex().upper() == "F1F0F0FC"
    wires.run(31)
    assert wires.bms.phase is ChargePhase.IDLE
    charging(wires)


def test_a_battery_without_power_says_nothing_and_opens() -> None:
    wires = charging()
    wires.bms.power(False, wires.now_s)
    silent_from = len(wires.log)
    wires.run(0.5)
    assert not wires.bms.contactors_wanted
    assert all(frame.can_id & 0xFF == 0x56 for _, frame in wires.log[silent_from:])


def test_a_2015_bay_never_waits_for_bsm() -> None:
    wires = charging()
    wires.lost = message(BSM)
    wires.run(30)
    assert wires.charger.phase is ChargePhase.CHARGING


@pytest.mark.parametrize("error", [CEM, BEM])
def test_errors_repeat_every_250_ms_until_recognition_begins_again(error: int) -> None:
    wires = charging()
    wires.lost = message(BCL if error == CEM else CCS)
    if error == BEM:
        wires.charger._times = replace(wires.charger._times, bcl_s=_NEVER)
    wires.run(3, until=lambda: bool(wires.sent(error)))
    crm_s = len(wires.sent(CRM))
    wires.run(2, until=lambda: len(wires.sent(CRM)) > crm_s)
    times = [at_s for at_s, _ in wires.sent(error)]
    assert {round(after - before, 3) for before, after in itertools.pairwise(times)} == {0.25}
    assert wires.sent(CRM)[-1][0] - times[0] == pytest.approx(1.0, abs=0.06)


def test_an_error_after_the_end_begins_nothing() -> None:
    wires = charging()
    wires.charger.stop(wires.now_s)
    charger_phase(wires, ChargePhase.END)
    wires.run(2)
    wires.charger.receive(Frame(BEM, bytes.fromhex("F0F0F0FD")), wires.now_s)
    assert wires.charger.phase is ChargePhase.END
    assert not wires.charger.aux_power


def test_a_battery_whose_contactors_never_close_does_not_wait_for_ever() -> None:
    wires = segment()
    wires.closing_s = _NEVER
    wires.charger.start(wires.now_s)
    wires.run(5, until=lambda: wires.bms.contactors_wanted)
    wires.lost = lambda frame: frame.can_id & 0xFF == 0x56
    wires.run(100)
    assert wires.bms.phase is ChargePhase.IDLE
    assert wires.sent(BEM)[0][1].hex().upper() == "F0F4F0FC"


@pytest.mark.parametrize("stop", [BST, CST])
def test_statistics_in_place_of_a_stop_that_was_lost_end_the_process_too(stop: int) -> None:
    wires = charging()
    wires.lost = message(stop)
    if stop == BST:
        wires.charger.stop(wires.now_s)
    else:
        wires.status = replace(wires.status, soc_pct=100.0)
    partner = wires.bms if stop == BST else wires.charger
    waits_for = wires.charger if stop == BST else wires.bms
    wires.run(0.5, until=lambda: partner.phase is ChargePhase.END)
    wires.run(20, until=lambda: waits_for.phase in (ChargePhase.END, ChargePhase.IDLE))
    assert wires.sent(CEM) + wires.sent(BEM) == []
