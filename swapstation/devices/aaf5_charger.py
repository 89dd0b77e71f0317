"""Charger controllers that connect to us over AA F5 TCP (firmware_proto/aaf5.toml), told apart by their id.

One port serves all chargers, because the field sets up every charger with the same server address; which bay a charger
stands at is said by `[adapters.charger_ids]` of the station file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from swapstation.devices.adapter import (
    NOT_CONNECTED,
    OUT_OF_RANGE,
    AdapterKind,
    AdapterSettings,
    Refusal,
    Role,
    Update,
    refuse_bay,
    refuse_unknown,
)
from swapstation.errors import InputError
from swapstation.model.charge_record import ChargeRecord
from swapstation.model.command import Command, LimitCharge, StartCharge, StopCharge
from swapstation.protocol.aaf5_messages import Record
from swapstation.protocol.aaf5_station import Aaf5Station
from swapstation.wire_address import AAF5_WIRES


class Aaf5Chargers:
    """All AA F5 chargers of a station; `node` is a server that every charger connects to.

    A bay without a charger, or whose id two devices use, has no updates. Of the charge records that wait, each bay
    shows the oldest until it is kept; then it is answered, and the charger may forget it.
    """

    role = Role.CHARGER
    orders: frozenset[type[Command]] = frozenset({StartCharge, LimitCharge, StopCharge})

    def __init__(self, charger_ids: Mapping[str, int]) -> None:
        self.node = Aaf5Station(charger_ids)
        self.bays = frozenset(charger_ids.values())
        self._bay_of = dict(charger_ids)
        self._id_at = {bay: charger_id for charger_id, bay in charger_ids.items()}

    @property
    def malformed(self) -> int:
        return self.node.counts.malformed

    def updates(self, now_s: float) -> Iterator[Update]:
        for bay, charger_id in self._id_at.items():
            peer = self.node.charger(charger_id)
            if peer is None or peer.view.charger is None:
                continue
            yield Update(*peer.view.charger, bay)
            charge = peer.view.battery_charge(now_s)
            if charge is not None:
                yield Update(charge, now_s, bay)
            if peer.view.cells is not None:
                yield Update(*peer.view.cells, bay)
        shown: set[int] = set()
        for record, received_s in self.node.records:
            bay = self._bay_of[record.charger_id]
            if bay not in shown:
                shown.add(bay)
                yield Update(charge_record(record), received_s, bay)

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        match command:
            case StartCharge(bay) | LimitCharge(bay) | StopCharge(bay) if bay not in self._id_at:
                return refuse_bay(bay, self.bays)
            case StartCharge(bay, target_soc_pct, power_limit_kw):
                try:
                    reached = self.node.start(self._id_at[bay], str(command_id), target_soc_pct, power_limit_kw, now_s)
                except InputError as error:
                    return Refusal(OUT_OF_RANGE, str(error))
            case LimitCharge(bay, power_limit_kw):
                reached = self.node.limit(self._id_at[bay], power_limit_kw, now_s)
            case StopCharge(bay):
                reached = self.node.stop(self._id_at[bay], now_s)
            case _:
                return refuse_unknown(command, self.orders)
        return None if reached else self._unreachable(bay)

    def cycle(self, now_s: float) -> None:
        """Nothing is sent by the cycle: chargers are answered as they speak."""

    def kept(self, record: ChargeRecord) -> None:
        """Answer the record that is durable now; the same one may have come more than once."""
        for waiting, _ in self.node.records:
            if charge_record(waiting) == record:
                self.node.take_over(waiting)

    def _unreachable(self, bay: int) -> Refusal:
        charger_id = self._id_at[bay]
        why = "two devices use it" if self.node.contested(charger_id) else "not signed in"
        return Refusal(NOT_CONNECTED, f"charger {charger_id} of bay {bay}: {why}; allowed: one charger with this id")


def charge_record(record: Record) -> ChargeRecord:
    """The product's record of a charge."""
    return ChargeRecord(
        charger_id=record.charger_id,
        number=record.record_number,
        order_id=record.order_id,
        started=record.started,
        ended=record.ended,
        duration_s=record.duration_s,
        energy_kwh=record.energy_kwh,
        soc_start_pct=record.soc_start_pct,
        soc_end_pct=record.soc_end_pct,
        meter_start_kwh=record.meter_start_kwh,
        meter_end_kwh=record.meter_end_kwh,
        end_reason=record.end_reason,
    )


def _make(settings: AdapterSettings) -> Aaf5Chargers:
    missing = sorted(set(settings.bays) - set(settings.charger_ids.values()))
    if missing:
        raise InputError("adapters.charger_ids", dict(settings.charger_ids), f'a line "ID" = BAY for bays {missing}')
    return Aaf5Chargers({charger_id: bay for charger_id, bay in settings.charger_ids.items() if bay in settings.bays})


ADAPTER = AdapterKind(_make, AAF5_WIRES)
