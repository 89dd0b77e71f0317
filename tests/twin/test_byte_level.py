"""The twin at byte level: the same schedules over real adapters and codecs, and attacks that only bytes have."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from swapstation.cli.main import command_line
from swapstation.config.settings import Charging, Exchange
from swapstation.model.device import ChargePhase
from swapstation.twin import run as runs
from swapstation.twin.attacks import ATTACKS, INSTEAD, NOT_YET, attacks_at, not_yet
from swapstation.twin.level import Level
from swapstation.twin.pool import schedule_of
from swapstation.twin.run import Outcome, Run
from swapstation.twin.schedule import Planned, Schedule
from swapstation.twin.station import TwinStation
from swapstation.twin.yard import TRUCKS, twin_of, yard

GATE = (
    Schedule(
        seed=1,
        exchange=Exchange.STATION,
        charging=Charging.CHARGER,
        attacks=(
            Planned("cut_in_message", 1, "locate", 0.0, "robot", 6.0),
            Planned("wire_flooded", 1, "lock", 0.0, "bay-2", 10.0),
        ),
        crash_points=frozenset({60}),
        level=Level.BYTE,
    ),
    Schedule(
        seed=2,
        exchange=Exchange.PLC,
        charging=Charging.DIRECT,
        attacks=(
            Planned("frames_lost", 1, "allocate", 0.0, "station", 30.0),
            Planned("wire_garbage", 1, "exchange", 5.0, "bay-4", 60.0),
        ),
        level=Level.BYTE,
    ),
)
"""What comes in the first swap: with one truck a run takes some ten seconds of processor time."""
SHORT_S = 12.0


def run_first_swap(schedule: Schedule, *knobs: tuple[str, str]) -> Outcome:
    """A schedule with the traffic of one swap, its knobs on from the beginning."""
    with twin_of(yard(schedule.exchange, schedule.charging), schedule.seed, schedule.level) as twin:
        twin.world.plant.faults.on.update(knobs)
        return Run(twin, schedule, TRUCKS[:1]).run()


@pytest.mark.parametrize("schedule", GATE, ids=lambda schedule: schedule.exchange.value)
def test_no_invariant_is_broken(schedule: Schedule) -> None:
    outcome = run_first_swap(schedule)
    assert not outcome.violations, "\n".join([str(outcome.violations), *outcome.story[-30:]])
    assert outcome.swaps == 1


def test_a_seed_replays_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LIMIT_S", SHORT_S)
    first, again = (run_first_swap(GATE[0], ("wire_garbage", "station"), ("frames_lost", "bay-1")) for _ in range(2))
    assert first.trace == again.trace
    assert first.story == again.story


def test_a_level_draws_its_own_attacks() -> None:
    drawn = {level: {each.attack for seed in range(60) for each in schedule_of(seed, level).attacks} for level in Level}
    assert "wire_flooded" in drawn[Level.BYTE] - drawn[Level.MESSAGE]
    assert "lossy" in drawn[Level.MESSAGE] - drawn[Level.BYTE]


def pass_time(twin: TwinStation, seconds: float) -> set[str]:
    """Let time pass; the alarms that stood meanwhile."""
    until_s, alarms = twin.now_s + seconds, set[str]()
    while twin.now_s < until_s:
        twin.step(until_s)
        alarms |= {alarm.alarm for alarm in twin.memory.alarms} if twin.memory else set()
    return alarms


@pytest.mark.parametrize(
    ("knob", "wire", "alarm"),
    [
        ("wire_flooded", "station", "WIRE_BABBLING@station"),
        ("wire_flooded", "bay-2", "WIRE_BABBLING@bay-2"),
        ("wire_garbage", "station", "WIRE_GARBAGE@station"),
        ("wire_garbage", "robot", "WIRE_GARBAGE@robot"),
        ("station_link_cut", "", "STATION_LINK_LOST@station"),
    ],
)
def test_what_bytes_suffer_is_told(knob: str, wire: str, alarm: str) -> None:
    with twin_of(yard(Exchange.STATION, Charging.DIRECT), 0, Level.BYTE) as twin:
        twin.start()
        assert alarm not in pass_time(twin, 1.0)
        twin.world.plant.faults.on.add((knob, wire))
        assert alarm in pass_time(twin, 4.0)


def charges(twin: TwinStation) -> bool:
    return twin.world.processes[1].phase is ChargePhase.CHARGING


def test_a_charge_begins_once_messages_come_whole() -> None:
    with twin_of(yard(Exchange.STATION, Charging.DIRECT), 0, Level.BYTE) as twin:
        twin.world.plant.faults.on.add(("cut_in_message", "bay-1"))
        twin.start()
        pass_time(twin, 10.0)
        assert not charges(twin)
        twin.world.plant.faults.on.clear()
        pass_time(twin, 30.0)
        assert charges(twin)


def test_an_unknown_level_is_refused() -> None:
    result = CliRunner().invoke(command_line("faults"), ["faults", "--level", "bit"])
    assert result.exit_code == 2
    assert "--level" in result.output


def test_every_row_is_attacked_at_a_level_or_says_why_not() -> None:
    assert set(ATTACKS) == {name for level in Level for name in attacks_at(level)}
    assert set(INSTEAD) == set(attacks_at(Level.MESSAGE)) - set(attacks_at(Level.BYTE))
    assert 12 in not_yet(Level.MESSAGE)
    assert set(not_yet(Level.BYTE)) == set(NOT_YET) - {12}
