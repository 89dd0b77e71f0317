"""What the site's store takes and may take, for the limits of the site (kW AC, below 0: it gives)."""

from __future__ import annotations

from swapstation.station.draft import Draft

LEASE_S = 65.0
"""So long after its last order a store that is not heard may still follow it (registers/store.toml: 60 s)."""
SETTLE_S = 2.0
"""A reading so long after another set-point was told shows what came of it."""


def store_heard_s(draft: Draft) -> float:
    """When what the store says was true (monotonic s)."""
    return draft.now_s - (draft.snapshot.store.age_s or 0.0)


def store_kw(draft: Draft) -> float:
    """What it takes: by its own word, while it changes the higher one; silent: what it did last, until its lease ends.

    Too much here is kept for it by `store_may_take_kw`, so other load is never seen too low beside both.
    """
    seen, memory = draft.snapshot.store, draft.memory.store
    if seen.value is None or seen.age_s is None or not 0.0 <= seen.age_s <= LEASE_S:
        return 0.0
    changes = memory is not None and store_heard_s(draft) < memory.since_s + SETTLE_S
    if seen.good is not None and memory is not None and changes:
        return max(seen.value.power_kw, memory.told_kw)
    return seen.value.power_kw


def store_may_take_kw(draft: Draft) -> float:
    """Most that it may take until it shows that it takes less."""
    store, memory, settings = draft.snapshot.store.good, draft.memory.store, draft.rules.config.store
    if settings is None:
        return 0.0
    told_kw = memory.most_kw if memory is not None else settings.charge_kw if store is None else 0.0
    return max(told_kw, 0.0 if store is None else max(store.power_kw, store.setpoint_kw or 0.0))


def store_may_give_kw(draft: Draft) -> float:
    """Most that it may be giving: a meter that shows so much less is no wonder."""
    store, settings = draft.snapshot.store.good, draft.rules.config.store
    if settings is None:
        return 0.0
    return settings.discharge_kw if store is None else max(-store.power_kw, 0.0)
