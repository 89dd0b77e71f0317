"""Checks between fields of the configuration: each yields what is wrong, where, and what would be right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from swapstation.config.battery_care_rules import check_derating, check_thermal
from swapstation.config.energy_settings import Ledger, Pv
from swapstation.config.health_rules import check_health
from swapstation.config.limits import Limits
from swapstation.config.link_settings import Links
from swapstation.config.reading import Wrong
from swapstation.config.rule_kinds import Allowed, needs_transit
from swapstation.config.server_rules import check_databases, check_server
from swapstation.config.server_settings import Server
from swapstation.config.settings import OF_A_TRUCK, BatteryModel, Bay, Charging, Disk, Evidence, Site, TruckModel
from swapstation.config.site_rules import check_pv, check_site
from swapstation.config.site_settings import Feeder, SiteStore
from swapstation.config.store_rules import check_store
from swapstation.toml_lines import KeyPath

GBT27930_MAX_CURRENT_A = 400.0
"""CCS and BCL carry current as u16 x 0.1 A with an offset of -400 A (GB/T 27930-2015, tables 15 and 17)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be read so far, each list with the path of its element; a part with a mistake in it is left out."""

    recipe: str | None = None
    database_url: object = ""
    business_database_url: object = ""
    links: Links | None = None
    limits: Limits | None = None
    evidence: Evidence | None = None
    disk: Disk | None = None
    site: Site | None = None
    pv: Pv | None = None
    ledger: Ledger | None = None
    store: SiteStore | None = None
    server: Server | None = None
    bays: list[tuple[KeyPath, Bay]] = field(default_factory=list)
    battery_models: list[tuple[KeyPath, BatteryModel]] = field(default_factory=list)
    truck_models: list[tuple[KeyPath, TruckModel]] = field(default_factory=list)
    feeders: list[tuple[KeyPath, Feeder]] = field(default_factory=list)
    bays_complete: bool = True
    models_complete: bool = True
    has_store: bool = False


def cross_checks(draft: Draft) -> Iterator[Wrong]:
    """Yield every contradiction between fields."""
    for check in _CHECKS:
        yield from check(draft)


def _unique(entries: Iterable[tuple[KeyPath, str, object]], zh: str, en: str) -> Iterator[Wrong]:
    taken: set[object] = set()
    for element, key, value in entries:
        if value in taken:
            yield Wrong((*element, key), value, Allowed(zh, en))
        taken.add(value)


def _unique_names(draft: Draft) -> Iterator[Wrong]:
    yield from _unique(
        ((path, "number", bay.number) for path, bay in draft.bays), "仓号重复", "bay numbers must differ"
    )
    yield from _unique(
        ((path, "name", model.name) for path, model in draft.battery_models),
        "电池型号重复",
        "names of battery models must differ",
    )
    yield from _unique(
        ((path, "name", model.name) for path, model in draft.truck_models),
        "车型重复",
        "names of truck models must differ",
    )
    yield from _unique(
        ((path, "plc_number", model.plc_number) for path, model in draft.truck_models),
        "PLC 车型号重复",
        "PLC numbers of truck models must differ",
    )


def _own_segments(draft: Draft) -> Iterator[Wrong]:
    segments = [(path, "can", bay.can) for path, bay in draft.bays if bay.can]
    shared = [(("links",), "station_can", draft.links.station_can)] if draft.links else []
    yield from _unique(
        [*shared, *segments],
        "每个仓要有自己的 CAN 网段 (GB/T 27930 的地址是固定的)",
        "every bay needs a CAN segment of its own (the addresses of GB/T 27930 are fixed)",
    )


def _bay_wires(draft: Draft) -> Iterator[Wrong]:
    for path, bay in draft.bays:
        if not bay.charges and bay.can:
            allowed = Allowed("消防仓和中转位没有自己的 CAN", "isolation and transit place have no CAN of their own")
            yield Wrong((*path, "can"), bay.can, allowed)
        if bay.charges and bay.charging is Charging.DIRECT and not bay.can:
            allowed = Allowed("direct 仓必须有自己的 CAN", "a `direct` bay needs its CAN segment")
            yield Wrong((*path, "can"), bay.can, allowed)
    chargers = [(path, bay) for path, bay in draft.bays if bay.charges and bay.charging is Charging.CHARGER]
    if chargers and draft.links and not draft.links.chargers:
        numbers = ", ".join(str(bay.number) for _, bay in chargers)
        allowed = Allowed(f"{numbers} 号仓由充电机控制, 必须写出", f"needed, because bays {numbers} are `charger`")
        yield Wrong(("links", "chargers"), draft.links.chargers, allowed)


def _rack(draft: Draft) -> Iterator[Wrong]:
    if not draft.bays_complete:
        return
    if not any(bay.isolation for _, bay in draft.bays):
        allowed = Allowed("至少要有一个消防仓", "at least one bay must have isolation = true")
        yield Wrong(("bays",), None, allowed)
    if not any(bay.charges for _, bay in draft.bays):
        yield Wrong(("bays",), None, Allowed("至少要有一个充电仓", "at least one charging bay is needed"))


def _transit(draft: Draft) -> Iterator[Wrong]:
    """At most one transit place, and one where a recipe needs it; it takes one battery of a truck."""
    places = [(path, bay) for path, bay in draft.bays if bay.transit]
    for path, _ in places[1:]:
        yield Wrong((*path, "transit"), True, Allowed("最多一个中转位", "at most one transit place"))
    for path, bay in places:
        if bay.isolation:
            allowed = Allowed("消防仓不能兼作中转位", "the isolation place cannot be the transit place too")
            yield Wrong((*path, "transit"), True, allowed)
    for path, truck in draft.truck_models:
        if len(truck.positions) > 1 and needs_transit(truck.recipe or draft.recipe or ""):
            allowed = Allowed("经中转位换电的车只能有一块电池", "a swap through the transit place takes one battery")
            yield Wrong((*path, "positions"), list(truck.positions), allowed)
    if places or not draft.bays_complete:
        return
    lacking = Allowed("这个换电流程需要一个 transit = true 的仓", "this recipe needs a bay with transit = true")
    own = [(("recipe",), draft.recipe)]
    for path, recipe in [*own, *(((*path, "recipe"), truck.recipe) for path, truck in draft.truck_models)]:
        if recipe and needs_transit(recipe):
            yield Wrong(path, recipe, lacking)


def _neighbours(draft: Draft) -> Iterator[Wrong]:
    """Only bays that are there, and never a bay itself."""
    if not draft.bays_complete:
        return
    numbers = {bay.number for _, bay in draft.bays}
    for path, bay in draft.bays:
        if set(bay.neighbours or ()) - (numbers - {bay.number}):
            others = ", ".join(map(str, sorted(numbers - {bay.number}))) or "-"
            yield Wrong((*path, "neighbours"), list(bay.neighbours or ()), Allowed(f"只能是 {others}", f"of {others}"))


def _bay_output(draft: Draft) -> Iterator[Wrong]:
    for path, bay in draft.bays:
        if bay.min_voltage_v >= bay.max_voltage_v:
            top = f"max_voltage_v ({bay.max_voltage_v:g} V)"
            yield Wrong((*path, "min_voltage_v"), bay.min_voltage_v, Allowed(f"必须小于 {top}", f"must be below {top}"))
        least_a = bay.gbt27930.min_current_a
        if least_a > bay.max_current_a:
            top = f"max_current_a ({bay.max_current_a:g} A)"
            allowed = Allowed(f"不能大于 {top}", f"must not be above {top}")
            yield Wrong((*path, "gbt27930", "min_current_a"), least_a, allowed)
        if bay.charges and bay.charging is Charging.DIRECT:
            yield from _wire_current(path, bay)


def _bay_care(draft: Draft) -> Iterator[Wrong]:
    for path, bay in draft.bays:
        for name, upper in (("least_power_kw", "max_power_kw"), ("derate_above_c", "off_above_c")):
            value, limit = getattr(bay, name), getattr(bay, upper)
            if value >= limit:
                top = f"{upper} ({limit:g})"
                yield Wrong((*path, name), value, Allowed(f"必须小于 {top}", f"must be below {top}"))


def _battery_care(draft: Draft) -> Iterator[Wrong]:
    for path, model in draft.battery_models:
        if model.derating is not None:
            yield from check_derating((*path, "derating"), model.derating)
        if model.thermal is not None:
            yield from check_thermal((*path, "thermal"), model.thermal)


def _climate(draft: Draft) -> Iterator[Wrong]:
    """A climate unit stands at a charging bay, and its wire is named where there is one."""
    for path, bay in draft.bays:
        if bay.climate and not bay.charges:
            allowed = Allowed("只有充电仓有液冷机组", "only a charging bay has a climate unit")
            yield Wrong((*path, "climate"), True, allowed)
    if draft.links is not None and draft.bays_complete:
        served = [bay.number for _, bay in draft.bays if bay.climate]
        if served and not draft.links.climate:
            allowed = Allowed(
                f"{served} 号仓有液冷机组, 必须写出", f"needed, because bays {served} have a climate unit"
            )
            yield Wrong(("links", "climate"), draft.links.climate, allowed)
        if draft.links.climate and not served:
            allowed = Allowed("没有 climate = true 的仓", "no bay has climate = true")
            yield Wrong(("links", "climate"), draft.links.climate, allowed)


def _store(draft: Draft) -> Iterator[Wrong]:
    return check_store(draft.store, draft.has_store, draft.links.store if draft.links else None)


def _wire_current(path: KeyPath, bay: Bay) -> Iterator[Wrong]:
    """More than 400 A, asked for as current or as a power that even the highest voltage cannot give at 400 A."""
    if bay.max_current_a > GBT27930_MAX_CURRENT_A:
        yield Wrong((*path, "max_current_a"), bay.max_current_a, _WIRE_CURRENT)
    most_kw = GBT27930_MAX_CURRENT_A * bay.max_voltage_v / 1000.0
    if bay.max_power_kw > most_kw:
        needed_a = bay.max_power_kw * 1000.0 / bay.max_voltage_v
        reach = f"{GBT27930_MAX_CURRENT_A:g} A x {bay.max_voltage_v:g} V = {most_kw:g} kW"
        allowed = Allowed(
            f"最多 {reach}: 需要 {needed_a:.0f} A, GB/T 27930 报文表达不了; 电压更低时由 max_current_a 限制",
            f"at most {reach}: it needs {needed_a:.0f} A, which GB/T 27930 cannot say; "
            "at lower voltages max_current_a is the limit",
        )
        yield Wrong((*path, "max_power_kw"), bay.max_power_kw, allowed)


_WIRE_CURRENT = Allowed(
    f"direct 仓最多 {GBT27930_MAX_CURRENT_A:g} A: GB/T 27930 报文表达不了更大的充电电流",
    f"at most {GBT27930_MAX_CURRENT_A:g} A with a `direct` bay: GB/T 27930 cannot say a larger charging current",
)


def _model_current(draft: Draft) -> Iterator[Wrong]:
    if not any(bay.charges and bay.charging is Charging.DIRECT for _, bay in draft.bays):
        return
    for path, model in draft.battery_models:
        if model.max_current_a > GBT27930_MAX_CURRENT_A:
            yield Wrong((*path, "max_current_a"), model.max_current_a, _WIRE_CURRENT)


def _model_voltage(draft: Draft) -> Iterator[Wrong]:
    outputs = [bay.max_voltage_v for _, bay in draft.bays if bay.charges]
    for path, model in draft.battery_models:
        if outputs and model.max_voltage_v > max(outputs):
            top = f"{max(outputs):g} V"
            allowed = Allowed(f"没有充电仓能输出这么高, 最高 {top}", f"no bay can give this, at most {top}")
            yield Wrong((*path, "max_voltage_v"), model.max_voltage_v, allowed)


def _model_mass(draft: Draft) -> Iterator[Wrong]:
    for path, model in draft.battery_models:
        if model.mass_tolerance_kg >= model.mass_kg / 2:
            half = f"{model.mass_kg / 2:g} kg"
            allowed = Allowed(f"必须小于质量的一半 ({half})", f"must be below half the mass ({half})")
            yield Wrong((*path, "mass_tolerance_kg"), model.mass_tolerance_kg, allowed)


def _known_models(draft: Draft) -> Iterator[Wrong]:
    known = [model.name for _, model in draft.battery_models]
    listed = ", ".join(f'"{name}"' for name in known)
    for path, truck in draft.truck_models:
        if draft.models_complete and truck.battery_model not in known:
            allowed = Allowed(f"没有这个电池型号, 现有 {listed}", f"no such battery model, there are {listed}")
            yield Wrong((*path, "battery_model"), truck.battery_model, allowed)


def _recipe_fits(draft: Draft) -> Iterator[Wrong]:
    """Which battery model may go onto which truck model by which recipe."""
    built_for = {model.name: model.recipes for _, model in draft.battery_models if model.recipes}
    for path, truck in draft.truck_models:
        recipe = truck.recipe or draft.recipe
        allowed = built_for.get(truck.battery_model)
        if recipe and allowed and recipe not in allowed:
            battery, listed = truck.battery_model, ", ".join(f'"{name}"' for name in allowed)
            yield Wrong(
                (*path, "recipe"),
                recipe,
                Allowed(f"电池 {battery} 只能用 {listed} 换电", f"battery {battery} can be exchanged only by {listed}"),
            )


def _charge_target(draft: Draft) -> Iterator[Wrong]:
    if draft.limits and draft.limits.ready_soc_pct > draft.limits.charge_target_soc_pct:
        target = f"charge_target_soc_pct ({draft.limits.charge_target_soc_pct:g} %)"
        allowed = Allowed(f"不能大于 {target}", f"must not be above {target}")
        yield Wrong(("limits", "ready_soc_pct"), draft.limits.ready_soc_pct, allowed)


def _evidence_suffices(draft: Draft) -> Iterator[Wrong]:
    """So many sources can agree on the battery of a truck, the word of a person among them."""
    if draft.evidence is None:
        return
    most = sum(source in OF_A_TRUCK for source in draft.evidence.sources) + 1
    if draft.evidence.minimum > most:
        zh = f"车上电池的已声明来源加人工确认只有 {most} 个"
        en = f"the declared sources of a truck's battery and a person's word are {most}"
        yield Wrong(("evidence", "minimum"), draft.evidence.minimum, Allowed(zh, en))


def _disk_levels(draft: Draft) -> Iterator[Wrong]:
    """Each level is reached after the one above it."""
    if draft.disk is None:
        return
    for name, upper in (("shed_pct", "low_pct"), ("stop_pct", "shed_pct")):
        value, limit = getattr(draft.disk, name), getattr(draft.disk, upper)
        if value >= limit:
            top = f"{upper} ({limit:g} %)"
            yield Wrong(("disk", name), value, Allowed(f"必须小于 {top}", f"must be below {top}"))


def _site(draft: Draft) -> Iterator[Wrong]:
    if draft.site is not None and draft.bays_complete:
        yield from check_site(draft.site, [bay for _, bay in draft.bays if bay.charges])


def _pv(draft: Draft) -> Iterator[Wrong]:
    if draft.pv is not None and draft.site is not None:
        yield from check_pv(draft.pv, draft.site)


def _feeders(draft: Draft) -> Iterator[Wrong]:
    """Each charging bay is behind one feeder at most, and each feeder carries its bays at the least power."""
    zh, en = "馈线名称重复", "names of feeders must differ"
    yield from _unique(((path, "name", feeder.name) for path, feeder in draft.feeders), zh, en)
    if draft.site is None or not draft.bays_complete:
        return
    least = {bay.number: bay.least_power_kw for _, bay in draft.bays if bay.charges}
    free = set(least)
    for path, feeder in draft.feeders:
        if not feeder.bays or set(feeder.bays) - free or len(set(feeder.bays)) < len(feeder.bays):
            listed = ", ".join(map(str, sorted(free))) or "-"
            allowed = Allowed(f"每个充电仓只属于一条馈线: {listed}", f"charging bays, each in one feeder: of {listed}")
            yield Wrong((*path, "bays"), list(feeder.bays), allowed)
        free -= set(feeder.bays)
        least_kw = sum(least[bay] for bay in feeder.bays if bay in least) / draft.site.charging_efficiency
        least_kw += feeder.guns_kw
        if feeder.limit_kw < least_kw:
            zh = f"至少 {least_kw:.1f} kW: 每个充电仓的 least_power_kw, 加 guns_kw"
            en = f"at least {least_kw:.1f} kW: least_power_kw of each charging bay and guns_kw"
            yield Wrong((*path, "limit_kw"), feeder.limit_kw, Allowed(zh, en))


def _efficiencies(draft: Draft) -> Iterator[Wrong]:
    if draft.ledger is not None and draft.ledger.least_efficiency > draft.ledger.most_efficiency:
        top = f"most_efficiency ({draft.ledger.most_efficiency:g})"
        allowed = Allowed(f"不能大于 {top}", f"must not be above {top}")
        yield Wrong(("ledger", "least_efficiency"), draft.ledger.least_efficiency, allowed)


def _health_limits(draft: Draft) -> Iterator[Wrong]:
    for path, model in draft.battery_models:
        yield from check_health(path, model.health)


def _server(draft: Draft) -> Iterator[Wrong]:
    yield from check_databases(draft.database_url, draft.business_database_url)
    if draft.server is not None:
        yield from check_server(draft.server)


_CHECKS: tuple[Callable[[Draft], Iterator[Wrong]], ...] = (
    _server,
    _unique_names,
    _own_segments,
    _bay_wires,
    _rack,
    _transit,
    _neighbours,
    _bay_output,
    _bay_care,
    _battery_care,
    _climate,
    _store,
    _model_current,
    _model_voltage,
    _model_mass,
    _known_models,
    _recipe_fits,
    _charge_target,
    _evidence_suffices,
    _disk_levels,
    _site,
    _pv,
    _feeders,
    _efficiencies,
    _health_limits,
)
