"""Fixtures of the AA F5 tests: a yard of chargers, one charger, its connection."""

from __future__ import annotations

import pytest

from tests.protocol.aaf5_pile import FIRST_ID, Cable, Pile, Yard


@pytest.fixture
def yard() -> Yard:
    return Yard()


@pytest.fixture
def pile(yard: Yard) -> Pile:
    return Pile(FIRST_ID)


@pytest.fixture
def cable(yard: Yard, pile: Pile) -> Cable:
    """A charger that has signed in a second ago."""
    cable = yard.plug(pile)
    yard.run(1.0)
    return cable
