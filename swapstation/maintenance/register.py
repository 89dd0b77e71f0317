"""The register of devices: those that a station's configuration names, and those that its plan adds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from swapstation.config.settings import Bay, Config
from swapstation.model.maintenance import Counter, Device

STATION, ROBOT, METER, FIRE_PANEL, STORE = "station", "robot", "meter", "fire_panel", "store"
"""Names as in the sources of alarms; bays have those of their places."""
_ROBOT = (Counter.MOVES, Counter.RUNNING_H, Counter.TRAVEL_KM, Counter.LOAD_DISTANCE_TKM)
_BAY = (Counter.MATINGS, Counter.CHARGES, Counter.CHARGING_H, Counter.ENERGY_KWH)


def devices_of(config: Config, told: Sequence[Device]) -> tuple[Device, ...]:
    """Every device of a station, those of its configuration first; `told` describes some of them and adds others."""
    described = {each.device: each for each in told}
    own = [described.pop(each.device, each) for each in _configured(config)]
    return (*own, *described.values())


def _configured(config: Config) -> Iterable[Device]:
    yield Device(STATION, "换电站", "Station")
    yield Device(ROBOT, "换电机器人", "Swap robot")
    yield Device(METER, "关口电表", "Site meter")
    yield Device(FIRE_PANEL, "消防主机", "Fire panel")
    if config.store is not None:
        yield Device(STORE, "储能", "Energy store")
    for bay in config.bays:
        yield _place(bay)


def _place(bay: Bay) -> Device:
    if bay.transit:
        return Device(bay.place, "中转位", "Transit place")
    zh, en = ("消防仓", "Isolation place") if bay.isolation else ("充电仓", "Charging bay")
    return Device(bay.place, f"{bay.number} 号{zh}", f"{en} {bay.number}")


def whole_of(devices: Sequence[Device], device: str) -> str:
    """The device whose counters a device has: itself, or what it is a part of, up to the whole."""
    parts = {each.device: each.part_of for each in devices}
    while parts.get(device):
        device = parts[device]
    return device


def counters_of(config: Config, device: str) -> tuple[Counter, ...]:
    """What is counted of a whole device: nothing of one that only ages."""
    if device == STATION:
        return (Counter.SWAPS,)
    if device == ROBOT:
        return _ROBOT
    bay = next((bay for bay in config.bays if bay.place == device), None)
    if bay is None:
        return ()
    return _BAY if bay.charges else (Counter.MATINGS,)


def named_source(devices: Sequence[Device], source: str) -> str:
    """The device that a source of alarms (`bay-3`, `bay-3:E17`, `bay-3.fan`) is about; none known: the station."""
    known = {each.device for each in devices}
    plain = source.partition(":")[0]
    return next((name for name in (plain, plain.partition(".")[0]) if name in known), STATION)
