"""Rules of the changes people make to the stock record: pure, from the inventory and a change to the rows it writes.

A mistake in the input is an InputError; a change that contradicts the stock is a ChangeRefused, which carries a code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from swapstation.config.limits import check_seat
from swapstation.config.settings import Config
from swapstation.errors import InputError
from swapstation.inventory import quarantine
from swapstation.inventory.effect import (
    ChangeRefused,
    Difference,
    Effect,
    Entered,
    KnownTruck,
    check_reason,
    known_battery,
)
from swapstation.model.identity import PackCode, check_vin, vin_check_digit_matches
from swapstation.model.inventory import (
    NOMINAL_SEAT,
    ROBOT,
    Battery,
    HoldKind,
    Inventory,
    PlaceKind,
    away_place,
    place_kind,
    truck_places,
)
from swapstation.model.request import (
    Accepted,
    Answer,
    ConfirmRelease,
    CorrectBattery,
    InventoryChange,
    MoveBatteryRecord,
    QuarantineBattery,
    ReceiveBattery,
    Refused,
    ReleaseQuarantine,
    SendBatteryAway,
    StockCheck,
    TransferBattery,
)
from swapstation.model.truck_request import RegisterTruck

_ASSET = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")


def review(change: InventoryChange, inventory: Inventory, at: datetime, person: str = "") -> Effect:
    """Work out the effect of a person's change on the stock. Raises InputError or ChangeRefused."""
    return _RULES[type(change)](change, inventory, Entered(at, person))


def check_models(change: InventoryChange, inventory: Inventory, config: Config) -> None:
    """Raise InputError for a model that the configuration does not have, or a wrong number of pack codes."""
    packs = {model.name: model.packs for model in config.battery_models}
    truck_models = [model.name for model in config.truck_models]
    if isinstance(change, RegisterTruck):
        if change.model not in truck_models:
            raise InputError("model", change.model, f"one of {', '.join(truck_models)}")
        check_seat(change.seat, config.limits)
    if isinstance(change, ReceiveBattery):
        if change.model not in packs:
            raise InputError("model", change.model, f"one of {', '.join(packs)}")
        _check_code_count(change.codes, packs[change.model])
    if isinstance(change, CorrectBattery) and change.codes is not None:
        battery = known_battery(change.battery, inventory)
        _check_code_count(change.codes, packs.get(battery.model, len(change.codes)))


def fitted(change: InventoryChange, config: Config) -> InventoryChange:
    """The change with what only the configuration knows: how many batteries a truck model carries."""
    if not isinstance(change, RegisterTruck):
        return change
    carries = {model.name: len(model.positions) for model in config.truck_models}
    return replace(change, positions=carries.get(change.model, 1))


def answer_change(
    key: str, change: InventoryChange, inventory: Inventory, config: Config, at: datetime, person: str = ""
) -> Answer:
    """The answer to a request for a change: Refused with its code, or Accepted with warnings and differences."""
    try:
        check_models(change, inventory, config)
        effect = review(change, inventory, at, person)
    except ChangeRefused as refusal:
        return Refused(key, refusal.code, str(refusal))
    except InputError as mistake:
        return Refused(key, "bad_input", str(mistake))
    result = {
        difference.place: f"recorded {difference.recorded or 'empty'}, counted {difference.counted or 'empty'}"
        for difference in effect.differences
    }
    result.update(effect.told)
    if effect.warnings:
        result["warning"] = "; ".join(effect.warnings)
    return Accepted(key, result)


def after(inventory: Inventory, effect: Effect) -> Inventory:
    """The inventory with an effect applied."""
    batteries = {battery.battery: battery for battery in (*inventory.batteries, *effect.batteries)}
    trucks = dict(inventory.trucks) | {truck.vin: truck.model for truck in effect.trucks}
    seats = dict(inventory.seat_offsets) | {truck.vin: truck.seat for truck in effect.trucks}
    return replace(
        inventory,
        batteries=tuple(batteries.values()),
        trucks=tuple(trucks.items()),
        seat_offsets=tuple((vin, seat) for vin, seat in sorted(seats.items()) if seat != NOMINAL_SEAT),
        places=tuple(dict.fromkeys((*inventory.places, *effect.places))),
    )


def _receive(change: ReceiveBattery, inventory: Inventory, entered: Entered) -> Effect:
    if not _ASSET.fullmatch(change.battery):
        raise InputError("battery", change.battery, "1 to 40 letters, digits, dots, dashes or underscores")
    known = inventory.battery(change.battery)
    if known is not None and known.quarantined:
        raise ChangeRefused("quarantined", "battery", change.battery, "a quarantined battery is not received again")
    if known is not None and place_kind(known.place) is not PlaceKind.AWAY:
        raise ChangeRefused("already_here", "battery", change.battery, f"already recorded in {known.place}")
    _check_codes(change.codes, change.battery, inventory)
    _check_soc(change.soc_pct)
    _check_by_hand(change.place, inventory)
    battery = Battery(
        battery=change.battery,
        model=change.model,
        codes=change.codes,
        place=change.place,
        soc_pct=change.soc_pct,
        soc_at=None if change.soc_pct is None else entered.at,
    )
    if place_kind(change.place) is PlaceKind.ISOLATION:
        battery = replace(battery, quarantined=True, quarantine_reason="received into the isolation place")
    return Effect(batteries=(battery,))


def _send_away(change: SendBatteryAway, inventory: Inventory, entered: Entered) -> Effect:
    check_reason(change.reason)
    battery = known_battery(change.battery, inventory)
    if place_kind(battery.place) is PlaceKind.AWAY:
        raise ChangeRefused("already_away", "battery", change.battery, "it was sent away before")
    _check_at_rest(battery, inventory)
    hold = inventory.held(battery=battery.battery)
    if hold is not None:
        raise ChangeRefused("battery_held", "battery", change.battery, f"end hold {hold.hold} first")
    place = away_place(battery.battery)
    return Effect(places=(place,), batteries=(replace(battery, place=place),))


def _transfer(change: TransferBattery, inventory: Inventory, entered: Entered) -> Effect:
    """A battery in doubt is sent to service, never to another station."""
    check_reason(change.station, "station")
    check_reason(change.papers, "papers")
    if not known_battery(change.battery, inventory).sound:
        raise ChangeRefused("battery_not_quarantined", "battery", change.battery, "quarantined or in doubt")
    return _send_away(SendBatteryAway(change.battery, f"to {change.station}"), inventory, entered)


def _move(change: MoveBatteryRecord, inventory: Inventory, entered: Entered) -> Effect:
    battery = known_battery(change.battery, inventory)
    if place_kind(battery.place) is PlaceKind.AWAY:
        raise ChangeRefused("not_here", "battery", change.battery, "it was sent away: receive it again")
    _check_at_rest(battery, inventory)
    _check_by_hand(change.place, inventory)
    if place_kind(change.place) is PlaceKind.ISOLATION and battery.sound:
        raise ChangeRefused(
            "isolation_for_doubt", "place", change.place, "only a battery that is quarantined or in doubt"
        )
    return Effect(batteries=(replace(battery, place=change.place),))


def _correct(change: CorrectBattery, inventory: Inventory, entered: Entered) -> Effect:
    check_reason(change.reason)
    battery = replace(known_battery(change.battery, inventory), doubtful=False, doubt_reason="")
    places: tuple[str, ...] = ()
    if change.place is not None and change.place != battery.place:
        if change.place == away_place(battery.battery):
            places = (change.place,)
        else:
            _check_free(change.place, inventory)
        battery = replace(battery, place=change.place)
    if change.codes is not None:
        _check_codes(change.codes, change.battery, inventory)
        battery = replace(battery, codes=change.codes)
    if change.soc_pct is not None:
        _check_soc(change.soc_pct)
        battery = replace(battery, soc_pct=change.soc_pct, soc_at=entered.at)
    return Effect(places=places, batteries=(battery,))


def _register_truck(change: RegisterTruck, inventory: Inventory, entered: Entered) -> Effect:
    check_vin(change.vin)
    swap = inventory.swap
    if swap is not None and swap.vin == change.vin:
        raise ChangeRefused("swap_open", "vin", change.vin, f"swap {swap.swap} of this truck is open")
    warning = ""
    if not vin_check_digit_matches(change.vin):
        warning = f"vin {change.vin}: character 9 is not the GB 16735 check digit; foreign vehicles may have none"
    truck = KnownTruck(change.vin, change.model, warning, change.seat)
    places = truck_places(change.vin, change.positions)
    return Effect(places=places, trucks=(truck,), warnings=(warning,) if warning else ())


def _stock_check(change: StockCheck, inventory: Inventory, entered: Entered) -> Effect:
    _check_distinct("place", (count.place for count in change.counted))
    _check_distinct("battery", (count.battery for count in change.counted if count.battery is not None))
    recorded = {battery.place: battery.battery for battery in inventory.batteries}
    differences = []
    for count in change.counted:
        _check_known_place(count.place, inventory)
        if recorded.get(count.place) != count.battery:
            differences.append(Difference(count.place, recorded.get(count.place), count.battery))
    suspects = {name for difference in differences for name in (difference.recorded, difference.counted)}
    doubtful = tuple(
        replace(each, doubtful=True, doubt_reason="stock check")
        for each in inventory.batteries
        if each.battery in suspects
    )
    return Effect(batteries=doubtful, differences=tuple(differences))


def _check_at_rest(battery: Battery, inventory: Inventory) -> None:
    if battery.place == ROBOT:
        raise ChangeRefused(
            "battery_on_robot", "battery", battery.battery, "it hangs on the robot: only correct may move it"
        )
    hold = inventory.held(battery=battery.battery)
    if hold is not None and hold.kind is HoldKind.SWAP:
        raise ChangeRefused("battery_held", "battery", battery.battery, f"the open swap holds it ({hold.hold})")


def _check_by_hand(place: str, inventory: Inventory) -> None:
    """A forklift reaches bays and trucks; the open swap's places are taken."""
    if place == ROBOT:
        raise InputError("place", place, "a person cannot hang a battery on the robot; use correct for a wrong record")
    _check_free(place, inventory)
    hold = inventory.held(place=place)
    if hold is not None and hold.kind is HoldKind.SWAP:
        raise ChangeRefused("place_held", "place", place, f"the open swap holds it ({hold.hold})")


def _check_free(place: str, inventory: Inventory) -> None:
    _check_known_place(place, inventory)
    if place_kind(place) is PlaceKind.AWAY:
        raise InputError("place", place, "use send-away for a battery that leaves")
    occupant = inventory.at(place)
    if occupant is not None:
        raise ChangeRefused("place_occupied", "place", place, f"occupied by {occupant.battery}")


def _check_known_place(place: str, inventory: Inventory) -> None:
    place_kind(place)
    if place not in inventory.places:
        raise ChangeRefused("unknown_place", "place", place, "not a place of this station or of a registered truck")


def _check_codes(codes: tuple[str, ...], asset: str, inventory: Inventory) -> None:
    if not codes:
        raise InputError("codes", codes, "at least one GB/T 34014 code")
    _check_distinct("codes", codes)
    for code in codes:
        PackCode(code)
        owner = inventory.by_code(code)
        if owner is not None and owner.battery != asset:
            raise ChangeRefused("code_in_use", "codes", code, f"already on battery {owner.battery}")


def _check_code_count(codes: tuple[str, ...], packs: int) -> None:
    if len(codes) != packs:
        raise InputError("codes", codes, f"{packs} codes for this model, one per pack")


def _check_distinct(field: str, values: Iterable[str]) -> None:
    listed = list(values)
    for value in listed:
        if listed.count(value) > 1:
            raise InputError(field, value, "named once")


def _check_soc(soc_pct: float | None) -> None:
    if soc_pct is not None and not 0 <= soc_pct <= 100:
        raise InputError("soc_pct", soc_pct, "0 to 100")


_RULES: dict[type[InventoryChange], Callable[[Any, Inventory, Entered], Effect]] = {
    ReceiveBattery: _receive,
    SendBatteryAway: _send_away,
    TransferBattery: _transfer,
    QuarantineBattery: quarantine.begin,
    ReleaseQuarantine: quarantine.ask_release,
    ConfirmRelease: quarantine.confirm_release,
    MoveBatteryRecord: _move,
    CorrectBattery: _correct,
    RegisterTruck: _register_truck,
    StockCheck: _stock_check,
}
