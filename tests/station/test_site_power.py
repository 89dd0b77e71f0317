"""The site limit: shared without waste, kept whatever message is lost, lowered before raised."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from swapstation.config.settings import LEAST_CHARGE_KW
from swapstation.model.dispatch import SITE
from swapstation.station.site_power import (
    DEAD_BAND_KW,
    REPEAT_S,
    SETTLE_S,
    Claim,
    Reading,
    Share,
    new_limits,
    shares,
    shown,
    told,
    unheard,
)

MOST_KW = 250.0
BAYS = 5
DELAY_S = 0.8
"""So late a bay obeys a limit; what it shows is as old as that too."""
claims = st.lists(
    st.builds(Claim, st.integers(1, 30), st.floats(0, 100), st.floats(0, MOST_KW), st.just(0.0), st.just(0.0)),
    max_size=12,
    unique_by=lambda claim: claim.bay,
)


@given(claims=claims, budget_kw=st.floats(0, 3000))
def test_shares_keep_the_budget_and_waste_nothing(claims: list[Claim], budget_kw: float) -> None:
    given_kw = shares(claims, {SITE: budget_kw})
    assert sum(given_kw.values()) <= budget_kw + 1e-6
    wanted = {claim.bay: claim.wanted_kw for claim in claims}
    assert all(0.0 <= kw <= wanted[bay] + 1e-9 for bay, kw in given_kw.items())
    if budget_kw >= len(claims) * LEAST_CHARGE_KW:
        assert all(kw >= min(wanted[bay], LEAST_CHARGE_KW) - 1e-9 for bay, kw in given_kw.items())
        assert abs(sum(given_kw.values()) - min(budget_kw, sum(wanted.values()))) < 1e-6


def test_the_fullest_is_served_first_and_the_others_keep_the_least() -> None:
    running = [Claim(bay, soc_pct, 250.0, 100.0, 100.0) for bay, soc_pct in ((1, 40.0), (2, 80.0), (3, 60.0))]
    assert shares(running, {SITE: 300.0}) == {2: 250.0, 3: 35.0, 1: 15.0}


def test_a_charge_that_runs_keeps_the_least_before_another_begins() -> None:
    claims = [Claim(1, 20.0, 250.0, 15.0, 15.0), Claim(2, 90.0, 15.0, 0.0, 0.0)]
    assert shares(claims, {SITE: 20.0}) == {1: 20.0, 2: 0.0}


def test_nobody_is_raised_on_power_that_a_lowered_bay_may_still_take() -> None:
    lowers = Claim(1, 30.0, 250.0, 250.0, 250.0)
    begins = Claim(2, 90.0, 15.0, 0.0, 0.0)
    assert new_limits([lowers, begins], {SITE: 250.0}) == {1: 235.0}
    obeys = replace(lowers, limit_kw=235.0, most_kw=235.0)
    assert new_limits([obeys, begins], {SITE: 250.0}) == {2: 15.0}


def test_a_change_within_the_dead_band_is_not_told() -> None:
    assert new_limits([Claim(1, 30.0, 200.0, 200.0 - DEAD_BAND_KW, 200.0)], {SITE: 1000.0}) == {}
    assert new_limits([Claim(1, 30.0, 200.0, 200.0 + DEAD_BAND_KW, 205.0)], {SITE: 1000.0}) == {}


def test_within_the_dead_band_too_a_budget_that_has_shrunk_is_kept() -> None:
    running = [Claim(bay, 30.0 + bay, 200.0, 100.0, 100.0) for bay in (1, 2, 3)]
    lowered = new_limits(running, {SITE: 296.0})
    assert sum(lowered.get(claim.bay, claim.limit_kw) for claim in running) <= 296.0 + 1e-6


@given(claims=claims, site_kw=st.floats(0, 3000), feeder_kw=st.floats(0, 1000))
def test_shares_keep_every_node_of_the_tree(claims: list[Claim], site_kw: float, feeder_kw: float) -> None:
    behind = [replace(claim, nodes=(SITE, "east") if claim.bay % 2 else (SITE, "west")) for claim in claims]
    given_kw = shares(behind, {SITE: site_kw, "east": feeder_kw})
    assert sum(given_kw.values()) <= site_kw + 1e-6
    assert sum(kw for bay, kw in given_kw.items() if bay % 2) <= feeder_kw + 1e-6


def test_a_feeder_that_is_full_leaves_the_rest_of_the_site_to_others() -> None:
    east = [Claim(bay, 80.0 + bay, 250.0, 100.0, 100.0, nodes=(SITE, "east")) for bay in (1, 2)]
    west = Claim(3, 20.0, 250.0, 100.0, 100.0, nodes=(SITE, "west"))
    assert shares([*east, west], {SITE: 600.0, "east": 200.0}) == {1: 15.0, 2: 185.0, 3: 250.0}


def test_a_charge_that_begins_finds_its_least_power_whole() -> None:
    """Within the dead band the others may lie a little above their shares: 4 kW each are enough to keep it out."""
    others = [Claim(bay, 50.0 + bay, 250.0, kw, kw) for bay, kw in ((1, 31.0), (2, 39.0), (3, 230.0))]
    begins = Claim(4, 30.0, 15.0, 0.0, 0.0)
    lowered = new_limits([*others, begins], {SITE: 300.0})
    obeyed = [
        replace(each, limit_kw=kw, most_kw=kw) for each in others for kw in [lowered.get(each.bay, each.limit_kw)]
    ]
    assert new_limits([*obeyed, begins], {SITE: 300.0})[4] == 15.0


def test_a_bay_that_does_not_show_its_limit_is_told_it_twice() -> None:
    share = told(told(None, 200.0, 0.0), 50.0, 100.0)
    late = Reading(None, 49.0, 110.0)
    assert shown(share, late).most_kw == 200.0
    assert unheard(share, late, 100.0 + REPEAT_S)
    again = told(share, 50.0, 100.0 + REPEAT_S)
    assert shown(again, late).most_kw == 50.0


def test_a_reading_from_before_the_limit_shows_nothing() -> None:
    share = told(told(told(None, 50.0, 0.0), 100.0, 10.0), 50.0, 10.1)
    assert shown(share, Reading(50.0, 20.0, 10.2)).most_kw == 100.0
    assert shown(share, Reading(50.0, 20.0, 10.1 + SETTLE_S)).most_kw == 50.0


@dataclass
class Bay:
    """A charger that obeys late and may lose messages. It takes all of its limit, or less while `held_kw` says so."""

    soc_pct: float
    limit_kw: float = 0.0
    to_come: tuple[tuple[float, float], ...] = ()
    share: Share | None = None
    held_kw: float = MOST_KW

    def tell(self, limit_kw: float, now_s: float, lost: bool) -> None:
        self.share = told(self.share, limit_kw, now_s)
        if not lost:
            self.to_come += ((now_s + DELAY_S, limit_kw),)

    def pass_to(self, now_s: float) -> None:
        for at_s, limit_kw in self.to_come:
            if at_s <= now_s:
                self.limit_kw = limit_kw
        self.to_come = tuple(each for each in self.to_come if each[0] > now_s)

    def claim(self, bay: int) -> Claim:
        share = self.share or Share(0.0, 0.0, 0.0, 0.0, 0.0)
        return Claim(bay, self.soc_pct, MOST_KW if self.share else LEAST_CHARGE_KW, share.limit_kw, share.most_kw)


@given(data=st.data(), budget_kw=st.floats(BAYS * LEAST_CHARGE_KW, 800.0), shows=st.booleans())
def test_the_sum_never_exceeds_the_limit_whatever_is_lost(data: st.DataObject, budget_kw: float, shows: bool) -> None:
    """Any message may be lost; of two in a row one arrives at a bay that cannot show its limit."""
    bays = {bay: Bay(data.draw(st.floats(0, 100))) for bay in range(1, BAYS + 1)}
    lost_before = dict.fromkeys(bays, True)
    for tick in range(60):
        now_s = tick * 0.5
        for bay in bays.values():
            bay.pass_to(now_s)
        assert sum(bay.limit_kw for bay in bays.values()) <= budget_kw + 1e-6
        changed = data.draw(st.sampled_from(sorted(bays)))
        bays[changed].soc_pct = data.draw(st.floats(0, 100))
        bays[changed].held_kw = data.draw(st.sampled_from((0.0, MOST_KW)))
        for bay in bays.values():
            if bay.share is not None:
                taken_kw = min(bay.limit_kw, bay.held_kw)
                bay.share = shown(bay.share, Reading(bay.limit_kw if shows else None, taken_kw, now_s))
        limits = dict(new_limits([bay.claim(number) for number, bay in bays.items()], {SITE: budget_kw}))
        for number, bay in bays.items():
            reading = Reading(bay.limit_kw if shows else None, min(bay.limit_kw, bay.held_kw), now_s)
            if number not in limits and bay.share is not None and unheard(bay.share, reading, now_s):
                limits[number] = bay.share.limit_kw
        for number, limit_kw in limits.items():
            lost = data.draw(st.booleans()) and (shows or not lost_before[number])
            lost_before[number] = lost
            bays[number].tell(limit_kw, now_s, lost)
