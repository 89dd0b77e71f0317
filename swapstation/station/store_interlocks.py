"""Interlocks of the site's stationary store: heard and healthy, within its SOC and power, no fire, no more export."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.command import Command, SetStorePower
from swapstation.station.sensing import Interlock
from swapstation.station.situation import Situation

NOISE_KW = 1.0
"""What a meter, or a limit that moves, may be off."""


def _power_kw(command: Command) -> float | None:
    return command.power_kw if isinstance(command, SetStorePower) else None


def _ready(now: Situation, _: Command) -> bool:
    store = now.snapshot.store.good
    return now.config.store is not None and store is not None and store.healthy


def _soc_permits(now: Situation, command: Command) -> bool:
    """It takes nothing above its highest SOC and gives nothing below its lowest."""
    settings, store, power_kw = now.config.store, now.snapshot.store.good, _power_kw(command)
    if settings is None or store is None or power_kw is None:
        return False
    if power_kw > 0.0:
        return store.soc_pct < settings.most_soc_pct
    return store.soc_pct > settings.least_soc_pct


def _power_declared(now: Situation, command: Command) -> bool:
    """Not more than the station file declares, nor than the store says that it can now."""
    settings, store, power_kw = now.config.store, now.snapshot.store.good, _power_kw(command)
    if settings is None or store is None or power_kw is None:
        return False
    declared_kw = settings.charge_kw if power_kw > 0.0 else settings.discharge_kw
    now_kw = store.charge_limit_kw if power_kw > 0.0 else store.discharge_limit_kw
    return abs(power_kw) <= declared_kw and (now_kw is None or abs(power_kw) <= now_kw + NOISE_KW)


def _no_fire_alarm(now: Situation, _: Command) -> bool:
    reaction = now.snapshot.fire.reaction
    return not reaction.causes and not reaction.confirmed


def _export_kept(now: Situation, command: Command) -> bool:
    """It gives only while the meter tells that the site feeds back no more than it may; dispatch may allow less yet."""
    power_kw, meter = _power_kw(command), now.snapshot.meter.good
    if power_kw is not None and power_kw >= 0.0:
        return True
    if power_kw is None or meter is None or meter.power_kw is None:
        return False
    return meter.power_kw >= -now.config.site.export_kw - NOISE_KW


STORE_INTERLOCKS: Mapping[str, Interlock] = {
    "store_ready": _ready,
    "store_soc_permits": _soc_permits,
    "store_power_declared": _power_declared,
    "no_fire_alarm": _no_fire_alarm,
    "store_export_kept": _export_kept,
}
