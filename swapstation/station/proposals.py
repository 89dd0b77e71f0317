"""What a person might do about a contradiction of the survey: words only, nothing is done by itself (own design)."""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.device import Presence, TruckPosition
from swapstation.model.inventory import ROBOT, Battery, truck_place
from swapstation.model.snapshot import Finding, Snapshot, Verdict

MADE_WITHOUT_US = "propose_reconcile_swap"

PROPOSALS: dict[tuple[Verdict, str], str] = {
    (Verdict.UNKNOWN, ""): "propose_restore_data",
    (Verdict.IN_MOTION, ""): "propose_divert",
    (Verdict.CONTRADICTS, Presence.CONTRADICTION.value): "propose_check_sensors",
    (Verdict.CONTRADICTS, Presence.EMPTY.value): "propose_find_battery",
    (Verdict.CONTRADICTS, Presence.PRESENT.value): "propose_identify_battery",
    (Verdict.CONTRADICTS, "loaded"): "propose_look_at_robot",
    (Verdict.CONTRADICTS, ""): "propose_compare_codes",
}
"""By verdict and what the sensors say; "" stands for anything else."""


def proposed(snapshot: Snapshot, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings with what might be done about each; "" where nothing is needed."""
    without_us = _made_without_us(snapshot, findings)
    lost = _lost(findings)
    proposals = ((each, _proposal(each, without_us, lost)) for each in findings)
    return tuple(replace(each, proposal=proposal) if proposal else each for each, proposal in proposals)


def _proposal(finding: Finding, without_us: frozenset[str], lost: frozenset[str]) -> str:
    if finding.verdict is Verdict.CONTRADICTS and finding.place in without_us:
        return MADE_WITHOUT_US
    if finding.place in lost:
        return "propose_find_battery"
    particular = PROPOSALS.get((finding.verdict, finding.sensed))
    return particular or PROPOSALS.get((finding.verdict, ""), "")


def _lost(findings: tuple[Finding, ...]) -> frozenset[str]:
    """The places of the open work that a battery has left without coming to another one of them."""
    moving = [each for each in findings if each.verdict is Verdict.IN_MOTION]
    left = [each.place for each in moving if each.recorded is not None and each.sensed == Presence.EMPTY.value]
    come = [each for each in moving if each.recorded is None and each.sensed != Presence.EMPTY.value]
    return frozenset(left) if len(left) > len(come) else frozenset()


def _made_without_us(snapshot: Snapshot, findings: tuple[Finding, ...]) -> frozenset[str]:
    """The places of a swap that somebody made without us: the truck carries the battery of a bay that is empty now.

    The bays with a battery that nobody recorded are among them: one of them has the battery that came off the truck.
    """
    truck = snapshot.truck.good
    if truck is None or truck.vin is None or snapshot.inventory.swap is not None:
        return frozenset()
    wrong = {each.place: each for each in findings if each.verdict is Verdict.CONTRADICTS and each.place != ROBOT}
    found: set[str] = set()
    for number, told in enumerate(truck.positions, start=1):
        on_truck = _of_codes(snapshot, told) if told.battery_present else None
        left = wrong.get(on_truck.place) if on_truck is not None else None
        if left is not None and left.sensed == Presence.EMPTY.value:
            found |= {truck_place(truck.vin, number), left.place}
    filled = {place for place, each in wrong.items() if each.sensed == Presence.PRESENT.value}
    return frozenset(found | filled) if found else frozenset()


def _of_codes(snapshot: Snapshot, told: TruckPosition) -> Battery | None:
    """The battery whose packs carry the codes that the truck reads at a position."""
    return next((each for each in snapshot.inventory.batteries if set(each.codes) == set(told.codes)), None)
