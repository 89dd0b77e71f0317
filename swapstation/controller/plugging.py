"""Builds the adapters that a station file chooses and tells everything in it that does not fit them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from swapstation.config.file import load_config
from swapstation.config.reading import Wrong, located
from swapstation.config.rule_kinds import needs_transit
from swapstation.config.settings import Charging, Config
from swapstation.controller.battery_wires import listening_batteries
from swapstation.devices.adapter import Adapter, AdapterSettings, Role
from swapstation.devices.installed import build_adapter
from swapstation.devices.roles import missing_orders, takes_seat_offsets, truck_positions
from swapstation.energy.tariff_files import station_tariff
from swapstation.errors import ConfigurationError, InputError
from swapstation.model.command import LimitCharge
from swapstation.model.inventory import MOST_POSITIONS, SeatOffset
from swapstation.wire_address import parse_wire

STATION = "station"
ROBOT = "robot"
CHARGERS = "chargers"
METER = "meter"
CLIMATE = "climate"
BAY_METERS = "bay_meters"
STORE = "store"
YARD = (Role.GATE, Role.WEIGHER, Role.IDENTIFIER, Role.GUIDE)
"""Devices before the lane: each has a wire of its own, called as its role."""


@dataclass(frozen=True, slots=True)
class Plug:
    """Where a role's adapter is plugged in: the wire's name, and its address in `[links]`."""

    wire: str
    link: str


PLUGS: Mapping[Role, Plug] = {
    Role.RACK: Plug(STATION, "station_can"),
    Role.TRUCK_LINK: Plug(STATION, "station_can"),
    Role.EXCHANGER: Plug(ROBOT, "robot"),
    Role.METER: Plug(METER, "meter"),
    Role.BAY_METER: Plug(BAY_METERS, "bay_meters"),
    Role.CHARGER: Plug(CHARGERS, "chargers"),
    Role.CLIMATE: Plug(CLIMATE, "climate"),
    Role.STORE: Plug(STORE, "store"),
    **{role: Plug(role.value, role.value) for role in YARD},
}


class UnfitEquipment(ConfigurationError):
    """Adapters that cannot be built from the configuration: `wrongs` at its keys, `in_maps` in the vendors' files."""

    def __init__(self, wrongs: list[Wrong], in_maps: list[str]) -> None:
        super().__init__([*(f"{'.'.join(map(str, wrong.path))}: {wrong.allowed}" for wrong in wrongs), *in_maps])
        self.wrongs = wrongs
        self.in_maps = in_maps


def load_station(path: Path) -> Config:
    """Read a station file and try whether its adapters can be built: what passes here starts.

    Raises ConfigurationError with one line per mistake, of the station file and of the files that it names.
    """
    config = load_config(path)
    try:
        plug_in(config, boot=1)
    except UnfitEquipment as error:
        raise ConfigurationError([*located(path, error.wrongs), *error.in_maps]) from error
    listening_batteries(config)
    station_tariff(config)
    return config


def plug_in(config: Config, boot: int) -> dict[Role, Adapter]:
    """The adapter of every role that has a wire. Raises UnfitEquipment with everything that does not fit."""
    adapters: dict[Role, Adapter] = {}
    wrongs: list[Wrong] = []
    in_maps: list[str] = []
    for role, settings in _settings(config, boot):
        name = getattr(config.adapters, role)
        try:
            adapters[role] = build_adapter(role, name, settings)
        except InputError as error:
            wrongs.append(_wrong(error, config, PLUGS[role].link))
            continue
        except ConfigurationError as error:
            in_maps += error.mistakes
            continue
        stores, limits = any(map(needs_transit, config.recipes)), _limits_charges(config)
        missing = missing_orders(adapters[role], config.exchange, stores, limits)
        if missing:
            listed = ", ".join(kind.__name__ for kind in missing)
            needed_by = _LIMITING if LimitCharge in missing else f"exchange = {config.exchange}"
            text = f"不支持 {listed} | does not take {listed}, which {needed_by} needs"
            wrongs.append(Wrong(("adapters", role.value), name, text))
    wrongs += _positions(config, adapters)
    wrongs += _seats(config, adapters)
    if wrongs or in_maps:
        raise UnfitEquipment(wrongs, in_maps)
    return adapters


_LIMITING = "[site] power_kw, contract_kw or demand_kw, [[feeders]] or derating of [[battery_models]]"


def _limits_charges(config: Config) -> bool:
    """Whether running charges have to be told less than their equipment gives."""
    site = config.site
    capped = any(kw is not None for kw in (site.power_kw, site.contract_kw, site.demand_kw)) or bool(config.feeders)
    return capped or any(model.derating for model in config.battery_models)


def _positions(config: Config, adapters: Mapping[Role, Adapter]) -> Iterator[Wrong]:
    """Truck models with more batteries than an adapter that takes part in their swap can tell apart."""
    for role in (Role.EXCHANGER, Role.TRUCK_LINK):
        known = truck_positions(adapters[role]) if role in adapters else MOST_POSITIONS
        for index, model in enumerate(config.truck_models):
            if len(model.positions) > known:
                name = getattr(config.adapters, role)
                text = f"{role.value} {name} 只认 {known} 个电池位 | {role.value} {name} knows {known} battery position"
                yield Wrong(("truck_models", index, "positions"), list(model.positions), text)


def _seats(config: Config, adapters: Mapping[Role, Adapter]) -> Iterator[Wrong]:
    """Seat offsets that the station allows and its exchanger has no words for."""
    if Role.EXCHANGER not in adapters or takes_seat_offsets(adapters[Role.EXCHANGER]):
        return
    for each in fields(SeatOffset):
        if most_mm := getattr(config.limits, each.name):
            name = config.adapters.exchanger
            yield Wrong(("limits", each.name), most_mm, f"{name} 不接受偏移, 只能为 0 | 0: {name} takes no seat offset")


def _settings(config: Config, boot: int) -> Iterator[tuple[Role, AdapterSettings]]:
    served = {
        Role.CHARGER: tuple(bay.number for bay in config.charging_bays if bay.charging is Charging.CHARGER),
        Role.CLIMATE: tuple(bay.number for bay in config.charging_bays if bay.climate),
        Role.BAY_METER: tuple(bay.number for bay in config.charging_bays),
    }
    for role, plug in PLUGS.items():
        url = getattr(config.links, plug.link)
        if url:
            yield (
                role,
                AdapterSettings(
                    wire=parse_wire(f"links.{plug.link}", url),
                    bays=served.get(role, ()),
                    epoch=boot,
                    ratio=config.links.meter_ratio,
                    map=getattr(config.adapters, f"{role}_map"),
                    charger_ids=config.adapters.charger_ids,
                ),
            )


def _wrong(error: InputError, config: Config, link: str) -> Wrong:
    """The mistake at its key of the station file; one of the wire itself stands in `[links]`."""
    if error.field == "wire":
        return Wrong(("links", link), getattr(config.links, link), error.allowed)
    return Wrong(tuple(error.field.split(".")), error.value, error.allowed)
