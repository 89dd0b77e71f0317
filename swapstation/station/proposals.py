"""What a person might do about a contradiction of the survey: words only, nothing is done by itself (own design)."""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.device import Presence
from swapstation.model.inventory import ROBOT, truck_place
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
    return tuple(replace(each, proposal=_proposal(each, without_us)) for each in findings)


def _proposal(finding: Finding, without_us: frozenset[str]) -> str:
    if finding.verdict is Verdict.CONTRADICTS and finding.place in without_us:
        return MADE_WITHOUT_US
    particular = PROPOSALS.get((finding.verdict, finding.sensed))
    return particular or PROPOSALS.get((finding.verdict, ""), "")


def _made_without_us(snapshot: Snapshot, findings: tuple[Finding, ...]) -> frozenset[str]:
    """The places of a swap that somebody made without us: the truck carries the battery of a bay that is empty now.

    The bays with a battery that nobody recorded are among them: one of them has the battery that came off the truck.
    """
    truck = snapshot.truck.good
    if truck is None or truck.vin is None or not truck.battery_present or snapshot.inventory.swap is not None:
        return frozenset()
    on_truck = next(
        (battery for battery in snapshot.inventory.batteries if set(battery.codes) == set(truck.codes)), None
    )
    wrong = {each.place: each for each in findings if each.verdict is Verdict.CONTRADICTS and each.place != ROBOT}
    left = wrong.get(on_truck.place) if on_truck is not None else None
    if left is None or left.sensed != Presence.EMPTY.value:
        return frozenset()
    filled = {place for place, each in wrong.items() if each.sensed == Presence.PRESENT.value}
    return frozenset({truck_place(truck.vin), left.place, *filled})
