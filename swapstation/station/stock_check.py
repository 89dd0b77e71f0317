"""The stock check (盘库) by sensors: every bay's presence and the BMS that speaks there against the record.

It only reads: what it finds differs is told and kept, nothing of the record changes by it.
"""

from __future__ import annotations

from swapstation.model.device import Presence
from swapstation.model.job import Difference
from swapstation.model.snapshot import BayState
from swapstation.station.interlocks import identity_contradiction
from swapstation.station.situation import Situation


def silent_bays(now: Situation) -> tuple[str, ...]:
    """Places whose presence sensors say nothing fresh."""
    return tuple(bay.place for bay in now.snapshot.bays if bay.io.good is None)


def differences(now: Situation) -> tuple[Difference, ...]:
    """Every bay where the sensors say other than the record."""
    found = (_difference(now, bay) for bay in now.snapshot.bays)
    return tuple(difference for difference in found if difference is not None)


def _difference(now: Situation, bay: BayState) -> Difference | None:
    io, charge = bay.io.good, bay.charge.good
    expected = Presence.EMPTY if bay.battery is None else Presence.PRESENT
    if io is not None and io.presence is not expected:
        return Difference(bay.place, bay.battery, io.presence.value)
    if identity_contradiction(now, bay) is None or charge is None:
        return None
    return Difference(bay.place, bay.battery, f"BMS {(charge.maker or '').strip()} {charge.serial}")
