"""What of the inventory each kind of record can change: after a write only that is read back.

A record that is not in the table may have changed anything.
"""

from __future__ import annotations

from collections.abc import Iterable

from swapstation.inventory.queries import EVERYTHING
from swapstation.model.balanced import BatteryBalanced
from swapstation.model.discharged import BatteryDischarged
from swapstation.model.energy import ChargerRecorded, ChargeSettled, EnergyCaseClosed, EnergyCaseOpened, EnergyRead
from swapstation.model.health import BatteryObserved
from swapstation.model.journal import (
    AlarmChanged,
    AlarmHidden,
    AlarmShown,
    BatteryDoubted,
    BatteryMeasured,
    BatteryMoved,
    BatteryQuarantined,
    ChargeEnded,
    ChargeStarted,
    HoldEnded,
    HoldPlaced,
    IntentRecorded,
    IntentResolved,
    JobStepped,
    ModeChanged,
    Record,
    RequestAnswered,
    StartUpConfirmed,
    StateChanged,
    SwapStepped,
)
from swapstation.model.power_record import DispatchEnded, DispatchPut, PowerLimitChanged, QuarterMeasured

_NOTHING = (AlarmChanged, AlarmHidden, AlarmShown, BatteryDischarged, ChargeStarted, RequestAnswered, StartUpConfirmed)
_LEDGER = (EnergyRead, ChargeSettled, ChargerRecorded, EnergyCaseOpened, EnergyCaseClosed, BatteryObserved)
TOUCHED: dict[type[Record], frozenset[str]] = {
    **dict.fromkeys((*_NOTHING, *_LEDGER, StateChanged), frozenset()),
    **dict.fromkeys(
        (BatteryBalanced, BatteryDoubted, BatteryMeasured, BatteryMoved, BatteryQuarantined, ChargeEnded),
        frozenset({"batteries"}),
    ),
    **dict.fromkeys((HoldEnded, HoldPlaced), frozenset({"holds"})),
    IntentRecorded: frozenset({"next_command_id", "open_intents"}),
    IntentResolved: frozenset({"open_intents"}),
    JobStepped: frozenset({"job"}),
    ModeChanged: frozenset({"mode"}),
    SwapStepped: frozenset({"swap"}),
    **dict.fromkeys((DispatchEnded, DispatchPut), frozenset({"dispatches"})),
    PowerLimitChanged: frozenset(),
    QuarterMeasured: frozenset({"quarter"}),
}
"""Parts of the inventory (its fields) by record."""


def touched(records: Iterable[Record]) -> frozenset[str]:
    """The parts of the inventory that these records can have changed."""
    return frozenset().union(*(TOUCHED.get(type(record), EVERYTHING) for record in records))
