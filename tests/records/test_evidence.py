"""The case file: all of an event in plain files, verified as a stranger would, with openssl alone."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from swapstation.model.command import TripBay
from swapstation.model.journal import RequestAnswered
from swapstation.model.request import Accepted, HoldStation, Request
from swapstation.model.snapshot import StationState
from swapstation.records.evidence import SUMS, Case, EvidenceError, build, event_manifest, span_of_event
from swapstation.records.signing import KEY_FILE, SigningError, fingerprint, signing_key
from swapstation.records.telemetry.hot import open_hot
from tests.records.conftest import Make
from tests.records.moments import CALM, manifests, moment, raised
from tests.telemetry.days import pack

OPENSSL = shutil.which("openssl")


@pytest.fixture
def event(tmp_path: Path, make: Make) -> Path:
    """A small event with an alarm, an order and a person, and telemetry of its time."""
    box = make(tmp_path / "black_box")
    asked = RequestAnswered(Request("k1", "li", HoldStation("smoke")), Accepted("k1"))
    held = replace(CALM, state=StationState.HELD)
    box.take(moment(0.0, raised("BAY_SMOKE"), asked, now=held, commands=((TripBay(1), 7),)))
    box.take(moment(70.0))
    box.close()
    (manifest,) = manifests(tmp_path / "black_box")
    first = span_of_event(manifest)[0]
    store = open_hot(tmp_path / "telemetry")
    store.add([pack(int(first.timestamp()) + second) for second in range(1, 4)])
    store.close()
    return tmp_path / "black_box" / "events" / manifest.event


def _unpacked(event: Path, target: Path) -> Path:
    data = event.parents[2]
    further = {"events.jsonl": b'{"sequence": 1}\n'}
    signed_by = build(Case(event, data, "north", "0.1.0", further), data / "case.tar.gz")
    assert signed_by == fingerprint(signing_key(data))
    target.mkdir()
    subprocess.run(["tar", "-xzf", str(data / "case.tar.gz"), "-C", str(target)], check=True)
    return target / event.name


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_case_file_holds_states_orders_alarms_people_and_telemetry(event: Path, tmp_path: Path) -> None:
    folder = _unpacked(event, tmp_path / "out")
    assert next(row["state"] for row in _rows(folder / "states.csv")) == "held"
    assert [(row["command"], row["command_id"]) for row in _rows(folder / "commands.csv")] == [("TripBay", "7")]
    assert [row["alarm"] for row in _rows(folder / "alarms.csv")] == ["BAY_SMOKE@bay-1"]
    (person,) = _rows(folder / "people.csv")
    assert (person["person"], json.loads(person["content"])["kind"]) == ("li", "hold")
    assert {row["name"] for row in _rows(folder / "signals.csv")} >= {"robot", "safety", "bay-1.io"}
    assert [row["current_a"] for row in _rows(folder / "telemetry" / "pack.csv")] == ["200.0"] * 3
    assert json.loads((folder / "software.json").read_text())["boots"][0]["configuration_sha256"]
    assert (folder / "records" / "events.jsonl").read_bytes() == b'{"sequence": 1}\n'
    assert not (folder / "damage.txt").exists()


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_a_stranger_verifies_it_with_openssl_as_the_readme_says(event: Path, tmp_path: Path) -> None:
    folder = _unpacked(event, tmp_path / "out")
    readme = (folder / "README.txt").read_text(encoding="utf-8")
    signed, listed, key = (line.strip() for line in readme.splitlines() if line.strip().startswith("openssl "))

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)

    assert "Verified Successfully" in run(signed).stdout
    assert (run(listed).returncode, run(listed).stdout) == (0, "")
    assert run(key).stdout.split()[0] == fingerprint(signing_key(event.parents[2]))
    files = sum(1 for path in folder.rglob("*") if path.is_file())
    assert len((folder / SUMS).read_text().splitlines()) == files - 2, "all but the list and its signature"

    (folder / "people.csv").write_text("nobody\n")
    assert "people.csv" in run(listed).stdout
    (folder / SUMS).write_text((folder / SUMS).read_text().replace("people", "nobody"))
    assert run(signed).returncode != 0


def test_a_damaged_trace_goes_in_and_says_so(event: Path, tmp_path: Path) -> None:
    segment = next(event.glob("segment-*"))
    content = segment.read_bytes()
    segment.unlink()
    segment.write_bytes(content[:-9])
    folder = _unpacked(event, tmp_path / "out")
    assert segment.name in (folder / "damage.txt").read_text()
    assert (folder / "trace" / segment.name).read_bytes() == content[:-9]


def test_an_event_without_a_segment_makes_no_case(event: Path, tmp_path: Path) -> None:
    manifest = json.loads((event / "manifest.json").read_text())
    (event / "manifest.json").write_text(json.dumps({**manifest, "segments": [], "gaps": []}))
    with pytest.raises(EvidenceError, match="segment"):
        _unpacked(event, tmp_path / "out")
    (event / "manifest.json").write_text("{")
    with pytest.raises(EvidenceError):
        event_manifest(event)


def test_the_key_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    first = fingerprint(signing_key(tmp_path))
    assert fingerprint(signing_key(tmp_path)) == first
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(SigningError, match="chmod 600"):
        signing_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o600)
    (tmp_path / KEY_FILE).write_text("no key")
    with pytest.raises(SigningError, match="cannot be used"):
        signing_key(tmp_path)


def test_the_span_of_a_clock_that_jumped_is_a_month_at_most(event: Path) -> None:
    manifest = event_manifest(event)
    first, last = span_of_event(manifest)
    assert timedelta(0) < last - first < timedelta(hours=1)
    assert first.tzinfo in (UTC, datetime.now(UTC).tzinfo)
