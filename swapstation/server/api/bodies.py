"""Parts of request bodies that several resources share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Reason = Annotated[str, Field(min_length=1, max_length=200, examples=["coolant leak at the coupling"])]
AssetId = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$", examples=["B001"])]
SocPct = Annotated[float, Field(ge=0, le=100)]


class Why(BaseModel):
    """Why somebody does this."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason
