"""Ids of station, cabinets and bays as the platform knows them: one connector for every charging bay.

StationID 20 characters, filled with 0 on the left; EquipmentID = StationID + cabinet (3); ConnectorID = StationID + 0 +
cabinet (3) + bay (2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from swapstation.config.platform_settings import Cabinet, Platform
from swapstation.config.settings import Config
from swapstation.supervision.wire_fields import CHINA


@dataclass(frozen=True, slots=True)
class Places:
    """The ids of one station."""

    station: str
    cabinets: tuple[tuple[str, Cabinet], ...]
    connectors: dict[int, str] = field(default_factory=dict)

    def bay(self, connector_id: str) -> int | None:
        """The bay of a connector; None for a connector that is not ours."""
        return next((bay for bay, known in self.connectors.items() if known == connector_id), None)


def places_of(config: Config, platform: Platform) -> Places:
    """The ids of a configured station."""
    station = platform.station_id.zfill(20)
    cabinets = platform.cabinets or (Cabinet(tuple(bay.number for bay in config.charging_bays)),)
    numbered = tuple(enumerate(cabinets, start=1))
    return Places(
        station,
        tuple((f"{station}{number:03d}", cabinet) for number, cabinet in numbered),
        {bay: f"{station}0{number:03d}{bay:02d}" for number, cabinet in numbered for bay in cabinet.bays},
    )


def order_number(operator_id: str, bay: int, started_at: datetime) -> str:
    """StartChargeSeq of a charge: 9 of the operator, start in China time to the hundredth of a second, bay.

    It follows from the charge alone, so that whoever derives it again derives the same.
    """
    local = started_at.astimezone(CHINA)
    return f"{operator_id}{local:%Y%m%d%H%M%S}{local.microsecond // 10_000:02d}{bay:02d}"


def swap_number(operator_id: str, position: int, opened_at: datetime) -> str:
    """SwapSeq of one exchange of a swap, in the same way; 0 and the position stand where a charge has its bay."""
    return order_number(operator_id, position, opened_at)
