"""Which batteries go onto the truck and which bays take those that come off. Only holds decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import inf

from swapstation.config.settings import TruckModel
from swapstation.model.device import Presence
from swapstation.model.inventory import Battery, Hold, HoldKind, PositionExchange, Swap
from swapstation.model.snapshot import BayState
from swapstation.station.interlocks import identity_contradiction
from swapstation.station.situation import Situation


def battery_soc_pct(bay: BayState, battery: Battery) -> float | None:
    """SOC of a battery in a bay: what its BMS says now, else the last value on record (%)."""
    charge = bay.charge.good
    if charge is not None and charge.soc_pct is not None and charge.bms_age_s is not None and charge.bms_age_s < 5.0:
        return charge.soc_pct
    return battery.soc_pct


def ready_bays(
    now: Situation, model: str, vin: str | None = None, least_soc_pct: float | None = None
) -> list[BayState]:
    """Bays with a battery of `model` that may be handed out to `vin` now, fullest first, its own booking before all.

    `least_soc_pct` is what a driver agreed to where that is less than ready (%).
    """
    ready_soc_pct = now.config.limits.ready_soc_pct
    least_pct = ready_soc_pct if least_soc_pct is None else min(least_soc_pct, ready_soc_pct)
    candidates: list[tuple[bool, float, int, BayState]] = []
    for bay in now.snapshot.bays:
        battery = now.snapshot.inventory.battery(bay.battery) if bay.battery else None
        if battery is None or battery.model != model or not bay.charges or not is_sound(now, bay, battery):
            continue
        hold = now.snapshot.inventory.held(battery=battery.battery)
        soc_pct = battery_soc_pct(bay, battery)
        if soc_pct is None or soc_pct < least_pct or not _free_for(hold, vin):
            continue
        candidates.append((hold is None, -soc_pct, bay.number, bay))
    return [bay for *_, bay in sorted(candidates, key=lambda row: row[:3])]


def _free_for(hold: Hold | None, vin: str | None) -> bool:
    return hold is None or (hold.kind is HoldKind.BOOKING and vin is not None and hold.vin == vin)


def is_sound(now: Situation, bay: BayState, battery: Battery) -> bool:
    """Whether a battery in a bay could be handed out, full enough or not: all that is known of both is well."""
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
    """Bays of the rack, or isolation places, that are empty and that nobody holds; lowest number first."""
    bays = sorted(now.snapshot.bays, key=lambda bay: bay.number)
    return [bay for bay in bays if bay.isolation is isolation and not bay.transit and _empty(now, bay)]


def empty_transit(now: Situation) -> BayState | None:
    """The transit place, while it is empty and nobody holds it."""
    return next((bay for bay in now.snapshot.bays if bay.transit and _empty(now, bay)), None)


def _empty(now: Situation, bay: BayState) -> bool:
    """Whether both the sensors and the record call a bay empty, and nobody holds it."""
    return (
        bay.battery is None
        and now.snapshot.inventory.held(place=bay.place) is None
        and (io := bay.io.good) is not None
        and io.presence is Presence.EMPTY
        and not io.connector_mated
        and _quiet(now, bay)
    )


def _quiet(now: Situation, bay: BayState) -> bool:
    """No smoke in a bay, no heat, and no fire beside it."""
    io = bay.io.good
    return (
        io is not None
        and io.smoke is False
        and bay.number not in now.snapshot.fire.reaction.stopped_bays
        and io.temperature_c is not None
        and io.temperature_c <= now.config.limits.max_bay_temperature_c
    )


def isolation_free(now: Situation) -> bool:
    """Whether a battery could be isolated at this instant: a hard condition of every new swap.

    Fresh sensors must say that an isolation place is empty, without smoke and cool, and nobody may hold it but the
    running swap. `swap_without_isolation` in the settings gives this up.
    """
    return now.config.swap_without_isolation or bool(empty_bays(_without_own_holds(now), isolation=True))


def _without_own_holds(now: Situation) -> Situation:
    others = tuple(hold for hold in now.snapshot.inventory.holds if hold.kind is not HoldKind.SWAP)
    return replace(now, snapshot=replace(now.snapshot, inventory=replace(now.snapshot.inventory, holds=others)))


def storage_bay(now: Situation, battery: Battery, preferred: int | None = None) -> BayState | None:
    """Where the battery of the transit place goes: the preferred free bay or the lowest; one in doubt to isolation."""
    free = empty_bays(_without_own_holds(now), isolation=not battery.sound)
    return next((bay for bay in free if bay.number == preferred), free[0] if free else None)


def choose_set(charged: Mapping[int, float], count: int, spread_pct: float, wanted: Collection[int] = ()) -> list[int]:
    """The fullest set of `count` bays, `charged` by number (SOC in %), [] when there is none.

    Their SOC lie at most `spread_pct` apart and all `wanted` are among them. Fullest: the least full of them is as full
    as it can be, the others are as near to it as they can be.
    """
    for least_pct in sorted(charged.values(), reverse=True):
        near = [bay for bay, soc_pct in charged.items() if least_pct <= soc_pct <= least_pct + spread_pct]
        chosen = sorted(near, key=lambda bay: (bay not in wanted, charged[bay], bay))[:count]
        if len(chosen) == count and set(wanted) <= set(chosen):
            return chosen
    return []


def ready_set(
    now: Situation,
    model: TruckModel,
    vin: str | None = None,
    wanted: str | None = None,
    least_soc_pct: float | None = None,
) -> tuple[BayState, ...]:
    """Bays with the batteries that a truck of `model` may be handed out together now, () while there is no such set.

    The battery that a person chose is among them, and the one that is booked for the truck where that is possible.
    """
    stock = now.snapshot.inventory
    ready = ready_bays(now, model.battery_model, vin, least_soc_pct=least_soc_pct)
    charged = {bay.number: soc_pct for bay in ready if (soc_pct := _soc_pct(now, bay)) is not None}
    asked = [bay.number for bay in ready if bay.battery == wanted]
    if wanted is not None and not asked:
        return ()
    booked = [bay.number for bay in ready if bay.battery and stock.held(battery=bay.battery) and not asked]
    count, spread_pct = len(model.positions), model.max_soc_spread_pct
    own = asked or booked[:count]
    chosen = choose_set(charged, count, spread_pct, own)
    if not chosen and not asked:
        chosen = choose_set(charged, count, spread_pct)
    return tuple(now.snapshot.bay(number) for number in chosen)


def _soc_pct(now: Situation, bay: BayState) -> float | None:
    battery = now.snapshot.inventory.battery(bay.battery) if bay.battery else None
    return battery_soc_pct(bay, battery) if battery is not None else None


def places_for(now: Situation, returned: Sequence[Battery], fresh: Sequence[BayState]) -> tuple[BayState, ...]:
    """A bay for each battery that comes off, () when one of them would have none.

    A further one goes into a bay that a fresh one has left before it, so that a set needs one empty bay. A quarantined
    one goes to isolation, any other into the transit place where the recipe says so.
    """
    empty, isolation = empty_bays(now), empty_bays(now, isolation=True)
    transit = empty_transit(now)
    chosen: list[BayState] = []
    for position, battery in enumerate(returned):
        left = [bay for bay in fresh[:position] if _quiet(now, bay)]
        open_to_it = isolation if battery.quarantined else [*reversed(left), *empty]
        if now.to_transit and not battery.quarantined:
            open_to_it = [transit] if transit else []
        place = next((bay for bay in open_to_it if bay not in chosen), None)
        if place is None:
            return ()
        chosen.append(place)
    return tuple(chosen)


def allocate(now: Situation, returned: Sequence[Battery], model: TruckModel, vin: str) -> tuple[PositionExchange, ...]:
    """Choose the fresh batteries and the bays for the returned ones, one for each position; () when there are none."""
    if not isolation_free(now):
        return ()
    swap, truck = now.swap, now.snapshot.truck.good
    asked = (swap.wanted_battery, swap.accept_soc_pct) if swap else (None, None)
    fresh = ready_set(now, model, vin, *asked)
    places = places_for(now, returned, fresh)
    if not fresh or not places:
        return ()
    chosen = []
    for position, (bay, old, place) in enumerate(zip(fresh, returned, places, strict=True), start=1):
        told = truck.position(position) if truck is not None else None
        old_pct = told.soc_pct if told is not None and told.soc_pct is not None else old.soc_pct
        assert bay.battery is not None
        pct = _soc_pct(now, bay), old_pct
        chosen.append(PositionExchange(position, bay.battery, old.battery, bay.number, place.number, *pct))
    return tuple(chosen)


def another(now: Situation, swap: Swap, model: TruckModel) -> BayState | None:
    """The bay of a fresh battery in place of the swap's, if it can be one that fits the rest of the set.

    Never one that has just come off this truck, however full it is.
    """
    came_off = [each.returned for each in swap.allocated]
    ready = [bay for bay in ready_bays(now, model.battery_model, swap.vin) if bay.battery not in came_off]
    rest = [each.fresh_soc_pct for each in (*swap.exchanged, *swap.ahead)]
    fits = [bay for bay in ready if _spread_pct([_soc_pct(now, bay), *rest]) <= model.max_soc_spread_pct]
    return next(iter((*fits, *ready)), None)


def _spread_pct(soc_pct: Sequence[float | None]) -> float:
    known = [each for each in soc_pct if each is not None]
    return max(known) - min(known) if len(known) == len(soc_pct) else inf
