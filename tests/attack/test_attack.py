"""A small part of the attack with a fixed seed: chains by every role at a server behind a port."""

from __future__ import annotations

import pytest

from tests.attack.__main__ import report
from tests.attack.callers import WHO, Callers, make_callers
from tests.attack.machine import Attack
from tests.server.running_server import running_server


@pytest.mark.slow
def test_chains_of_every_role_meet_no_server_error_and_only_declared_answers() -> None:
    tokens: dict[str, str] = {}
    with running_server(lambda config: tokens.update(make_callers(config))) as server:
        attack = Attack(server.description(), Callers(server.url, tokens))
        attack.chains(400, seed=7)
    assert set(attack.told.by_caller) == set(WHO)
    assert attack.told.server_errors == 0, report(attack.told, 0.0)
    assert not attack.told.faults, report(attack.told, 0.0)
