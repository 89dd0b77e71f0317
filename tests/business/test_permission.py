"""Who may swap: lists with expiry, what counts without the headquarters, decisions that are kept once and told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from swapstation.business import headquarters_outbox, permission
from swapstation.business.database import Database
from swapstation.business.master_data import BY_HEADQUARTERS, apply_master, revision_of, trucks_of_headquarters
from swapstation.business.queue import list_trucks, take_on
from swapstation.config.headquarters_settings import Offline
from swapstation.errors import InputError
from swapstation.model.headquarters import AccessRule, Keeper, KnownRecord, Permit, PermitBasis, RecordState
from swapstation.model.queue import KnownTruck

AT = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
VIN, OTHER = "LFWSRXSJ7M1F00001", "LFWSRXSJ7M1F00002"
ASKED = Permit("r-1", VIN, AT, granted=False, basis=PermitBasis.HEADQUARTERS, offline="no answer within 3 s")
LATER, BEFORE = AT + timedelta(days=1), AT - timedelta(days=1)
MODELS = ["6x4-tractor"]


def rule(*, allowed: bool, until: datetime | None = None, keeper: Keeper = Keeper.STATION) -> AccessRule:
    return AccessRule(VIN, allowed, "why", until, keeper)


BOTH = [rule(allowed=True), rule(allowed=False, keeper=Keeper.HEADQUARTERS)]


@pytest.mark.parametrize(
    ("rules", "offline", "known", "granted", "basis"),
    [
        (BOTH, Offline.ANY, [VIN], False, PermitBasis.BLOCK_LIST),
        ([], Offline.LISTED, [VIN], False, PermitBasis.NOT_KNOWN),
        ([], Offline.KNOWN, [VIN], True, PermitBasis.KNOWN_TRUCK),
        ([], Offline.KNOWN, [OTHER], False, PermitBasis.NOT_KNOWN),
        ([], Offline.ANY, [], True, PermitBasis.ANY_TRUCK),
        ([rule(allowed=True)], Offline.LISTED, [], True, PermitBasis.ALLOW_LIST),
        ([rule(allowed=True, until=LATER)], Offline.LISTED, [], True, PermitBasis.ALLOW_LIST),
        ([rule(allowed=True, until=AT)], Offline.LISTED, [VIN], False, PermitBasis.EXPIRED),
        ([rule(allowed=True, until=AT)], Offline.KNOWN, [VIN], True, PermitBasis.KNOWN_TRUCK),
        ([rule(allowed=False)], Offline.ANY, [VIN], False, PermitBasis.BLOCK_LIST),
        ([rule(allowed=False, until=BEFORE)], Offline.ANY, [VIN], True, PermitBasis.ANY_TRUCK),
    ],
)
def test_without_the_headquarters_the_lists_decide(
    rules: list[AccessRule], offline: Offline, known: list[str], granted: bool, basis: PermitBasis
) -> None:
    decided = permission.decide_offline(ASKED, rules, offline, known)
    assert (decided.granted, decided.basis) == (granted, basis)
    assert decided.offline == ASKED.offline


def test_a_decision_is_kept_once_and_told_when_it_was_made_here(engine: Database) -> None:
    made = replace(ASKED, granted=True, basis=PermitBasis.KNOWN_TRUCK)
    with engine.begin() as connection:
        assert permission.keep_permit(connection, made) == made
        assert permission.keep_permit(connection, replace(made, granted=False)) == made, "the first counts"
        online = replace(made, request_id="r-2", basis=PermitBasis.HEADQUARTERS, at=LATER)
        permission.keep_permit(connection, online)
        assert permission.list_permits(connection, 10) == [online, made]
        (record,) = headquarters_outbox.list_records(connection, None, 10)
        assert (record.record_id, record.body["basis"], record.body["vin"]) == ("permit:r-1", "known_truck", VIN)


def test_records_wait_are_tried_again_and_those_that_are_dead_wait_for_a_person(engine: Database) -> None:
    records = [KnownRecord(0, f"swap:{n}", "swap", AT, {"n": n}, RecordState.PENDING) for n in range(3)]
    with engine.begin() as connection:
        assert headquarters_outbox.queue_derived(connection, records, 9) == 3
        assert headquarters_outbox.queue_derived(connection, records, 0) == 0, "a replaced station database"
        first = headquarters_outbox.due(connection, AT)
        assert first is not None
        assert first.record_id == "swap:0"
        headquarters_outbox.tried(connection, first, RecordState.DEAD, AT, "HTTP 422")
        second = headquarters_outbox.due(connection, AT)
        assert second is not None
        assert second.record_id == "swap:1"
        headquarters_outbox.tried(connection, second, RecordState.DELIVERED, AT)
        told = headquarters_outbox.figures(connection)
        assert (told.pending, told.delivered, told.dead, told.oldest_at) == (1, 1, 1, AT)
        (third,) = headquarters_outbox.list_records(connection, RecordState.PENDING, 9)
        headquarters_outbox.tried(connection, third, RecordState.PENDING, AT, "HTTP 500", LATER)
        assert headquarters_outbox.due(connection, AT) is None, "it stands aside"
        assert headquarters_outbox.due(connection, LATER) is not None
        headquarters_outbox.hurry(connection)
        assert headquarters_outbox.due(connection, AT) is not None, "a person wants it tried"
        with pytest.raises(InputError, match="dead"):
            headquarters_outbox.resend(connection, second.number)
        assert headquarters_outbox.resend(connection, first.number).state is RecordState.PENDING
        assert headquarters_outbox.due(connection, AT) == headquarters_outbox.list_records(connection, None, 1, 2)[0]


def test_master_data_takes_the_place_of_what_was_said_before(engine: Database) -> None:
    ours = KnownTruck(OTHER, "6x4-tractor", "S1", "", "", "li", AT)
    theirs = KnownTruck(VIN, "6x4-tractor", "N1", "", "", BY_HEADQUARTERS, AT)
    block = rule(allowed=False, keeper=Keeper.HEADQUARTERS)
    with engine.begin() as connection:
        take_on(connection, ours)
        permission.put_rule(connection, rule(allowed=True, until=LATER))
        assert apply_master(connection, 2, [theirs], [block], MODELS) == []
        assert (revision_of(connection), trucks_of_headquarters(connection)) == (2, {VIN: "6x4-tractor"})
        assert len(permission.list_rules(connection, VIN)) == 2
        taken = replace(theirs, vin="LFWSRXSJ7M1F00003", plate="S1")
        (wrong,) = apply_master(connection, 3, [taken], [], MODELS)
        assert OTHER in wrong
        assert list_trucks(connection) == [ours]
        assert [each.keeper for each in permission.list_rules(connection)] == [Keeper.STATION]
        assert permission.drop_rule(connection, VIN, Keeper.STATION)
        assert not permission.drop_rule(connection, VIN, Keeper.STATION)
