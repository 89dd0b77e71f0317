"""The station's stock as a plan sees it: batteries of the rack, those that a swap brings, the needs known. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from swapstation.config.settings import BatteryModel, Bay, Charging, Config
from swapstation.energy.curve import Curve, level
from swapstation.energy.plan_input import BayBattery, ComingBattery, FirmNeed
from swapstation.energy.ready_reserve import ready_reserve_kept
from swapstation.model.alarm import AlarmState
from swapstation.model.device import Presence
from swapstation.model.inventory import Hold, HoldKind
from swapstation.model.snapshot import BayState, Snapshot

USUAL_VOLTAGE = 0.9
"""Share of its highest voltage at which a battery takes most of its charge."""
MILD_C = 25.0
"""The row of a derating table that a forecast goes by; the controller derates by what it measures."""
LOSS = 0.02
"""A charger may lose so much more (share of AC) than at full power before a charge had better wait."""
COMING_S = 300.0
"""So long a battery on its way needs into its bay."""


def models_of(config: Config) -> dict[str, BatteryModel]:
    """The battery models of a station by name."""
    return {model.name: model for model in config.battery_models}


def efficiency_of(config: Config) -> Curve:
    """What of the AC arrives by the power of one charger (kW DC)."""
    points = config.planner.charger_efficiency
    return Curve(points) if points else level(config.site.charging_efficiency)


def batteries_of(now: Snapshot, config: Config, efficiency: Curve) -> Iterator[BayBattery]:
    """Batteries of the rack whose SOC is known and that no swap or job has; others charge on arrival or not at all."""
    models = models_of(config)
    for bay in now.bays:
        battery = now.inventory.battery(bay.battery) if bay.battery and bay.charges else None
        hold = now.inventory.held(battery=battery.battery) if battery is not None else None
        if battery is None or bay.soc_pct is None or battery.model not in models or not _is_booking(hold):
            continue
        model, settings = models[battery.model], config.bay(bay.number)
        power_kw = _power_kw(model, settings)
        yield BayBattery(
            bay=bay.number,
            battery=battery.battery,
            model=model.name,
            soc_pct=bay.soc_pct,
            capacity_kwh=model.energy_kwh,
            max_power_kw=power_kw,
            acceptance=_acceptance(model, power_kw),
            may_charge=battery.sound and _may_charge(now, bay),
            min_power_kw=max(min(settings.least_power_kw, power_kw), _worth_kw(efficiency, power_kw)),
            discharge_kw=_discharge_kw(now, config, bay, model),
            least_soc_pct=model.discharge.least_soc_pct if model.discharge is not None else 0.0,
            held_for=hold.hold if hold is not None else "",
        )


def _discharge_kw(now: Snapshot, config: Config, bay: BayState, model: BatteryModel) -> float:
    """What a battery may give back: where charger and model declare it, it is free, and enough others are ready."""
    stock, settings = now.inventory, config.bay(bay.number)
    able = settings.charging is Charging.CHARGER and bay.abilities.discharges
    if not able or model.discharge is None or stock.held(battery=bay.battery) is not None:
        return 0.0
    kept = ready_reserve_kept(now, config, bay, model)
    return min(model.discharge.max_power_kw, _power_kw(model, settings)) if kept else 0.0


def _is_booking(hold: Hold | None) -> bool:
    return hold is None or hold.kind is HoldKind.BOOKING


def _may_charge(now: Snapshot, bay: BayState) -> bool:
    """Whether a charge could begin, as far as people are shown: no lock-out, no failed charge, no heat or frost."""
    io = bay.io.good
    standing = (alarm for alarm in now.alarms if alarm.state is not AlarmState.RETURNED_UNACKNOWLEDGED)
    failed = any((alarm.code, alarm.source) == ("CHARGE_FAILED", bay.place) for alarm in standing)
    stopped = any(goal.bay == bay.number and goal.at_once and goal.waits for goal in now.charge_goals)
    present = io is not None and io.presence is Presence.PRESENT and io.connector_mated
    return present and not failed and not stopped and not now.inventory.locked_out(bay.place)


def _power_kw(model: BatteryModel, bay: Bay) -> float:
    current_a = min(bay.max_current_a, model.max_current_a)
    return min(bay.max_power_kw, current_a * USUAL_VOLTAGE * model.max_voltage_v / 1000.0)


def _acceptance(model: BatteryModel, power_kw: float) -> Curve:
    """Share of its full power that a battery takes by SOC, from its model's table at a mild temperature."""
    table = model.derating
    if table is None:
        return level(1.0)
    row = min(range(len(table.temperature_c)), key=lambda each: abs(table.temperature_c[each] - MILD_C))
    per_unit_kw = USUAL_VOLTAGE * model.max_voltage_v / 1000.0 if table.current_a else model.energy_kwh
    shares = (min(value * per_unit_kw / power_kw, 1.0) for value in table.rows[row])
    return Curve(tuple(zip(table.soc_pct, shares, strict=True)))


def _worth_kw(efficiency: Curve, power_kw: float) -> float:
    """The least power (kW DC) at which no more than `LOSS` is lost beyond what is lost at `power_kw`.

    Between two points the curve is straight, so that it is a point or lies in the first piece that rises high enough.
    """
    enough = efficiency.at(power_kw) - LOSS
    for (x0, y0), (x1, y1) in pairwise(((0.0, efficiency.at(0.0)), *efficiency.points)):
        if y0 >= enough:
            return min(x0, power_kw)
        if y1 >= enough:
            return min(x0 + (x1 - x0) * (enough - y0) / (y1 - y0), power_kw)
    return 0.0


def coming_batteries(now: Snapshot, config: Config) -> Iterator[ComingBattery]:
    """Batteries that the running swap is bringing into the rack."""
    models, swap = models_of(config), now.inventory.swap
    for each in swap.allocated if swap is not None else ():
        battery, bay = now.inventory.battery(each.returned), now.by_number.get(each.to_bay)
        if battery is None or bay is None or not bay.charges or bay.battery is not None or battery.model not in models:
            continue
        model = models[battery.model]
        power_kw = _power_kw(model, config.bay(bay.number))
        soc_pct = 0.0 if each.returned_soc_pct is None else each.returned_soc_pct
        yield ComingBattery(COMING_S, model.name, soc_pct, model.energy_kwh, power_kw, _acceptance(model, power_kw))


def needs_of(now: Snapshot, config: Config, horizon_s: float) -> Iterator[FirmNeed]:
    """Promises, batteries that are held at once, and the truck that waits for its battery."""
    models = models_of(config)
    for hold in now.inventory.holds:
        if hold.kind is not HoldKind.BOOKING or hold.model not in models:
            continue
        due_s = (hold.needed_at - now.at).total_seconds() if hold.needed_at is not None else 0.0
        if due_s < horizon_s:
            least_pct = config.limits.ready_soc_pct if hold.soc_pct is None else hold.soc_pct
            brings_pct = hold.return_soc_pct
            label = hold.vin or ""
            yield FirmNeed(hold.hold, max(due_s, 0.0), hold.model, least_pct, label=label, return_soc_pct=brings_pct)
    swap = now.inventory.swap
    truck_model = next((each for each in config.truck_models if swap and each.name == swap.truck_model), None)
    booked = {hold.vin for hold in now.inventory.holds if hold.kind is HoldKind.BOOKING}
    if swap is None or swap.allocated or truck_model is None or swap.vin in booked:
        return
    least_pct = min(config.limits.ready_soc_pct, swap.accept_soc_pct or 100.0)
    for position in range(1, len(truck_model.positions) + 1):
        yield FirmNeed(f"{swap.swap}-{position}", 0.0, truck_model.battery_model, least_pct, label=swap.vin)
