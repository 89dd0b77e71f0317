"""BMS of whatever battery is plugged in a bay: measures it, asks for current, speaks GB/T 27930 to the charger."""

from __future__ import annotations

from collections.abc import Iterable

from swapstation.model.device import ChargePhase
from swapstation.model.identity import PackCode
from swapstation.protocol import j1939
from swapstation.protocol.gbt27930.bms import BmsSession
from swapstation.protocol.gbt27930.bms_facts import BmsFacts, BmsStatus
from swapstation.protocol.gbt27930.messages import Bcl, Bcp, Bcs, Brm, Bro, Bsm
from swapstation.protocol.gbt27930.table import type_of
from swapstation.protocol.gbt27930.words import BatteryFault
from swapstation.protocol.node import Frame
from swapstation.simulation.firmware.cycle import Cycle
from swapstation.simulation.plant.battery import CELL_MAX_V, CELL_NOMINAL_V, Battery
from swapstation.simulation.plant.plant import Plant

PERIOD_S = 0.1
BATTERY_MESSAGES = {type_of(kind).pgn: kind.__name__.upper() for kind in (Brm, Bcp, Bro, Bcl, Bcs, Bsm)}
"""Messages that a knob can keep back, by their parameter group."""
TAPER_FROM_PCT = 90.0
COLD_BELOW_C, COLDEST_C, COLD_SHARE = 10.0, -15.0, 0.05
"""A cold cell takes little: from full current at the first to a small share at the second temperature."""
LEAST_SHARE = 0.1
DERATE_ABOVE_C, FORBID_ABOVE_C, FAULT_ABOVE_C = 50.0, 55.0, 60.0
DERATED_SHARE = 0.5
LONGEST_REMAINING_MIN = 600
PROBES = 24
PROBE_SPREAD_C = 2


class BayBms:
    """The BMS end of a bay's CAN segment: there only while a battery is plugged in, a new one for each battery."""

    def __init__(self, plant: Plant, bay: int) -> None:
        self._plant = plant
        self._bay = bay
        self._cycle = Cycle(PERIOD_S)
        self._battery: Battery | None = None
        self._session: BmsSession | None = None

    @property
    def phase(self) -> ChargePhase:
        """Where the battery is in its charging process; idle without a battery."""
        return self._session.phase if self._session is not None else ChargePhase.IDLE

    def receive(self, frame: Frame, now_s: float) -> None:
        if self._session is not None and not self._silent:
            self._session.receive(frame, now_s)

    def due(self, now_s: float) -> Iterable[Frame]:
        if self._cycle.due(now_s):
            self._scan(now_s)
        frames = self._session.due(now_s) if self._session is not None else []
        return [] if self._silent else [frame for frame in frames if not self._left_out(frame)]

    def next_deadline(self) -> float:
        if self._session is None:
            return self._cycle.next_s
        return min(self._cycle.next_s, self._session.next_deadline())

    @property
    def _silent(self) -> bool:
        return self._plant.faults.active("bms_silent", self._bay)

    def _left_out(self, frame: Frame) -> bool:
        """Whether a knob keeps this message back; of a long one its announcement, without which nothing follows."""
        pgn = j1939.split(frame.can_id).pgn
        if pgn == j1939.TP_CM_PGN and frame.data[0] == j1939.Control.RTS:
            pgn = j1939.pgn_of(frame.data)
        name = BATTERY_MESSAGES.get(pgn)
        return name is not None and self._plant.faults.active("bms_message_silent", f"{self._bay}:{name}")

    def _scan(self, now_s: float) -> None:
        plugged = self._plant.in_bay(self._bay) if self._plant.mated(self._bay) else None
        if plugged is not self._battery:
            self._change(plugged)
        if self._session is not None and self._battery is not None:
            self._session.battery(measure(self._battery), now_s)
            welded = self._battery.contactor_closed and self._plant.faults.active("stays_live", self._bay)
            self._battery.contactor_closed = self._session.contactors_wanted or welded

    def _change(self, plugged: Battery | None) -> None:
        if self._battery is not None:
            self._battery.contactor_closed = False
        self._battery = plugged
        self._session = BmsSession(identify(plugged), measure(plugged)) if plugged is not None else None


def identify(battery: Battery) -> BmsFacts:
    """What the BMS knows of its battery; maker and serial are those of its first GB/T 34014 code."""
    code = PackCode(battery.codes[0]) if battery.codes else None
    model = battery.model
    return BmsFacts(
        max_voltage_v=model.max_voltage_v,
        max_current_a=model.max_current_a,
        max_cell_v=CELL_MAX_V,
        nominal_energy_kwh=model.energy_kwh,
        rated_capacity_ah=round(battery.capacity_ah, 1),
        rated_voltage_v=round(battery.cells * CELL_NOMINAL_V, 1),
        maker=code.maker if code else None,
        serial=code.serial if code else None,
    )


def measure(battery: Battery) -> BmsStatus:
    """What the BMS measures and wants now."""
    number, highest_v = battery.highest_cell
    hottest_c = round(battery.temperature_c)
    return BmsStatus(
        voltage_v=battery.voltage_v,
        current_a=battery.current_a,
        soc_pct=battery.soc_pct,
        max_cell_v=highest_v,
        min_cell_v=battery.lowest_cell[1],
        max_temperature_c=hottest_c,
        min_temperature_c=hottest_c - PROBE_SPREAD_C,
        wanted_voltage_v=battery.model.max_voltage_v,
        wanted_current_a=wanted_current_a(battery),
        contactors_closed=battery.contactor_closed,
        permitted=battery.temperature_c <= FORBID_ABOVE_C,
        faults=(BatteryFault.OVER_TEMPERATURE,) if battery.temperature_c > FAULT_ABOVE_C else (),
        remaining_min=_remaining_min(battery),
        max_cell_number=number + 1,
        cell_voltages_v=battery.cell_voltages_v,
        temperatures_c=tuple(hottest_c - index % (PROBE_SPREAD_C + 1) for index in range(PROBES)),
        max_temperature_probe=1,
        min_temperature_probe=PROBE_SPREAD_C + 1,
    )


def wanted_current_a(battery: Battery) -> float:
    """Full current up to 90 % SOC, then a taper down to a tenth; half above 50 degC, little in the cold."""
    above_pct = max(battery.soc_pct - TAPER_FROM_PCT, 0.0)
    share = max(1.0 - (1.0 - LEAST_SHARE) * above_pct / (100.0 - TAPER_FROM_PCT), LEAST_SHARE)
    if battery.temperature_c > DERATE_ABOVE_C:
        share *= DERATED_SHARE
    if battery.temperature_c < COLD_BELOW_C:
        warmth = max(battery.temperature_c - COLDEST_C, 0.0) / (COLD_BELOW_C - COLDEST_C)
        share *= COLD_SHARE + (1.0 - COLD_SHARE) * warmth
    return battery.model.max_current_a * share


def _remaining_min(battery: Battery) -> int:
    missing_ah = battery.capacity_ah - battery.charge_ah
    if battery.current_a * LONGEST_REMAINING_MIN <= missing_ah * 60.0:
        return LONGEST_REMAINING_MIN
    return round(missing_ah * 60.0 / battery.current_a)
