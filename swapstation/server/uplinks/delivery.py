"""One message of the outbox to the platform: sent, answered, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from swapstation.business.platform_outbox import PlatformOutbox
from swapstation.errors import InputError
from swapstation.model.platform_outbox import MessageState, OutboxMessage, Receipt
from swapstation.server.uplinks.derive import CANONICAL
from swapstation.server.uplinks.link_state import LinkState
from swapstation.server.uplinks.platform_client import Exchange, LogInRefused, NoAnswer, PlatformClient
from swapstation.supervision.codes import CONFIRMED, Taken
from swapstation.supervision.envelope import UntrustedAnswer, exact
from swapstation.supervision.interfaces import INTERFACES
from swapstation.supervision.messages import StateTaken
from swapstation.supervision.order_messages import OrderTaken, SwapTaken
from swapstation.supervision.profile import Profile
from swapstation.supervision.reactions import Reaction, reaction, wait
from swapstation.supervision.wire_fields import read_message, write_message

IDLE_S = 1.0
_log = structlog.get_logger("platform")


class Delivery:
    """Sends what is due, one message at a time. `link` says how the platform can be reached."""

    def __init__(
        self, profile: Profile, client: PlatformClient, outbox: PlatformOutbox, now: Callable[[], datetime]
    ) -> None:
        self.link = LinkState()
        self._profile = profile
        self._client = client
        self._outbox = outbox
        self._now = now

    async def step(self) -> float:
        """Send one message if one is due and the link is open; returns the seconds to wait before the next step."""
        now = self._now()
        if (wait_s := self.link.wait_s(now)) > 0.0:
            return wait_s
        message = await asyncio.to_thread(self._outbox.due, now)
        if message is None:
            return IDLE_S
        try:
            body = self._written(message)
        except InputError as error:
            await self._keep(message, None, MessageState.DEAD, str(error))
            return 0.0
        try:
            exchange = await self._client.ask(message.interface, body)
            state, reason = _verdict(message, exchange)
        except (NoAnswer, UntrustedAnswer) as error:
            return await self._not_answered(message, str(error), suspends=False)
        except LogInRefused as error:
            return await self._not_answered(message, str(error), suspends=error.suspends)
        return await self._answered(message, exchange, state, reason)

    async def _answered(self, message: OutboxMessage, exchange: Exchange, state: MessageState, reason: str) -> float:
        now, next_try_at = self._now(), None
        match reaction(exchange.told.ret):
            case Reaction.SUSPEND:
                self.link.suspend(reason, now)
            case Reaction.PAUSE | Reaction.RENEW_TOKEN:
                self.link.failed(reason, now)
            case Reaction.RETRY:
                self.link.worked(now)
                next_try_at = now + wait(message.attempts + 1)
            case Reaction.DONE | Reaction.PARK:
                self.link.worked(now)
        await self._keep(message, exchange.receipt(message.number), state, reason, next_try_at)
        return max(1.0 / self._profile.rates.messages_per_s, self.link.wait_s(now))

    async def _not_answered(self, message: OutboxMessage, reason: str, *, suspends: bool) -> float:
        now = self._now()
        if suspends:
            self.link.suspend(reason, now)
        else:
            self.link.failed(reason, now)
        await self._keep(message, None, MessageState.PENDING, reason)
        return self.link.wait_s(now)

    async def _keep(
        self,
        message: OutboxMessage,
        receipt: Receipt | None,
        state: MessageState,
        reason: str,
        next_try_at: datetime | None = None,
    ) -> None:
        if reason:
            _log.warning("platform message", number=message.number, key=message.key, state=state.value, reason=reason)
        await asyncio.to_thread(self._outbox.answered, message, receipt, state, self._now(), reason, next_try_at)

    def _written(self, message: OutboxMessage) -> dict[str, Any]:
        """The message in the profile's spelling. Raises InputError for one that this profile cannot send."""
        if message.interface not in self._profile.paths:
            raise InputError("interface", message.interface, f"one that profile {self._profile.name} has")
        typed = read_message(INTERFACES[message.interface].asks, exact(message.body), CANONICAL)
        return write_message(typed, self._profile.spells(message.interface))


def _verdict(message: OutboxMessage, exchange: Exchange) -> tuple[MessageState, str]:
    """What becomes of a message by its answer. Raises UntrustedAnswer for the answer to another message."""
    told = exchange.told
    match told.message:
        case StateTaken(taken=Taken.ACCEPTED):
            return MessageState.DELIVERED, ""
        case StateTaken():
            return MessageState.DISCARDED, "Status 1: discarded by the platform"
        case OrderTaken(number, _, result) | SwapTaken(number, result):
            if number != message.key:
                raise UntrustedAnswer(f"the answer is about {number}")
            if result == CONFIRMED:
                return MessageState.DELIVERED, ""
            return MessageState.DISPUTED, f"ConfirmResult {result}"
        case _:
            state = MessageState.DEAD if reaction(told.ret) is Reaction.PARK else MessageState.PENDING
            return state, f"Ret {told.ret}: {told.msg}"
