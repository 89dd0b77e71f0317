"""The side that is asked: lets a request in only whole, signed, fresh, with a valid token and not too often."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from swapstation.errors import InputError
from swapstation.supervision.bucket import Bucket
from swapstation.supervision.codes import SuccStat, TokenFail
from swapstation.supervision.envelope import (
    Refusal,
    Ret,
    SealedRequest,
    Secrets,
    open_request,
    seal_answer,
    unseal_request,
)
from swapstation.supervision.interfaces import INTERFACES, QUERY_TOKEN
from swapstation.supervision.messages import TokenGiven, TokenRequest
from swapstation.supervision.profile import Profile
from swapstation.supervision.wire_fields import CHINA, read_message, write_message

_RENEWED = 0.1
"""In the last tenth of its life a token is replaced; the old one counts on until its end."""
_MOST_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Entered:
    """A request that was let in: its envelope, its message, and its JSON as it came."""

    sealed: SealedRequest
    message: Any
    body: dict[str, Any]


class Tokens:
    """The tokens that were given. A repeated request gets the same one, so that two workers do not take it away."""

    def __init__(self, life_s: int, make: Callable[[], str]) -> None:
        self._life = timedelta(seconds=life_s)
        self._make = make
        self._known: list[tuple[str, datetime]] = []

    def give(self, now: datetime) -> tuple[str, int]:
        """A token and the seconds for which it is valid."""
        self._known = [(token, end) for token, end in self._known if end > now]
        if not self._known or self._known[-1][1] - now < self._life * _RENEWED:
            self._known.append((self._make(), now + self._life))
        token, end = self._known[-1]
        return token, int((end - now).total_seconds())

    def knows(self, told: str, now: datetime) -> bool:
        return any(end > now and _same(token, told) for token, end in self._known)

    def forget(self) -> None:
        """No token counts any more."""
        self._known.clear()


class Door:
    """One peer's door. `make_token` draws a new token; nothing here reads a clock."""

    def __init__(self, profile: Profile, issued: Secrets, make_token: Callable[[], str]) -> None:
        self.tokens = Tokens(profile.rates.token_life_s, make_token)
        self._profile = profile
        self._issued = issued
        self._window = timedelta(seconds=profile.rates.clock_window_s)
        self._seen: OrderedDict[str, datetime] = OrderedDict()
        self._buckets = {
            name: Bucket(profile.rates.questions_per_s, profile.rates.question_burst) for name in profile.paths
        }

    def enter(self, interface: str, authorization: str | None, text: bytes, now: datetime, now_s: float) -> Entered:
        """Check a request from the outside in; nothing is decrypted before its signature was right. Raises Refusal."""
        sealed = unseal_request(text)
        if sealed.operator_id != self._issued.operator_id:
            raise Refusal(Ret.MEMBER, "OperatorID is not known here")
        self._check_time(sealed, now)
        body = open_request(self._issued, sealed)
        if sealed.sig.upper() in self._seen:
            raise Refusal(Ret.MEMBER, "this very request was received before")
        if not self._buckets[interface].take(now_s):  # strangers cannot use up what the peer may ask
            raise Refusal(Ret.BUSY, "too many requests, ask again later")
        self._remember(sealed, now)
        if interface != QUERY_TOKEN:
            scheme, _, token = (authorization or "").partition(" ")
            if scheme.lower() != "bearer" or not self.tokens.knows(token.strip(), now):
                raise Refusal(Ret.TOKEN, "the token is not valid")
        try:
            asks = INTERFACES[interface].asks
            return Entered(sealed, read_message(asks, body, self._profile.spells(interface)), body)
        except InputError as error:
            raise Refusal(Ret.PARAMETERS, f"{error.field}: {error.allowed}") from None

    def give_token(self, request: TokenRequest, now: datetime) -> TokenGiven:
        """Answer to query_token."""
        fail = TokenFail.NONE
        if request.operator_id != self._issued.operator_id:
            fail = TokenFail.NO_SUCH_OPERATOR
        elif not _same(request.operator_secret, self._issued.operator_secret):
            fail = TokenFail.WRONG_SECRET
        token, life_s = self.tokens.give(now) if fail is TokenFail.NONE else ("", 0)
        success = SuccStat.OK if fail is TokenFail.NONE else SuccStat.FAILED
        return TokenGiven(request.operator_id, success, token, life_s, fail)

    def answer(self, interface: str, message: Any) -> bytes:
        """The sealed answer with a message."""
        return seal_answer(self._issued, Ret.SUCCESS, "", write_message(message, self._profile.spells(interface)))

    def refuse(self, refusal: Refusal) -> bytes:
        """The sealed answer to a request that is not taken."""
        return seal_answer(self._issued, refusal.ret, refusal.msg, {})

    def _check_time(self, sealed: SealedRequest, now: datetime) -> None:
        try:
            sent = datetime.strptime(sealed.time_stamp, "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
        except ValueError:
            raise Refusal(Ret.MEMBER, "TimeStamp is not yyyyMMddHHmmss") from None
        if abs(now - sent) > self._window:
            raise Refusal(Ret.MEMBER, "TimeStamp is too far from this clock")

    def _remember(self, sealed: SealedRequest, now: datetime) -> None:
        """Repeats are replays as long as their time could still pass; sloppy peers share TimeStamp and Seq.

        They are known by their signature, for what is signed may be cut into members elsewhere, and its case is free.
        """
        while self._seen and (
            len(self._seen) >= _MOST_REMEMBERED or now - next(iter(self._seen.values())) > 2 * self._window
        ):
            self._seen.popitem(last=False)
        self._seen[sealed.sig.upper()] = now


def _same(one: str, other: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
