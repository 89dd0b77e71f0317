"""Both ends of AA F5: sign-in, supervision, orders that act once, records, and what broken or hostile peers do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swapstation.model.device import BatteryCells, ChargePhase, ChargerState
from swapstation.protocol.aaf5 import Aaf5Frame, encode_frame
from swapstation.protocol.aaf5_charger import ChargerEnd
from swapstation.protocol.aaf5_connection import StationConnection
from swapstation.protocol.aaf5_layout import Aaf5Layouts
from swapstation.protocol.aaf5_messages import (
    AlarmChange,
    AlarmReport,
    BatteryData,
    BmsData,
    CellVoltages,
    Message,
    PileState,
    Start,
    StartAnswer,
    Strategy,
    Temperatures,
)
from swapstation.protocol.aaf5_orders import Orders, Purpose
from swapstation.protocol.aaf5_station import Aaf5Station
from tests.protocol.aaf5_pile import FIRST_ID, OTHER_ID, Cable, Pile, Yard, record, sign_in, status

LAYOUTS = Aaf5Layouts.load()


def wire(message: Message, sequence: int = 0) -> bytes:
    return encode_frame(LAYOUTS.encode(message, sequence))


def start(order_id: str) -> Start:
    return Start(0, Strategy.SOC, 95.0, order_id, 180.0)


@pytest.fixture
def yard() -> Yard:
    return Yard()


@pytest.fixture
def pile(yard: Yard) -> Pile:
    return Pile(FIRST_ID)


@pytest.fixture
def cable(yard: Yard, pile: Pile) -> Cable:
    """A charger that has signed in a second ago."""
    cable = yard.plug(pile)
    yard.run(1.0)
    return cable


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


def test_a_record_is_repeated_until_taken_over_and_then_has_no_second_effect(
    yard: Yard, pile: Pile, cable: Cable
) -> None:
    pile.end.keep_record(record())
    yard.run(25.0)
    ((waiting, came_s),) = yard.station.records
    assert waiting == record()
    assert came_s < 3.0, "the time at which it came first"
    yard.station.take_over(waiting)
    yard.run(1.0)
    assert yard.station.records == ()
    sent = len([data for data in cable.sent_up if data[6] == 222])
    yard.run(30.0)
    assert len([data for data in cable.sent_up if data[6] == 222]) == sent == 3


def test_a_record_whose_answer_was_lost_is_answered_again_and_not_kept_twice(
    yard: Yard, pile: Pile, cable: Cable
) -> None:
    pile.end.keep_record(record())
    yard.run(2.0)
    cable.down = False
    yard.station.take_over(record())
    yard.run(2.0)
    cable.down = True
    yard.run(15.0)
    assert yard.station.records == ()
    assert len([data for data in cable.sent_down if data[6] == 221]) == 2


def test_a_record_number_that_begins_again_is_another_record(yard: Yard, pile: Pile, cable: Cable) -> None:
    """A charger that lost its memory counts from 1 again; its charge must not be thrown away."""
    first, second = record(), replace(record(order_id="99"), started="2000-01-01T00:00:00", ended=None)
    pile.end.keep_record(first)
    yard.run(2.0)
    yard.station.take_over(first)
    pile.end.keep_record(second)
    yard.run(12.0)
    assert [waiting for waiting, _ in yard.station.records] == [second]


def test_a_clock_that_jumps_leaves_the_record_whole(yard: Yard, pile: Pile, cable: Cable) -> None:
    """The end lies before the beginning, and one time is no date: energy and duration stay what they are."""
    jumped = replace(record(), started="2026-01-01T10:00:00", ended="2026-01-01T09:00:00")
    pile.end.keep_record(jumped)
    yard.run(1.5)
    frame = LAYOUTS.encode(replace(jumped, record_number=2), 9)
    started_at = 4 + 32 + 1 + 1 + 32
    broken = replace(frame, data=frame.data[:started_at] + b"\x99" * 8 + frame.data[started_at + 8 :])
    cable.station.receive(encode_frame(broken), yard.time.now_s)
    (first, _), (second, _) = yard.station.records
    assert (first.started, first.ended, first.duration_s) == ("2026-01-01T10:00:00", "2026-01-01T09:00:00", 3600)
    assert (second.started, second.energy_kwh) == (None, 153.41)


def test_waiting_records_are_bounded(yard: Yard, cable: Cable) -> None:
    for number in range(100):
        cable.station.receive(wire(record(number=number)), yard.time.now_s)
    assert len(yard.station.records) == 64


def test_alarm_battery_and_cells_are_read(yard: Yard, pile: Pile, cable: Cable) -> None:
    yard.run(0.5)
    data = BatteryData(FIRST_ID, 0, "999PB0A0000001E6K0000042", 652.3, 238.7, 40.5, 98.0, 3.401, 3.377, 31, 27)
    for message in (
        AlarmReport(FIRST_ID, 0, 1002, AlarmChange.ACTIVE),
        data,
        CellVoltages(FIRST_ID, 0, (3.401, None, 3.377)),
        Temperatures(FIRST_ID, 0, (31, 27, None)),
    ):
        pile.end.report(message)
    yard.run(0.1)
    view = cable.station.view
    assert view.charger is not None
    assert view.charger[0].fault_code == 1002
    assert view.cells is not None
    assert view.cells[0] == BatteryCells((3.401, None, 3.377), (31, 27, None))
    charge = view.battery_charge(yard.time.now_s)
    assert charge is not None
    assert (charge.voltage_v, charge.current_a, charge.soc_pct) == (652.3, 238.7, 40.5)
    assert (charge.max_cell_v, charge.max_temperature_c, charge.min_temperature_c) == (3.401, 31, 27)
    pile.end.report(AlarmReport(FIRST_ID, 0, 1002, AlarmChange.GONE))
    yard.run(0.1)
    assert view.charger[0].fault_code == 0


def test_mirrored_messages_make_the_battery_known(yard: Yard, pile: Pile, cable: Cable) -> None:
    """BCP and BCS of wire_protocols 1.9; the mirror is answered, the age counts from it."""
    pile.shown = replace(pile.shown, state=PileState.CHARGING, connection=2, energy_kwh=5.0)
    yard.run(1.5)
    pile.end.report(BmsData(FIRST_ID, 0, 0x0600, bytes.fromhex("6D01F401040BA81C6E95010219")))
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, bytes.fromhex("7B194D06523129 3700")))
    yard.run(0.5)
    charge = cable.station.view.battery_charge(yard.time.now_s)
    assert charge is not None
    assert (charge.nominal_energy_kwh, charge.max_current_a) == (282.0, 350.0)
    assert (charge.soc_pct, charge.voltage_v, charge.current_a) == (41, 652.3, 238.7)
    assert (charge.phase, charge.session_energy_kwh) == (ChargePhase.CHARGING, 5.0)
    assert charge.bms_age_s == pytest.approx(0.5, abs=0.05)
    assert [data[6:8] for data in cable.sent_down].count((301).to_bytes(2, "little")) == 2


def test_a_mirror_that_cannot_be_read_changes_nothing(yard: Yard, pile: Pile, cable: Cable) -> None:
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, b"\x01\x02"))
    pile.end.report(BmsData(FIRST_ID, 0, 0x2600, b"\x01\x01\x00"))
    yard.run(0.001)
    assert yard.station.counts.malformed == 2
    assert cable.station.view.battery_charge(yard.time.now_s) is None


def test_a_charge_that_has_just_begun_gives_the_battery_time_to_speak(yard: Yard, pile: Pile, cable: Cable) -> None:
    """What it said while the charge was prepared is old when the charge begins; that is no silence yet."""
    pile.shown = replace(pile.shown, connection=2, state=PileState.STARTING)
    yard.run(1.5)
    pile.end.report(BmsData(FIRST_ID, 0, 0x0600, bytes.fromhex("6D01F401040BA81C6E95010219")))
    yard.run(3.0)
    pile.shown = replace(pile.shown, state=PileState.CHARGING)

    def phase() -> ChargePhase:
        charge = cable.station.view.battery_charge(yard.time.now_s)
        assert charge is not None
        return charge.phase

    yard.run(1.5)
    assert phase() is ChargePhase.CONFIG
    yard.run(6.0)
    assert phase() is ChargePhase.CHARGING, "after 5 s its silence shows"
    pile.shown = replace(pile.shown, state=PileState.STARTING)
    yard.run(1.5)
    pile.shown = replace(pile.shown, state=PileState.CHARGING)
    yard.run(1.5)
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, bytes.fromhex("7B194D065231293700")))
    yard.run(0.1)
    assert phase() is ChargePhase.CHARGING


def test_a_new_charge_begins_with_nothing_known(yard: Yard, pile: Pile, cable: Cable) -> None:
    pile.shown = replace(pile.shown, connection=2, state=PileState.FINISHED)
    yard.run(1.5)
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, bytes.fromhex("7B194D065231293700")))
    yard.run(1.5)
    assert cable.station.view.battery_charge(yard.time.now_s) is not None
    pile.shown = replace(pile.shown, state=PileState.STARTING)
    yard.run(1.5)
    assert cable.station.view.battery_charge(yard.time.now_s) is None
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, bytes.fromhex("7B194D065231293700")))
    yard.run(1.5)
    assert cable.station.view.battery_charge(yard.time.now_s) is not None, "forgotten once, when the charge begins"


def test_an_unplugged_battery_is_forgotten(yard: Yard, pile: Pile, cable: Cable) -> None:
    pile.shown = replace(pile.shown, connection=2)
    yard.run(1.5)
    pile.end.report(CellVoltages(FIRST_ID, 0, (3.3,)))
    pile.end.report(BmsData(FIRST_ID, 0, 0x1100, bytes.fromhex("7B194D065231293700")))
    yard.run(0.1)
    pile.shown = replace(pile.shown, connection=0)
    yard.run(1.5)
    assert cable.station.view.cells is None
    assert cable.station.view.battery_charge(yard.time.now_s) is None


@pytest.mark.parametrize(
    ("state", "voltage_v", "closed"),
    [
        (PileState.IDLE, 0.0, False),
        (PileState.FINISHED, 59.9, False),
        (PileState.FAULT, 640.0, True),
        (PileState.STARTING, 0.0, True),
        (PileState.STOPPING, 12.0, True),
    ],
)
def test_the_output_counts_as_closed_unless_it_is_dead(
    yard: Yard, pile: Pile, cable: Cable, state: PileState, voltage_v: float, closed: bool
) -> None:
    pile.shown = replace(pile.shown, state=state, voltage_v=voltage_v)
    yard.run(1.5)
    assert cable.station.view.charger is not None
    assert cable.station.view.charger[0].contactor_closed is closed


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
