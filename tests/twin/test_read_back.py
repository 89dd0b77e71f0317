"""What a write does not read back is what it cannot have changed: compared with the whole database after each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from swapstation.inventory.journal import RecordWriter
from swapstation.inventory.queries import load_inventory
from swapstation.inventory.read_back import TOUCHED
from swapstation.model.inventory import Inventory
from swapstation.model.journal import Record
from swapstation.twin.pool import run_seed

SEEDS = (4, 61, 72)
RARE = {
    *("AlarmHidden", "AlarmShown", "BatteryBalanced", "BatteryQuarantined", "HoldEnded", "HoldPlaced", "JobStepped"),
    *("DispatchEnded", "DispatchPut", "PowerLimitChanged"),
    *("BatteryDischarged", "BatteryObserved", "ChargeSettled", "ChargerRecorded"),
    *("EnergyCaseClosed", "EnergyCaseOpened", "EnergyRead"),
}
"""The tests of the journal and of the energy ledger write these with one writer."""


def test_a_write_leaves_what_the_database_says(monkeypatch: pytest.MonkeyPatch) -> None:
    met: set[str] = set()
    written = RecordWriter.write

    def compared(writer: RecordWriter, records: Sequence[Record], at: datetime) -> Inventory:
        left = written(writer, records, at)
        with writer._engine.connect() as connection:
            assert left == load_inventory(connection), records
        met.update(type(record).__name__ for record in records)
        return left

    monkeypatch.setattr(RecordWriter, "write", compared)
    for seed in SEEDS:
        assert run_seed(seed).violations == ()
    assert {kind.__name__ for kind in TOUCHED} - met <= RARE
