"""query_stations_info: the station as it is configured."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from swapstation.config.platform_settings import Cabinet, Platform
from swapstation.config.settings import Bay, Config
from swapstation.supervision.codes import (
    ConnectorType,
    Construction,
    EquipmentType,
    NationalStandard,
    StationStatus,
    StationType,
)
from swapstation.supervision.mapping.places import Places, places_of
from swapstation.supervision.messages import (
    ConnectorInfo,
    EquipmentInfo,
    StationInfo,
    StationsAnswer,
    StationsQuestion,
)
from swapstation.supervision.wire_fields import rounded


def station_info(config: Config, platform: Platform) -> StationInfo:
    """The whole station."""
    public, places = platform.station, places_of(config, platform)
    return StationInfo(
        station_id=places.station,
        operator_id=platform.operator_id,
        owner_id=platform.owner_id or platform.operator_id,
        name=public.name or config.name,
        country="CN",
        area=public.area,
        address=public.address,
        service_tel=public.service_tel,
        kind=StationType(public.station_type),
        status=StationStatus(public.station_status),
        park_nums=public.park_nums,
        longitude=rounded(public.longitude, 6),
        latitude=rounded(public.latitude, 6),
        construction=Construction(public.construction),
        equipment=tuple(_equipment(config, platform, places, name, cabinet) for name, cabinet in places.cabinets),
        business_hours=public.business_hours or None,
        support_order=1,
    )


def stations_answer(info: StationInfo, question: StationsQuestion, changed_at: datetime) -> StationsAnswer:
    """The one station on page 1, if it changed since the time that is asked for."""
    total = 0 if question.since is not None and question.since > changed_at else 1
    return StationsAnswer(question.page, total, total, (info,) if total and question.page == 1 else ())


def _equipment(config: Config, platform: Platform, places: Places, name: str, cabinet: Cabinet) -> EquipmentInfo:
    connectors = tuple(
        _connector(config.bay(number), platform, places.connectors[number]) for number in sorted(cabinet.bays)
    )
    power_kw = sum((each.power_kw for each in connectors), Decimal(0))
    return EquipmentInfo(
        name,
        EquipmentType.DC,
        connectors,
        power_kw,
        manufacturer=cabinet.manufacturer or None,
        model=cabinet.model or None,
    )


def _connector(bay: Bay, platform: Platform, name: str) -> ConnectorInfo:
    return ConnectorInfo(
        name,
        ConnectorType(platform.station.connector_type),
        round(bay.max_voltage_v),
        round(bay.min_voltage_v),
        round(bay.max_current_a),
        rounded(bay.max_power_kw, 1),
        NationalStandard(platform.station.national_standard),
        name=f"{bay.number} 号充电仓",
    )
