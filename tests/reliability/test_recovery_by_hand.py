"""What people and machines did while the controller was down: found by the survey, said, and never guessed at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swapstation.config.settings import Exchange
from swapstation.model import command as commands
from swapstation.model.device import Presence, RobotResult, RobotState
from swapstation.model.inventory import ROBOT, Cause, SwapResult, truck_place
from swapstation.model.journal import SwapClosed
from swapstation.model.request import (
    CloseSwap,
    ConfirmCloseSwap,
    ConfirmStartUp,
    DivertSwap,
    ReconcileSwap,
    Refused,
    ResumeStation,
)
from swapstation.model.seen import Seen
from swapstation.model.snapshot import OpenOrder, OrderVerdict, StationState, Survey, Verdict
from tests.reliability.crashes import LONG_S, Crash, Phase, at_rest, crashes, restarted
from tests.reliability.recovery import asked, resumed
from tests.station.situations import EMPTY_BAY, FRESH_BAY, ISOLATION_BAY, VIN, rack, with_battery, with_value
from tests.station.walk import Answering, requested

TRUCK = truck_place(VIN)


def _crash(exchange: Exchange, step: str, phase: Phase) -> Crash:
    met = crashes(requested(exchange))
    return next(each for each in met if (each.step, each.phase) == (step, phase))


def _presence(station: Answering, bay: int, present: bool) -> Answering:
    return replace(station, snapshot=with_value(station.snapshot, f"{bay}.io", lambda _: rack(occupied=present)))


def _survey(station: Answering) -> Survey:
    return station.told(station.snapshot).survey


def _proposals(station: Answering) -> dict[str, str]:
    return {each.place: each.proposal for each in _survey(station).findings if each.proposal}


def _verdicts(station: Answering) -> dict[str, Verdict]:
    return {each.place: each.verdict for each in _survey(station).findings if each.verdict is not Verdict.AGREES}


def _order(station: Answering, command: str) -> OpenOrder:
    (found,) = (each for each in _survey(station).orders if each.command == command)
    return found


@pytest.mark.parametrize("exchange", Exchange)
def test_a_battery_moved_by_hand_is_a_contradiction_until_the_record_is_corrected(exchange: Exchange) -> None:
    """B2 has nothing to do with the open swap: somebody carried it from its bay to the isolation place."""
    left = _crash(exchange, "put", Phase.RUNNING).left
    moved = _presence(_presence(restarted(left, LONG_S), 2, present=False), ISOLATION_BAY, present=True)
    contradicting = {"bay-2": Verdict.CONTRADICTS, "isolation": Verdict.CONTRADICTS}
    assert {place: each for place, each in _verdicts(moved).items() if place in contradicting} == contradicting
    assert _proposals(moved)["bay-2"] == "propose_find_battery"
    assert _proposals(moved)["isolation"] == "propose_identify_battery"
    waited, answer = asked(moved.run(1.0), ConfirmStartUp())
    assert isinstance(answer, Refused)
    assert "survey_contradicts" in answer.reasons
    corrected = replace(waited, snapshot=with_battery(waited.snapshot, "B2", place="isolation"))
    confirmed, answer = asked(corrected.run(1.0), ConfirmStartUp())
    assert answer.status == "accepted", answer
    assert at_rest(resumed(confirmed))


@pytest.mark.parametrize("exchange", Exchange)
def test_two_batteries_swapped_while_we_were_down_are_doubted_and_neither_is_fetched(exchange: Exchange) -> None:
    """Presence agrees everywhere; the BMS in bay 1 says that it is B2 and the other way round."""
    left = _crash(exchange, "position", Phase.NONE).left
    begun = restarted(left, LONG_S)
    now = begun.snapshot
    for bay, serial in ((1, 2), (2, 1)):
        now = with_value(now, f"{bay}.charge", lambda charge, serial=serial: replace(charge, serial=serial))  # type: ignore[misc]
    exchanged = replace(begun, snapshot=now).run(5.0)
    doubted = {each.battery for each in exchanged.snapshot.inventory.batteries if each.doubtful}
    assert doubted == {"B1", "B2"}
    confirmed, answer = asked(exchanged, ConfirmStartUp())
    ended = resumed(confirmed) if answer.status == "accepted" else confirmed.run(30.0)
    sent = [command for cycle in ended.since(begun) for command in cycle.commands]
    fetching = (commands.PickBattery, commands.ExchangeBattery, commands.MoveBattery, commands.StartCharge)
    assert not [command for command in sent if isinstance(command, fetching)]


def test_a_load_that_is_nowhere_any_more_is_looked_for_and_the_swap_ends_by_two_people() -> None:
    """It hung from the robot when we died; now neither robot nor bay nor truck has it."""
    left = _crash(Exchange.STATION, "put", Phase.RUNNING).left
    gone = restarted(left, 0.0).change("robot", payload=False, gripped=False, state=RobotState.IDLE, running_id=0)
    gone = replace(gone, job=None).change("robot", done_id=gone.snapshot.inventory.next_command_id - 1)
    gone = _presence(gone.change("robot", result=RobotResult.ABORTED), EMPTY_BAY, present=False).run(0.3)
    assert _order(gone, "PutBattery").verdict is OrderVerdict.ASK
    assert _proposals(gone)[ROBOT] == "propose_find_battery"
    confirmed, answer = asked(gone, ConfirmStartUp())
    assert answer.status == "accepted", answer
    held = resumed(confirmed)
    assert held.memory.state is StationState.HELD
    swap = held.snapshot.inventory.swap
    assert swap is not None
    for cause in Cause:
        assert asked(held, DivertSwap(swap.swap, cause, "tried"))[1].status == "refused"
    asking, _ = asked(held, CloseSwap(swap.swap, "the battery was carried away"))
    second = asking.cycle()
    request = second.cycle(ConfirmCloseSwap(swap.swap))
    assert isinstance(request.past[-1].decision.batches[-1].answer, Refused), "the same person"
    assert not [each for cycle in held.since(gone) for each in cycle.commands if isinstance(each, commands.PutBattery)]


def test_an_order_that_the_plc_gave_up_is_asked_of_a_person_and_a_way_out_ends_it() -> None:
    """The battery was lowered into its bay at the PLC's panel, the order was stopped there."""
    left = _crash(Exchange.STATION, "put", Phase.RUNNING).left
    begun = restarted(left, 0.0)
    stopped = replace(_presence(begun, EMPTY_BAY, present=True), job=None).change(
        "robot",
        payload=False,
        gripped=False,
        seated=False,
        state=RobotState.IDLE,
        running_id=0,
        done_id=begun.snapshot.inventory.open_intents[-1][0],
        result=RobotResult.ABORTED,
    )
    assert _order(stopped, "PutBattery").verdict is OrderVerdict.ASK
    confirmed, answer = asked(stopped.run(1.0), ConfirmStartUp())
    assert answer.status == "accepted"
    held = resumed(confirmed)
    assert held.memory.state is StationState.HELD
    swap = held.snapshot.inventory.swap
    assert swap is not None
    ended = resumed(asked(held, DivertSwap(swap.swap, Cause.GO_ON, "it stands in its bay"))[0])
    assert at_rest(ended)
    places = {each.battery: each.place for each in ended.snapshot.inventory.batteries}
    assert (places["B1"], places["B3"]) == (TRUCK, f"bay-{EMPTY_BAY}")


@pytest.mark.parametrize("exchange", Exchange)
def test_a_truck_that_drove_off_after_its_release_is_entered_as_swapped(exchange: Exchange) -> None:
    """The order to let go had arrived; its receipt drove away with the truck."""
    left = _crash(exchange, "release", Phase.DONE).left
    alone = restarted(left, LONG_S)
    alone = replace(alone, snapshot=replace(alone.snapshot, truck=Seen())).run(1.0)
    order = _order(alone, "ReleaseTruck")
    assert (order.verdict, order.proposal) == (OrderVerdict.UNKNOWN, "propose_reconcile_swap")
    confirmed, answer = asked(alone, ConfirmStartUp())
    assert answer.status == "accepted", answer
    held = resumed(confirmed)
    assert held.memory.state is StationState.HELD
    entered, answer = asked(held, ReconcileSwap(VIN, "B1", "B3", EMPTY_BAY, "the truck has gone"))
    assert answer.status == "accepted", answer
    closed = [each.result for each in entered.past[-1].records if isinstance(each, SwapClosed)]
    assert closed == [SwapResult.COMPLETED]
    assert entered.snapshot.inventory.swap is None


def test_a_swap_that_somebody_finished_by_hand_is_told_from_one_that_is_under_way() -> None:
    """The old battery stands in its bay, the truck carries the fresh one; the PLC knows nothing of it."""
    left = _crash(Exchange.PLC, "exchange", Phase.JOURNALLING).left
    made = _presence(_presence(restarted(left, LONG_S), FRESH_BAY, present=False), EMPTY_BAY, present=True)
    fresh = made.snapshot.inventory.battery("B1")
    assert fresh is not None
    made = made.change("truck", codes=fresh.codes).run(1.0)
    assert set(_verdicts(made).values()) == {Verdict.IN_MOTION}
    entered, answer = asked(made, ReconcileSwap(VIN, "B1", "B3", EMPTY_BAY, "made at the PLC's panel"))
    assert answer.status == "accepted", answer
    after = entered.run(1.0)
    assert _survey(after).agrees
    assert asked(after, ConfirmStartUp())[1].status == "accepted"
    assert asked(after, ResumeStation())[1].status == "refused", "nothing is left to resume"
    assert all(bay.io.value.presence is not Presence.CONTRADICTION for bay in after.snapshot.bays if bay.io.value)
