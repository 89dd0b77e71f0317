"""A real smoke event over the wires: what the black box holds of before, of the reaction, of a restart, of after."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from swapstation.config.black_box_settings import BlackBox
from swapstation.config.settings import Charging, Exchange
from swapstation.contract.alarm_catalogue import alarm_catalogue
from swapstation.model.fire_request import ConfirmFire, StartFireDrill
from swapstation.records.event_folders import Boot, EventState, damage
from swapstation.records.recorder import AFTER_S, Owner, Recorder
from swapstation.records.safety_events import safety_alarms
from tests.records.moments import lines, manifests, only
from tests.scenarios.test_fire import BAY, all_charge, current_a, fault, seconds_until
from tests.scenarios.virtual_station import CYCLE_S, VirtualStation, virtual_station


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "black_box"


Record = Callable[[VirtualStation, int], Recorder]


@pytest.fixture
def record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Record]:
    """Puts a black box on a station that runs; an hour does not wait for the disk's own time."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    boxes: list[Recorder] = []

    def begin(station: VirtualStation, boot: int) -> Recorder:
        boxes.append(_recording(station, folder, boot))
        return boxes[-1]

    yield begin
    for box in boxes:
        box.close()


def _recording(station: VirtualStation, folder: Path, boot: int) -> Recorder:
    owner = Owner(station.config.name, Boot(boot, "0.1.0", "abc"))
    box = Recorder(folder, owner, safety_alarms(alarm_catalogue()), BlackBox())

    def take(_: float) -> None:
        station.core.black_box_error = box.error
        assert station.core.moment is not None
        box.take(station.core.moment)

    station.time.run(CYCLE_S)
    station.time.every(CYCLE_S, take)
    return box


def an_hour_of_quiet(station: VirtualStation, box: Recorder) -> None:
    """The rest of the hour with the sensors as they are now: the plant's own hour would take minutes."""
    last = station.core.moment
    assert last is not None
    for second in range(1, round(AFTER_S) + 5):
        later = replace(
            last.snapshot, now_s=last.snapshot.now_s + second, at=last.snapshot.at + timedelta(seconds=second)
        )
        box.take(replace(last, snapshot=later, commands=(), records=()))


def _of(told: list[dict[str, Any]], kind: str, **fields: object) -> Iterator[dict[str, Any]]:
    for line in told:
        if line["kind"] == kind and all(line.get(name) == value for name, value in fields.items()):
            yield line


@pytest.mark.parametrize("charging", Charging)
def test_a_smoke_event_is_told_from_before_it_to_an_hour_after(
    tmp_path: Path, folder: Path, record: Record, charging: Charging
) -> None:
    with virtual_station(tmp_path, Exchange.STATION, charging) as station:
        box = record(station, 1)
        all_charge(station)
        station.time.run(20.0)
        assert manifests(folder) == []
        smoke_s = station.time.now_s
        fault(station, "smoke", BAY)
        seconds_until(station, lambda: current_a(station, BAY) == 0.0, 5.0)
        station.ask(ConfirmFire("flames"), "wang")
        station.time.run(2.0)
        an_hour_of_quiet(station, box)
        manifest = only(folder)
        assert manifest.state is EventState.COMPLETE
        assert damage(folder / "events" / manifest.event) == []
        codes = [cause.code for cause in manifest.causes]
        assert codes[0] == "BAY_SMOKE"
        assert {"FIRE_CONFIRMED", "RequestFeederCutOff"} < set(codes)
        assert manifest.gaps == ()
        assert manifest.segments[0].first_t < smoke_s - 20.0
        assert manifest.segments[-1].last_t > smoke_s + AFTER_S - 12.0
        told = lines(folder, manifest)
        stop = "StopCharge" if charging is Charging.CHARGER else "ShutModules"
        first_smoke = next(line for line in _of(told, "signal", name=f"bay-{BAY}.io") if line["value"]["smoke"])
        first_stop = next(each for each in _of(told, "command", command=stop) if each["parameters"]["bay"] == BAY)
        assert 0.0 <= first_stop["t"] - first_smoke["t"] <= 0.2
        device = "charger" if charging is Charging.CHARGER else "modules"
        currents = [line["value"]["current_a"] for line in _of(told, "signal", name=f"bay-{BAY}.{device}")]
        assert max(currents) > 50.0
        assert currents[-1] == 0.0
        (answered,) = _of(told, "record", record="RequestAnswered", t=_of_request(told))
        assert answered["body"]["request"]["person"] == "wang"
        assert [line["body"]["after"] for line in _of(told, "record", record="ModeChanged")] == ["fire"]
        states = [line["value"]["mode"] for line in _of(told, "signal", name="station")]
        assert (states[0], states[-1]) == ("automatic", "fire")


def _of_request(told: list[dict[str, Any]]) -> float:
    answered = _of(told, "record", record="RequestAnswered")
    times = [each["t"] for each in answered if each["body"]["request"]["payload"]["kind"] == "confirm_fire"]
    return float(times[0])


def test_the_trace_goes_on_after_a_restart_of_the_controller(tmp_path: Path, folder: Path, record: Record) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT) as station:
        record(station, 1)
        all_charge(station)
        fault(station, "smoke", BAY)
        station.time.run(70.0)
        station.restart(20.0)  # without a word: the open segment stays as it is
        again = record(station, 2)
        station.time.run(5.0)
        an_hour_of_quiet(station, again)
        manifest = only(folder)
        assert (manifest.state, [boot.boot for boot in manifest.boots]) == (EventState.COMPLETE, [1, 2])
        (gap,) = manifest.gaps
        assert gap.reason == "the controller was started anew"
        assert gap.until is not None
        assert 19.0 <= (gap.until - gap.since).total_seconds() <= 25.0
        assert damage(folder / "events" / manifest.event) == []


def test_a_drill_is_no_safety_event(tmp_path: Path, folder: Path, record: Record) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT) as station:
        record(station, 1)
        all_charge(station)
        assert station.ask(StartFireDrill(BAY)).status == "accepted"
        station.time.run(5.0)
        assert manifests(folder) == []


def test_a_black_box_that_cannot_write_is_an_alarm_and_the_station_goes_on(
    tmp_path: Path, folder: Path, record: Record
) -> None:
    with virtual_station(tmp_path, Exchange.STATION, Charging.DIRECT) as station:
        folder.write_text("in the way")
        record(station, 1)
        all_charge(station)
        assert any(alarm.code == "BLACK_BOX_FAILED" for alarm in station.snapshot.alarms)
        folder.unlink()
        station.time.run(10.0)
        assert station.snapshot.black_box_error == ""
        assert (folder / "ring").is_dir()
