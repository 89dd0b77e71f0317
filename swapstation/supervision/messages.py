"""Business messages of tokens and public information, T/CEC 102-2016 part 2 (interop.md 1.3, 1.5).

Names on the wire are canonical; a profile says how it spells them. Longitude and latitude are GCJ-02.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from swapstation.supervision.codes import (
    ConnectorStatus,
    ConnectorType,
    Construction,
    EquipmentType,
    LockStatus,
    NationalStandard,
    ParkStatus,
    StationStatus,
    StationType,
    SuccStat,
    Taken,
)
from swapstation.supervision.wire_fields import Code, Day, Listed, Moment, Number, Part, Text, Whole, wire

OPERATOR_ID, STATION_ID, EQUIPMENT_ID, CONNECTOR_ID = Text(9, 9), Text(20, 1), Text(23, 1), Text(26, 1)
_ENERGY, _POWER = Number(1), Number(1)
_DEGREES = Number(6, Decimal(-180), Decimal(180))


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """query_token."""

    operator_id: str = wire("OperatorID", OPERATOR_ID)
    operator_secret: str = wire("OperatorSecret", Text(200, 1))


@dataclass(frozen=True, slots=True)
class TokenGiven:
    """Answer to query_token; the token is valid for `available_s` seconds. `fail_reason` is a `TokenFail` or 3-99."""

    operator_id: str = wire("OperatorID", OPERATOR_ID)
    success: SuccStat = wire("SuccStat", Code(SuccStat))
    token: str = wire("AccessToken", Text(2000))
    available_s: int = wire("TokenAvailableTime", Whole())
    fail_reason: int = wire("FailReason", Whole(0, 99))


@dataclass(frozen=True, slots=True)
class ConnectorInfo:
    """One connector: V, A, kW. Of a swap station one for every charging bay."""

    connector_id: str = wire("ConnectorID", CONNECTOR_ID)
    kind: ConnectorType = wire("ConnectorType", Code(ConnectorType))
    max_voltage_v: int = wire("VoltageUpperLimits", Whole())
    min_voltage_v: int = wire("VoltageLowerLimits", Whole())
    current_a: int = wire("Current", Whole())
    power_kw: Decimal = wire("Power", _POWER)
    standard: NationalStandard = wire("NationalStandard", Code(NationalStandard))
    name: str | None = wire("ConnectorName", Text(30), None)
    park_no: str | None = wire("ParkNo", Text(10), None)


@dataclass(frozen=True, slots=True)
class EquipmentInfo:
    """One charging cabinet with its connectors."""

    equipment_id: str = wire("EquipmentID", EQUIPMENT_ID)
    kind: EquipmentType = wire("EquipmentType", Code(EquipmentType))
    connectors: tuple[ConnectorInfo, ...] = wire("ConnectorInfos", Listed(Part(ConnectorInfo)))
    power_kw: Decimal = wire("Power", _POWER)
    manufacturer_id: str | None = wire("ManufacturerID", OPERATOR_ID, None)
    manufacturer: str | None = wire("ManufacturerName", Text(30), None)
    model: str | None = wire("EquipmentModel", Text(20), None)
    produced: date | None = wire("ProductionDate", Day(), None)
    longitude: Decimal | None = wire("EquipmentLng", _DEGREES, None)
    latitude: Decimal | None = wire("EquipmentLat", _DEGREES, None)
    name: str | None = wire("EquipmentName", Text(30), None)


@dataclass(frozen=True, slots=True)
class StationInfo:
    """One station as the public sees it."""

    station_id: str = wire("StationID", STATION_ID)
    operator_id: str = wire("OperatorID", OPERATOR_ID)
    owner_id: str = wire("EquipmentOwnerID", OPERATOR_ID)
    name: str = wire("StationName", Text(50, 1))
    country: str = wire("CountryCode", Text(2, 2))
    area: str = wire("AreaCode", Text(20, 1))
    address: str = wire("Address", Text(50, 1))
    service_tel: str = wire("ServiceTel", Text(30, 1))
    kind: StationType = wire("StationType", Code(StationType))
    status: StationStatus = wire("StationStatus", Code(StationStatus))
    park_nums: int = wire("ParkNums", Whole())
    longitude: Decimal = wire("StationLng", _DEGREES)
    latitude: Decimal = wire("StationLat", _DEGREES)
    construction: Construction = wire("Construction", Code(Construction))
    equipment: tuple[EquipmentInfo, ...] = wire("EquipmentInfos", Listed(Part(EquipmentInfo)))
    station_tel: str | None = wire("StationTel", Text(30), None)
    site_guide: str | None = wire("SiteGuide", Text(100), None)
    pictures: tuple[str, ...] | None = wire("Pictures", Listed(Text(1000)), None)
    match_cars: str | None = wire("MatchCars", Text(100), None)
    park_info: str | None = wire("ParkInfo", Text(100), None)
    business_hours: str | None = wire("BusinessHours", Text(100), None)
    electricity_fee: str | None = wire("ElectricityFee", Text(256), None)
    service_fee: str | None = wire("ServiceFee", Text(100), None)
    park_fee: str | None = wire("ParkFee", Text(100), None)
    payment: str | None = wire("Payment", Text(20), None)
    support_order: int | None = wire("SupportOrder", Whole(0, 1), None)
    remark: str | None = wire("Remark", Text(100), None)


@dataclass(frozen=True, slots=True)
class StationsQuestion:
    """query_stations_info: what has changed since then (None: everything), in pages."""

    since: datetime | None = wire("LastQueryTime", Moment(), None)
    page: int = wire("PageNo", Whole(1), 1)
    page_size: int = wire("PageSize", Whole(1, 1000), 10)


@dataclass(frozen=True, slots=True)
class StationsAnswer:
    """A page of stations; `total` counts all stations that match."""

    page: int = wire("PageNo", Whole())
    pages: int = wire("PageCount", Whole())
    total: int = wire("ItemSize", Whole())
    stations: tuple[StationInfo, ...] = wire("StationInfos", Listed(Part(StationInfo)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorState:
    """State of one connector. Some platforms want to be told operator and station with it."""

    operator_id: str | None = wire("OperatorID", OPERATOR_ID, None)
    station_id: str | None = wire("StationID", STATION_ID, None)
    connector_id: str = wire("ConnectorID", CONNECTOR_ID)
    status: ConnectorStatus = wire("Status", Code(ConnectorStatus))
    park: ParkStatus | None = wire("ParkStatus", Code(ParkStatus), None)
    lock: LockStatus | None = wire("LockStatus", Code(LockStatus), None)


@dataclass(frozen=True, slots=True)
class StateNotice:
    """notification_stationStatus."""

    state: ConnectorState = wire("ConnectorStatusInfo", Part(ConnectorState))


@dataclass(frozen=True, slots=True)
class StateTaken:
    """Answer to notification_stationStatus."""

    taken: Taken = wire("Status", Code(Taken))


@dataclass(frozen=True, slots=True)
class StatesQuestion:
    """query_station_status."""

    stations: tuple[str, ...] = wire("StationIDs", Listed(STATION_ID, 50))


@dataclass(frozen=True, slots=True)
class StationStates:
    """The states of a station's connectors."""

    station_id: str = wire("StationID", STATION_ID)
    connectors: tuple[ConnectorState, ...] = wire("ConnectorStatusInfos", Listed(Part(ConnectorState)))


@dataclass(frozen=True, slots=True)
class StatesAnswer:
    """Answer to query_station_status."""

    total: int = wire("Total", Whole())
    stations: tuple[StationStates, ...] = wire("StationStatusInfos", Listed(Part(StationStates)))


@dataclass(frozen=True, slots=True)
class StatsQuestion:
    """query_station_stats: from the first day to the last, both included."""

    station_id: str = wire("StationID", STATION_ID)
    first: date = wire("StartTime", Day())
    last: date = wire("EndTime", Day())


@dataclass(frozen=True, slots=True)
class ConnectorStats:
    """Energy of a connector, kWh."""

    connector_id: str = wire("ConnectorID", CONNECTOR_ID)
    energy_kwh: Decimal = wire("ConnectorElectricity", _ENERGY)


@dataclass(frozen=True, slots=True)
class EquipmentStats:
    """Energy of a cabinet, kWh: that of its connectors."""

    equipment_id: str = wire("EquipmentID", EQUIPMENT_ID)
    energy_kwh: Decimal = wire("EquipmentElectricity", _ENERGY)
    connectors: tuple[ConnectorStats, ...] = wire("ConnectorStatsInfos", Listed(Part(ConnectorStats)))


@dataclass(frozen=True, slots=True)
class StationStats:
    """Energy of a station, kWh: that of its cabinets."""

    station_id: str = wire("StationID", STATION_ID)
    first: date = wire("StartTime", Day())
    last: date = wire("EndTime", Day())
    energy_kwh: Decimal = wire("StationElectricity", _ENERGY)
    equipment: tuple[EquipmentStats, ...] = wire("EquipmentStatsInfos", Listed(Part(EquipmentStats)))


@dataclass(frozen=True, slots=True)
class StatsAnswer:
    """Answer to query_station_stats."""

    stats: StationStats = wire("StationStats", Part(StationStats))
