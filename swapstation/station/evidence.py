"""Contradictions between what a station's sources say of a battery and the record: they put it in doubt, by record.

A battery in doubt is neither charged nor put on a truck until a person corrects the record; nothing here moves a
battery or changes where the record has it (reliability catalogue rows 9 and 10). Own design.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from swapstation.config.settings import EvidenceSource
from swapstation.model.device import Presence
from swapstation.model.journal import BatteryDoubted
from swapstation.station.conditions import mass_in_window
from swapstation.station.draft import Draft
from swapstation.station.identity import duplicates, identity_of_bms, identity_of_code, named
from swapstation.station.interlocks import identity_contradiction
from swapstation.station.positions import position_of, told_places
from swapstation.station.situation import Situation

CONTRADICTED_S = 0.4
"""So long a contradiction stands before it is written down; what is unsafe meanwhile, the permit refuses at once."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What sources say against the record of a battery."""

    battery: str
    reason: str
    evidence: tuple[str, ...]


def doubt_contradicted(draft: Draft) -> None:
    """Write every sound battery down as doubtful whose record is contradicted long enough."""
    found = {each.battery: each for each in contradictions(draft.now)}
    since = dict(draft.memory.contradicted)
    since = {battery: since.get(battery, draft.now_s) for battery in found}
    draft.remember(contradicted=tuple(since.items()))
    if draft.snapshot.journal_pending:
        return
    for battery, each in found.items():
        known = draft.snapshot.inventory.battery(battery)
        if known is not None and not known.doubtful and draft.now_s - since[battery] >= CONTRADICTED_S:
            draft.record(BatteryDoubted(battery, each.reason, each.evidence))


def contradictions(now: Situation) -> Iterator[Contradiction]:
    """Every contradiction of a declared source in this cycle; a battery may be named more than once."""
    for source, find in _SOURCES.items():
        if source in now.config.evidence.sources:
            yield from find(now)


def _by_bms(now: Situation) -> Iterator[Contradiction]:
    """Another BMS than recorded in a bay: the recorded battery, and the one that the BMS names."""
    for bay in now.snapshot.bays:
        io, charge = bay.io.good, bay.charge.good
        reason = identity_contradiction(now, bay)
        if reason is None or bay.battery is None or charge is None or io is None:
            continue
        if io.presence is not Presence.PRESENT or not io.connector_mated:
            continue
        identity = identity_of_bms(charge)
        evidence = (f"bms_serial {bay.place}: {named(identity)}",)
        yield Contradiction(bay.battery, reason, evidence)
        for battery in now.snapshot.inventory.batteries:
            if identity in map(identity_of_code, battery.codes):
                yield Contradiction(battery.battery, reason, evidence)
    yield from _by_duplicate(now)


def _by_duplicate(now: Situation) -> Iterator[Contradiction]:
    """One identity in two places: nobody knows which of the batteries it is, so both are in doubt."""
    for identity, places in duplicates(now).items():
        reason = f"{named(identity)} in {' and '.join(places)}"
        evidence = tuple(f"{place}: {named(identity)}" for place in places)
        for place in places:
            battery = now.snapshot.inventory.at(place)
            if battery is not None:
                yield Contradiction(battery.battery, reason, evidence)


def _by_truck_code(now: Situation) -> Iterator[Contradiction]:
    """Other codes on the truck than recorded; once a swap is allocated its steps compare the codes themselves."""
    truck = now.snapshot.truck.good
    if truck is None or (now.swap is not None and now.swap.fresh is not None):
        return
    for place, told in told_places(truck):
        recorded = now.snapshot.inventory.at(place)
        if not told.battery_present or not told.codes or recorded is None or set(recorded.codes) == set(told.codes):
            continue
        reason = f"{place}: record {recorded.battery}, truck reads {', '.join(told.codes)}"
        evidence = (f"truck_code {', '.join(told.codes)}",)
        yield Contradiction(recorded.battery, reason, evidence)
        for code in told.codes:
            named_battery = now.snapshot.inventory.by_code(code)
            if named_battery is not None:
                yield Contradiction(named_battery.battery, reason, evidence)


def _by_mass(now: Situation) -> Iterator[Contradiction]:
    """The battery that came off the truck hangs from the robot and weighs what its model never does."""
    robot, here, swap = now.snapshot.robot.good, position_of(now), now.swap
    if robot is None or here is None or swap is None or swap.returned is None:
        return
    lifted = robot.payload and robot.weighed_kg > 0 and not here.battery_present
    recorded = now.snapshot.inventory.at(swap.place)
    still_on_record = recorded is not None and recorded.battery == swap.returned
    if lifted and still_on_record and not mass_in_window(now, swap.returned):
        weighed = f"{robot.weighed_kg} kg"
        yield Contradiction(swap.returned, f"weighs {weighed}", (f"hoist_mass {weighed}",))


_SOURCES: dict[EvidenceSource, Callable[[Situation], Iterator[Contradiction]]] = {
    EvidenceSource.BMS_SERIAL: _by_bms,
    EvidenceSource.TRUCK_CODE: _by_truck_code,
    EvidenceSource.HOIST_MASS: _by_mass,
}
