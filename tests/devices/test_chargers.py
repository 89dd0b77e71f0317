"""Charger controllers behind one gateway: one unit per bay, decoded, started, stopped and limited."""

from __future__ import annotations

import pytest

from swapstation.devices.adapter import OUT_OF_RANGE, UNKNOWN_COMMAND, Refusal
from swapstation.devices.chargers import Chargers
from swapstation.model.command import (
    Command,
    HoldRobot,
    LimitCharge,
    PauseCharge,
    ResumeCharge,
    StartCharge,
    StopCharge,
)
from swapstation.model.device import Charger, ChargerState
from swapstation.protocol.registers import Value
from tests.devices.bank_device import BankDevice

BAYS = (2, 5)


class Wire:
    """Our end and the gateway of the chargers of bays 2 and 5."""

    def __init__(self) -> None:
        self.chargers = Chargers(BAYS)
        self.gateway = BankDevice(self.chargers.node, "charger", "charger", BAYS)

    def state(self, bay: int) -> tuple[Charger, float] | None:
        for update in self.chargers.updates(self.gateway.now_s):
            if update.bay == bay:
                assert isinstance(update.state, Charger)
                return update.state, update.received_s
        return None

    def order(self, command: Command, command_id: int = 1) -> Refusal | None:
        return self.chargers.order(command, command_id, self.gateway.now_s)

    def show(self, bay: int, **values: Value) -> None:
        self.gateway.show(values, bay)
        self.gateway.run(1.2)


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_nothing_is_known_before_the_first_answer(wire: Wire) -> None:
    assert wire.state(2) is None


def test_every_field_of_a_charger_is_read(wire: Wire) -> None:
    wire.show(
        5,
        state="CHARGING",
        fault_code=7,
        voltage=612.3,
        current=250.5,
        energy=1234.56,
        soc=55.5,
        contactor_closed=True,
        protocol_version=1,
        temperature=41.5,
    )
    found = wire.state(5)
    assert found is not None
    charger, received_s = found
    assert charger == Charger(ChargerState.CHARGING, 612.3, 250.5, 1234.56, 55.5, 7, True, temperature_c=41.5)
    assert received_s > 0.0
    other = wire.state(2)
    assert other is not None
    assert other[0].state is ChargerState.OFFLINE


def test_a_soc_the_charger_does_not_know_is_none(wire: Wire) -> None:
    wire.show(2, state="IDLE", soc=None)
    found = wire.state(2)
    assert found is not None
    assert found[0].soc_pct is None


def test_every_state_of_the_map_is_a_member_and_every_member_is_in_the_map(wire: Wire) -> None:
    numbers = wire.gateway.map.points["charger"]["state"].enum
    assert {name.lower() for name in numbers} == set(ChargerState)
    for name in numbers:
        wire.show(2, state=name)
        found = wire.state(2)
        assert found is not None
        assert found[0].state == name.lower()


def test_a_state_that_is_not_in_the_map_is_no_state(wire: Wire) -> None:
    wire.gateway.show_raw(100, 99, unit=2)
    wire.gateway.run(1.2)
    assert wire.state(2) is None


def test_a_start_carries_target_limit_and_id_in_one_write(wire: Wire) -> None:
    assert wire.order(StartCharge(5, 95.0, 180.5), 70_001) is None
    wire.gateway.run(0.5)
    assert wire.gateway.written() == [
        (5, {"command": "START", "power_limit": 180.5, "target_soc": 95.0, "pause": "GO_ON", "command_id": 70_001})
    ]


def test_a_limit_is_written_alone(wire: Wire) -> None:
    """With another id, or none, a charger would take it for an order of its own."""
    assert wire.order(LimitCharge(5, 42.5), 0) is None
    wire.gateway.run(0.5)
    assert wire.gateway.written() == [(5, {"power_limit": 42.5})]


def test_a_pause_is_written_alone_and_a_resume_brings_its_limit_first(wire: Wire) -> None:
    assert wire.order(PauseCharge(5), 0) is None
    wire.gateway.run(0.5)
    assert wire.gateway.written() == [(5, {"pause": "PAUSE"})]
    assert wire.order(ResumeCharge(5, 42.5), 0) is None
    wire.gateway.run(0.5)
    assert wire.gateway.written() == [(5, {"power_limit": 42.5}), (5, {"pause": "GO_ON"})]


def test_a_charger_tells_the_limit_that_it_obeys_or_none(wire: Wire) -> None:
    wire.show(2, obeyed_limit=42.5)
    wire.gateway.run(1.2)
    told = wire.state(2)
    assert told is not None
    assert told[0].power_limit_kw == 42.5
    wire.show(2, obeyed_limit=None)
    wire.gateway.run(1.2)
    silent = wire.state(2)
    assert silent is not None
    assert silent[0].power_limit_kw is None


def _stop_id(wire: Wire) -> Value:
    assert wire.order(StopCharge(2)) is None
    wire.gateway.run(0.5)
    ((unit, values),) = wire.gateway.written()
    assert (unit, values["command"], values["target_soc"], values["power_limit"]) == (2, "STOP", 0.0, 0.0)
    return values["command_id"]


def test_every_stop_has_an_id_of_its_own(wire: Wire) -> None:
    """The charger acts when the id changes; a stop must never look like the command before it, or like a start."""
    ids = [_stop_id(wire) for _ in range(5)]
    assert len(set(ids)) == 5
    assert all(isinstance(each, int) and each >= 0x8000_0000 for each in ids)


def test_a_stop_after_a_restart_differs_from_the_last_one_before(wire: Wire) -> None:
    first = _stop_id(wire)
    restarted = Wire()
    restarted.show(2, accepted_id=first)
    assert _stop_id(restarted) != first


def test_nothing_is_repeated_by_itself_or_after_the_wire_was_gone(wire: Wire) -> None:
    wire.order(StartCharge(2, 95.0, 100.0), 17)
    wire.gateway.disconnect()
    wire.order(StartCharge(2, 95.0, 100.0), 18)
    wire.gateway.connect()
    wire.gateway.run(3.0)
    assert wire.gateway.written() == []


def test_what_it_cannot_do_is_refused_and_not_sent(wire: Wire) -> None:
    refused = [wire.order(StartCharge(3, 95.0, 100.0)), wire.order(StopCharge(3)), wire.order(HoldRobot())]
    assert [refusal and refusal.code for refusal in refused] == [OUT_OF_RANGE, OUT_OF_RANGE, UNKNOWN_COMMAND]
    wire.gateway.run(0.5)
    assert wire.gateway.written() == []


def test_the_outcomes_of_writes_do_not_pile_up(wire: Wire) -> None:
    for command_id in range(1, 21):
        wire.order(StartCharge(2, 95.0, 100.0), command_id)
        wire.chargers.cycle(wire.gateway.now_s)
        wire.gateway.run(0.5)
    assert len(wire.chargers.node.take_outcomes()) <= 1
