"""The golden logs: made again byte for byte, and replayed to say what happened in them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from swapstation.replay import replay, report
from tests.protocol.gbt27930.make_logs import CASES, LOGS, log

_WHOLE = ["handshake", "recognition", "config", "charging", "stop", "end"]
_BY_HAND = ("charger", ("manual",))

_ENDS = {
    "normal": ("2015", ("bms", ("soc_reached",)), 0),
    "pause_and_resume": ("2015", _BY_HAND, 1),
    "edition_2011": ("2011", _BY_HAND, 0),
    "edition_2023": ("2023", ("charger", ("fault", "parameters_mismatch")), 0),
}
_TIMEOUTS = {
    "cem_brm": ("CEM", "BRM", "recognition", 2.0),
    "cem_bcp": ("CEM", "BCP", "recognition", 2.0),
    "cem_bro": ("CEM", "BRO", "config", 2.0),
    "cem_bro_ready": ("CEM", "BRO", "config", 5.0),
    "cem_bcl": ("CEM", "BCL", "charging", 1.0),
    "cem_bcs": ("CEM", "BCS", "charging", 2.0),
    "cem_bsm_2023": ("CEM", "BSM", "charging", 2.0),
    "cem_bst": ("CEM", "BST", "stop", 1.0),
    "cem_bsd": ("CEM", "BSD", "end", 2.0),
    "bem_crm_00": ("BEM", "CRM_00", "handshake", 2.0),
    "bem_crm_aa": ("BEM", "CRM_AA", "recognition", 2.0),
    "bem_cts_cml": ("BEM", "CTS_CML", "config", 2.0),
    "bem_cro": ("BEM", "CRO", "config", 2.0),
    "bem_cro_ready": ("BEM", "CRO", "config", 4.0),
    "bem_ccs": ("BEM", "CCS", "charging", 1.0),
    "bem_cst": ("BEM", "CST", "stop", 2.0),
    "bem_csd": ("BEM", "CSD", "end", 2.0),
}


def test_every_case_has_its_log_and_what_it_must_say() -> None:
    assert {path.stem for path in LOGS.iterdir()} == CASES.keys() == {*_ENDS, *_TIMEOUTS}
    assert sum(path.stat().st_size for path in LOGS.iterdir()) < 1_000_000


@pytest.mark.parametrize("name", CASES)
def test_a_log_is_made_again_byte_for_byte(name: str) -> None:
    made = log(CASES[name])
    assert made == path(name).read_text(encoding="ascii"), "run: python -m tests.protocol.gbt27930.make_logs"


@pytest.mark.parametrize("name", _ENDS)
def test_a_whole_charge_is_told(name: str) -> None:
    told = replay(path(name))
    [session] = told.sessions
    edition, stop, pauses = _ENDS[name]
    assert (told.malformed, told.unknown_ids, session.errors) == (0, {}, ())
    assert (session.edition, (session.stop.by, session.stop.reasons)) == (edition, stop)
    assert [phase.name for phase in session.phases] == _WHOLE
    assert len(session.pauses) == pauses
    assert (told.messages["BMV"], told.messages["BMT"], told.messages["BSP"]) == (1, 1, 1)


@pytest.mark.parametrize("name", _TIMEOUTS)
def test_a_timeout_is_told_with_its_phase_and_how_long_was_waited(name: str) -> None:
    told = replay(path(name))
    [session] = told.sessions
    message, item, phase, waited_s = _TIMEOUTS[name]
    assert (told.malformed, told.unknown_ids) == (0, {})
    assert session.phases[-1].name == "error"
    assert session.phases[-2].name == phase
    [error] = session.errors
    assert (error.message, error.item) == (message, item)
    assert error.count == 3
    in_phase_s = error.first_s - session.phases[-2].start_s
    assert waited_s - 0.02 <= in_phase_s <= waited_s + 0.4


def test_the_pause_is_told_to_people_in_both_languages() -> None:
    told = replay(path("pause_and_resume"))
    [pause] = told.sessions[0].pauses
    assert pause.end_s - pause.start_s == pytest.approx(1.0, abs=0.3)
    for language, word in (("zh", "电池暂停充电"), ("en", "Paused by the battery")):
        out = StringIO()
        report(told, Console(file=out, width=100), language)  # type: ignore[arg-type]
        assert word in out.getvalue()


def path(name: str) -> Path:
    return LOGS / f"{name}.log"
