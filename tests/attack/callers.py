"""Who attacks: a session or a key of every role at a real server, begun again where the attack itself ended it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2

from swapstation.business.credentials import digest
from swapstation.business.database import open_business_database
from swapstation.business.sessions import add_key
from swapstation.config.settings import Config
from swapstation.model.people import PEOPLE, PROGRAMS, Role, Scope
from tests.server.people import add_people, session_at

VICTIM = "victim"
"""The account that may be locked, demoted and reset: the attackers' own must go on."""
NOBODY = "nobody"
WHO = (*(role.value for role in Role), NOBODY)


def make_callers(config: Config) -> dict[str, str]:
    """Make an account or a key of every role before the server runs; returns the keys' tokens by role."""
    add_people(config, {role.value: role for role in PEOPLE} | {VICTIM: Role.OPERATOR})
    engine = open_business_database(config)
    now = datetime.now(UTC)
    with engine.begin() as connection:
        tokens = {
            role.value: add_key(connection, role, role, "north", tuple(Scope), Role.ADMIN, now)[1] for role in PROGRAMS
        }
    engine.dispose()
    return tokens


@dataclass(slots=True)
class Callers:
    """The headers that each caller's requests carry, at one server."""

    url: str
    tokens: dict[str, str]
    sessions: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def key_ids(self) -> frozenset[str]:
        """What the attackers' own keys are called in paths."""
        return frozenset(digest(token)[:12] for token in self.tokens.values())

    def headers(self, who: str) -> dict[str, str]:
        """Of a person's session, a program's key, or none."""
        if who == NOBODY:
            return {}
        if who in self.tokens:
            return {"Authorization": f"Bearer {self.tokens[who]}"}
        if who not in self.sessions:
            self.sessions[who] = session_at(self.url, who)
        return self.sessions[who]

    def forget_ended(self, who: str) -> None:
        """Log in anew next time if this session has ended."""
        if who in self.sessions:
            told = httpx2.get(f"{self.url}/api/v1/session", headers=self.sessions[who], trust_env=False)
            if told.json()["account"] is None:
                del self.sessions[who]
