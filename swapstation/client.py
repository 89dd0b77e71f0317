"""A client of a station's dispatch API for the programs of fleets (docs/fleet.md): typed, small, one file.

    with FleetClient("https://station.example.com", key) as station:
        booking = station.book("shift-1-truck-17", vin, "LFP-282", eta)
        for message in station.feed():
            print(message.events)

Every call may be repeated: the client does so by itself when the station cannot be reached.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import TypeVar
from urllib.parse import urlencode

import httpx2
from pydantic import TypeAdapter
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from swapstation.errors import SwapstationError
from swapstation.model.booking import Booking, BookingState, CancelReason
from swapstation.model.fleet_event import EventKind, FleetEvent, Webhook
from swapstation.model.fleet_view import (
    BookingPage,
    EventPage,
    FeedMessage,
    FleetStation,
    FleetSwap,
    FleetTruckState,
    FreeBatteries,
    SwapPage,
    ToldWebhook,
)
from swapstation.model.webhook_signature import WrongSignature, verify

__all__ = ["FleetClient", "Refused", "Unreachable", "WrongSignature", "verify"]

Told = TypeVar("Told")
PATH = "/api/v1/fleet"
MOST_TRIES, FIRST_PAUSE_S = 4, 0.5
_AGAIN = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)

_STATION = TypeAdapter(FleetStation)
_AVAILABILITY = TypeAdapter(tuple[FreeBatteries, ...])
_TRUCKS = TypeAdapter(tuple[FleetTruckState, ...])
_SWAPS = TypeAdapter(SwapPage)
_BOOKINGS = TypeAdapter(BookingPage)
_BOOKING = TypeAdapter(Booking)
_EVENTS = TypeAdapter(EventPage)
_MESSAGE = TypeAdapter(FeedMessage)
_WEBHOOKS = TypeAdapter(tuple[Webhook, ...])
_TOLD_WEBHOOK = TypeAdapter(ToldWebhook)
_WEBHOOK = TypeAdapter(Webhook)


class Unreachable(SwapstationError):
    """The station did not answer, also not when asked again."""


@dataclass
class Refused(SwapstationError):
    """The station said no: HTTP status, code of the reasons catalogue, texts, and what would help by name."""

    status: int
    code: str
    title: str
    title_zh: str = ""
    detail: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.title} {self.detail}".rstrip()

    @property
    def earliest_at(self) -> datetime | None:
        """From when on the station could promise what it has refused."""
        told = self.facts.get("earliest_at")
        return None if told is None else datetime.fromisoformat(told)


class FleetClient:
    """A connection to one station with a fleet's key. `ca_file`: certificates of an authority of one's own.

    Every method raises Refused and Unreachable.
    """

    def __init__(self, url: str, key: str, *, timeout_s: float = 10.0, ca_file: Path | None = None) -> None:
        trusted = ssl.create_default_context()
        if ca_file is not None:
            trusted.load_verify_locations(ca_file)
        self._url, self._trusted = url.rstrip("/") + PATH, trusted
        self._headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx2.Client(verify=trusted, timeout=timeout_s, headers=self._headers, trust_env=False)
        self._known: dict[str, tuple[str, bytes]] = {}

    def __enter__(self) -> FleetClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    def station(self) -> FleetStation:
        """What the station can do and does now."""
        return self._get(_STATION, "/station")

    def availability(self, model: str, soc_pct: float | None = None, hours: float = 24.0) -> tuple[FreeBatteries, ...]:
        """How many batteries of a model with no less charge (%; None: ready) can still be promised, by time."""
        soc = () if soc_pct is None else (("soc", str(soc_pct)),)
        return self._get(_AVAILABILITY, "/availability", ("model", model), ("hours", str(hours)), *soc)

    def trucks(self) -> tuple[FleetTruckState, ...]:
        """The fleet's trucks."""
        return self._get(_TRUCKS, "/trucks")

    def swaps(self) -> Iterator[FleetSwap]:
        """Swaps of the fleet's trucks, newest first, page after page."""
        cursor = ""
        while True:
            page = self._get(_SWAPS, "/swaps", ("cursor", cursor))
            yield from page.items
            cursor = page.next_cursor
            if not cursor:
                return

    def bookings(self, states: Sequence[BookingState] = ()) -> Iterator[Booking]:
        """The fleet's bookings of some states or all, newest first, page after page."""
        cursor = ""
        while True:
            page = self._get(_BOOKINGS, "/bookings", ("cursor", cursor), *(("state", each) for each in states))
            yield from page.items
            cursor = page.next_cursor
            if not cursor:
                return

    def booking(self, booking: str) -> Booking:
        """One booking by its id."""
        return self._get(_BOOKING, f"/bookings/{booking}")

    def book(
        self,
        request_id: str,
        vin: str,
        model: str,
        eta: datetime,
        min_soc_pct: float | None = None,
        soc_on_arrival_pct: float | None = None,
    ) -> Booking:
        """Book a battery for a truck; the same `request_id` books once."""
        asked = {"request_id": request_id, "vin": vin, "model": model, "eta": _time(eta)}
        needs = {"min_soc_pct": min_soc_pct, "soc_on_arrival_pct": soc_on_arrival_pct}
        return self._ask(_BOOKING, "POST", "/bookings", asked | needs)

    def change(self, booking: Booking, *, eta: datetime | None = None, min_soc_pct: float | None = None) -> Booking:
        """Change a booking as it is known here; Refused (412) if it was changed elsewhere meanwhile."""
        asked = ({} if eta is None else {"eta": _time(eta)}) | ({"min_soc_pct": min_soc_pct} if min_soc_pct else {})
        tag = {"If-Match": f'"{booking.id}.{booking.version}"'}
        return self._ask(_BOOKING, "PATCH", f"/bookings/{booking.id}", asked, tag)

    def tell_eta(self, booking: str, eta: datetime, soc_on_arrival_pct: float | None = None) -> Booking:
        """Tell when the truck will come now; look at `promise` of what comes back."""
        asked = {"eta": _time(eta), "soc_on_arrival_pct": soc_on_arrival_pct}
        return self._ask(_BOOKING, "POST", f"/bookings/{booking}/eta", asked)

    def cancel(self, booking: str, reason: CancelReason = CancelReason.UNKNOWN) -> Booking:
        """Give a booking up."""
        return self._ask(_BOOKING, "POST", f"/bookings/{booking}/cancel", {"reason": reason})

    def events(self, after: int = 0) -> Iterator[FleetEvent]:
        """The events after a number that there are now."""
        more = True
        while more:
            page = self._get(_EVENTS, "/events", ("after", str(after)))
            yield from page.items
            after, more = page.cursor, page.more

    def feed(self, after: int | None = None) -> Iterator[FeedMessage]:
        """Events as they come, with the station's latest state, without end; a lost connection is taken up again.

        `after` None: from now on. Raises Unreachable when the station cannot be reached again.
        """
        failures = 0
        while failures < MOST_TRIES:
            url = self._url.replace("http", "ws", 1) + "/feed" + ("" if after is None else f"?after={after}")
            trusted = self._trusted if url.startswith("wss") else None
            try:
                with connect(url, ssl=trusted, additional_headers=self._headers, proxy=None) as socket:
                    for text in socket:
                        message = _MESSAGE.validate_json(text)
                        after, failures = message.cursor, 0
                        yield message
            except (OSError, InvalidHandshake, ConnectionClosed):
                pass
            failures += 1
            time.sleep(FIRST_PAUSE_S * 2**failures)  # the caller waits for the next message anyway
        raise Unreachable(f"{self._url}/feed")

    def webhooks(self) -> tuple[Webhook, ...]:
        """The fleet's webhooks and how they stand."""
        return self._get(_WEBHOOKS, "/webhooks")

    def put_webhook(
        self, webhook: str, url: str, kinds: Sequence[EventKind] = (), *, paused: bool = False
    ) -> ToldWebhook:
        """Have events posted to a URL; the secret is told when it is new, and never again."""
        asked = {"url": url, "kinds": list(kinds), "paused": paused}
        return self._ask(_TOLD_WEBHOOK, "PUT", f"/webhooks/{webhook}", asked)

    def rotate_secret(self, webhook: Webhook) -> ToldWebhook:
        """Replace a webhook's secret; the old one counts for a day."""
        return self._ask(_TOLD_WEBHOOK, "POST", f"/webhooks/{webhook.webhook}/rotate", {"replaces": webhook.secret_id})

    def replay(self, webhook: str, after: int) -> Webhook:
        """Have everything after an event posted again."""
        return self._ask(_WEBHOOK, "POST", f"/webhooks/{webhook}/replay", {"after": after})

    def remove_webhook(self, webhook: str) -> Webhook:
        """Remove a webhook."""
        return self._ask(_WEBHOOK, "DELETE", f"/webhooks/{webhook}")

    def _get(self, kind: TypeAdapter[Told], path: str, *asked: tuple[str, str]) -> Told:
        """What a path tells; what has not changed since is not sent again."""
        name = f"{path}?{urlencode(asked)}" if asked else path
        tag, body = self._known.get(name, ("", b""))
        answer = self._send("GET", name, None, {"If-None-Match": tag} if tag else {})
        if answer.status_code != HTTPStatus.NOT_MODIFIED:
            body = answer.content
            if "ETag" in answer.headers:
                self._known[name] = answer.headers["ETag"], body
        return kind.validate_json(body)

    def _ask(
        self,
        kind: TypeAdapter[Told],
        method: str,
        path: str,
        asked: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        return kind.validate_json(self._send(method, path, asked, headers or {}).content)

    def _send(self, method: str, path: str, asked: object, headers: Mapping[str, str]) -> httpx2.Response:
        """The answer, asked for again after growing pauses while the station does not give one."""
        why = ""
        for attempt in range(MOST_TRIES):
            if attempt:
                time.sleep(FIRST_PAUSE_S * 2 ** (attempt - 1))  # a client that blocks; the station is to be left alone
            try:
                answer = self._http.request(method, self._url + path, json=asked, headers=dict(headers))
            except httpx2.HTTPError as error:
                why = f"{type(error).__name__}: {error}"
                continue
            if answer.status_code not in _AGAIN:
                return _checked(answer)
            why = f"HTTP {answer.status_code}"
        raise Unreachable(f"{method} {self._url}{path}: {why}")


def _checked(answer: httpx2.Response) -> httpx2.Response:
    if answer.is_success or answer.status_code == HTTPStatus.NOT_MODIFIED:
        return answer
    try:
        told = answer.json()
        texts = {name: told[name] for name in ("code", "title", "title_zh", "detail", "facts") if name in told}
        raise Refused(answer.status_code, **texts)
    except (ValueError, TypeError):
        raise Refused(answer.status_code, "no_problem_details", answer.text[:200]) from None


def _time(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError(f"eta = {at.isoformat()}: a time with its time zone")
    return at.isoformat()
