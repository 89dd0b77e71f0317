"""AA F5 orders: answered, repeated, refused, and acting once over any loss."""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.device import ChargerState
from swapstation.protocol.aaf5_messages import (
    PileState,
    StartAnswer,
)
from swapstation.protocol.aaf5_orders import Orders, Purpose
from tests.protocol.aaf5_pile import (
    FIRST_ID,
    LAYOUTS,
    Cable,
    Pile,
    Yard,
    start,
)


def test_a_start_is_answered_and_acts_once(yard: Yard, pile: Pile, cable: Cable) -> None:
    assert yard.station.start(FIRST_ID, "17", 95.0, 180.5, yard.time.now_s)
    yard.run(10.0)
    assert pile.acts == [replace(start("17"), power_limit_kw=180.5)]
    assert cable.station.view.charger is not None
    assert cable.station.view.charger[0].state is ChargerState.STARTING
    assert yard.station.counts.timeouts == 0


def test_an_unanswered_start_is_repeated_three_times_and_acts_once(yard: Yard, pile: Pile, cable: Cable) -> None:
    """The way back is dead: the charger hears every repetition, none of its answers arrives."""
    cable.up = False
    starts_before = len(cable.sent_down)
    yard.station.start(FIRST_ID, "17", 95.0, 180.0, yard.time.now_s)
    yard.run(5.5)
    sent = [data for data in cable.sent_down[starts_before:] if data[6] == 7]
    assert len(sent) == 3
    assert len(set(sent)) == 1, "a repetition is the same to the byte, sequence included"
    assert len(pile.acts) == 1


def test_the_repetitions_end(yard: Yard, pile: Pile, cable: Cable) -> None:
    cable.lost = {5}
    yard.station.limit(FIRST_ID, 50.0, yard.time.now_s)
    yard.run(6.5)
    assert [data[6] for data in cable.sent_down if data[6] == 5] == [5, 5, 5]
    assert yard.station.counts.timeouts == 1
    assert pile.acts == []


def test_a_stop_ends_the_repetition_of_a_start(yard: Yard, pile: Pile, cable: Cable) -> None:
    cable.down = False
    yard.station.start(FIRST_ID, "17", 95.0, 180.0, yard.time.now_s)
    yard.run(0.5)
    cable.down = True
    yard.station.stop(FIRST_ID, yard.time.now_s)
    yard.run(10.0)
    assert pile.acts == ["stop"], "the lost start must not arrive after the stop"


def test_orders_die_with_their_connection(yard: Yard, pile: Pile, cable: Cable) -> None:
    cable.down = False
    yard.station.start(FIRST_ID, "17", 95.0, 180.0, yard.time.now_s)
    cable.close(yard.time.now_s)
    again = yard.plug(pile)
    yard.run(10.0)
    assert again.is_open()
    assert pile.acts == []


def test_a_refusal_is_counted(yard: Yard, pile: Pile, cable: Cable) -> None:
    pile.refuses = 3
    yard.station.start(FIRST_ID, "17", 95.0, 180.0, yard.time.now_s)
    yard.run(10.0)
    assert cable.station.refused == 1
    assert len(pile.acts) == 1


def test_a_late_answer_ends_no_other_order() -> None:
    """The answer to a start that was given up comes while the next one is on its way."""
    orders = Orders(LAYOUTS.link)
    orders.put(Purpose.START, start("17"), 0.0)
    ((_, first),) = list(orders.due(0.0))  # type: ignore[misc]
    orders.put(Purpose.START, start("18"), 1.0)
    ((_, second),) = list(orders.due(1.0))  # type: ignore[misc]
    late = StartAnswer(FIRST_ID, 0, 0)
    assert first != second
    assert orders.answered(late, first) is None
    assert orders.next_deadline() == 3.0
    answered = orders.answered(late, second)
    assert answered is not None
    assert (answered.purpose, answered.result) == (Purpose.START, 0)
    assert orders.answered(late, second) is None, "an answer ends an order once"


def test_a_charger_that_echoes_no_sequence_can_be_allowed() -> None:
    orders = Orders(replace(LAYOUTS.link, echoes_sequence=False))
    orders.put(Purpose.START, start("17"), 0.0)
    list(orders.due(0.0))
    assert orders.answered(StartAnswer(FIRST_ID, 0, 0), 0) is not None


def test_a_limit_reaches_a_running_charge(yard: Yard, pile: Pile, cable: Cable) -> None:
    yard.station.start(FIRST_ID, "17", 95.0, 180.0, yard.time.now_s)
    yard.run(2.0)
    assert yard.station.limit(FIRST_ID, 60.3, yard.time.now_s)
    yard.run(2.0)
    assert pile.acts[1:] == [60.3]
    assert yard.station.counts.timeouts == 0


def test_a_charger_that_drops_mid_charge_and_signs_in_again_goes_on(yard: Yard, pile: Pile, cable: Cable) -> None:
    yard.station.start(FIRST_ID, "17", 95.0, 180.0, yard.time.now_s)
    yard.run(2.0)
    pile.shown = replace(pile.shown, state=PileState.CHARGING, current_a=200.0, energy_kwh=12.0)
    cable.close(yard.time.now_s)
    assert yard.station.charger(FIRST_ID) is None
    yard.plug(pile)
    yard.run(1.0)
    peer = yard.station.charger(FIRST_ID)
    assert peer is not None
    assert peer.view.charger is not None
    assert (peer.view.charger[0].state, peer.view.charger[0].energy_kwh) == (ChargerState.CHARGING, 12.0)
    yard.station.start(FIRST_ID, "17", 95.0, 180.0, yard.time.now_s)
    yard.run(2.0)
    assert len(pile.acts) == 1, "the same order has no second effect, even over a reconnect"
