"""Calling the platform: logs in when needed, asks, and renews a token that the platform does not know any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from swapstation.model.platform_outbox import Direction, Receipt
from swapstation.supervision.caller import Call, Caller, Told
from swapstation.supervision.envelope import Ret, UntrustedAnswer, plain
from swapstation.supervision.reactions import Reaction, reaction


class NoAnswer(Exception):
    """The peer was not reached or did not answer in time; what was sent may have arrived."""


class LogInRefused(Exception):
    """The platform gives no token; `suspends` when it refuses our signature."""

    def __init__(self, told: Told) -> None:
        super().__init__(f"no token: Ret {told.ret}: {told.msg}")
        self.suspends = reaction(told.ret) is Reaction.SUSPEND


Post = Callable[[Call], Awaitable[tuple[int, bytes]]]
"""Sends a call; gives HTTP status and body. Raises NoAnswer."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call, what was told, and when."""

    call: Call
    told: Told
    sent_at: datetime
    answered_at: datetime

    def receipt(self, message: int | None = None) -> Receipt:
        """What is kept of it, for the message of the outbox that it was about."""
        call, told = self.call, self.told
        return Receipt(
            Direction.OUT,
            call.interface,
            call.time_stamp,
            call.seq,
            plain(call.sent),
            self.sent_at,
            self.answered_at,
            told.ret,
            told.msg,
            plain(told.body),
            message,
        )


class PlatformClient:
    """One platform. Every method raises NoAnswer, UntrustedAnswer or LogInRefused; then there is no token any more."""

    def __init__(self, caller: Caller, post: Post, now: Callable[[], datetime]) -> None:
        self._caller = caller
        self._post = post
        self._now = now

    async def ask(self, interface: str, body: dict[str, Any]) -> Exchange:
        """Send a written message and give the peer's own answer; a token it does not know is renewed once."""
        try:
            if not self._caller.has_token(self._now()):
                await self._log_in()
            exchange = await self._exchange(self._caller.call_with(interface, body, self._now()))
            if reaction(exchange.told.ret) is Reaction.RENEW_TOKEN:
                await self._log_in()
                exchange = await self._exchange(self._caller.call_with(interface, body, self._now()))
            return exchange
        except (UntrustedAnswer, LogInRefused):
            self._caller.forget_token()
            raise

    async def _log_in(self) -> None:
        self._caller.forget_token()
        exchange = await self._exchange(self._caller.ask_token(self._now()))
        if exchange.told.ret != Ret.SUCCESS:
            raise LogInRefused(exchange.told)
        self._caller.take_token(exchange.told, self._now())

    async def _exchange(self, call: Call) -> Exchange:
        sent_at = self._now()
        status, text = await self._post(call)
        return Exchange(call, self._caller.told(call, status, text), sent_at, self._now())
