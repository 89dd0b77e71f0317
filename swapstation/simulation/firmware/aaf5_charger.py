"""A charger controller at its AA F5 connection: the same charger as behind the register map, another panel.

It connects to the station, reports state and battery, mirrors what the battery says on its CAN segment, and keeps the
record of every charge until the station has answered it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from swapstation.model.device import ChargerState
from swapstation.protocol.aaf5_charger import ChargerEnd
from swapstation.protocol.aaf5_messages import (
    DONE,
    AlarmChange,
    AlarmReport,
    BatteryData,
    PileState,
    Record,
    SignIn,
    Start,
    Status,
)
from swapstation.simulation.firmware.aaf5_mirror import BmsMirror
from swapstation.simulation.firmware.charger import Charger
from swapstation.simulation.firmware.cycle import Cycle
from swapstation.simulation.plant.plant import Plant

BUSY = 100
HEARTBEAT_S, HEARTBEATS_LOST = 3, 3
MIRROR_S = 0.5
BATTERY_DATA_S = 1.0
CLOCK_BEGINS = datetime(2026, 1, 1)  # noqa: DTZ001  a charger's clock is local and unset after power on
PROTOCOL_VERSION = 34
UNPLUGGED, PLUGGED = 0, 2
DC = 1

_STATES = {
    ChargerState.OFFLINE: PileState.FAULT,
    ChargerState.IDLE: PileState.IDLE,
    ChargerState.STARTING: PileState.STARTING,
    ChargerState.CHARGING: PileState.CHARGING,
    ChargerState.PAUSED: PileState.CHARGING,
    ChargerState.STOPPING: PileState.STOPPING,
    ChargerState.FINISHED: PileState.FINISHED,
    ChargerState.FAULT: PileState.FAULT,
}
_ACTIVE = (ChargerState.STARTING, ChargerState.CHARGING, ChargerState.PAUSED, ChargerState.STOPPING)


class Aaf5Charger:
    """`node` is its end of the connection, `mirror` its ear on its bay's CAN segment, `records` how many it made."""

    def __init__(self, charger: Charger, charger_id: str, plant: Plant) -> None:
        sign_in = SignIn(
            charger_id=charger_id,
            software_version=1,
            starts=1,
            connectors=1,
            heartbeat_period_s=HEARTBEAT_S,
            heartbeats_lost=HEARTBEATS_LOST,
            records=0,
            local_time=CLOCK_BEGINS.isoformat(),
            random=0,
            protocol_version=PROTOCOL_VERSION,
        )
        self.mirror = BmsMirror(charger_id)
        self.node = ChargerEnd(sign_in, self)
        self.charger = charger
        self._charger_id = charger_id
        self._plant = plant
        self._mirror_cycle, self._battery_cycle = Cycle(MIRROR_S), Cycle(BATTERY_DATA_S)
        self._now_s = 0.0
        self._order_id = ""
        self._begun_s = 0.0
        self._begun_soc_pct: float | None = None
        self._active = False
        self._shown_code = DONE
        self._told_sign_in = 0
        self.records = 0

    def start(self, order: Start, now_s: float) -> int:
        """Begin a charge; the fault code when there is an obstacle, BUSY while one runs or is not wound up."""
        if self.charger.state in _ACTIVE:
            return BUSY
        self.limit(order.power_limit_kw)
        self.charger.target_soc_pct = order.target_soc_pct
        self.charger.start(now_s)
        if self.charger.state not in _ACTIVE:
            return int(self.charger.fault_code) or BUSY
        self._order_id = order.order_id
        return DONE

    def stop(self, now_s: float) -> int:
        self.charger.stop(now_s)
        return DONE

    def limit(self, power_limit_kw: float) -> int:
        self.charger.power_limit_kw = min(power_limit_kw, self.charger.bay.settings.max_power_kw)
        return DONE

    def status(self) -> Status:
        charger, modules = self.charger, self.charger.bay.modules
        demand, energy_kwh = charger.session.demand, round(charger.energy_kwh, 2)
        return Status(
            charger_id=self._charger_id,
            connectors=1,
            connector=0,
            connector_type=DC,
            state=_STATES[charger.state],
            soc_pct=None if charger.soc_pct is None else round(charger.soc_pct),
            alarm_code=int(charger.fault_code),
            connection=PLUGGED if self._plant.mated(charger.bay.number) else UNPLUGGED,
            voltage_v=modules.voltage_v,
            current_a=modules.current_a,
            wanted_voltage_v=demand.voltage_v,
            wanted_current_a=demand.current_a,
            remaining_min=0,
            elapsed_s=self._elapsed_s,
            energy_kwh=energy_kwh,
            meter_start_kwh=max(modules.energy_kwh - energy_kwh, 0.0),
            meter_kwh=modules.energy_kwh,
            order_id=self._order_id,
            power_kw=modules.voltage_v * modules.current_a / 1000.0,
        )

    def scan(self, now_s: float) -> None:
        """Report what is due; call at least every 50 ms."""
        self._now_s = now_s
        self._follow_charge()
        if not self.node.signed_in:
            return
        if self._told_sign_in != self.node.sign_ins:
            self._told_sign_in = self.node.sign_ins
            self.mirror.repeat()
        if self._shown_code != self.charger.fault_code:
            self._report_alarm()
        if self._mirror_cycle.due(now_s):
            for message in self.mirror.take():
                self.node.report(message)
        if self._battery_cycle.due(now_s):
            self._report_battery()

    @property
    def _elapsed_s(self) -> int:
        return round(self._now_s - self._begun_s) if self._active else 0

    def _follow_charge(self) -> None:
        active = self.charger.state in _ACTIVE
        if active and not self._active:
            self._begun_s, self._begun_soc_pct = self._now_s, self.charger.soc_pct
            self.mirror.forget()
        if active and self._begun_soc_pct is None:
            self._begun_soc_pct = self.charger.soc_pct
        if self._active and not active:
            self.node.keep_record(self._record())
        self._active = active

    def _record(self) -> Record:
        self.records += 1
        energy_kwh, meter_kwh = round(self.charger.energy_kwh, 2), self.charger.bay.modules.energy_kwh
        return Record(
            charger_id=self._charger_id,
            connector_type=DC,
            connector=0,
            order_id=self._order_id,
            started=self._clock(self._begun_s),
            ended=self._clock(self._now_s),
            duration_s=round(self._now_s - self._begun_s),
            soc_start_pct=None if self._begun_soc_pct is None else round(self._begun_soc_pct),
            soc_end_pct=None if self.charger.soc_pct is None else round(self.charger.soc_pct),
            end_reason=int(self.charger.fault_code),
            energy_kwh=energy_kwh,
            meter_start_kwh=max(meter_kwh - energy_kwh, 0.0),
            meter_end_kwh=meter_kwh,
            record_number=self.records,
            records=self.records,
            vin="",
        )

    def _clock(self, moment_s: float) -> str:
        return (CLOCK_BEGINS + timedelta(seconds=int(moment_s))).isoformat()

    def _report_alarm(self) -> None:
        code = int(self.charger.fault_code)
        change = AlarmChange.ACTIVE if code else AlarmChange.GONE
        self.node.report(AlarmReport(self._charger_id, 0, code or self._shown_code, change))
        self._shown_code = code

    def _report_battery(self) -> None:
        charge = self.charger.session.battery_charge(self._now_s)
        if not self._active or charge.bms_age_s is None:
            return
        self.node.report(
            BatteryData(
                charger_id=self._charger_id,
                connector=0,
                battery_code="",
                voltage_v=charge.voltage_v,
                current_a=charge.current_a,
                soc_pct=charge.soc_pct,
                soh_pct=None,
                max_cell_v=charge.max_cell_v,
                min_cell_v=charge.min_cell_v,
                max_temperature_c=charge.max_temperature_c,
                min_temperature_c=charge.min_temperature_c,
            )
        )
