"""A station under one kind of attack, again and again at random instants of running swaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from random import Random

from swapstation.config.settings import Charging, Exchange
from tests.chaos.attacks import Attack, freeze_planner, jump_clock, kill_planner
from tests.chaos.site import Tally, options_of, site

SPEED = 20.0
SWAP_S = 12.0
"""A swap at this speed takes about as long."""
ARRANGEMENTS = tuple(product(Exchange, Charging))

Told = Callable[[str], None]


def storm(attacks: Sequence[Attack], seed: int, tell: Told = lambda _: None, longest_wait_s: float = SWAP_S) -> Tally:
    """Attack one after the other; the seed says in which arrangement of exchange and charging, and when."""
    random = Random(seed)
    exchange, charging = ARRANGEMENTS[seed % len(ARRANGEMENTS)]
    planned, clocked = {kill_planner, freeze_planner}.intersection(attacks), jump_clock in attacks
    options = options_of(SPEED, exchange=exchange, charging=charging, planner=bool(planned))
    with site(options, seed, proxied=True, clocked=clocked) as here:
        for attack in attacks:
            here.work()
            here.demo.pause(random.uniform(0.0, longest_wait_s))
            attack(here)
            here.tally.cycles += 1
            here.check()
            tell(f"{exchange}/{charging} {attack.__name__} {here.tally.cycles}: {here.ledger.facts} facts")
        here.finish()
    return here.tally
