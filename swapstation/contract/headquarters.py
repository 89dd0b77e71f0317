"""What station and headquarters say to each other (docs/headquarters.md): strict, so that a mistake is seen at once."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

VERSION = "v1"
Vin = Annotated[str, Field(pattern=r"^[0-9A-HJ-NPR-Z]{17}$")]
Words = Annotated[str, Field(max_length=200)]
RecordId = Annotated[str, Field(pattern=r"^[!-~]{1,120}$")]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MasterTruck(_Said):
    """A truck's card."""

    vin: Vin
    truck_model: Annotated[str, Field(min_length=1, max_length=60)]
    plate: Annotated[str, Field(pattern=r"^[^\x00-\x20]{0,12}$")] = ""
    rfid: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{0,64}$")] = ""
    note: Words = ""


class MasterRule(_Said):
    """A truck on the allow or block list, until when (None: until it is taken off), and why."""

    vin: Vin
    allowed: bool
    reason: Words
    until: AwareDatetime | None = None


class Master(_Said):
    """All master data of a station as of a revision; `contracts` is a contract file (docs/money.md), None: none."""

    revision: Annotated[int, Field(ge=1)]
    trucks: Annotated[list[MasterTruck], Field(max_length=20_000)] = []
    rules: Annotated[list[MasterRule], Field(max_length=20_000)] = []
    contracts: Annotated[str, Field(max_length=2_000_000)] | None = None


class PermitQuestion(_Said):
    """May this truck be swapped now?"""

    request_id: Annotated[str, Field(pattern=r"^[!-~]{1,100}$")]
    vin: Vin
    booking: Annotated[str, Field(max_length=80)] = ""
    asked_at: AwareDatetime


class PermitAnswer(_Said):
    """Yes or no, and why; it repeats the question's `request_id` and `vin`."""

    request_id: str
    vin: str
    granted: bool
    reason: Words = ""


class Record(_Said):
    """Something that happened at a station. Its id follows from what happened: the same record has the same id."""

    record_id: RecordId
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    happened_at: AwareDatetime
    body: dict[str, Any]


class RecordTaken(_Said):
    """The headquarters has the record, durably; `sha256` of the content that came; `first`: it had not before."""

    record_id: str
    sha256: str
    first: bool


def written(said: BaseModel) -> bytes:
    """The content of a request: the same for the same values, so that a record sent again has the same digest."""
    told = said.model_dump(mode="json")
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def content_digest(content: bytes) -> str:
    """The header Content-Digest of RFC 9530."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
