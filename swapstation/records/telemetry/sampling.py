"""From a snapshot to rows of telemetry; pure, with what was told last as its only memory.

Only good values are told: what is stale or was never seen has no row, and a gap longer than `idle_s` means unknown.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from swapstation.model.device import RobotState
from swapstation.model.snapshot import BayState, Snapshot
from swapstation.records.telemetry.kinds import (
    CELLS,
    ENVIRONMENT,
    LINK,
    METER,
    PACK,
    ROBOT,
    SAFETY,
    TRUCK,
    Array,
    Kind,
)

Value = int | str | bytes | None
NOT_AVAILABLE = -32768
"""An element of an array that is not available; elements are 16-bit numbers."""
FLOWS_A = 1.0
"""A current from which on a battery counts as working."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one series shows now, in units; `active` is told every period, the rest when it changes."""

    series: str
    values: tuple[float | str | None, ...]
    arrays: tuple[tuple[float | None, ...], ...] = ()
    active: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is stored: numbers whole, arrays packed, `t` in seconds since 1970 (UTC)."""

    kind: str
    series: str
    t: int
    values: tuple[Value, ...]


class Sampler:
    """Turns one snapshot a second into the rows that are news."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], Row] = {}

    def rows(self, snapshot: Snapshot) -> list[Row]:
        """The rows of this second; a second that was told before, or lies before it, has none."""
        t = int(snapshot.at.timestamp())
        found = []
        for kind, readings in READINGS:
            for reading in readings(snapshot):
                row = Row(kind.name, reading.series, t, stored(kind, reading))
                before = self._told.get((kind.name, reading.series))
                if before is None or _is_news(kind, before, row, reading.active):
                    self._told[kind.name, reading.series] = row
                    found.append(row)
        return found


def _is_news(kind: Kind, before: Row, row: Row, active: bool) -> bool:
    since_s = row.t - before.t
    if since_s < 0:  # the clock was set back: what it says now counts
        return True
    if since_s < kind.period_s:
        return False
    return active or since_s >= kind.idle_s or _changed(kind, before.values, row.values)


def _changed(kind: Kind, before: Sequence[Value], now: Sequence[Value]) -> bool:
    for column, old, new in zip(kind.columns, before, now, strict=False):
        if isinstance(old, int) and isinstance(new, int):
            if abs(new - old) > column.deadband * 10**column.digits:
                return True
        elif old != new:
            return True
    return False


def stored(kind: Kind, reading: Reading) -> tuple[Value, ...]:
    """The values of a reading as they are stored."""
    values = (
        value if value is None or isinstance(value, str) else column.whole(value)
        for column, value in zip(kind.columns, reading.values, strict=True)
    )
    return (*values, *(packed(array, held) for array, held in zip(kind.arrays, reading.arrays, strict=True)))


def packed(array: Array, values: Sequence[float | None]) -> bytes:
    """An array as little-endian 16-bit numbers of its last digit."""
    whole = (array.column(1).whole(each) for each in values)
    fits = (each if each is not None and abs(each) < -NOT_AVAILABLE else NOT_AVAILABLE for each in whole)
    return struct.pack(f"<{len(values)}h", *fits)


def _pack(now: Snapshot) -> Iterator[Reading]:
    for bay in now.bays:
        charge, current_a, voltage_v = bay.charge.good, *_output(bay)
        if bay.battery is None or (charge is None and current_a is None):
            continue
        told_a = charge.current_a if charge else None
        values = (
            f"bay-{bay.number}",
            charge.phase.value if charge else None,
            charge.voltage_v if charge else None,
            told_a,
            charge.soc_pct if charge else None,
            charge.max_temperature_c if charge else None,
            charge.min_temperature_c if charge else None,
            charge.max_cell_v if charge else None,
            charge.min_cell_v if charge else None,
            charge.wanted_voltage_v if charge else None,
            charge.wanted_current_a if charge else None,
            voltage_v,
            current_a,
            charge.session_energy_kwh if charge else None,
        )
        yield Reading(bay.battery, values, active=_flows(bay))


def _output(bay: BayState) -> tuple[float | None, float | None]:
    """Current and voltage of what charges a bay."""
    output = bay.charger.good or bay.modules.good
    return (None, None) if output is None else (output.current_a, output.voltage_v)


def _flows(bay: BayState) -> bool:
    charge = bay.charge.good
    told = (charge.current_a if charge else None, _output(bay)[0])
    return any(each is not None and abs(each) >= FLOWS_A for each in told)


def _cells(now: Snapshot) -> Iterator[Reading]:
    for bay in now.bays:
        cells = bay.cells.good
        if bay.battery is None or cells is None:
            continue
        known = [each for each in cells.voltages_v if each is not None]
        figures = (min(known), max(known), sum(known) / len(known)) if known else (None, None, None)
        arrays = (cells.voltages_v, cells.temperatures_c)
        yield Reading(bay.battery, (f"bay-{bay.number}", *figures), arrays, active=_flows(bay))


def _robot(now: Snapshot) -> Iterator[Reading]:
    robot = now.robot.good
    if robot is not None:
        place = (robot.x_mm, robot.y_mm, robot.z_mm, robot.load_kg)
        values = (robot.state.value, robot.step.name.lower(), *place, robot.gripped, robot.payload)
        yield Reading("robot", values, active=robot.state is RobotState.BUSY)


def _meter(now: Snapshot) -> Iterator[Reading]:
    site = now.meter.good
    if site is not None:
        phases = (*_three(site.voltages_v), *_three(site.currents_a))
        yield Reading("site", (site.energy_kwh, site.power_kw, *phases))
    for bay in now.bays:
        for name, meter in (("ac", bay.ac_meter.good), ("dc", bay.dc_meter.good)):
            if meter is not None:
                yield Reading(f"bay-{bay.number}-{name}", (meter.energy_kwh, meter.power_kw, *(None,) * 6))


def _three(phases: Sequence[float]) -> tuple[float | None, ...]:
    return (*phases[:3], *(None,) * (3 - len(phases)))


def _environment(now: Snapshot) -> Iterator[Reading]:
    for bay in now.bays:
        io, climate, modules, charger = bay.io.good, bay.climate.good, bay.modules.good, bay.charger.good
        if io is None and climate is None and modules is None and charger is None:
            continue
        output = charger.temperature_c if charger else modules.temperature_c if modules else None
        values = (
            io.presence.value if io else None,
            climate.mode.value if climate else None,
            io.temperature_c if io else None,
            io.smoke if io else None,
            io.contactor_closed if io else None,
            output,
            climate.supply_c if climate else None,
            climate.return_c if climate else None,
            climate.pressure_kpa if climate else None,
            climate.flow_lpm if climate else None,
            climate.power_kw if climate else None,
        )
        yield Reading(f"bay-{bay.number}", values)


def _link(now: Snapshot) -> Iterator[Reading]:
    for link in now.links:
        counted = (link.rx, link.tx, link.malformed, link.dropped, link.reconnects, link.timeouts)
        yield Reading(link.name, (link.connected, *counted, link.bus_load_pct))


def _truck(now: Snapshot) -> Iterator[Reading]:
    """The truck in the lane, and where the robot sees it."""
    truck, robot = now.truck.good, now.robot.good
    if truck is not None:
        told = (truck.parking_brake_set, truck.key_off, truck.gear_neutral, truck.hv_powered_down)
        battery = (truck.connector_mated, truck.battery_present, truck.soc_pct)
        seen = (robot.truck_in_position, robot.pose_x_mm, robot.pose_y_mm, robot.pose_yaw_mrad) if robot else None
        yield Reading("lane", (truck.vin, truck.lock.value, *told, *battery, *(seen or (None,) * 4)))


def _safety(now: Snapshot) -> Iterator[Reading]:
    chain = now.safety.good
    if chain is not None:
        values = (chain.estop_ok, chain.doors_closed, chain.light_curtain_clear, chain.overtravel_ok, chain.fire_ok)
        yield Reading("station", values)


READINGS: Sequence[tuple[Kind, Callable[[Snapshot], Iterator[Reading]]]] = (
    (PACK, _pack),
    (CELLS, _cells),
    (ROBOT, _robot),
    (METER, _meter),
    (ENVIRONMENT, _environment),
    (LINK, _link),
    (TRUCK, _truck),
    (SAFETY, _safety),
)
