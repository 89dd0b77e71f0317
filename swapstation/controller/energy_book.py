"""The energy ledger and the batteries' check-ups beside the decisions: they add records, and decide nothing else.

What they add is written in the same transaction as what they are about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from swapstation.config.health_settings import Suspects
from swapstation.config.settings import Config
from swapstation.energy.check_ups import MOST_OBSERVATIONS, CheckUps
from swapstation.energy.health_watch import HealthWatch
from swapstation.energy.ledger import ZONE, EnergyLedger, OpenCharge, SiteDay
from swapstation.energy.tariff import Tariff
from swapstation.inventory import energy_queries
from swapstation.inventory.database import Database, storage_errors
from swapstation.model.charge_record import ChargeRecord
from swapstation.model.command import StartCharge
from swapstation.model.energy import BayReading, ChargerRecorded, EnergyCaseClosed, EnergyCaseOpened, TimedReading
from swapstation.model.health import BatteryObserved, EnergyState
from swapstation.model.inventory import Inventory
from swapstation.model.journal import BatteryQuarantined, Record
from swapstation.model.snapshot import Snapshot
from swapstation.station.memory import Batch, Decision

_CHECK_UP = "check-up"
UNSETTLED = timedelta(days=1)
"""A charge that ended this long before a start and was not settled is settled then."""
MOST_CASES = 1000
"""More open cases than this are not told in the snapshot."""


class EnergyBook:
    """Follows the station's energy from cycle to cycle. `state` is what the snapshot shows of it."""

    def __init__(
        self,
        config: Config,
        tariff: Callable[[], Tariff | None],
        check_ups: CheckUps,
        open_charges: Sequence[OpenCharge] = (),
        day: SiteDay | None = None,
        open_cases: Sequence[str] = (),
        ended: Sequence[OpenCharge] = (),
    ) -> None:
        self._quarantines = config.health.suspects is Suspects.QUARANTINE
        self._ledger = EnergyLedger(config, tariff, open_charges, day, ended)
        self._watch = HealthWatch(config.ledger)
        self._check_ups = check_ups
        self._cases = dict.fromkeys(open_cases)

    def state(self, inventory: Inventory) -> EnergyState:
        """Open cases, and suspect batteries that still circulate."""
        return EnergyState(tuple(self._cases), self._check_ups.suspects(inventory))

    def entered(
        self, snapshot: Snapshot, decision: Decision, charge_records: Mapping[int, ChargeRecord]
    ) -> tuple[Batch, ...]:
        """The batches of a cycle with what the ledger adds to them."""
        decided = [record for batch in decision.batches for record in batch.records]
        told = self._follow(snapshot, decided, _orders(decision), charge_records)
        if not told:
            return decision.batches
        first, *others = decision.batches or (Batch(()),)
        if first.request is None:
            return (replace(first, records=(*first.records, *told)), *others)
        return (*decision.batches, Batch(tuple(told)))

    def written(self, records: Sequence[Record]) -> tuple[ChargeRecord, ...]:
        """Take what became durable; returns the records of chargers that are kept now."""
        kept = tuple(record.record for record in records if isinstance(record, ChargerRecorded))
        for record in kept:
            self._ledger.kept(record)
        return kept

    def _follow(
        self,
        snapshot: Snapshot,
        decided: Sequence[Record],
        orders: Mapping[int, str],
        charge_records: Mapping[int, ChargeRecord],
    ) -> list[Record]:
        told = self._ledger.follow(snapshot, decided, orders, charge_records)
        told += self._watch.follow(snapshot, [*decided, *told])
        for record in (*decided, *told):
            if isinstance(record, EnergyCaseOpened):
                self._cases[record.case.case] = None
            elif isinstance(record, EnergyCaseClosed):
                self._cases.pop(record.case, None)
            elif isinstance(record, BatteryObserved):
                told += self._checked(snapshot, record)
        return told

    def _checked(self, snapshot: Snapshot, observed: BatteryObserved) -> list[Record]:
        """A battery that has just become suspect is taken out of circulation, where the station may do that itself."""
        suspect = self._check_ups.observe(observed, snapshot.inventory, snapshot.at)
        battery = snapshot.inventory.battery(observed.battery)
        if suspect is None or not self._quarantines or battery is None or battery.quarantined:
            return []
        reason = f"{_CHECK_UP}: {', '.join(suspect.reasons)}"
        return [BatteryQuarantined(suspect.battery, reason, evidence=suspect.reasons)]


def load_energy_book(
    engine: Database, config: Config, inventory: Inventory, tariff: Callable[[], Tariff | None], at: datetime
) -> EnergyBook:
    """The book as the station database left it. Raises DatabaseError."""
    with storage_errors(), engine.connect() as connection:
        charges, ended = (
            [_open_charge(connection, charge) for charge in known if charge.started_at is not None]
            for known in (
                energy_queries.open_charges(connection),
                energy_queries.unsettled_charges(connection, at - UNSETTLED),
            )
        )
        cases = energy_queries.list_cases(connection, limit=MOST_CASES, only_open=True)
        zone = ZoneInfo(ZONE) if (known := tariff()) is None else known.zone
        today = at.astimezone(zone).date()
        first = energy_queries.first_site_reading(connection, datetime.combine(today, time(), zone).astimezone(UTC))
        batteries = [battery.battery for battery in inventory.batteries]
        history = {
            battery: energy_queries.observations_of(connection, battery, MOST_OBSERVATIONS) for battery in batteries
        }
        charged_kwh = {battery: energy_queries.charged_kwh(connection, battery) for battery in batteries}
    check_ups = CheckUps(config, history, charged_kwh)
    check_ups.begin(inventory, at)
    return EnergyBook(
        config,
        tariff,
        check_ups,
        charges,
        None if first is None else SiteDay(today, first[1], first[2]),
        [known_case.case.case for known_case in reversed(cases)],
        [charge for charge in ended if len(charge.readings) > 1],
    )


def _open_charge(connection: Any, charge: energy_queries.Charge) -> OpenCharge:
    """A charge that was begun before a restart, with its readings; one that was never read begins with none."""
    assert charge.started_at is not None
    readings = energy_queries.bay_readings(connection, charge.bay, charge.started_at, charge.ended_at)
    order = energy_queries.start_order(connection, charge)
    first = TimedReading(charge.started_at, BayReading(charge.bay, charge.battery, soc_pct=charge.start_soc_pct))
    told = tuple(readings) or (first,)
    begun = OpenCharge(charge.battery, charge.bay, told, "" if order is None else str(order))
    said = next((each.reading.soc_pct for each in told[1:] if each.reading.soc_pct is not None), None)
    return begun if said is None else begun.begins_at_soc(said)


def _orders(decision: Decision) -> dict[int, str]:
    """Ids of the start orders that leave in a cycle, by bay."""
    return {
        sending.command.bay: str(sending.command_id)
        for sending in decision.sendings
        if isinstance(sending.command, StartCharge)
    }
