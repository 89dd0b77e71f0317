"""Replaying synthetic recordings: sessions, phases, who stopped and why, counts."""

from __future__ import annotations

import itertools
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.console import Console

from swapstation.protocol.gbt27930.messages import (
    Bcl,
    Bcs,
    Bem,
    Bhm,
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
from swapstation.protocol.gbt27930.words import BmsStop, BmsTimeout, ChargerStop, ChargerTimeout, Edition
from swapstation.replay import Language, replay, report, to_json
from tests.protocol.gbt27930.vectors import BCP, BRM
from tests.replay.recording import Recording

CRM_00, CRM_AA = Crm(False, 1002, "010"), Crm(True, 1002, "010")
CRM_00_2011, CRM_AA_2011 = Crm(False, 7), Crm(True, 7)
CML = Cml(750.0, 200.0, 250.0, 2.0)
BCL = Bcl(733.6, 240.0)
BCS = Bcs(652.3, 238.7, 3.38, 3, 41, 55)
CCS = Ccs(652.8, 238.5, 12, True)
BSM = Bsm(87, 31, 4, 27, 11, (), True)
CHARGING: tuple[Message, ...] = (BCL, CCS, BCS, BSM)
STATISTICS: tuple[Message, ...] = (Bsd(95, 3.41, 3.45, 26, 33), Csd(62, 153.4, 1002))


def recognised(recording: Recording) -> Recording:
    return recording.add(CRM_00, BRM, CRM_AA, BCP, Cts(), CML, Bro(False), Bro(True), Cro(False), Cro(True))


def handshaken(recording: Recording | None = None) -> Recording:
    return recognised((recording or Recording()).add(Chm(), Bhm(730.0), Chm(), Bhm(730.0)))


def session(recording: Recording, tmp_path: Path) -> dict[str, Any]:
    content = told(recording, tmp_path)
    assert len(content["sessions"]) == 1
    only: dict[str, Any] = content["sessions"][0]
    return only


def told(recording: Recording, tmp_path: Path, *extra_lines: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(to_json(replay(recording.write(tmp_path / "trace.log", extra_lines))))
    return content


def names(content: dict[str, Any]) -> list[str]:
    return [phase["name"] for phase in content["phases"]]


def test_a_whole_charge_stopped_by_hand(tmp_path: Path) -> None:
    recording = handshaken().repeat(20, *CHARGING)
    recording.repeat(10, Cst((ChargerStop.MANUAL,)), Bst((BmsStop.CHARGER_STOPPED,)), every_s=0.01)
    recording.repeat(4, *STATISTICS, every_s=0.25)
    content = told(recording, tmp_path)
    assert content["frames"] == len(recording.frames)
    assert content["unknown_ids"] == {}
    assert content["malformed"] == 0
    assert content["messages"] == {
        "CHM": 2, "BHM": 2, "CRM": 2, "BRM": 1, "BCP": 1, "CTS": 1, "CML": 1, "BRO": 2, "CRO": 2,
        "BCL": 20, "CCS": 20, "BCS": 20, "BSM": 20, "CST": 10, "BST": 10, "BSD": 4, "CSD": 4,
    }  # fmt: skip
    [only] = content["sessions"]
    phases = only.pop("phases")
    assert only == {
        "edition": "2015",
        "vin": "LZZ1CLSB7RA000001",
        "battery_type": "lfp",
        "rated_capacity_ah": 436.0,
        "soc_start_pct": 40.5,
        "soc_end_pct": 95,
        "max_charge_current_a": 238.7,
        "pauses": [],
        "stop": {"by": "charger", "reasons": ["manual"]},
        "errors": [],
    }
    assert [phase["name"] for phase in phases] == [
        "handshake", "recognition", "config", "charging", "stop", "end",
    ]  # fmt: skip
    assert phases[0]["start_s"] == 0.0
    for before, after in itertools.pairwise(phases):
        assert before["end_s"] == after["start_s"]
    assert phases[-1]["end_s"] == pytest.approx(recording.frames[-1][0] - recording.frames[0][0], abs=1e-5)


@pytest.mark.parametrize(
    ("first", "second", "by", "reasons"),
    [
        (Bst((BmsStop.SOC_REACHED,)), Cst((ChargerStop.BMS_STOPPED,)), "bms", ["soc_reached"]),
        (Cst((ChargerStop.BMS_STOPPED,)), Bst((BmsStop.SOC_REACHED,)), "bms", ["soc_reached"]),
        (Bst((BmsStop.CHARGER_STOPPED,)), Cst((ChargerStop.MANUAL,)), "charger", ["manual"]),
        (
            Cst((ChargerStop.FAULT, ChargerStop.EMERGENCY_STOP)),
            Bst((BmsStop.CHARGER_STOPPED,)),
            "charger",
            ["fault", "emergency_stop"],
        ),
        (Bst((BmsStop.HV_RELAY_FAULT,)), Cst((ChargerStop.BMS_STOPPED,)), "bms", ["hv_relay_fault"]),
    ],
)
def test_who_stopped_and_why(tmp_path: Path, first: Message, second: Message, by: str, reasons: list[str]) -> None:
    recording = handshaken().repeat(5, *CHARGING).add(first, second).add(*STATISTICS)
    assert session(recording, tmp_path)["stop"] == {"by": by, "reasons": reasons}


def test_the_charger_falls_silent(tmp_path: Path) -> None:
    recording = handshaken().repeat(5, *CHARGING).repeat(20, BCL).repeat(7, Bem((BmsTimeout.CCS,)), every_s=0.25)
    content = session(recording, tmp_path)
    assert content["stop"] == {"by": "timeout", "reasons": []}
    assert names(content)[-2:] == ["charging", "error"]
    [error] = content["errors"]
    assert (error["message"], error["item"], error["count"]) == ("BEM", "CCS", 7)
    assert error["first_s"] == content["phases"][-1]["start_s"] == content["phases"][-2]["end_s"]
    assert content["soc_end_pct"] == 41


def test_reconnects_stay_inside_the_session(tmp_path: Path) -> None:
    recording = handshaken().repeat(5, *CHARGING).add(Cem((ChargerTimeout.BCL,)), Cem((ChargerTimeout.BCL,)))
    recognised(recording).repeat(5, *CHARGING).add(Bst((BmsStop.SOC_REACHED,)), Cst((ChargerStop.BMS_STOPPED,)))
    content = session(recording.add(*STATISTICS), tmp_path)
    assert names(content) == [
        "handshake", "recognition", "config", "charging", "error", "recognition", "config", "charging", "stop", "end",
    ]  # fmt: skip
    assert content["stop"] == {"by": "bms", "reasons": ["soc_reached"]}
    assert [(error["item"], error["count"]) for error in content["errors"]] == [("BCL", 2)]


def test_a_recognition_that_never_succeeds_is_a_timeout(tmp_path: Path) -> None:
    recording = Recording().add(Chm(), Bhm(730.0)).repeat(20, CRM_00, every_s=0.25)
    recording.add(Cem((ChargerTimeout.BRM,)), CRM_00, Cem((ChargerTimeout.BRM,)))
    content = session(recording, tmp_path)
    assert names(content) == ["handshake", "recognition", "error", "recognition", "error"]
    assert content["stop"]["by"] == "timeout"
    assert (content["vin"], content["battery_type"], content["soc_start_pct"]) == (None, None, None)
    assert content["max_charge_current_a"] is None


def test_a_2011_battery(tmp_path: Path) -> None:
    recording = Recording(Edition.GB2011)
    recording.add(CRM_00_2011, replace(BRM, version="1.0"), CRM_AA_2011, BCP, CML, Bro(True), Cro(True))
    recording.repeat(5, BCL, CCS, BCS)
    content = session(recording, tmp_path)
    assert content["edition"] == "2011"
    assert names(content)[0] == "recognition"
    assert content["vin"] == "LZZ1CLSB7RA000001"
    assert content["stop"] == {"by": None, "reasons": []}
    assert content["max_charge_current_a"] == 238.7


def test_a_short_brm_that_claims_1_1_without_bhm_is_2011(tmp_path: Path) -> None:
    recording = Recording(Edition.GB2011).add(CRM_00_2011, BRM, CRM_AA_2011)
    assert session(recording, tmp_path)["edition"] == "2011"


def test_several_sessions_are_told_apart(tmp_path: Path) -> None:
    recording = handshaken().repeat(5, *CHARGING).add(Cst((ChargerStop.MANUAL,))).add(*STATISTICS, *STATISTICS)
    recording.add(BCL)
    handshaken(recording).repeat(5, *CHARGING)
    handshaken(recording).repeat(5, *CHARGING).add(*STATISTICS)
    recognised(recording)
    content = told(recording, tmp_path)
    by_edition = [each["edition"] for each in content["sessions"]]
    assert by_edition == ["2015", "2015", "2015", "2015"]
    starts = [each["phases"][0]["start_s"] for each in content["sessions"]]
    assert starts == sorted(starts)
    first, second, third, fourth = content["sessions"]
    assert names(first)[-1] == names(third)[-1] == "end"
    assert first["phases"][-1]["end_s"] < second["phases"][0]["start_s"]
    assert names(second)[-1] == "charging"
    assert second["phases"][-1]["end_s"] == third["phases"][0]["start_s"]
    assert names(fourth) == ["recognition", "config"]


def test_an_error_after_the_end_belongs_to_the_session_that_ended(tmp_path: Path) -> None:
    recording = handshaken().add(BCL, Cst((ChargerStop.MANUAL,)), STATISTICS[0], Bem((BmsTimeout.CSD,)))
    content = told(recognised(recording), tmp_path)
    ended, anew = content["sessions"]
    assert names(ended)[-2:] == ["end", "error"]
    assert ended["stop"] == {"by": "charger", "reasons": ["manual"]}
    assert (ended["errors"][0]["item"], anew["errors"]) == ("CSD", [])


def test_what_comes_before_the_first_handshake_is_counted_but_no_session(tmp_path: Path) -> None:
    content = told(Recording().repeat(5, *CHARGING), tmp_path)
    assert content["sessions"] == []
    assert content["messages"]["BCL"] == 5


def test_an_empty_identity_is_null(tmp_path: Path) -> None:
    recording = Recording().add(Chm(), Bhm(730.0), CRM_00, replace(BRM, vin=None), replace(BCP, soc_pct=None))
    content = session(recording, tmp_path)
    assert (content["vin"], content["soc_start_pct"], content["soc_end_pct"]) == (None, None, None)


def test_the_end_soc_is_the_last_status_when_statistics_have_none(tmp_path: Path) -> None:
    recording = handshaken().add(*CHARGING, replace(BCS, soc_pct=42), replace(BCS, soc_pct=None))
    assert session(recording.add(Bsd(None, None, None, None, None)), tmp_path)["soc_end_pct"] == 42


def test_a_discharging_battery_has_no_charge_current(tmp_path: Path) -> None:
    recording = handshaken().add(replace(BCS, current_a=-20.0))
    assert session(recording, tmp_path)["max_charge_current_a"] == 0.0


def test_foreign_frames_bad_lines_and_unreadable_messages_are_counted_apart(tmp_path: Path) -> None:
    recording = handshaken().frame(0x1885D0F3, bytes(8)).frame(0x1885D0F3, bytes(8)).frame(0x123, b"", extended=False)
    recording.frame(0x1CECF456, bytes.fromhex("11 01 01 FF FF 00 11 00")).frame(0x181056F4, b"\x01")
    content = told(recording, tmp_path, "what is this", "(1.0) can0 1826F456#0")
    assert content["unknown_ids"] == {"00000123": 1, "1885D0F3": 2}
    assert content["malformed"] == 3
    assert content["frames"] == len(recording.frames)
    assert "BCL" not in content["messages"]


def test_a_transfer_with_lost_and_repeated_packets_counts_once_or_never(tmp_path: Path) -> None:
    recording = handshaken().add(BCS)
    transfer = [frame for _, frame in recording.frames[-5:]]
    recording.frames += [(recording.now_s, frame) for frame in (transfer[0], transfer[2])]
    recording.frames += [(recording.now_s, frame) for frame in (transfer[0], transfer[3], transfer[2], transfer[3])]
    assert told(recording, tmp_path)["messages"]["BCS"] == 2


def test_an_aborted_transfer_is_not_finished_by_stray_packets(tmp_path: Path) -> None:
    recording = handshaken().add(BCS)
    transfer = [frame for _, frame in recording.frames[-5:]]
    recording.frames += [(recording.now_s, frame) for frame in transfer[:3]]
    recording.frame(0x1CECF456, bytes.fromhex("FF 03 FF FF FF 00 11 00"))
    recording.frames.append((recording.now_s, transfer[3]))
    assert told(recording, tmp_path)["messages"]["BCS"] == 1


def test_order_decides_when_all_lines_have_the_same_time(tmp_path: Path) -> None:
    recording = handshaken().repeat(3, *CHARGING).add(Bst((BmsStop.SOC_REACHED,)), *STATISTICS)
    recording.frames = [(5.0, frame) for _, frame in recording.frames]
    content = session(recording, tmp_path)
    assert names(content) == ["handshake", "recognition", "config", "charging", "stop", "end"]
    assert all(phase["start_s"] == phase["end_s"] == 0.0 for phase in content["phases"])


def test_stragglers_do_not_turn_the_phases_back(tmp_path: Path) -> None:
    recording = handshaken().add(Bhm(730.0)).add(BCL, Cro(True), Bro(True), CCS)
    recording.add(Bst((BmsStop.SOC_REACHED,)), BCL, CCS).add(*STATISTICS, Bst((BmsStop.SOC_REACHED,)))
    assert names(session(recording, tmp_path)) == [
        "handshake", "recognition", "config", "charging", "stop", "end",
    ]  # fmt: skip


def test_an_error_without_an_item_is_other(tmp_path: Path) -> None:
    recording = handshaken().add(Bem(()))
    assert session(recording, tmp_path)["errors"][0]["item"] == "OTHER"


@pytest.mark.parametrize(("language", "expected"), [("zh", "达到需求SOC"), ("en", "soc reached")])
def test_the_report_is_for_people(tmp_path: Path, language: Language, expected: str) -> None:
    recording = handshaken(Recording()).repeat(5, *CHARGING).add(Bst((BmsStop.SOC_REACHED,)), *STATISTICS)
    recording.frame(0x181056F4, b"\x01").frame(0x1885D0F3, bytes(8))
    out = StringIO()
    path = recording.write(tmp_path / "trace.log", ["[bold]bad line[/nonsense]"])
    report(replay(path), Console(file=out, width=120), language)
    assert expected in out.getvalue()
    assert "LZZ1CLSB7RA000001" in out.getvalue()
    assert "[bold]bad line[/nonsense]" in out.getvalue()
    assert "1885D0F3" in out.getvalue()
    assert "BCL" in out.getvalue()
