"""The automatic transfer to isolation: when it begins, what forbids it, what stops it; it is off unless set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from swapstation.config.settings import Exchange, Fire
from swapstation.model import command as commands
from swapstation.model.alarm_request import AcknowledgeAlarm
from swapstation.model.device import Presence, RobotState
from swapstation.model.fire_record import TransferRefused
from swapstation.model.fire_request import ConfirmFire, StartFireDrill
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.job import JobKind, JobResult
from swapstation.model.journal import (
    BatteryMoved,
    BatteryQuarantined,
    IntentRecorded,
    JobClosed,
    JobOpened,
    JobStepped,
)
from swapstation.model.mode import Mode
from swapstation.model.reasons import reason_catalogue
from swapstation.model.request import AbandonJob, HoldStation, Refused, RequestSwap, ResumeStation, StartJob
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import Snapshot, StationState
from tests.station.input_kinds import DeviceInput
from tests.station.permit_inputs import INPUTS
from tests.station.situations import (
    EMPTY_BAY,
    FRESH_BAY,
    ISOLATION_BAY,
    VIN,
    device,
    stale,
    with_battery,
    with_bay,
    with_device,
    with_mode,
    with_value,
)
from tests.station.walk import Answering, standing

COMMAND = commands.IsolateBattery(FRESH_BAY, ISOLATION_BAY)
OF_DEVICES = (
    "safety_chain_closed",
    "transfer_permitted",
    "robot_ready",
    "robot_empty",
    "robot_apart_from_truck",
    "origin_bay_occupied",
    "bms_identity_matches",
    "destination_bay_empty",
    "isolation_quiet",
)
"""Interlocks of the transfer that read devices."""


def station(automatic: bool = True, exchange: Exchange = Exchange.STATION, permitted: bool = True) -> Answering:
    """An idle station; `automatic`: its settings allow a transfer, `permitted`: so does its PLC."""
    calm = standing(exchange)
    config = replace(calm.rules.config, fire=Fire(automatic))
    calm = replace(calm, rules=replace(calm.rules, config=config))
    return calm.change("safety", transfer_permitted=permitted)


def smoking(calm: Answering, bay: int = FRESH_BAY) -> Answering:
    return calm.change(f"{bay}.io", smoke=True)


def records(after: Answering, before: Answering) -> list[Any]:
    return [record for cycle in after.since(before) for record in cycle.records]


def of(kind: type[Any], after: Answering, before: Answering) -> list[Any]:
    return [record for record in records(after, before) if isinstance(record, kind)]


def orders(after: Answering, before: Answering) -> list[Any]:
    robot = commands.RobotOrder.__args__
    return [command for cycle in after.since(before) for command in cycle.commands if isinstance(command, robot)]


def refusals(now: Answering, after_s: float = 0.5) -> tuple[str, ...]:
    """What forbids the transfer of bay 1 in a station that smokes there; nothing is ordered."""
    begun = smoking(now)
    after = begun.run(after_s)
    assert orders(after, begun) == []
    assert of(JobOpened, after, begun) == []
    told = of(TransferRefused, after, begun)
    assert len(told) >= 1
    assert after.memory.fire.transfer is not None
    assert after.memory.fire.transfer.reasons == told[-1].reasons
    known = {*reason_catalogue(), *now.rules.alarms}
    assert set(told[-1].reasons) <= known
    return tuple(told[-1].reasons)


def test_nothing_moves_unless_the_settings_say_so() -> None:
    begun = smoking(station(automatic=False))
    after = begun.run(5.0)
    assert of(JobOpened, after, begun) == []
    assert orders(after, begun) == []
    assert after.memory.fire.transfer is None


@pytest.mark.parametrize("exchange", Exchange)
def test_an_abnormal_battery_is_carried_to_isolation_each_step_written_down(exchange: Exchange) -> None:
    begun = smoking(station(exchange=exchange))
    after = begun.until(lambda each: each.snapshot.inventory.job is not None).until(
        lambda each: each.snapshot.inventory.job is None
    )
    assert [type(record).__name__ for record in records(after, begun) if "Job" in type(record).__name__] == [
        "JobOpened",
        "JobStepped",
        "JobClosed",
    ]
    (opened,) = of(JobOpened, after, begun)
    assert (opened.job.kind, opened.job.person, opened.job.battery) == (JobKind.ISOLATE, "", "B1")
    assert (opened.job.origin, opened.job.destination) == ("bay-1", "isolation")
    (stepped,) = of(JobStepped, after, begun)
    assert (stepped.before, stepped.after) == ("deaden", "isolate")
    assert of(JobClosed, after, begun)[0].result is JobResult.COMPLETED
    assert set(orders(after, begun)) == {COMMAND}
    assert [record.command for record in of(IntentRecorded, after, begun)] == ["IsolateBattery"]
    moves = [(record.origin, record.destination) for record in of(BatteryMoved, after, begun)]
    assert moves == [("bay-1", "robot"), ("robot", "isolation")]
    (quarantined,) = of(BatteryQuarantined, after, begun)
    assert (quarantined.battery, quarantined.person, quarantined.evidence) == ("B1", "", ("BAY_SMOKE@bay-1",))
    assert after.run(5.0).snapshot.state is StationState.IDLE
    assert of(JobOpened, after.run(5.0), after) == []


@pytest.mark.parametrize("quality", ["unsafe", Quality.STALE, Quality.NEVER])
@pytest.mark.parametrize("name", OF_DEVICES)
def test_each_input_that_is_unsafe_stale_or_never_seen_forbids_it(name: str, quality: str) -> None:
    for each in INPUTS[name]:
        if not isinstance(each, DeviceInput) or (quality != "unsafe" and not each.unknown_forbids):
            continue
        calm, path = station(), each.path(COMMAND)
        if quality == "unsafe":
            broken = each.break_in(calm.snapshot, COMMAND)
        else:
            unknown: Seen[object] = replace(stale(device(calm.snapshot, path)), quality=Quality(quality))
            broken = with_device(calm.snapshot, path, unknown)
        begun = replace(calm, snapshot=with_value(broken, "1.io", lambda io: replace(io, smoke=True)))
        if path == "1.io" and quality != "unsafe":
            begun = begun.change("1.charge", max_temperature_c=56.0)  # the rack node is silent, the BMS is not
            begun = replace(begun, snapshot=with_device(begun.snapshot, "1.io", unknown))
        after = begun.run(1.0)
        assert orders(after, begun) == [], each.name
        assert of(JobOpened, after, begun) == [], each.name
        told = {reason for record in of(TransferRefused, after, begun) for reason in record.reasons}
        assert name in told, (each.name, told)


RECORD: dict[str, tuple[str, Any]] = {
    "battery in doubt": ("origin_battery_known", lambda now: with_battery(now, "B1", doubtful=True)),
    "battery not on record": (
        "origin_battery_known",
        lambda now: with_bay(replace(now, inventory=replace(now.inventory, batteries=())), FRESH_BAY, battery=None),
    ),
    "isolation full on record": (
        "place_occupied",
        lambda now: with_bay(with_battery(now, "B2", place="isolation"), 2, battery=None),
    ),
    "lock-out": (
        "bay_not_locked_out",
        lambda now: replace(
            now,
            inventory=replace(now.inventory, holds=(Hold("L1", HoldKind.LOCK_OUT, place="isolation", person="li"),)),
        ),
    ),
    "single-step mode": ("mode_single_step", lambda now: with_mode(now, Mode.SINGLE_STEP)),
    "maintenance": ("mode_maintenance", lambda now: with_mode(now, Mode.MAINTENANCE)),
    "fire mode": ("mode_fire", lambda now: with_mode(now, Mode.FIRE)),
}


@pytest.mark.parametrize("name", RECORD)
def test_what_the_record_or_the_mode_says_forbids_it(name: str) -> None:
    reason, change = RECORD[name]
    calm = station()
    assert reason in refusals(replace(calm, snapshot=change(calm.snapshot)))


def test_a_start_up_that_nobody_has_confirmed_forbids_it() -> None:
    calm = station()
    memory = replace(calm.memory, state=StationState.ABORTED, confirmed=False)
    aborted = replace(calm, memory=memory, snapshot=replace(calm.snapshot, state=StationState.ABORTED, confirmed=False))
    assert {"confirmed", "not_idle"} <= set(refusals(aborted))


def test_an_alarm_that_holds_the_station_forbids_it() -> None:
    calm = station().change("robot", state=RobotState.FAULT)
    assert "ROBOT_FAULT" in refusals(calm)


def test_signs_in_two_bays_forbid_it() -> None:
    assert "only_origin_burns" in refusals(smoking(station(), 2))


def test_a_swap_is_not_interrupted_and_a_truck_s_battery_never_moved() -> None:
    busy = station().cycle(RequestSwap(VIN)).until(lambda each: each.step == "grip")
    begun = smoking(busy, 2)
    after = begun.run(1.0)
    assert of(JobOpened, after, begun) == []
    assert {"not_idle"} <= {reason for record in of(TransferRefused, after, begun) for reason in record.reasons}
    assert not any(isinstance(order, commands.IsolateBattery) for order in orders(after, begun))


def test_a_confirmed_fire_begins_no_transfer_and_stops_one_where_the_robot_holds() -> None:
    calm = station()
    hot = calm.change("1.io", smoke=True).change("1.charge", max_temperature_c=56.0)
    after = hot.run(2.0)
    assert orders(after, hot) == []
    running = smoking(calm).until(lambda each: bool(each.snapshot.robot.value and each.snapshot.robot.value.payload))
    stopped = running.cycle(ConfirmFire("flames")).run(3.0)
    assert stopped.snapshot.state is StationState.HELD
    sent = [command for cycle in stopped.since(running) for command in cycle.commands]
    assert commands.HoldRobot() in sent
    assert stopped.snapshot.inventory.mode.mode is Mode.FIRE
    assert stopped.snapshot.robot.value is not None
    assert stopped.snapshot.robot.value.payload
    moved = stopped.cycle(ResumeStation()).run(2.0)
    assert moved.snapshot.state is StationState.HELD
    assert orders(moved, stopped) == []


def test_the_plc_s_word_stops_a_transfer_and_a_person_lets_it_go_on() -> None:
    running = smoking(station()).until(
        lambda each: bool(each.snapshot.robot.value and each.snapshot.robot.value.payload)
    )
    stopped = running.change("safety", transfer_permitted=False).run(1.0)
    assert stopped.snapshot.state is StationState.HELD
    assert "TRANSFER_STOPPED" in stopped.memory.hold_reasons
    refused = stopped.cycle(ResumeStation()).run(0.5)
    assert refused.snapshot.state is StationState.HELD
    again = stopped.change("safety", transfer_permitted=True).run(0.5)
    assert again.snapshot.state is StationState.HELD, "never by itself on the clearing edge"
    done = again.cycle(ResumeStation()).until(lambda each: each.snapshot.inventory.job is None)
    found = done.snapshot.inventory.battery("B1")
    assert found is not None
    assert found.place == "isolation"


def test_a_silent_safety_plc_stops_it_at_once() -> None:
    running = smoking(station()).until(lambda each: each.job is not None)
    silent = replace(running, snapshot=with_device(running.snapshot, "safety", Seen())).run(0.3)
    assert silent.snapshot.state in (StationState.HOLDING, StationState.HELD)


def test_a_transfer_that_was_given_up_is_not_begun_again_while_its_sign_stands() -> None:
    opened = smoking(station()).until(lambda each: each.snapshot.inventory.job is not None)
    held = opened.cycle(HoldStation("wait")).until(lambda each: each.snapshot.state is StationState.HELD)
    job = held.snapshot.inventory.job
    assert job is not None
    given_up = held.cycle(AbandonJob(job.job, "people do it")).run(3.0)
    assert given_up.snapshot.inventory.job is None
    assert of(JobOpened, given_up, held) == []
    gone = given_up.change("1.io", smoke=False).run(0.5).cycle(AcknowledgeAlarm("BAY_SMOKE@bay-1")).run(0.5)
    assert of(JobOpened, smoking(gone).run(2.0), gone), "a new sign is another matter"


def test_a_booked_battery_is_freed_and_carried() -> None:
    calm = station()
    booking = Hold("B1-1", HoldKind.BOOKING, battery="B1", vin=VIN, model="LFP-282")
    booked: Snapshot = replace(calm.snapshot, inventory=replace(calm.snapshot.inventory, holds=(booking,)))
    begun = smoking(replace(calm, snapshot=booked))
    after = begun.until(lambda each: each.snapshot.inventory.job is not None)
    assert "battery_held" in of(TransferRefused, after, begun)[0].reasons
    assert after.snapshot.inventory.held(battery="B1") is not None


def test_a_drill_transfers_nothing() -> None:
    begun = station().cycle(StartFireDrill(FRESH_BAY))
    after = begun.run(5.0)
    assert begun.memory.fire.drill is not None
    assert of(JobOpened, after, begun) == []
    assert of(TransferRefused, after, begun) == []
    assert orders(after, begun) == []


def test_nobody_starts_it_by_hand() -> None:
    answered = station().cycle(StartJob(JobKind.ISOLATE, FRESH_BAY, ISOLATION_BAY))
    (answer,) = [batch.answer for batch in answered.past[-1].decision.batches if batch.answer is not None]
    assert isinstance(answer, Refused)
    assert answer.reasons == ("not_by_hand",)


def test_an_empty_bay_has_nothing_to_transfer_and_a_battery_that_nobody_knows_is_refused() -> None:
    empty = smoking(station(), EMPTY_BAY)
    after = empty.run(1.0)
    assert of(TransferRefused, after, empty) == []
    unknown = empty.change("3.io", presence=Presence.PRESENT, smoke=True)
    told = of(TransferRefused, unknown.run(1.0), unknown)
    assert "origin_battery_known" in told[0].reasons
