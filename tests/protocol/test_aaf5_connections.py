"""AA F5 connections: sign-in, supervision, two devices under one id, what broken or hostile peers do."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from swapstation.model.device import ChargerState
from swapstation.protocol.aaf5 import Aaf5Frame, encode_frame
from swapstation.protocol.aaf5_charger import ChargerEnd
from swapstation.protocol.aaf5_connection import StationConnection
from swapstation.protocol.aaf5_messages import (
    CellVoltages,
    PileState,
)
from swapstation.protocol.aaf5_station import Aaf5Station
from tests.protocol.aaf5_pile import (
    FIRST_ID,
    OTHER_ID,
    Cable,
    Pile,
    Yard,
    sign_in,
    start,
    status,
    wire,
)


def is_left(connection: StationConnection, now_s: float) -> bool:
    """Whether the station wants this connection closed now."""
    list(connection.due(now_s))
    return connection.wants_reopen


def heard_age_s(yard: Yard, charger_id: str = FIRST_ID) -> float | None:
    peer = yard.station.charger(charger_id)
    charger = peer.view.charger if peer else None
    return yard.time.now_s - charger[1] if charger else None


def test_a_charger_signs_in_and_reports_every_second(yard: Yard, pile: Pile, cable: Cable) -> None:
    assert pile.end.signed_in
    for _ in range(20):
        yard.run(0.7)
        age_s = heard_age_s(yard)
        assert age_s is not None
        assert age_s <= 1.0, "the station set the charger's status period"
    assert yard.station.counts.malformed == 0
    assert yard.station.counts.timeouts == 0
    assert pile.end.counts.malformed == 0


def test_an_unknown_charger_is_told_so_and_disconnected(yard: Yard) -> None:
    stranger = Pile("STRANGER")
    cable = yard.plug(stranger)
    yard.run(1.0)
    assert not cable.is_open()
    assert not stranger.end.signed_in
    assert yard.station.charger("STRANGER") is None
    assert yard.station.counts.malformed == 1
    assert not yard.station.start("STRANGER", "17", 95.0, 100.0, yard.time.now_s)


def test_a_peer_that_never_signs_in_is_disconnected(yard: Yard) -> None:
    cable = Cable(ChargerEnd(sign_in(FIRST_ID), Pile(FIRST_ID)), yard.station.connection())
    cable.up = False
    yard.time.join(cable)
    yard.run(9.9)
    assert cable.is_open()
    yard.run(0.2)
    assert not cable.is_open()
    assert yard.station.counts.timeouts == 1


def test_nothing_is_believed_before_the_sign_in(yard: Yard) -> None:
    connection = yard.station.connection()
    connection.opened(0.0)
    connection.receive(wire(status(FIRST_ID)), 0.1)
    assert yard.station.charger(FIRST_ID) is None
    assert yard.station.counts.malformed == 1


def test_the_word_of_another_charger_on_this_wire_is_not_taken(yard: Yard, cable: Cable) -> None:
    cable.station.receive(wire(replace(status(OTHER_ID), state=PileState.CHARGING)), yard.time.now_s)
    assert yard.station.counts.malformed == 1
    assert cable.station.view.charger is not None
    assert cable.station.view.charger[0].state is ChargerState.IDLE


def test_a_silent_charger_is_disconnected_after_its_own_heartbeats(yard: Yard) -> None:
    """It told a period of 2 s and 3 of them; status messages count as life too."""
    connection = yard.station.connection()
    connection.opened(0.0)
    connection.receive(wire(sign_in(FIRST_ID)), 0.5)
    connection.receive(wire(status(FIRST_ID)), 4.0)
    assert not is_left(connection, 9.9)
    assert connection.next_deadline() <= 10.0
    assert is_left(connection, 10.0)
    connection.closed(10.0)
    assert yard.station.charger(FIRST_ID) is None


def test_a_sign_in_without_heartbeat_numbers_takes_those_of_the_layout(yard: Yard) -> None:
    connection = yard.station.connection()
    connection.opened(0.0)
    connection.receive(wire(replace(sign_in(FIRST_ID), heartbeat_period_s=0, heartbeats_lost=0)), 0.0)
    assert not is_left(connection, 14.9)
    assert is_left(connection, 15.0)


def test_a_silent_station_is_left_by_the_charger(yard: Yard, pile: Pile, cable: Cable) -> None:
    cable.down = False
    yard.run(7.0)
    assert not cable.is_open()
    assert pile.end.counts.timeouts == 1


def test_the_word_of_another_connector_is_not_taken_and_orders_name_the_right_one(yard: Yard) -> None:
    """Two outputs under one id would mix two bays."""
    pile = Pile(FIRST_ID)
    pile.shown = replace(pile.shown, connector=2)
    cable = yard.plug(pile)
    yard.run(1.0)
    cable.station.receive(wire(replace(status(FIRST_ID), connector=1, state=PileState.CHARGING)), yard.time.now_s)
    cable.station.receive(wire(CellVoltages(FIRST_ID, 1, (3.3,))), yard.time.now_s)
    assert yard.station.counts.malformed == 2
    assert cable.station.view.charger is not None
    assert cable.station.view.charger[0].state is ChargerState.IDLE
    assert cable.station.view.cells is None
    yard.station.start(FIRST_ID, "17", 95.0, 180.0, yard.time.now_s)
    yard.run(1.0)
    assert pile.acts == [replace(start("17"), connector=2)]


def test_a_half_open_connection_gives_way_to_the_new_one(yard: Yard, pile: Pile, cable: Cable) -> None:
    """The charger restarted; the system has not noticed that the old connection is dead."""
    cable.up = False
    reborn = Pile(FIRST_ID)
    yard.plug(reborn)
    yard.run(1.0)
    assert cable.is_open()
    assert not yard.station.contested(FIRST_ID)
    yard.station.start(FIRST_ID, "17", 95.0, 180.0, yard.time.now_s)
    yard.run(1.0)
    assert (len(pile.acts), len(reborn.acts)) == (0, 1)
    yard.run(10.0)
    assert not cable.is_open()
    assert yard.station.charger(FIRST_ID) is not None


def test_two_chargers_with_one_id_are_both_distrusted_and_both_stopped(yard: Yard, pile: Pile, cable: Cable) -> None:
    twin = Pile(FIRST_ID)
    other = yard.plug(twin)
    yard.run(3.0)
    assert yard.station.contested(FIRST_ID)
    assert yard.station.charger(FIRST_ID) is None
    now_s = yard.time.now_s
    assert not yard.station.start(FIRST_ID, "17", 95.0, 180.0, now_s)
    assert not yard.station.limit(FIRST_ID, 10.0, now_s)
    assert yard.station.stop(FIRST_ID, now_s)
    yard.run(1.0)
    assert (pile.acts, twin.acts) == (["stop"], ["stop"])
    other.close(yard.time.now_s)
    assert not yard.station.contested(FIRST_ID)
    assert heard_age_s(yard) is not None


def test_a_second_charger_is_a_second_charger(yard: Yard, pile: Pile, cable: Cable) -> None:
    other = Pile(OTHER_ID)
    yard.plug(other)
    yard.run(1.0)
    yard.station.start(OTHER_ID, "18", 90.0, 100.0, yard.time.now_s)
    yard.run(1.0)
    assert (len(pile.acts), len(other.acts)) == (0, 1)
    assert not yard.station.contested(FIRST_ID)


def test_endless_garbage_is_disconnected(yard: Yard, cable: Cable) -> None:
    broken = bytearray(wire(status(FIRST_ID)))
    broken[-1] ^= 0xFF
    for _ in range(16):
        cable.station.receive(bytes(broken), yard.time.now_s)
    assert cable.station.wants_reopen
    assert yard.station.counts.malformed >= 16


def test_a_wrong_sum_is_counted_and_changes_nothing(yard: Yard, cable: Cable) -> None:
    broken = bytearray(wire(replace(status(FIRST_ID), state=PileState.FAULT)))
    broken[-1] ^= 1
    cable.station.receive(bytes(broken), yard.time.now_s)
    assert yard.station.counts.malformed >= 1
    assert cable.station.view.charger is not None
    assert cable.station.view.charger[0].state is ChargerState.IDLE


def test_our_own_commands_from_outside_do_nothing(yard: Yard, cable: Cable) -> None:
    before = yard.station.counts.rx
    cable.station.receive(wire(start("666")), yard.time.now_s)
    assert yard.station.counts.rx == before
    assert cable.is_open()


@settings(max_examples=60)
@given(
    noise=st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.builds(
                lambda command, data: encode_frame(Aaf5Frame(command, data)),
                st.sampled_from([2, 6, 8, 102, 104, 106, 108, 116, 118, 120, 222, 302, 9999]),
                st.binary(max_size=200),
            ),
        ),
        max_size=20,
    )
)
def test_whatever_a_peer_sends_nothing_is_raised_and_no_charger_appears(noise: list[bytes]) -> None:
    station = Aaf5Station((FIRST_ID,))
    connection = station.connection()
    connection.opened(0.0)
    for count, data in enumerate(noise):
        connection.receive(data, 0.1 * count)
        list(connection.due(0.1 * count))
        assert connection.next_deadline() > 0.1 * count - 0.1
    assert station.charger(FIRST_ID) is None
    assert station.records == ()
