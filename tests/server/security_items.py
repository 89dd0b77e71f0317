"""The security tests that the field's lists ask for, and which test of ours each one is.

`missing` says what is not tried or not there. Objects: every route on which a program's key names one thing by its id.
"""

from __future__ import annotations

from dataclasses import dataclass

_SERVER, _CHAOS, _FUZZ = "tests/server", "tests/chaos/test_chaos.py", "tests/fuzz/test_cases.py"
_ACCESS, _LOG_IN, _LIVE = f"{_SERVER}/test_access.py", f"{_SERVER}/test_log_in.py", f"{_SERVER}/test_live_stream.py"
_FOREIGN, _INJECTION = f"{_SERVER}/test_foreign_requests.py", f"{_SERVER}/test_injection.py"
_ENCRYPTION, _PROCESS = f"{_SERVER}/test_encryption.py", f"{_SERVER}/test_server_process.py"
_AUDIT, _SLOW = "tests/business/test_audit.py", f"{_SERVER}/test_slow_clients.py"
_FEED, _HOOKS = f"{_SERVER}/test_fleet_feed.py", f"{_SERVER}/test_webhooks.py"
_OPERATIONS = "tests/operations"
_SECURITY = f"{_SERVER}/test_security_items.py"


@dataclass(frozen=True, slots=True)
class Item:
    """What is tried, by which tests; what is missing."""

    what: str
    tests: tuple[str, ...]
    missing: str = ""


ITEMS = (
    Item(
        "every route × every role, generated from the route table",
        (
            f"{_ACCESS}::test_every_route_has_its_row_and_every_row_its_route",
            f"{_ACCESS}::test_a_route_lets_in_whom_the_table_names_and_nobody_else",
            f"{_ACCESS}::test_a_key_does_only_what_its_scopes_say",
        ),
    ),
    Item(
        "a fleet asks for another fleet's things, on every route with an id",
        (f"{_SECURITY}::test_every_route_on_which_a_program_names_a_thing_has_its_test_of_objects",),
        "people of the station see all fleets; platforms share the dispatches",
    ),
    Item(
        "WebSocket: no token, ended, revoked while connected, foreign origin, asked again for every message",
        (
            f"{_LOG_IN}::test_a_stream_needs_a_log_in",
            f"{_PROCESS}::test_a_stream_without_a_log_in_is_refused_at_its_handshake",
            f"{_LOG_IN}::test_logging_out_ends_the_session_and_its_stream",
            f"{_LOG_IN}::test_a_locked_account_is_out_at_once_and_cannot_come_back",
            f"{_LIVE}::test_foreign_pages_get_neither_the_stream_nor_an_effect",
            f"{_FEED}::test_the_feed_ends_with_its_key",
            f"{_FEED}::test_without_a_key_there_is_no_feed",
        ),
    ),
    Item(
        "sessions: fixation, rotation, idle, log-out, cookie, CSRF and Origin on every change",
        (
            f"{_FOREIGN}::test_a_token_that_somebody_chose_before_the_log_in_never_becomes_a_session",
            f"{_FOREIGN}::test_each_log_in_has_a_token_of_its_own",
            f"{_LOG_IN}::test_a_new_log_in_ends_the_session_that_the_browser_had",
            f"{_LOG_IN}::test_a_session_ends_when_its_person_is_idle_but_never_during_a_swap",
            f"{_LOG_IN}::test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites",
            f"{_FOREIGN}::test_a_change_without_the_page_s_token_is_refused_on_every_route",
            f"{_FOREIGN}::test_a_foreign_origin_is_refused_on_every_route_that_changes_something",
        ),
    ),
    Item(
        "guessing: delays that grow, Hold works meanwhile, an unknown account answers like a wrong password",
        (
            f"{_LOG_IN}::test_failures_make_the_next_try_wait_and_never_block_a_hold",
            f"{_LOG_IN}::test_an_account_that_does_not_exist_answers_like_a_wrong_password",
        ),
        "hydra itself is not run",
    ),
    Item(
        "bodies, heads and clients without end; the control cycle under 1,000 requests/s and 100 slow sockets",
        (
            f"{_SLOW}::test_a_request_that_does_not_become_whole_is_hung_up_on",
            f"{_SLOW}::test_a_hundred_who_say_a_byte_at_a_time_stop_nobody_else",
            f"{_SLOW}::test_a_body_that_is_too_long_is_refused_also_where_its_length_is_not_told",
            f"{_SLOW}::test_a_head_that_is_too_long_is_refused",
        ),
        "the cycle is measured by `make bench` (`lateness`); no limit of requests per second for each client",
    ),
    Item(
        "schemathesis: chains by every role, every answer as declared, no server error",
        (
            "tests/attack/test_attack.py::test_chains_of_every_role_meet_no_server_error_and_only_declared_answers",
            f"{_SERVER}/test_openapi.py::test_any_input_gets_a_declared_answer",
            f"{_SERVER}/test_openapi.py::test_every_integer_of_a_path_or_query_has_its_limits",
        ),
        "10,000 requests and more: `make attack`",
    ),
    Item(
        "SQL injection",
        (
            f"{_SECURITY}::test_what_bandit_s_rules_find_was_looked_at",
            f"{_INJECTION}::test_a_battery_truck_or_account_cannot_have_such_a_name",
        ),
        "sqlmap: `make attack` where it is installed",
    ),
    Item(
        "open ports of the default install; another address only with TLS",
        (
            f"{_SECURITY}::test_a_station_s_server_listens_on_loopback_only",
            f"{_PROCESS}::test_a_host_that_is_not_loopback_is_refused",
            f"{_ENCRYPTION}::test_a_wrong_section_is_refused_in_both_languages",
        ),
        "nmap: `make attack` where it is installed",
    ),
    Item(
        "TLS 1.2 and newer only, files that cannot be used are refused",
        (
            f"{_ENCRYPTION}::test_with_a_certificate_the_server_speaks_tls_1_2_and_newer_only",
            f"{_ENCRYPTION}::test_a_certificate_that_cannot_be_used_is_refused_at_start",
        ),
        "no client certificates; testssl.sh is not run",
    ),
    Item(
        "first start: no default password, a one-time code for who owns the files",
        (f"{_LOG_IN}::test_the_first_admin_is_made_with_the_code_in_the_owner_s_file",),
    ),
    Item(
        "no secret in repository, log, audit, errors",
        (
            f"{_INJECTION}::test_no_secret_is_in_the_log_nor_in_the_audit",
            f"{_SECURITY}::test_an_error_of_the_database_names_no_values",
            f"{_LOG_IN}::test_a_key_is_shown_once_expires_and_is_revoked_at_once",
        ),
        "the one-time code of the first admin is said in the log on purpose; no dump of a crash is searched",
    ),
    Item(
        "signed updates and configuration, rollback",
        (
            f"{_OPERATIONS}/test_update.py::test_an_altered_foreign_or_unsigned_bundle_is_refused",
            f"{_OPERATIONS}/test_config_versions.py::test_what_was_signed_may_start_and_what_was_changed_may_not",
            f"{_OPERATIONS}/test_config_versions.py::test_an_older_version_than_the_station_has_run_is_refused",
            f"{_OPERATIONS}/test_config_versions.py::test_a_foreign_key_an_altered_manifest_and_a_missing_version_are_refused",
        ),
        "without the folder `trusted_keys` no signature of the configuration is demanded: a change is recorded",
    ),
    Item(
        "commands of fleets: repeated, other content, another fleet's; signed webhooks",
        (
            f"{_SERVER}/test_fleet_bookings.py::test_the_same_request_books_once",
            f"{_SERVER}/test_fleet_bookings.py::test_without_any_id_of_the_request_nothing_is_booked",
            f"{_HOOKS}::test_events_are_posted_in_order_and_signed",
        ),
        "requests of fleets carry a key over TLS, no signature of their own",
    ),
    Item(
        "audit: altered, deleted, cut off, put in, computed anew",
        (
            f"{_AUDIT}::test_any_altered_field_of_any_row_is_found_and_named",
            f"{_AUDIT}::test_rows_that_were_deleted_are_named",
            f"{_AUDIT}::test_an_end_that_was_cut_off_is_found_by_any_head_behind_it",
            f"{_AUDIT}::test_a_row_that_was_put_in_is_found_however_well_it_was_made",
            f"{_AUDIT}::test_a_chain_that_was_computed_anew_is_found_by_an_exported_head",
            f"{_AUDIT}::test_what_a_terminal_would_obey_is_stored_as_text",
        ),
        "a full disk under the business database is not tried",
    ),
    Item(
        "a platform or a webhook's target that answers wrongly, hugely, never, from elsewhere",
        (
            f"{_SERVER}/test_platform_link.py::test_a_platform_that_misbehaves_in_every_way_has_everything_once",
            f"{_HOOKS}::test_a_url_where_webhooks_may_not_go_is_refused",
            f"{_HOOKS}::test_a_redirect_is_not_followed_and_a_target_that_is_gone_is_left",
            f"{_SERVER}/test_platform_tls.py::test_a_platform_that_nobody_vouches_for_is_not",
        ),
    ),
    Item(
        "random frames through every decoder",
        (f"{_FUZZ}::test_mutated_input_breaks_nothing", f"{_FUZZ}::test_a_found_case_stays_mended"),
        "10 million: `make bench` (`frames`); coverage-guided: `make fuzz`",
    ),
    Item(
        "the controller killed or frozen: outputs go off without it",
        (f"{_CHAOS}::test_a_battery_of_a_direct_bay_opens_its_contactors_below_5_a_when_the_controller_dies",),
        "frozen and hostile: `make chaos`; the safety PLC itself is the simulator's",
    ),
    Item(
        "static analysis by bandit's rules",
        (f"{_SECURITY}::test_what_bandit_s_rules_find_was_looked_at",),
        "known faults of dependencies need a service that is asked; `constraints.txt` is the list of what is used",
    ),
    Item(
        "names and texts as markup, log lines, terminal codes, paths",
        (
            f"{_INJECTION}::test_a_battery_truck_or_account_cannot_have_such_a_name",
            f"{_INJECTION}::test_a_text_of_a_person_comes_back_as_json_that_no_browser_takes_for_a_page",
            f"{_INJECTION}::test_the_console_s_sources_write_texts_and_never_markup",
            f"{_INJECTION}::test_no_path_leaves_the_page_s_folder",
            f"{_LIVE}::test_every_answer_has_the_security_headers",
        ),
    ),
)

_BOOKINGS = f"{_SERVER}/test_fleet_bookings.py::test_a_fleet_sees_and_changes_no_other_fleet_s_bookings"
_FLEET_RECORDS = f"{_SERVER}/test_fleet_bookings.py::test_the_trucks_and_swaps_of_a_fleet_are_those_it_had_then"
_ORDERS = f"{_SERVER}/test_orders_api.py::test_a_fleet_sees_its_own_orders_and_no_others"
_OWN_HOOKS = f"{_HOOKS}::test_a_fleet_has_no_hand_in_another_fleet_s_webhooks"

OBJECTS = {
    "GET /orders/{swap}": _ORDERS,
    "GET /fleets/{fleet}/account": _ORDERS,
    "GET /statements/{fleet}/{month}": _ORDERS,
    "GET /fleet/trucks/{vin}": _FLEET_RECORDS,
    "GET /fleet/swaps/{swap}": _FLEET_RECORDS,
    "GET /fleet/bookings/{booking}": _BOOKINGS,
    "PATCH /fleet/bookings/{booking}": _BOOKINGS,
    "POST /fleet/bookings/{booking}/eta": _BOOKINGS,
    "POST /fleet/bookings/{booking}/cancel": _BOOKINGS,
    **dict.fromkeys(
        (
            "GET /fleet/webhooks/{webhook}",
            "PUT /fleet/webhooks/{webhook}",
            "DELETE /fleet/webhooks/{webhook}",
            "POST /fleet/webhooks/{webhook}/rotate",
            "POST /fleet/webhooks/{webhook}/replay",
        ),
        _OWN_HOOKS,
    ),
}
"""Route -> the test in which another fleet asks for the same thing."""
