"""The side that asks: seals requests with its token, opens answers. It holds no connection and reads no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from swapstation.errors import InputError
from swapstation.supervision.codes import SuccStat
from swapstation.supervision.envelope import Ret, Secrets, UntrustedAnswer, open_answer, seal_request
from swapstation.supervision.interfaces import INTERFACES, QUERY_TOKEN
from swapstation.supervision.messages import TokenGiven, TokenRequest
from swapstation.supervision.profile import Profile
from swapstation.supervision.stamps import Stamps
from swapstation.supervision.wire_fields import read_message, write_message

_USED = 0.95
"""A token is used for so much of its life: the answer has been on its way for a while."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request: path after the peer's URL, headers, body; `sent` is the JSON inside, as it was signed."""

    interface: str
    path: str
    headers: dict[str, str]
    body: bytes
    sent: dict[str, Any]
    time_stamp: str
    seq: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the peer answered; `message` is its typed form where it said success."""

    ret: int
    msg: str
    body: dict[str, Any]
    message: Any


class Caller:
    """One peer as this side calls it with the secrets that the peer has issued."""

    def __init__(self, profile: Profile, issued: Secrets) -> None:
        self._profile = profile
        self._issued = issued
        self._stamps = Stamps()
        self._token = ""
        self._token_end: datetime | None = None

    def has_token(self, now: datetime) -> bool:
        return self._token_end is not None and now < self._token_end

    def forget_token(self) -> None:
        """The peer does not know it any more, or may have been somebody else."""
        self._token_end = None

    def ask_token(self, now: datetime) -> Call:
        """The call that asks for a token."""
        return self.call(QUERY_TOKEN, TokenRequest(self._issued.operator_id, self._issued.operator_secret), now)

    def take_token(self, told: Told, now: datetime) -> None:
        """Keep the token of an answer. Raises UntrustedAnswer where there is none."""
        given = told.message
        if not isinstance(given, TokenGiven) or given.success is not SuccStat.OK or not given.token:
            reason = given.fail_reason if isinstance(given, TokenGiven) else told.msg
            raise UntrustedAnswer(f"no token was given: Ret {told.ret}, reason {reason}")
        self._token, self._token_end = given.token, now + timedelta(seconds=given.available_s * _USED)

    def call(self, interface: str, message: Any, now: datetime) -> Call:
        """The call that carries a message. Raises InputError naming a field that cannot be sent."""
        return self.call_with(interface, write_message(message, self._profile.spells(interface)), now)

    def call_with(self, interface: str, body: dict[str, Any], now: datetime) -> Call:
        """The call that carries a message that was written before."""
        time_stamp, seq = self._stamps.next(now)
        headers = {"Content-Type": "application/json;charset=utf-8"}
        if interface != QUERY_TOKEN:
            headers["Authorization"] = f"Bearer {self._token}"
        sealed = seal_request(self._issued, body, time_stamp, seq)
        return Call(interface, self._profile.paths[interface], headers, sealed, body, time_stamp, seq)

    def told(self, call: Call, status: int, text: bytes) -> Told:
        """The answer to a call. Raises UntrustedAnswer for anything that the peer did not sign as its answer."""
        if status != 200:
            raise UntrustedAnswer(f"HTTP {status}")
        answer = open_answer(self._issued, text)
        if answer.ret != Ret.SUCCESS:
            return Told(answer.ret, answer.msg, answer.data, None)
        answers = INTERFACES[call.interface].answers
        try:
            message = read_message(answers, answer.data, self._profile.spells(call.interface))
        except InputError as error:
            raise UntrustedAnswer(f"the answer to {call.interface} has a wrong field: {error}") from None
        return Told(answer.ret, answer.msg, answer.data, message)
