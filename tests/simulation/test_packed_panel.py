"""The simulated PLC behind packed messages: orders by id, handshakes, heartbeat, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from swapstation.config.settings import Bay, Config
from swapstation.errors import ConfigurationError
from swapstation.model.device import LockState, RobotResult, RobotState
from swapstation.protocol.packed_struct import PackedValue
from swapstation.simulation.firmware.robot_words import Fault
from swapstation.simulation.placement import Placement
from swapstation.simulation.state_file import capture
from tests.simulation.desk import VIN
from tests.simulation.packed_station import EXCHANGE, PackedStation


@pytest.fixture
def station(config: Config, placement: Placement) -> PackedStation:
    made = PackedStation(config, placement)
    made.run(1.0)
    return made


@pytest.fixture
def served(station: PackedStation) -> PackedStation:
    """A truck stands in the lane; whatever the PLC asks for is seen to."""
    station.arrive()
    return station


def move() -> dict[str, PackedValue]:
    manual: dict[str, PackedValue] = {"mode": "SINGLE_STEP", "exchange_command": "NONE", "manual_command": "MOVE"}
    return {**manual, "manual_from_bay": 1, "manual_to_bay": 2}


def set_fault(station: PackedStation, name: str, on: bool = True) -> None:
    station.plant.faults.set(name, "", on, tuple(station.plant.bays))


def test_a_whole_exchange(served: PackedStation) -> None:
    """One order: pose, locks and dead bays are asked for; done rises once and falls with its acknowledgement."""
    assert served.order(70_001) == "ACCEPTED"
    asked: list[str] = []
    done: list[bool] = []
    received: list[bool] = []

    def watch() -> None:
        w5, w6 = served.said["W5"], served.said["W6"]
        asked.extend(
            word
            for word, now in (
                ("pose", w5["lidar_request"]),
                ("dead", w5["bay_dead_request"]),
                ("unlock", w6["unlock_truck"]),
                ("lock", w6["lock_truck"]),
            )
            if now and (not asked or asked[-1] != word)
        )
        done.append(w5["exchange_done"])
        received.append(w5["lidar_received"])

    served.scans += [watch, served.serve]
    assert served.run(300.0, lambda: served.said["W5"]["done_id"] == 70_001)
    served.run(1.0)
    assert asked == ["pose", "unlock", "dead", "lock"]
    assert served.said["W5"]["result"] == "DONE"
    assert served.plant.batteries["T1"].place == "bay-2"
    assert served.plant.batteries["A1"].place == f"truck:{VIN}"
    assert True in done
    assert done[-1] is False
    assert [one for one, other in zip(received, [*received[1:], None], strict=True) if one != other] == [
        False,
        True,
        False,
    ]


def test_the_step_goes_through_the_words_of_the_layout(served: PackedStation) -> None:
    steps: list[str] = []
    served.scans.append(lambda: steps.append(served.said["W5"]["step"]))
    served.order(7)
    served.scans.append(served.serve)
    assert served.run(300.0, lambda: served.said["W5"]["done_id"] == 7)
    assert list(dict.fromkeys(steps)) == [
        "STANDBY",
        "LOCATE",
        "GRIP_OLD",
        "LIFT_OLD",
        "PUT_OLD",
        "PICK_FRESH",
        "PLACE_FRESH",
        "UNGRIP",
        "PARK",
    ]


def test_a_repeated_order_has_no_second_effect(station: PackedStation) -> None:
    assert station.order(7, **move()) == "ACCEPTED"
    assert station.run(120.0, lambda: station.state() is RobotState.IDLE)
    assert station.plant.batteries["A1"].place == "bay-2"
    station.put(done_ack=True)
    station.order(7, **move())
    assert station.state() is RobotState.IDLE
    assert station.plc.kept.result is RobotResult.DONE


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"mode": "SINGLE_STEP"}, "MODE_MISSING"),
        ({"mode": "FIRE"}, "MODE_MISSING"),
        ({"from_bay": 9}, "BAY_NUMBER"),
        ({"to_bay": 1}, "BAY_NUMBER"),
        ({"to_bay": 3}, "BAY_OCCUPIED"),
        ({"from_bay": 2, "to_bay": 4}, "BAY_EMPTY"),
        ({"truck_model": 9}, "UNKNOWN_COMMAND"),
        ({"truck_model": None}, "UNKNOWN_COMMAND"),
        ({"epoch": 0}, "EPOCH_TOO_OLD"),
        ({**move(), "mode": "AUTOMATIC"}, "MODE_MISSING"),
    ],
)
def test_refusals(served: PackedStation, change: dict[str, PackedValue], word: str) -> None:
    """The answer names the order; the PLC stays where it is."""
    assert served.order(7, **change) == word
    assert served.state() is RobotState.IDLE


def test_an_exchange_needs_what_the_station_says_of_the_truck(served: PackedStation) -> None:
    served.truck_link = False
    served.run(1.2)
    assert served.order(7) == "TRUCK_LINK_LOST"
    served.truck_link = True
    truck = served.plant.trucks[VIN]
    words = []
    for order_id, phase_s in ((8, 2.5), (9, 0.5), (10, 60.0)):
        truck.phase_s = phase_s
        words.append(served.order(order_id))
    assert words == ["TRUCK_KEY_NOT_OFF", "TRUCK_KEY_NOT_OFF", "ACCEPTED"]


@pytest.mark.parametrize("missing", ["from_bay", "to_bay"])
def test_half_an_order_is_none(served: PackedStation, missing: str) -> None:
    assert served.order(7, **{missing: None}) == ""


def test_order_id_zero_is_no_order(served: PackedStation) -> None:
    served.put(**EXCHANGE, order_id=0)
    assert served.state() is RobotState.IDLE


def test_no_new_order_before_the_end_of_the_last_is_acknowledged(station: PackedStation) -> None:
    station.order(7, **move())
    assert station.run(120.0, lambda: station.state() is RobotState.IDLE)
    station.run(0.5)
    assert station.told("exchange_done") is True
    back: dict[str, PackedValue] = {**move(), "manual_from_bay": 2, "manual_to_bay": 1}
    assert station.order(8, **back) == "DONE_NOT_ACKNOWLEDGED"
    station.put(done_ack=True)
    station.put()
    assert station.told("exchange_done") is False
    assert station.order(9, **back) == "ACCEPTED"


def test_an_acknowledgement_that_stood_before_the_end_is_none(station: PackedStation) -> None:
    station.order(7, **move())
    station.put(done_ack=True)
    assert station.run(120.0, lambda: station.state() is RobotState.IDLE)
    station.run(0.5)
    assert station.told("exchange_done") is True
    station.put()
    station.put(done_ack=True)
    assert station.told("exchange_done") is False


def test_a_late_burst_starts_nothing(station: PackedStation) -> None:
    """A connection that stalled for more than a second brings old messages all at once: none of them is an order."""
    station.beating = False
    station.run(1.5)
    station.beating = True
    node = station.simulation.robot_node()
    now_s = station.time.now_s
    burst = station.end
    for beat in range(500, 520):
        values = {**station.r2, **move(), "order_id": 7, "heartbeat": beat}
        burst.put("R2", values)
    for data in burst.due(now_s):
        node.receive(data, now_s)
    station.beating = False
    station.run(0.2)
    assert station.plc.kept.accepted_id == 0


def test_an_order_waits_until_the_heartbeat_has_counted_again(station: PackedStation) -> None:
    station.beating = False
    station.run(1.5)
    assert station.order(7, **move()) == ""
    station.beating = True
    station.run(0.6)
    assert station.order(7, **move()) == "ACCEPTED"


def test_a_lost_heartbeat_pauses_with_the_load_and_only_going_on_by_name_goes_on(station: PackedStation) -> None:
    """Neither the heartbeat's return nor the old order nor a wrong id nor a level from before moves anything."""
    station.order(7, **move())
    station.run(20.0, lambda: station.plant.hanging is not None)
    station.beating = False
    station.run(2.0)
    assert station.state() is RobotState.BUSY
    station.run(1.5)
    assert station.said["W5"]["robot"] == "PAUSE"
    assert station.said["W5"]["fault_words"][17] == 1
    station.beating = True
    at = station.plant.robot.at
    station.run(2.0)
    station.order(7, **move())
    station.put(exchange_command="START", order_id=6)
    station.put(**EXCHANGE, order_id=7)
    assert station.state() is RobotState.PAUSED
    assert station.plant.robot.at == at
    station.put()
    station.put(exchange_command="START", order_id=7)
    assert station.state() is RobotState.BUSY
    station.put()
    assert station.run(60.0, lambda: station.plant.batteries["A1"].place == "bay-2")


def test_going_on_in_the_first_message_of_a_connection_is_no_edge(station: PackedStation) -> None:
    station.order(7, **move())
    station.put(exchange_command="PAUSE")
    assert station.state() is RobotState.PAUSED
    station.reconnect()
    station.r2 |= {"exchange_command": "START", "order_id": 7}
    station.run(2.0)
    assert station.state() is RobotState.PAUSED
    station.put()
    station.put(exchange_command="START", order_id=7)
    assert station.state() is RobotState.BUSY


def test_pause_acts_as_long_as_it_stands(station: PackedStation) -> None:
    station.order(7, **move())
    station.put(exchange_command="PAUSE")
    at = station.plant.robot.at
    station.run(1.0)
    assert (station.state(), station.plant.robot.at) == (RobotState.PAUSED, at)


def test_stop_ends_the_order(station: PackedStation) -> None:
    station.order(7, **move())
    station.put(exchange_command="STOP")
    assert (station.said["W5"]["done_id"], station.said["W5"]["result"]) == (7, "ABORTED")


def test_reset_acts_on_its_edge(station: PackedStation) -> None:
    set_fault(station, "robot_fault")
    station.order(7, **move())
    station.run(0.5)
    assert station.said["W5"]["robot"] == "ALARM"
    assert station.said["W5"]["fault_words"][0] == 1 << Fault.DRIVE
    set_fault(station, "robot_fault", on=False)
    station.reconnect()
    station.r2 |= {"reset": True, "done_ack": True}
    station.run(1.0)
    assert station.said["W5"]["robot"] == "ALARM", "a reset in the first message of a connection is no edge"
    station.put()
    station.put(reset=True)
    assert station.said["W5"]["robot"] == "READY"


def asked_for(station: PackedStation, request: str) -> bool:
    """Run an exchange, serving all, until the PLC asks for this; tell whether it came to that."""
    asks: dict[str, Callable[[], bool]] = {
        "pose": lambda: station.said["W5"]["lidar_request"],
        "unlock": lambda: station.said["W6"]["unlock_truck"],
        "dead": lambda: station.said["W5"]["bay_dead_request"] is not None,
    }
    station.order(7)
    station.scans.append(lambda: None if asks[request]() else station.serve())
    return station.run(120.0, asks[request])


@pytest.mark.parametrize(
    "change", [{"lidar_sent": False}, {"lidar_x_mm": 41.0}, {"answer_id": 99}, {"answer": "NONE"}], ids=str
)
def test_a_pose_that_is_not_the_measured_one_does_not_count(
    served: PackedStation, change: dict[str, PackedValue]
) -> None:
    assert asked_for(served, "pose")
    served.scans.clear()
    served.serve()
    served.put(**{**served.r2, **change})
    assert served.said["W5"]["lidar_received"] is False
    served.run(10.0)
    assert served.state() is RobotState.PAUSED
    assert Fault.REQUEST_NOT_ANSWERED in served.plc.faults


def test_done_counts_only_when_the_relayed_locks_say_so_too(served: PackedStation) -> None:
    assert asked_for(served, "unlock")
    served.scans.clear()
    request_id = served.said["W5"]["request_id"]
    served.truck_link = False
    served.plant.trucks[VIN].locks[0].state = LockState.UNLOCKED
    served.run(1.2)
    served.put(answer_id=request_id, answer="DONE")
    assert served.said["W6"]["unlock_truck"] is True
    served.truck_link = True
    served.run(0.3)
    assert served.said["W6"]["unlock_truck"] is False


def test_done_counts_only_when_the_bay_is_told_dead(served: PackedStation) -> None:
    served.charger[2] = "LIVE"
    assert asked_for(served, "dead")
    served.scans.clear()
    assert served.said["W5"]["bay_dead_request"] == 2
    served.put(answer_id=served.said["W5"]["request_id"], answer="DONE")
    assert served.said["W5"]["bay_dead_request"] == 2
    served.charger.clear()
    served.run(0.3)
    assert served.said["W5"]["bay_dead_request"] is None


def test_a_refused_request_pauses(served: PackedStation) -> None:
    assert asked_for(served, "pose")
    served.scans.clear()
    served.put(answer_id=served.said["W5"]["request_id"], answer="REFUSED", lidar_answer="REFUSED")
    assert served.state() is RobotState.PAUSED


def test_a_reconnect_in_the_middle_changes_nothing(served: PackedStation) -> None:
    served.order(7)
    served.scans.append(served.serve)
    for _ in range(6):
        served.run(15.0)
        served.reconnect()
    assert served.run(300.0, lambda: served.said["W5"]["done_id"] == 7)
    assert served.said["W5"]["result"] == "DONE"


def test_after_power_up_ids_stay_and_the_done_flag_is_down(station: PackedStation, placement: Placement) -> None:
    station.order(7, **move())
    assert station.run(120.0, lambda: station.state() is RobotState.IDLE)
    again = PackedStation(station.config, placement, capture(station.plant, station.plc))
    again.run(1.0)
    w5 = again.said["W5"]
    assert (w5["accepted_id"], w5["done_id"], w5["result"], w5["exchange_done"]) == (7, 7, "DONE", False)
    again.order(7, **move())
    assert again.state() is RobotState.IDLE


def test_a_frozen_heartbeat_is_shown_as_such(station: PackedStation) -> None:
    set_fault(station, "plc_heartbeat_frozen")
    beats = set()
    station.scans.append(lambda: beats.add(station.said["W5"]["heartbeat"]))
    station.run(1.0)
    assert len(beats) <= 2
    assert station.end.counts.rx > 20


@pytest.mark.parametrize(
    ("target", "field", "word"),
    [
        ("estop", "estop_aisle", "PRESSED"),
        ("door", "door_swap", "OPEN"),
        ("curtain", "light_curtain", "BROKEN"),
        ("overtravel", "overtravel", "ACTUATED"),
    ],
)
def test_a_changed_sensor_is_told_at_once(station: PackedStation, target: str, field: str, word: str) -> None:
    station.plant.faults.set("safety_open", target, True, tuple(station.plant.bays))
    station.run(0.15)
    assert station.said["W4"][field] == word


def test_what_the_bays_hold_is_told(station: PackedStation) -> None:
    assert station.said["W4"]["bay_battery"] == ("PRESENT", "NONE", "PRESENT", "NONE", *[None] * 6)
    assert station.said["W4"]["bay_temperature_c"][:5] == (25, 25, 25, 25, None)


def test_a_bay_that_the_layout_does_not_know_is_refused_at_the_start(config: Config, placement: Placement) -> None:
    large = replace(config, bays=(*config.bays, Bay(11, can="slcan+tcp://127.0.0.1:0")))
    with pytest.raises(ConfigurationError, match="bays 1 to 10"):
        PackedStation(large, placement)
