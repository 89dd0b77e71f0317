"""Who may call which route: one table, deny by default.

A row is method and path under /api/v1 (WS: a WebSocket), the roles that may call it, and for keys of programs the
scope that they need. `ANYBODY` needs no log-in at all; `IN_THE_CABIN` neither, for whoever stands at the station's own
machine. A route without a row is called by nobody, and a test fails.
"""

from __future__ import annotations

from dataclasses import dataclass

from swapstation.model.people import PEOPLE, Role, Scope

READS = frozenset(PEOPLE)
WORKS = frozenset({Role.OPERATOR, Role.SHIFT_LEAD, Role.MAINTENANCE, Role.ADMIN})
SWAPS = frozenset({Role.OPERATOR, Role.SHIFT_LEAD, Role.ADMIN})
MENDS = frozenset({Role.MAINTENANCE, Role.SHIFT_LEAD, Role.ADMIN})
LEADS = frozenset({Role.SHIFT_LEAD, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
NOBODY: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """Which people may call a route; which programs, with a key of that scope; whether it needs no log-in."""

    people: frozenset[Role]
    programs: frozenset[Role] = NOBODY
    scope: Scope | None = None
    anybody: bool = False
    in_the_cabin: bool = False


def _rules(people: frozenset[Role], *routes: str) -> dict[str, Rule]:
    return dict.fromkeys(routes, Rule(people))


_FLEETS, _PLATFORMS = frozenset({Role.FLEET}), frozenset({Role.PLATFORM})

ACCESS: dict[str, Rule] = {
    # at the door
    "GET /session": Rule(READS, anybody=True),
    "POST /session": Rule(READS, anybody=True),
    "POST /session/claim": Rule(READS, anybody=True),
    **_rules(READS, "DELETE /session", "POST /session/secrets", "POST /session/totp", "POST /session/totp/confirm"),
    # toward safety
    "POST /station/hold": Rule(READS, in_the_cabin=True),
    "POST /fire/confirm": Rule(READS, in_the_cabin=True),
    # looking
    "GET /alarm-catalogue": Rule(READS, anybody=True),
    "GET /reason-catalogue": Rule(READS, anybody=True),
    "GET /lane-sign-catalogue": Rule(READS, anybody=True),
    "GET /tariff": Rule(READS, _FLEETS | _PLATFORMS, Scope.READ),
    "GET /availability": Rule(READS, _FLEETS, Scope.READ),
    "GET /batteries/ready": Rule(READS, _FLEETS, Scope.READ),
    "GET /metrics": Rule(READS, _PLATFORMS, Scope.READ, in_the_cabin=True),
    "GET /power": Rule(READS, _PLATFORMS, Scope.READ),
    "GET /power/dispatches": Rule(READS, _PLATFORMS, Scope.READ),
    "GET /power/dispatches/{dispatch}": Rule(READS, _PLATFORMS, Scope.READ),
    **_rules(
        READS,
        "WS /live",
        "GET /control",
        "GET /control/reach",
        "GET /control/desk",
        "GET /snapshot",
        "GET /bays",
        "GET /bays/{number}",
        "GET /batteries",
        "GET /batteries/{asset}",
        "GET /batteries/{asset}/health",
        "GET /swaps",
        "GET /swaps/{swap}",
        "GET /swaps/{swap}/energy",
        "GET /swaps/{swap}/timeline",
        "GET /timeline",
        "GET /access-list",
        "GET /permits",
        "GET /headquarters",
        "GET /headquarters/records",
        "GET /jobs",
        "GET /jobs/{job}",
        "GET /bookings",
        "GET /bookings/{booking}",
        "GET /plan",
        "GET /alarms",
        "GET /alarms/figures",
        "GET /alarms/history",
        "GET /handovers",
        "GET /fire",
        "GET /bypasses",
        "GET /charges",
        "GET /charges/{charge}",
        "GET /charges/{charge}/packet",
        "GET /energy/cases",
        "GET /energy/cases/{case}",
        "GET /events",
        "GET /pv",
        "GET /trucks",
        "GET /queue",
        "GET /queue/history",
        "GET /records/schemas",
        "GET /records/retention",
        "GET /records/storage",
        "GET /records/series/{kind}",
        "GET /records/signals/{kind}/{series}/{column}",
        "GET /records/frames/{kind}",
        "GET /records/events",
        "GET /records/batteries/{battery}",
        "GET /records/batteries/{battery}/spread",
        "GET /records/trucks/{vin}",
        "GET /records/bays/{number}",
        "GET /reports/{period}",
        "GET /reports/{period}/sections",
        "GET /kept-promises",
        "GET /trips",
        "GET /maintenance/devices",
        "GET /maintenance/due",
        "GET /maintenance/reliability",
        "GET /maintenance/orders",
        "GET /maintenance/orders/{number}",
        "GET /maintenance/parts",
        "GET /maintenance/parts/{part}/movements",
    ),
    # money and complaints
    "POST /staggering": Rule(READS, _FLEETS, Scope.READ),
    "GET /orders": Rule(READS, _FLEETS, Scope.READ),
    "GET /orders/{swap}": Rule(READS, _FLEETS, Scope.READ),
    "GET /payments": Rule(READS, _FLEETS, Scope.READ),
    "GET /fleets/{fleet}/account": Rule(READS, _FLEETS, Scope.READ),
    "GET /statements": Rule(READS, _FLEETS, Scope.READ),
    "GET /statements/{fleet}/{month}": Rule(READS, _FLEETS, Scope.READ),
    **_rules(READS, "GET /reconciliation/{month}", "GET /complaints", "GET /complaints/{number}", "POST /complaints"),
    **_rules(
        WORKS,
        "POST /complaints/{number}/assign",
        "POST /complaints/{number}/answer",
        "POST /complaints/{number}/close",
    ),
    **_rules(
        LEADS,
        "POST /orders/{swap}/supply",
        "POST /orders/{swap}/correct",
        "POST /fleets/{fleet}/deposits",
        "POST /statements",
        "POST /trips",
    ),
    # dispatch by the fleets' own programs
    **dict.fromkeys(
        (
            "GET /fleet/station",
            "GET /fleet/availability",
            "GET /fleet/trucks",
            "GET /fleet/trucks/{vin}",
            "GET /fleet/swaps",
            "GET /fleet/swaps/{swap}",
            "GET /fleet/bookings",
            "GET /fleet/bookings/{booking}",
            "GET /fleet/events",
            "GET /fleet/webhooks",
            "GET /fleet/webhooks/{webhook}",
            "WS /fleet/feed",
        ),
        Rule(NOBODY, _FLEETS, Scope.READ),
    ),
    **dict.fromkeys(
        (
            "POST /fleet/bookings",
            "POST /fleet/trips",
            "PATCH /fleet/bookings/{booking}",
            "POST /fleet/bookings/{booking}/eta",
            "POST /fleet/bookings/{booking}/cancel",
            "PUT /fleet/webhooks/{webhook}",
            "DELETE /fleet/webhooks/{webhook}",
            "POST /fleet/webhooks/{webhook}/rotate",
            "POST /fleet/webhooks/{webhook}/replay",
        ),
        Rule(NOBODY, _FLEETS, Scope.BOOK),
    ),
    # the work of a shift
    **_rules(
        WORKS,
        "POST /control/take",
        "POST /control/hand-over",
        "POST /confirmations",
        "POST /handovers",
        "POST /handovers/{number}/take",
        "POST /station/resume",
        "POST /station/confirm-start-up",
        "POST /alarms/{alarm}/acknowledge",
        "POST /alarms/{alarm}/shelve",
        "POST /alarms/{alarm}/show",
        "POST /bays/{number}/lock-out",
        "POST /bays/{number}/stop-charge",
        "POST /batteries/{asset}/quarantine",
        "POST /bypasses/end",
        "POST /jobs",
        "POST /jobs/{job}/abandon",
        "POST /maintenance/orders",
        "POST /fire/drill/end",
    ),
    **_rules(
        SWAPS,
        "POST /swaps",
        "POST /swaps/{swap}/attest",
        "POST /swaps/{swap}/abandon",
        "POST /swaps/{swap}/divert",
        "POST /bookings",
        "PATCH /bookings/{booking}",
        "DELETE /bookings/{booking}",
        "POST /bays/{number}/charge",
        "POST /batteries",
        "POST /batteries/{asset}/move",
        "POST /trucks",
        "POST /stock-check",
        "PUT /trucks/{vin}",
        "POST /arrivals",
        "POST /queue/{number}/decide",
        "POST /queue/{number}/call",
        "POST /queue/{number}/skip",
        "POST /queue/{number}/leave",
    ),
    # maintenance
    **_rules(
        MENDS,
        "POST /station/mode",
        "POST /bypasses",
        "POST /alarms/{alarm}/out-of-service",
        "POST /bays/{number}/end-lock-out",
        "POST /bays/{number}/reset-charge",
        "POST /batteries/{asset}/release",
        "POST /batteries/{asset}/confirm-release",
        "POST /fire/drill",
        "POST /maintenance/orders/{number}/begin",
        "POST /maintenance/orders/{number}/finish",
        "POST /maintenance/orders/{number}/cancel",
        "POST /maintenance/parts/{part}/movements",
    ),
    # who answers for the shift
    **_rules(
        LEADS,
        "POST /swaps/reconcile",
        "POST /swaps/{swap}/accept-uneven-set",
        "POST /swaps/{swap}/close",
        "POST /swaps/{swap}/confirm-close",
        "POST /batteries/{asset}/send-away",
        "POST /batteries/{asset}/transfer",
        "POST /batteries/{asset}/correct",
        "POST /fire/release",
        "POST /energy/cases/{case}/close",
        "PUT /access-list/{vin}",
        "DELETE /access-list/{vin}",
        "POST /headquarters/retry",
        "POST /headquarters/records/{number}/resend",
        "PUT /tariff/spot/{day}",
        "PUT /pv/{day}",
        "GET /records/export/{kind}",
        "GET /records/events/{event}",
    ),
    "PUT /power/dispatches/{dispatch}": Rule(LEADS, _PLATFORMS, Scope.DISPATCH),
    "DELETE /power/dispatches/{dispatch}": Rule(LEADS, _PLATFORMS, Scope.DISPATCH),
    **dict.fromkeys(
        ("GET /platform", "GET /platform/messages", "GET /platform/messages/{number}"),
        Rule(READS, _PLATFORMS, Scope.UPLINK),
    ),
    **dict.fromkeys(
        ("POST /platform/messages/{number}/resend", "POST /platform/retry", "POST /platform/reconcile"),
        Rule(LEADS, _PLATFORMS, Scope.UPLINK),
    ),
    # the instructor of a training station
    **_rules(READS, "GET /training/drills", "GET /training/results", "GET /training/results/{number}"),
    **_rules(
        LEADS,
        "GET /training",
        "POST /training/faults",
        "POST /training/speed",
        "POST /training/weather",
        "POST /training/trucks",
        "POST /training/trucks/leave",
        "POST /training/drills",
        "POST /training/drills/end",
    ),
    # who answers for the accounts
    **_rules(
        ADMINS,
        "GET /accounts",
        "POST /accounts",
        "PUT /accounts/{account}/role",
        "POST /accounts/{account}/lock",
        "POST /accounts/{account}/unlock",
        "POST /accounts/{account}/reset",
        "GET /keys",
        "POST /keys",
        "POST /keys/{key}/revoke",
        "GET /audit",
        "GET /audit/head",
    ),
}
"""Method and path -> who may."""


def routes_of(role: Role) -> tuple[str, ...]:
    """Every route that people of a role may call."""
    return tuple(route for route, rule in ACCESS.items() if role in rule.people)


def roles_of(rule: Rule) -> frozenset[Role]:
    """Everybody who may call a route with a log-in or a key."""
    return rule.people | rule.programs
