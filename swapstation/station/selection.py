"""Which battery goes onto the truck and which bay takes the one that comes off. Only holds decide."""

from __future__ import annotations

from dataclasses import dataclass, replace

from swapstation.model.device import Presence
from swapstation.model.inventory import Battery, Hold, HoldKind
from swapstation.model.snapshot import BayState
from swapstation.station.interlocks import identity_contradiction
from swapstation.station.situation import Situation


@dataclass(frozen=True, slots=True)
class Allocation:
    """The batteries and bays of one swap."""

    fresh: str
    returned: str
    from_bay: int
    to_bay: int


def battery_soc_pct(bay: BayState, battery: Battery) -> float | None:
    """SOC of a battery in a bay: what its BMS says now, else the last value on record (%)."""
    charge = bay.charge.good
    if charge is not None and charge.soc_pct is not None and charge.bms_age_s is not None and charge.bms_age_s < 5.0:
        return charge.soc_pct
    return battery.soc_pct


def ready_bays(
    now: Situation, model: str, vin: str | None = None, wanted: str | None = None, least_soc_pct: float | None = None
) -> list[BayState]:
    """Bays with a battery of `model` that may be handed out to `vin` now, fullest first, its own booking before all.

    `wanted` leaves only that battery; `least_soc_pct` is what a driver agreed to where that is less than ready (%).
    """
    ready_soc_pct = now.config.limits.ready_soc_pct
    least_pct = ready_soc_pct if least_soc_pct is None else min(least_soc_pct, ready_soc_pct)
    candidates: list[tuple[bool, float, int, BayState]] = []
    for bay in now.snapshot.bays:
        battery = now.snapshot.inventory.battery(bay.battery) if bay.battery else None
        if battery is None or battery.model != model or bay.isolation or not _sound(now, bay, battery):
            continue
        if wanted is not None and battery.battery != wanted:
            continue
        hold = now.snapshot.inventory.held(battery=battery.battery)
        soc_pct = battery_soc_pct(bay, battery)
        if soc_pct is None or soc_pct < least_pct or not _free_for(hold, vin):
            continue
        candidates.append((hold is None, -soc_pct, bay.number, bay))
    return [bay for *_, bay in sorted(candidates, key=lambda row: row[:3])]


def _free_for(hold: Hold | None, vin: str | None) -> bool:
    return hold is None or (hold.kind is HoldKind.BOOKING and vin is not None and hold.vin == vin)


def _sound(now: Situation, bay: BayState, battery: Battery) -> bool:
    io = bay.io.good
    return (
        io is not None
        and io.presence is Presence.PRESENT
        and io.smoke is False
        and battery.sound
        and not now.snapshot.inventory.locked_out(bay.place)
        and bay.number not in now.snapshot.fire.reaction.stopped_bays
        and identity_contradiction(now, bay) is None
    )


def empty_bays(now: Situation, isolation: bool = False) -> list[BayState]:
    """Bays that both the sensors and the record call empty, that nobody holds; lowest number first."""
    inventory, limits = now.snapshot.inventory, now.config.limits
    return [
        bay
        for bay in sorted(now.snapshot.bays, key=lambda bay: bay.number)
        if bay.isolation is isolation
        and bay.battery is None
        and inventory.held(place=bay.place) is None
        and (io := bay.io.good) is not None
        and io.presence is Presence.EMPTY
        and not io.connector_mated
        and io.smoke is False
        and bay.number not in now.snapshot.fire.reaction.stopped_bays
        and io.temperature_c is not None
        and io.temperature_c <= limits.max_bay_temperature_c
    ]


def isolation_free(now: Situation) -> bool:
    """Whether a battery could be isolated at this instant: a hard condition of every new swap.

    Fresh sensors must say that an isolation place is empty, without smoke and cool, and nobody may hold it but the
    running swap. `swap_without_isolation` in the settings gives this up.
    """
    own = tuple(hold for hold in now.snapshot.inventory.holds if hold.kind is not HoldKind.SWAP)
    unheld = replace(now.snapshot.inventory, holds=own)
    free = empty_bays(replace(now, snapshot=replace(now.snapshot, inventory=unheld)), isolation=True)
    return now.config.swap_without_isolation or bool(free)


def allocate(now: Situation, returned: Battery, model: str, vin: str) -> Allocation | None:
    """Choose the fresh battery and the empty bay; None when there is none. A quarantined battery goes to isolation."""
    if not isolation_free(now):
        return None
    swap = now.swap
    asked = (swap.wanted_battery, swap.accept_soc_pct) if swap else (None, None)
    fresh = ready_bays(now, model, vin, *asked)
    empty = empty_bays(now, isolation=returned.quarantined)
    if not fresh or not empty or fresh[0].battery is None:
        return None
    return Allocation(fresh[0].battery, returned.battery, fresh[0].number, empty[0].number)
