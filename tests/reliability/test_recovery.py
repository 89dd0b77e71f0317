"""A controller that dies at any instant of a swap, a way out or a job: what is found, said, and done afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from swapstation.config.settings import Exchange
from swapstation.model.command import RobotOrder
from swapstation.model.device import LockState, Presence
from swapstation.model.inventory import ROBOT, SwapResult, truck_place
from swapstation.model.journal import BatteryMoved, IntentRecorded, SwapClosed
from swapstation.model.reasons import reason_catalogue
from swapstation.model.snapshot import OrderVerdict, StationState, Verdict
from tests.reliability.crashes import LONG_S, SHORT_S, Phase, crashes, restarted
from tests.reliability.document import section_of
from tests.reliability.recovery import Recovered, job_recoveries, swap_recoveries, way_recoveries
from tests.reliability.recovery_table import section
from tests.station.situations import EMPTY_BAY, FRESH_BAY, VIN
from tests.station.walk import Answering, finished, requested

MOVES = [
    ("B3", truck_place(VIN), ROBOT),
    ("B3", ROBOT, f"bay-{EMPTY_BAY}"),
    ("B1", f"bay-{FRESH_BAY}", ROBOT),
    ("B1", ROBOT, truck_place(VIN)),
]


def _every() -> Iterable[Recovered]:
    for exchange in Exchange:
        yield from swap_recoveries(exchange)
    yield from way_recoveries()
    yield from job_recoveries()


def _intents(station: Answering) -> list[IntentRecorded]:
    return [record for cycle in station.past for record in cycle.records if isinstance(record, IntentRecorded)]


def _named(each: Recovered) -> tuple[object, ...]:
    return each.crash.step, each.crash.order, each.crash.phase, each.down_s


def test_every_sending_and_every_commit_of_a_swap_is_a_crash_point() -> None:
    """Each order of each step is met in each of its phases."""
    for exchange in Exchange:
        met = {(each.crash.step, each.crash.order, each.crash.phase) for each in swap_recoveries(exchange)}
        ordered = {(step, order) for step, order, phase in met if phase is Phase.JOURNALLING}
        assert {order for _, order in ordered} == {intent.command for intent in _intents(finished(exchange))}
        for step, order in ordered:
            phases = {phase for at, name, phase in met if (at, name) == (step, order)}
            assert {Phase.JOURNALLING, Phase.DURABLE} < phases, (step, order)
        assert {Phase.SENT, Phase.RUNNING, Phase.DONE, Phase.NONE} < {phase for _, _, phase in met}


def test_no_command_leaves_before_a_person_has_confirmed_for_this_boot() -> None:
    assert {_named(each): each.unasked for each in _every() if each.unasked} == {}


def test_a_station_that_nobody_confirms_stays_as_it_is() -> None:
    for crash in list(crashes(requested(Exchange.PLC)))[::12]:
        begun = restarted(crash.left, LONG_S)
        waited = begun.run(60.0)
        assert [command for cycle in waited.since(begun) for command in cycle.commands] == []
        assert waited.snapshot.state is StationState.ABORTED


def test_the_survey_is_complete_and_its_differences_are_explained_by_the_open_work() -> None:
    for each in _every():
        assert each.survey.complete, _named(each)
        assert {finding.verdict for finding in each.survey.findings} <= {Verdict.AGREES, Verdict.IN_MOTION}, _named(
            each
        )
        assert each.answer.status == "accepted", (_named(each), each.answer)


def test_every_open_order_is_resolved_and_has_a_proposal_in_words() -> None:
    seen = set()
    for each in _every():
        for order in each.survey.orders:
            seen.add(order.verdict)
            assert order.verdict in (OrderVerdict.DONE, OrderVerdict.RUNNING, OrderVerdict.NOT_DONE), (
                _named(each),
                order,
            )
            assert order.proposal in reason_catalogue()
            assert order.sensed
    assert seen == {OrderVerdict.DONE, OrderVerdict.RUNNING, OrderVerdict.NOT_DONE}


def test_an_order_is_found_as_the_crash_left_it() -> None:
    for each in _every():
        orders = {order.command: order.verdict for order in each.survey.orders}
        match each.crash.phase:
            case Phase.JOURNALLING:
                assert each.crash.order not in orders, _named(each)
            case Phase.DONE:
                assert orders[each.crash.order] is OrderVerdict.DONE, _named(each)
            case Phase.DURABLE if each.crash.order != "AnswerRobot":
                assert orders[each.crash.order] is OrderVerdict.NOT_DONE, _named(each)
            case Phase.RUNNING | Phase.SENT:
                assert orders[each.crash.order] in (OrderVerdict.RUNNING, OrderVerdict.DONE), _named(each)


def test_a_swap_ends_as_if_nothing_had_happened() -> None:
    """Every battery moved once, in order, and is where it belongs; nothing is left open."""
    for exchange in Exchange:
        for each in swap_recoveries(exchange):
            assert each.held == "", (_named(each), each.held)
            records = [record for cycle in _story(each) for record in cycle]
            moves = [(one.battery, one.origin, one.destination) for one in records if isinstance(one, BatteryMoved)]
            assert moves == MOVES, _named(each)
            closed = [one.result for one in records if isinstance(one, SwapClosed)]
            assert closed == [SwapResult.COMPLETED], _named(each)
            assert _settled(each.end), _named(each)


def _story(each: Recovered) -> list[tuple[object, ...]]:
    """The records of both boots that became durable: those before the crash are what the record shows of them."""
    before = each.crash.left.snapshot.inventory
    already = [BatteryMoved(*move, ()) for move in MOVES[: _moves_on_record(each)]]
    assert before.swap is not None or _moves_on_record(each) == len(MOVES)
    closed = [SwapClosed("S", SwapResult.COMPLETED, "", 0.0)] if before.swap is None else []
    return [tuple(already), tuple(closed), *(cycle.records for cycle in each.end.since(each.crash.left))]


def _moves_on_record(each: Recovered) -> int:
    places = {battery.battery: battery.place for battery in each.crash.left.snapshot.inventory.batteries}
    order = [
        (truck_place(VIN), f"bay-{FRESH_BAY}"),
        (ROBOT, f"bay-{FRESH_BAY}"),
        (f"bay-{EMPTY_BAY}", f"bay-{FRESH_BAY}"),
        (f"bay-{EMPTY_BAY}", ROBOT),
        (f"bay-{EMPTY_BAY}", truck_place(VIN)),
    ]
    return order.index((places["B3"], places["B1"]))


def _settled(end: Answering) -> bool:
    stock, truck, robot = end.snapshot.inventory, end.snapshot.truck.value, end.snapshot.robot.value
    assert truck is not None
    assert robot is not None
    presences = {bay.place: bay.io.value.presence is Presence.PRESENT for bay in end.snapshot.bays if bay.io.value}
    agrees = all((stock.at(place) is not None) is full for place, full in presences.items())
    nothing_open = stock.swap is None and stock.holds == () and stock.open_intents == ()
    return agrees and nothing_open and not robot.payload and truck.lock is LockState.LOCKED


def test_the_robot_takes_every_order_once() -> None:
    """In both boots together the robot accepts as many orders as in an undisturbed swap, and none while it runs one."""
    robot_orders = [kind.__name__ for kind in get_args(RobotOrder)]
    for exchange in Exchange:
        undisturbed = [intent for intent in _intents(finished(exchange)) if intent.command in robot_orders]
        for each in swap_recoveries(exchange):
            seen = [cycle.snapshot.robot.value for cycle in each.end.past]
            accepted = {robot.accepted_id for robot in seen if robot is not None and robot.accepted_id}
            last = each.end.snapshot.robot.value
            assert last is not None
            assert len(accepted | {last.accepted_id}) == len(undisturbed), _named(each)


def test_a_way_out_or_a_job_ends_as_it_was_begun() -> None:
    for each in (*way_recoveries(), *job_recoveries()):
        assert each.held == "", (_named(each), each.held)
        stock = each.end.snapshot.inventory
        assert (stock.swap, stock.job, stock.open_intents) == (None, None, ()), _named(each)


def test_an_exchange_that_the_plc_still_runs_is_followed_under_its_id() -> None:
    followed = 0
    for each in swap_recoveries(Exchange.PLC):
        if each.crash.order == "ExchangeBattery" and each.crash.phase is Phase.RUNNING and each.down_s == SHORT_S:
            after = each.end.since(each.confirmed)
            assert not any(type(command).__name__ == "ExchangeBattery" for cycle in after for command in cycle.commands)
            followed += 1
    assert followed > 10


def test_the_tables_in_the_docs_are_those_of_this_run() -> None:
    assert section_of("recovery") == section(), "run `python -m tests.reliability.recovery_table`"
