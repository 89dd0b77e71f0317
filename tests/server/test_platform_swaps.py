"""Swaps are told by a profile that says how, and by no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from swapstation.inventory.queries import Event
from swapstation.model.energy import Settlement
from swapstation.model.inventory import PositionExchange, Swap, SwapResult
from swapstation.model.platform_outbox import MessageState
from swapstation.server.uplinks.derive import Derivation
from swapstation.supervision.interfaces import SWAP_RECORD
from swapstation.supervision.mapping.places import places_of
from swapstation.supervision.profile import SHIPPED, load_profile
from tests.server import station_sample
from tests.server.platform_rig import open_business, rig
from tests.supervision.sample import OPERATOR, config, platform

OPENED = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
CLOSED = Event(9, 1, OPENED, "SwapClosed", {"swap": "S1", "result": "completed", "reason": "", "seconds": 300.0})
OWN_PROFILE = """
name = "own-with-swaps"
[paths]
query_token = "query_token"
swap_record = "push_swap"
[spelling]
SwapSeq = "swapNo"
"""


class OneSwap:
    """A station database with one closed swap, of two batteries."""

    def __init__(self, codes: Mapping[str, tuple[str, ...]]) -> None:
        self.codes = codes

    def charge_reasons(self, settlement: Settlement) -> tuple[str, ...]:
        return ()

    def swap(self, swap: str) -> Swap | None:
        exchanged = (PositionExchange(1, "B001", "T001", 1, 4, 96.0, 21.5), PositionExchange(2, "B002", "T002", 2, 5))
        known = Swap(swap, station_sample.VIN, "6x4-tractor", "top_lift", "", "", SwapResult.COMPLETED)
        return replace(known, opened_at=OPENED, closed_at=OPENED + timedelta(minutes=5), exchanged=exchanged)

    def pack_codes(self) -> Mapping[str, tuple[str, ...]]:
        return self.codes


CODES = {name: (station_sample.code(number),) for number, name in enumerate(("B001", "B002", "T001", "T002"))}


def derivation(tmp_path: Path, profile: str, codes: Mapping[str, tuple[str, ...]]) -> Derivation:
    places = places_of(config(tmp_path), platform(tmp_path))
    return Derivation(OPERATOR, places, load_profile(profile).paths, None, OneSwap(codes))


def test_no_shipped_profile_tells_swaps(tmp_path: Path) -> None:
    for name in SHIPPED:
        assert derivation(tmp_path, name, CODES).drafts(CLOSED) == []


async def test_a_profile_that_defines_them_tells_every_exchange_once(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN_PROFILE)
    with rig(tmp_path, profile=str(own)) as station:
        database = open_business(station.config)
        link = station.link(database)
        derived = derivation(tmp_path, str(own), CODES)
        for _ in range(2):
            link.outbox.queue(derived.drafts(CLOSED), station.now)
        await station.settle(link)
        assert len(station.mock.books.swaps) == 2
        assert {record.codes_out for record in station.mock.books.swaps.values()} == {CODES["B001"], CODES["B002"]}
        (first, *_) = link.outbox.messages((MessageState.DELIVERED,), 10, None)
        assert first.interface == SWAP_RECORD
        assert link.outbox.receipts(first.number)[0].body["swapNo"] == first.key
        database.dispose()


def test_a_swap_of_a_battery_without_its_24_characters_waits_for_a_person(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN_PROFILE)
    first, second = derivation(tmp_path, str(own), CODES | {"B002": ("SHORT",)}).drafts(CLOSED)
    assert first.wrong == ""
    assert "BatteryCodesOut[0]" in second.wrong
