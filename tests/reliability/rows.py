"""The rows of the failure catalogue: how each failure is detected, what has to follow, and the tests that show it."""

from __future__ import annotations

from dataclasses import dataclass

STATION, SCENARIOS, TRANSPORT = "tests/station", "tests/scenarios", "tests/transport"
RELIABILITY, PROCESSES, CONTROLLER = "tests/reliability", "tests/processes", "tests/controller"
INVENTORY, SIMULATION, CONFIG = "tests/inventory", "tests/simulation", "tests/config"
WIRES = f"{RELIABILITY}/test_on_wires.py"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `tests` are node ids beside those at every step; `not_yet` is what needs a later part, and why."""

    number: int
    failure: str
    detected_by: str
    reaction: str
    tests: tuple[str, ...] = ()
    not_yet: str = ""


ROWS = (
    Row(
        1,
        "presence or position sensor stuck",
        "a second source, or no change across a move",
        "no next motion, hold; record keeps what is proven",
        (
            f"{WIRES}::test_sensors_of_a_bay_that_stick_leave_the_battery_where_the_record_has_it",
            f"{STATION}/test_recipe.py::test_unknown_is_not_done",
        ),
    ),
    Row(
        2,
        "truck moves, driver releases the brake",
        "brake, key, gear, HV and position bits",
        "hold at once",
        (
            f"{STATION}/test_alarms.py::test_a_truck_that_changes_while_the_robot_works_on_it_holds_the_swap_at_once",
            f"{SIMULATION}/test_robot_rules.py::test_rolled_truck_is_not_gripped",
        ),
    ),
    Row(
        3,
        "lock does not confirm",
        "lock state, order and receipt",
        "hold; no release, grip kept",
        (
            f"{RELIABILITY}/test_bad_nights.py::test_nothing_lets_go_of_a_battery_whose_locks_do_not_confirm",
            f"{RELIABILITY}/test_found.py::test_a_lock_that_loses_its_confirmation_was_told_only_at_the_end_of_the_step",
        ),
    ),
    Row(
        4,
        "robot fault while it holds a battery",
        "robot state, fault words, step time",
        "hold; battery stays on record at the robot",
        (
            f"{WIRES}::test_a_drive_fault_with_a_battery_on_the_way_keeps_the_battery_on_the_robot",
            f"{STATION}/test_swap_faults.py::test_a_resume_resets_a_robot_fault_and_the_swap_goes_on",
            f"{STATION}/test_ways_out.py::test_a_way_out_for_every_cause_is_open_wherever_a_swap_is_stopped",
        ),
    ),
    Row(
        5,
        "power cut while carrying",
        "nothing: the journal is written already",
        "none; survey at start",
        (
            f"{PROCESSES}/test_kills.py::test_the_simulator_is_killed_while_a_battery_hangs_from_the_spreader",
            f"{INVENTORY}/test_crash.py::test_a_killed_writer_loses_nothing_it_acknowledged",
            f"{RELIABILITY}/test_bad_nights.py::test_a_battery_hangs_through_a_power_cut_until_a_person_lets_it_go_on",
        ),
    ),
    Row(
        6,
        "BMS silent, all or one kind of message",
        "age of the last message, each kind by itself",
        "charge of the bay stops",
        (
            f"{WIRES}::test_a_battery_that_leaves_one_kind_of_message_out_is_not_charged_on",
            f"{WIRES}::test_a_temperature_that_is_told_no_more_was_charged_by_for_ever",
            f"{STATION}/test_charging.py::test_any_doubt_ends_a_charge_within_one_cycle",
        ),
    ),
    Row(
        7,
        "too hot, smoke, thermal runaway",
        "temperature, its rate, smoke, voltage, BMS, fire panel",
        "charge stops; a swap that still needs the bay is held; a confirmed fire holds all",
        (
            f"{SCENARIOS}/test_fire.py::test_a_battery_in_runaway_while_a_truck_is_in_the_lane",
            f"{SCENARIOS}/test_fire.py::test_smoke_in_a_charging_bay_stops_it_and_those_beside_it",
            f"{SCENARIOS}/test_fire.py::test_fire_while_a_battery_hangs_leaves_it_hanging",
        ),
    ),
    Row(
        8,
        "charger silent or lying",
        "age, contactor of the rack, battery's own words",
        "bay not dead: nothing is fetched; stop by a second path",
        (
            f"{WIRES}::test_a_charger_that_lies_about_its_current_gives_no_battery_away",
            f"{STATION}/test_charging.py::test_a_charger_that_is_silent_is_taken_as_still_charging",
            f"{SCENARIOS}/test_fire.py::test_a_bay_that_does_not_stop_is_tripped_by_its_rack_node",
        ),
        "independent meter per bay: no such device in the wire contract",
    ),
    Row(
        9,
        "wrong battery in a bay or on a truck",
        "BMS serial, codes, mass against the record",
        "no charge, no truck, hold where the swap needs it",
        (
            f"{SCENARIOS}/test_wrong_battery.py::test_two_batteries_exchanged_while_the_controller_was_down_are_alarmed_and_not_charged",
        ),
    ),
    Row(
        10,
        "one identity in two places",
        "BMS serials and codes that are live",
        "both in doubt, hold",
        (f"{SCENARIOS}/test_wrong_battery.py::test_one_identity_in_two_bays_puts_both_in_doubt_within_a_second",),
    ),
    Row(
        11,
        "CAN bus off",
        "silence of all nodes of the bus",
        "bays unknown: no charge, no motion",
        (
            f"{PROCESSES}/test_kills.py::test_a_cut_bay_stops_charging_alone_and_comes_back",
            f"{TRANSPORT}/test_hardware_can.py::test_an_interface_that_cannot_be_opened_is_reported_and_tried_again",
        ),
    ),
    Row(
        12,
        "CAN flood",
        "rate, load, unread bytes",
        "excess dropped and told; swap goes on",
        (
            f"{TRANSPORT}/test_babbling.py::test_a_babbling_segment_delays_neither_another_nor_the_cycle",
            "tests/protocol/test_bounded.py::test_a_babbling_peer_cannot_grow_an_end",
        ),
    ),
    Row(
        13,
        "serial garbage, half a frame",
        "check sums, lengths, times",
        "dropped, counted, told; no state from it",
        (
            f"{PROCESSES}/test_kills.py::test_rubbish_on_a_wire_is_counted_and_changes_nothing",
            f"{SCENARIOS}/test_packed_plc.py::test_half_a_message_and_garbage_on_the_wire_change_nothing",
            "tests/fuzz/test_cases.py::test_mutated_input_breaks_nothing",
        ),
    ),
    Row(
        14,
        "PLC heartbeat lost or frozen",
        "the counter, not the connection",
        "no order after 1 s, link lost at 3 s, hold",
        (
            f"{WIRES}::test_a_heartbeat_that_stands_still_holds_the_station_and_nothing_is_ordered",
            f"{SCENARIOS}/test_packed_plc.py::test_a_frozen_heartbeat_of_the_plc_holds_the_station",
        ),
    ),
    Row(
        15,
        "controller restart in a swap",
        "open intents, survey",
        "aborted; nothing moves before a person confirms",
        (
            f"{RELIABILITY}/test_recovery.py::test_no_command_leaves_before_a_person_has_confirmed_for_this_boot",
            f"{STATION}/test_restart.py::test_a_restart_in_every_step_moves_nothing_until_confirmed_and_ends_the_swap",
        ),
    ),
    Row(
        16,
        "two operators at once",
        "one inbox, one database",
        "one wins, the other is refused with the reason",
        (
            f"{STATION}/test_requests.py::test_of_two_swaps_asked_for_in_one_cycle_only_one_begins",
            f"{CONTROLLER}/test_core.py::test_of_two_changes_that_exclude_each_other_the_database_refuses_the_second",
        ),
        "version number (ETag) on every command: comes with the console",
    ),
    Row(
        17,
        "request repeated or replayed",
        "idempotency key and payload",
        "same answer, no second effect; other payload refused",
        (
            f"{INVENTORY}/test_journal.py::test_a_repeated_request_gets_its_first_answer_and_a_reused_key_is_refused",
            f"{CONTROLLER}/test_core.py::test_another_request_under_a_key_that_is_under_way_is_refused",
        ),
        "signed fleet commands: come with the fleet link",
    ),
    Row(
        18,
        "clock jumps",
        "the wall clock is a label only",
        "no command changes",
        (
            f"{RELIABILITY}/test_steps.py::test_a_clock_that_jumps_changes_no_command",
            f"{STATION}/test_bypass.py::test_a_bypass_ends_by_the_monotonic_clock_whatever_the_wall_clock_says",
            "tests/server/test_station_audit.py::test_a_jump_of_the_clock_is_recorded",
        ),
    ),
    Row(
        19,
        "disk full or read-only",
        "free space, failed write",
        "running step ends, then hold; no new motion",
        (
            f"{CONTROLLER}/test_journal.py::test_a_database_that_cannot_be_written_is_told_and_tried_again_in_order",
            f"{CONTROLLER}/test_disk_watch.py::test_levels_at_their_limits",
        ),
    ),
    Row(
        20,
        "database damaged",
        "check at start",
        "does not start; the file is kept",
        (
            f"{INVENTORY}/test_damaged.py::test_the_controller_does_not_start_and_says_what_to_do",
            f"{PROCESSES}/test_database_lost.py::test_a_swap_survives_the_loss_of_its_database",
        ),
    ),
    Row(
        21,
        "network cut, second controller",
        "ages, epochs",
        "station goes on by itself; an old epoch is refused",
        (
            f"{SIMULATION}/test_robot_rules.py::test_order_of_an_older_controller_is_refused",
            f"{PROCESSES}/test_kills.py::test_the_server_is_killed_and_the_swap_goes_on",
            f"{SCENARIOS}/test_packed_plc.py::test_reconnects_in_the_middle_of_the_exchange_change_nothing",
        ),
    ),
    Row(22, "platform down for days", "-", "-", (), "outbox to a platform: comes with the uplinks"),
    Row(
        23,
        "wrong configuration",
        "schema, cross-checks, adapters",
        "refuses to start, names line and key",
        (
            f"{CONFIG}/test_config_file.py::test_a_wrong_value_of_any_key_is_told_with_its_line",
            f"{CONFIG}/test_config_file.py::test_contradictions_between_fields_are_told",
            f"{STATION}/test_recipe_check.py::test_a_missing_step_is_found",
        ),
        "release of a configuration by two people, signature; each change is in the audit",
    ),
    Row(
        24,
        "page stale",
        "sequence and age in every frame",
        "page marks itself",
        (
            "tests/ui/test_console.py::test_a_frozen_controller_is_seen_and_place_and_input_stay",
            "tests/server/test_live_stream.py::test_the_age_grows_while_the_controller_is_frozen",
        ),
        "commands by version: come with the console",
    ),
    Row(
        25,
        "bypass by an operator",
        "the bypass is a record",
        "30 min at most, never people or heat, void after a restart",
        (
            f"{STATION}/test_bypass.py::test_a_restart_voids_a_bypass_before_anything_is_decided",
            f"{STATION}/test_bypass_requests.py::test_every_other_input_is_refused",
        ),
    ),
    Row(
        26,
        "sensor clears by itself",
        "its edge",
        "never goes on by itself: a person resumes",
        (f"{SCENARIOS}/test_packed_plc.py::test_an_open_door_pauses_and_a_person_goes_on",),
    ),
)
