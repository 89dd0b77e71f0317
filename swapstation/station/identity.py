"""Which battery is this? What each source of a station says of it, and when that is enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from swapstation.config.settings import EvidenceSource
from swapstation.model.device import BatteryCharge, Presence, TruckPosition
from swapstation.model.inventory import Battery, truck_place
from swapstation.station.sensing import Missing, missing
from swapstation.station.situation import Situation

Identity = tuple[str, int]
"""Maker and serial number, as a BMS says them and a GB/T 34014 code holds them."""


def known_on_truck(now: Situation, truck: TruckPosition, battery: Battery | None) -> Missing:
    """What is missing to know that the battery at a position of the truck is this one.

    A declared source that says otherwise is never outvoted; one that is silent leaves a gap that a person may fill by
    attesting. Presence alone is no identity.
    """
    if battery is None:
        return ("battery_codes_match",)
    sources, minimum = now.config.evidence.sources, now.config.evidence.minimum
    attested = now.swap is not None and battery.battery in now.swap.attested
    read = EvidenceSource.TRUCK_CODE in sources and bool(truck.codes)
    present = EvidenceSource.TRUCK_PRESENCE in sources and truck.battery_present
    return missing(
        battery_codes_read=read or attested,
        battery_codes_match=not truck.codes or set(truck.codes) == set(battery.codes),
        evidence_enough=read + present + attested >= minimum,
    )


@lru_cache(maxsize=1024)
def identity_of_code(code: str) -> Identity:
    """Maker and serial number of a GB/T 34014-2017 code."""
    return code[:3], int(code[17:])


def identity_of_bms(charge: BatteryCharge) -> Identity:
    """What a BMS says; the maker may be blank."""
    return (charge.maker or "").strip()[:3], charge.serial or 0


def live_identities(now: Situation) -> Iterator[tuple[str, Identity]]:
    """Every place whose battery says at this instant who it is; a serial number 0 says nothing.

    A charger may go on telling of a battery that has left: only a battery that is plugged in is live.
    """
    for bay in now.snapshot.bays:
        io, charge = bay.io.good, bay.charge.good
        plugged_in = io is not None and io.presence is Presence.PRESENT and io.connector_mated
        if plugged_in and charge is not None and charge.serial:
            yield bay.place, identity_of_bms(charge)
    truck = now.snapshot.truck.good
    if truck is None or truck.vin is None:
        return
    for number, position in enumerate(truck.positions, start=1):
        for code in position.codes if position.battery_present else ():
            if len(code) == 24 and code[17:].isdecimal():
                yield truck_place(truck.vin, number), identity_of_code(code)


def duplicates(now: Situation) -> dict[Identity, tuple[str, ...]]:
    """Identities that are live in more than one place, with their places; a truck position counts as one."""
    places: defaultdict[Identity, list[str]] = defaultdict(list)
    for place, identity in live_identities(now):
        if place not in places[identity]:
            places[identity].append(place)
    return {identity: tuple(found) for identity, found in places.items() if len(found) > 1}


def named(identity: Identity) -> str:
    return " ".join(str(part) for part in identity if part)
