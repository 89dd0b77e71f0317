"""The link to a headquarters, what it was told, who may swap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict

from swapstation.business import headquarters_outbox, permission
from swapstation.business.master_data import revision_of
from swapstation.errors import InputError
from swapstation.model.headquarters import AccessRule, Keeper, KnownRecord, Permit, RecordFigures, RecordState
from swapstation.server.api.bodies import Reason
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import Problem, declared
from swapstation.server.uplinks.headquarters_link import HeadquartersLink
from swapstation.server.uplinks.link_state import LinkState

router = APIRouter(tags=["headquarters"])

Vin = Annotated[str, Path(pattern=r"^[0-9A-HJ-NPR-Z]{17}$", examples=["LFWSRXSJ7M1F00001"])]
Number = Annotated[int, Path(ge=1, le=10**15)]


class NewRule(BaseModel):
    """Whether a truck may swap whatever else is said, until when, and why."""

    model_config = ConfigDict(extra="forbid")
    allowed: bool
    reason: Reason
    until: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class HeadquartersState:
    """How telling records (`link`) and asking for master data (`master`) go, how the outbox stands, which master data
    counts, and what of it could not be taken over.
    """

    link: LinkState
    master: LinkState
    records: RecordFigures
    revision: int
    wrong: tuple[str, ...]


@router.get("/headquarters", responses=declared(HTTPStatus.NOT_FOUND))
async def read_state(here: Here) -> HeadquartersState:
    """How the link to the headquarters is."""
    link = _link(here)
    figures = await here.business.read(headquarters_outbox.figures)
    return HeadquartersState(link.state, link.master_state, figures, await here.business.read(revision_of), link.wrong)


@router.post("/headquarters/retry", responses=declared(HTTPStatus.NOT_FOUND))
async def retry(here: Here, who: Who) -> HeadquartersState:
    """Try the headquarters at once."""
    await _link(here).retry()
    await here.business.record(who.entry("headquarters_retry"))
    return await read_state(here)


@router.get("/headquarters/records", responses=declared())
async def list_records(
    here: Here,
    state: RecordState | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=10**15)] = None,
) -> list[KnownRecord]:
    """Records that the headquarters was or will be told, newest first."""
    query = partial(headquarters_outbox.list_records, state=state, limit=limit, before=before)
    return await here.business.read(query)


@router.post("/headquarters/records/{number}/resend", responses=declared(HTTPStatus.UNPROCESSABLE_ENTITY))
async def resend(here: Here, who: Who, number: Number) -> KnownRecord:
    """Tell a record again that the headquarters did not take."""
    entry = who.entry("headquarters_record_resent", str(number))
    return await here.business.write(partial(headquarters_outbox.resend, number=number), entry)


@router.get("/permits", responses=declared())
async def list_permits(
    here: Here,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[AwareDatetime | None, Query(description="Only what was decided before this instant.")] = None,
) -> list[Permit]:
    """Who was or was not permitted to swap, and on what that rests, newest first."""
    return await here.business.read(partial(permission.list_permits, limit=limit, before=before))


@router.get("/access-list", responses=declared())
async def list_rules(here: Here) -> list[AccessRule]:
    """Who is on the allow and block lists, also what has expired."""
    return await here.business.read(permission.list_rules)


@router.put("/access-list/{vin}", responses=declared(HTTPStatus.UNPROCESSABLE_ENTITY))
async def put_rule(here: Here, who: Who, vin: Vin, told: NewRule) -> AccessRule:
    """Put a truck on the station's own list; what the headquarters says of it stays."""
    if told.until is not None and told.until <= datetime.now(UTC):
        raise InputError("until", told.until.isoformat(), "a time to come")
    rule = AccessRule(vin, told.allowed, told.reason, told.until)
    entry = who.entry("access_rule_put", vin, told.model_dump(mode="json"))
    return await here.business.write(partial(permission.put_rule, rule=rule), entry)


@router.delete("/access-list/{vin}", responses=declared(HTTPStatus.NOT_FOUND))
async def drop_rule(here: Here, who: Who, vin: Vin) -> list[AccessRule]:
    """Take a truck off the station's own list; what the headquarters still says of it."""
    entry = who.entry("access_rule_dropped", vin)
    if not await here.business.write(partial(permission.drop_rule, vin=vin, keeper=Keeper.STATION), entry):
        raise Problem(HTTPStatus.NOT_FOUND, "not_on_the_list", vin)
    return await here.business.read(partial(permission.list_rules, vin=vin))


def _link(here: Context) -> HeadquartersLink:
    if here.headquarters is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_headquarters")
    return here.headquarters
