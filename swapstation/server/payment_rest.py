"""A payment service over REST (own design, docs/money.md): a charge is put under its reference, and read there.

PUT URL/charges/REFERENCE   {"fleet": "pit", "yuan": "154.20"}; the same again is the same charge
GET URL/charges/REFERENCE   200 the charge, 404 there is none

A charge is {"reference", "fleet", "yuan", "state": "paid" | "refused" | "pending", "receipt", "reason"}. Whatever else
is answered, or nothing, leaves it unknown.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ConfigDict, ValidationError

from swapstation.config.payment_settings import PaymentSettings
from swapstation.model.payment import Charge, NeverCharged, NotPaid, Paid, Unknown

MAX_ANSWER_BYTES = 100_000


class ChargeAnswer(BaseModel):
    """A charge as the service has it."""

    model_config = ConfigDict(extra="ignore")
    reference: str
    fleet: str
    yuan: Decimal
    state: Literal["paid", "refused", "pending"]
    receipt: str = ""
    reason: str = ""


class RestPayment:
    """One service over a client that is kept open."""

    name = "rest"

    def __init__(self, client: httpx2.AsyncClient, settings: PaymentSettings, token: str) -> None:
        self._client, self._settings = client, settings
        self._headers = {"Authorization": f"Bearer {token}"}

    async def charge(self, charge: Charge) -> Paid | NotPaid | Unknown:
        asked = {"fleet": charge.fleet, "yuan": str(charge.yuan)}
        outcome = await self._ask("PUT", charge, asked)
        return Unknown("HTTP 404") if isinstance(outcome, NeverCharged) else outcome

    async def find(self, charge: Charge) -> Paid | NotPaid | Unknown | NeverCharged:
        return await self._ask("GET", charge, None)

    async def _ask(
        self, method: str, charge: Charge, body: dict[str, str] | None
    ) -> Paid | NotPaid | Unknown | NeverCharged:
        url = f"{self._settings.url}/charges/{quote(charge.reference, safe='')}"
        try:
            async with asyncio.timeout(self._settings.answer_s):
                async with self._client.stream(method, url, json=body, headers=self._headers) as response:
                    content = b""
                    async for part in response.aiter_bytes():
                        content += part
                        if len(content) > MAX_ANSWER_BYTES:
                            return Unknown(f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
                    return _outcome(charge, response.status_code, content)
        except TimeoutError:
            return Unknown(f"no answer within {self._settings.answer_s:g} s")
        except httpx2.HTTPError as error:
            return Unknown(f"{type(error).__name__}: {error}")


def _outcome(charge: Charge, status: int, content: bytes) -> Paid | NotPaid | Unknown | NeverCharged:
    """What an answer comes to; it must be about this very charge."""
    if status == HTTPStatus.NOT_FOUND:
        return NeverCharged()
    if status not in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED):
        return Unknown(f"HTTP {status}")
    try:
        told = ChargeAnswer.model_validate_json(content)
    except ValidationError as error:
        return Unknown(f"an answer that is none: {error.errors()[0]['msg']}")
    if (told.reference, told.fleet, told.yuan) != (charge.reference, charge.fleet, charge.yuan):
        return Unknown(f"the answer is about {told.reference} {told.fleet} {told.yuan}")
    if told.state == "paid" and told.receipt:
        return Paid(told.receipt)
    return NotPaid(told.reason or "refused") if told.state == "refused" else Unknown(told.state)


@asynccontextmanager
async def rest_payment(settings: PaymentSettings, token: str) -> AsyncIterator[RestPayment]:
    """The service as long as the context is open."""
    trusted = ssl.create_default_context()
    if settings.ca_file is not None:
        trusted.load_verify_locations(settings.ca_file)
    timeout_s = settings.answer_s
    async with httpx2.AsyncClient(verify=trusted, timeout=timeout_s, follow_redirects=False, trust_env=False) as client:
        yield RestPayment(client, settings, token)
