"""The survey: sensors against the record, place by place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.model.device import Presence
from swapstation.model.inventory import ROBOT, bay_place, truck_place
from swapstation.model.reasons import reason_catalogue
from swapstation.model.seen import Seen
from swapstation.model.snapshot import Snapshot, Survey, Verdict
from swapstation.station.proposals import MADE_WITHOUT_US, PROPOSALS
from swapstation.station.survey import survey
from tests.station.situations import (
    OTHER_VIN,
    VIN,
    battery,
    config,
    device,
    pack_code,
    snapshot,
    stale,
    swapping,
    with_bay,
    with_device,
    with_value,
)

BAYS = [(bay.number, bay_place(bay.number, bay.isolation)) for bay in config().bays]


def _verdict(now: Snapshot, place: str) -> Verdict:
    (verdict,) = [finding.verdict for finding in survey(now).findings if finding.place == place]
    return verdict


def test_a_station_as_recorded_agrees_everywhere() -> None:
    found = survey(snapshot())
    assert {finding.place for finding in found.findings} == {*(place for _, place in BAYS), ROBOT, truck_place(VIN)}
    assert found.complete
    assert found.agrees


def _proposals(now: Snapshot) -> dict[str, str]:
    return {finding.place: finding.proposal for finding in survey(now).findings if finding.proposal}


def _presence(now: Snapshot, bay: int, presence: Presence) -> Snapshot:
    return with_value(now, f"{bay}.io", lambda io: replace(io, presence=presence))


def test_every_contradiction_comes_with_a_proposal_and_agreement_with_none() -> None:
    assert _proposals(snapshot()) == {}
    now = _presence(_presence(snapshot(), 1, Presence.EMPTY), 3, Presence.PRESENT)
    now = with_value(_presence(now, 2, Presence.CONTRADICTION), "robot", lambda robot: replace(robot, payload=True))
    now = with_value(with_device(now, "9.io", Seen()), "truck", lambda truck: replace(truck, codes=(pack_code(66),)))
    assert _proposals(now) == {
        "bay-1": "propose_find_battery",
        "bay-2": "propose_check_sensors",
        "bay-3": "propose_identify_battery",
        "isolation": "propose_restore_data",
        ROBOT: "propose_look_at_robot",
        truck_place(VIN): "propose_compare_codes",
    }


def test_a_swap_made_without_us_is_recognised_by_the_truck_and_the_bay_it_emptied() -> None:
    now = _presence(_presence(snapshot(), 1, Presence.EMPTY), 3, Presence.PRESENT)
    now = with_value(now, "truck", lambda truck: replace(truck, codes=(pack_code(1),)))
    assert _proposals(now) == dict.fromkeys(("bay-1", "bay-3", truck_place(VIN)), MADE_WITHOUT_US)
    still_there = _presence(now, 1, Presence.PRESENT)
    assert MADE_WITHOUT_US not in _proposals(still_there).values()


def test_a_contradiction_that_the_open_swap_explains_proposes_a_way_out() -> None:
    now = _presence(swapping("place"), 3, Presence.PRESENT)
    assert _proposals(now)["bay-3"] == "propose_divert"


def test_every_proposal_has_its_texts() -> None:
    assert {*PROPOSALS.values(), MADE_WITHOUT_US} <= set(reason_catalogue())


def test_a_survey_of_nothing_is_neither_complete_nor_agrees() -> None:
    assert not Survey().complete
    assert not Survey().agrees


@pytest.mark.parametrize(("number", "place"), BAYS)
@pytest.mark.parametrize("presence", Presence)
def test_a_bay_agrees_only_with_the_presence_on_record(number: int, place: str, presence: Presence) -> None:
    now = with_value(snapshot(), f"{number}.io", lambda io: replace(io, presence=presence))
    expected = Presence.EMPTY if now.bay(number).battery is None else Presence.PRESENT
    assert _verdict(now, place) is (Verdict.AGREES if presence is expected else Verdict.CONTRADICTS)


@pytest.mark.parametrize("path", ["1.io", "3.io", "9.io", "robot"])
@pytest.mark.parametrize("unknown", [stale, lambda _: Seen()], ids=["stale", "never"])
def test_a_place_without_fresh_data_is_unknown_and_the_survey_incomplete(path: str, unknown: object) -> None:
    assert callable(unknown)
    found = survey(with_device(snapshot(), path, unknown(device(snapshot(), path))))
    assert [finding.verdict for finding in found.findings].count(Verdict.UNKNOWN) == 1
    assert not found.complete
    assert not found.agrees


@pytest.mark.parametrize(
    ("payload", "recorded", "verdict"),
    [
        (False, False, Verdict.AGREES),
        (True, True, Verdict.AGREES),
        (True, False, Verdict.CONTRADICTS),
        (False, True, Verdict.CONTRADICTS),
    ],
)
def test_the_robot_agrees_when_its_load_is_on_record(payload: bool, recorded: bool, verdict: Verdict) -> None:
    now = with_value(snapshot(), "robot", lambda robot: replace(robot, payload=payload))
    batteries = (*now.inventory.batteries, *((battery(8, ROBOT),) if recorded else ()))
    assert _verdict(replace(now, inventory=replace(now.inventory, batteries=batteries)), ROBOT) is verdict


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Verdict.AGREES),
        ({"codes": ()}, Verdict.AGREES),
        ({"codes": (pack_code(7),)}, Verdict.CONTRADICTS),
        ({"codes": (), "battery_present": False}, Verdict.CONTRADICTS),
    ],
)
def test_a_truck_agrees_when_the_codes_of_its_battery_do(changes: dict[str, object], verdict: Verdict) -> None:
    now = with_value(snapshot(), "truck", lambda truck: replace(truck, **changes))
    assert _verdict(now, truck_place(VIN)) is verdict


def test_a_truck_that_is_not_known_contradicts_with_a_battery_and_agrees_without() -> None:
    strange = with_value(snapshot(), "truck", lambda truck: replace(truck, vin=OTHER_VIN))
    assert _verdict(strange, truck_place(OTHER_VIN)) is Verdict.CONTRADICTS
    bare = with_value(strange, "truck", lambda truck: replace(truck, battery_present=False, codes=()))
    assert _verdict(bare, truck_place(OTHER_VIN)) is Verdict.AGREES


@pytest.mark.parametrize("unknown", [Seen(), "no VIN"])
def test_an_empty_lane_is_no_place(unknown: Seen[object] | str) -> None:
    nobody = with_value(snapshot(), "truck", lambda truck: replace(truck, vin=None))
    now = nobody if isinstance(unknown, str) else with_device(snapshot(), "truck", unknown)
    assert all(not finding.place.startswith("truck:") for finding in survey(now).findings)


def test_the_places_of_the_open_swap_may_differ_and_no_others() -> None:
    """Something moved there without our having seen it; a resume goes on from the sensors."""
    now = swapping("put")
    for number in (1, 2, 3):
        now = with_value(now, f"{number}.io", lambda io: replace(io, presence=Presence.CONTRADICTION))
    now = with_value(now, "robot", lambda robot: replace(robot, payload=True))
    verdicts = {finding.place: finding.verdict for finding in survey(now).findings}
    assert verdicts["bay-1"] is verdicts["bay-3"] is verdicts[ROBOT] is Verdict.IN_MOTION
    assert verdicts["bay-2"] is Verdict.CONTRADICTS
    assert survey(with_bay(now, 2, io=device(snapshot(), "2.io"))).agrees


def test_a_swap_without_batteries_explains_nothing() -> None:
    now = swapping("identify")
    assert now.inventory.swap is not None
    unallocated = replace(now.inventory.swap, fresh=None, returned=None, from_bay=None, to_bay=None)
    now = replace(now, inventory=replace(now.inventory, swap=unallocated))
    assert _verdict(with_value(now, "1.io", lambda io: replace(io, presence=Presence.EMPTY)), "bay-1") is (
        Verdict.CONTRADICTS
    )
