"""Inputs of the interlocks of the site's stationary store: those of a store that gives power."""

from __future__ import annotations

from dataclasses import replace

from swapstation.model.fire import FireReaction, FireState
from swapstation.model.snapshot import Snapshot
from swapstation.model.store import StoreState
from tests.station.input_kinds import DeviceInput, RecordInput, field_input, record_input


def _fire(reaction: FireReaction) -> RecordInput:
    def burn(now: Snapshot) -> Snapshot:
        return replace(now, fire=FireState(reaction))

    return record_input(str(reaction), burn)


STORE_INPUTS: dict[str, tuple[DeviceInput | RecordInput, ...]] = {
    "store_ready": (
        field_input("store", fault_code=1),
        field_input("store", state=StoreState.FAULT),
        field_input("store", state=StoreState.OFF),
    ),
    "store_soc_permits": (field_input("store", soc_pct=10.0), field_input("store", soc_pct=0.0)),
    "store_power_declared": (field_input("store", discharge_limit_kw=48.0),),
    "no_fire_alarm": (_fire(FireReaction(("BAY_SMOKE@bay-1",))), _fire(FireReaction(confirmed=True))),
    "store_export_kept": (field_input("meter", power_kw=-1.1), field_input("meter", power_kw=None)),
}
