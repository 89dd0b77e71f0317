"""Keys of programs: of fleets and platforms, each with a role and scopes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from swapstation.business import sessions
from swapstation.business.database import Connection
from swapstation.model.people import ApiKey, Role, Scope
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import declared

router = APIRouter(prefix="/keys", tags=["people"])


class NewKey(BaseModel):
    """For whom; `fleet` for one of the role fleet; scopes are what it may be used for."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z ._-]{0,39}$", examples=["mine dispatch"])]
    role: Role
    fleet: Annotated[str, Field(pattern=r"^[!-~]{0,40}$")] = ""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=len(Scope))]
    expires_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key and the text that its program sends (`Authorization: Bearer ...`), which is told only now."""

    key: ApiKey
    token: str


@router.get("", responses=declared())
async def list_keys(here: Here) -> tuple[ApiKey, ...]:
    """Every key, revoked ones too, newest first; never its text."""
    return await here.business.read(sessions.list_keys)


@router.post("", status_code=HTTPStatus.CREATED, responses=declared())
async def add_key(here: Here, who: Who, new: NewKey) -> MadeKey:
    """Make a key."""
    now, scopes = datetime.now(UTC), tuple(dict.fromkeys(new.scopes))

    def add(connection: Connection) -> MadeKey:
        made = sessions.add_key(connection, new.name, new.role, new.fleet, scopes, who.person, now, new.expires_at)
        return MadeKey(*made)

    detail = {"role": new.role, "fleet": new.fleet, "scopes": list(scopes)}
    made = await here.business.write(add, who.entry("key_made", new.name, detail))
    await _reload(here)
    return made


@router.post("/{key}/revoke", responses=declared())
async def revoke_key(here: Here, who: Who, key: Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]) -> ApiKey:
    """End a key for good, at once."""
    revoked = await here.business.write(
        lambda connection: sessions.revoke_key(connection, key, datetime.now(UTC)), who.entry("key_revoked", key)
    )
    await _reload(here)
    return revoked


async def _reload(here: Context) -> None:
    here.log_ins.keys_changed(await here.business.read(sessions.valid_keys))
