"""Each part of the contract finds the adapter that breaks it: a suite that cannot fail proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.devices.adapter import Refusal, Update
from swapstation.devices.chargers import Chargers
from swapstation.devices.contract_suite.checks import Trial, run_contract
from swapstation.devices.contract_suite.exchange import Event
from swapstation.model.command import Command, StartCharge, StopCharge
from swapstation.model.device import Charger
from swapstation.wire_address import WireProtocol
from tests.adapters.recording import recorded, simulated


class _Chargers(Chargers):
    """The reference adapter, whose updates a variant may spoil."""

    def __init__(self) -> None:
        super().__init__((1, 2))

    def updates(self, now_s: float) -> Iterator[Update]:
        for update in super().updates(now_s):
            yield self.spoiled(update, now_s)

    def spoiled(self, update: Update, now_s: float) -> Update:
        return update


class AlwaysFresh(_Chargers):
    def spoiled(self, update: Update, now_s: float) -> Update:
        return replace(update, received_s=now_s)


class FromTheFuture(_Chargers):
    def spoiled(self, update: Update, now_s: float) -> Update:
        return replace(update, received_s=now_s + 1.0)


class WrongUnit(_Chargers):
    def spoiled(self, update: Update, now_s: float) -> Update:
        assert isinstance(update.state, Charger)
        return replace(update, state=replace(update.state, soc_pct=6553.5))


class OneBayForAll(_Chargers):
    def spoiled(self, update: Update, now_s: float) -> Update:
        return replace(update, bay=1)


class Slow(_Chargers):
    def spoiled(self, update: Update, now_s: float) -> Update:
        return replace(update, received_s=update.received_s // 3.0 * 3.0)


class Mute(_Chargers):
    def updates(self, now_s: float) -> Iterator[Update]:
        return iter(())


class DropsOrders(_Chargers):
    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        return None


class RefusesStops(_Chargers):
    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        if isinstance(command, StopCharge):
            return Refusal("unknown_command", "StartCharge")
        return super().order(command, command_id, now_s)


class RemembersOrders(_Chargers):
    """Sends what it was told while the wire was gone as soon as it is back."""

    later: Command | None = None

    def order(self, command: Command, command_id: int, now_s: float) -> Refusal | None:
        self.later = command if isinstance(command, StartCharge) else None
        return super().order(command, command_id, now_s)

    def cycle(self, now_s: float) -> None:
        later, self.later = self.later, None if self.node._open else self.later
        if later and self.node._open:
            super().order(later, 7, now_s)


class CountsNothing(_Chargers):
    @property
    def malformed(self) -> int:
        return 0


class ChangesOnGarbage(_Chargers):
    def spoiled(self, update: Update, now_s: float) -> Update:
        assert isinstance(update.state, Charger)
        return replace(update, state=replace(update.state, fault_code=self.malformed))


class Raises(_Chargers):
    def cycle(self, now_s: float) -> None:
        if self.node.counts.timeouts:
            raise ZeroDivisionError


BROKEN = [
    (AlwaysFresh, "silence_fresh"),
    (FromTheFuture, "time_wrong"),
    (WrongUnit, "value_implausible"),
    (OneBayForAll, "told_twice"),
    (Slow, "too_slow"),
    (Mute, "state_missing"),
    (Mute, "not_restarted"),
    (DropsOrders, "order_lost"),
    (DropsOrders, "unknown_taken"),
    (DropsOrders, "bay_taken"),
    (RefusesStops, "order_refused"),
    (RemembersOrders, "lost_wire_sent"),
    (CountsNothing, "garbage_uncounted"),
    (ChangesOnGarbage, "garbage_acted"),
    (Raises, "raised"),
]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    simulation = simulated(tmp_path_factory.mktemp("plant"), Exchange.PLC, Charging.CHARGER)
    return recorded(Chargers((1, 2)), simulation, simulation.charger_node(), 7.0)


@pytest.mark.parametrize(("make", "code"), BROKEN, ids=lambda each: getattr(each, "__name__", each))
def test_a_broken_contract_is_found(events: list[Event], make: type[_Chargers], code: str) -> None:
    findings = run_contract(Trial(make, events, WireProtocol.MODBUS_TCP))
    assert code in {finding.code for finding in findings if not finding.passed}


def test_the_reference_breaks_nothing(events: list[Event], tmp_path: Path) -> None:
    findings = run_contract(Trial(_Chargers, events, WireProtocol.MODBUS_TCP))
    assert [finding.en for finding in findings if not finding.passed] == []
    assert all(finding.zh and finding.en for finding in findings)
