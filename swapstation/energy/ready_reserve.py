"""The ready batteries that a discharge leaves: one rule for what a plan may ask for and for what is permitted. Pure."""

from __future__ import annotations

from swapstation.config.settings import BatteryModel, Config
from swapstation.model.inventory import Battery
from swapstation.model.snapshot import BayState, Snapshot


def ready_reserve_kept(now: Snapshot, config: Config, bay: BayState, model: BatteryModel) -> bool:
    """Without this bay's battery enough of its model are ready, free and plugged for every promise, and some on top."""
    if model.discharge is None:
        return False
    stock = now.inventory
    batteries = [stock.battery(each.battery) for each in now.bays if each.charges and each is not bay and each.battery]
    ready = [
        each for each in batteries if each is not None and each.model == model.name and _is_ready(now, config, each)
    ]
    promised = [hold for hold in stock.holds if hold.battery is None and hold.model == model.name]
    return len(ready) >= len(promised) + model.discharge.ready_reserve


def _is_ready(now: Snapshot, config: Config, battery: Battery) -> bool:
    full = battery.soc_pct is not None and battery.soc_pct >= config.limits.ready_soc_pct
    return full and battery.sound and now.inventory.held(battery=battery.battery) is None
