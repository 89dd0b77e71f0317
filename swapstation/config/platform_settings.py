"""Settings of the supervision platform's link; `swapstation.config.settings` holds them in the whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PublicStation:
    """The station as the platform shows it. Longitude and latitude are GCJ-02; the numbers are those of T/CEC 102.

    `station_type` 102: logistics only, 1: public. `connector_type` 6: other, 4: DC gun. `park_nums` 0: unknown.
    """

    area: str
    address: str
    service_tel: str
    longitude: float
    latitude: float
    name: str = ""
    station_type: int = 102
    station_status: int = 50
    construction: int = 255
    connector_type: int = 6
    national_standard: int = 2
    park_nums: int = 0
    business_hours: str = ""


@dataclass(frozen=True, slots=True)
class Cabinet:
    """A charging cabinet and the bays that it supplies."""

    bays: tuple[int, ...]
    manufacturer: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Platform:
    """The link to a supervision platform. `url`: where it is called; `path`: where it calls us, on our own server.

    `profile`: a shipped one or a TOML file. `secrets`: a TOML file that only its owner can read. `ca_file`:
    certificates of an authority that is not among the usual ones. `orders_from` yyyy-mm-dd: first day whose charges are
    told; "": from the moment on when the link runs for the first time. No cabinets: all charging bays are one.
    """

    url: str
    operator_id: str
    station_id: str
    secrets: Path
    station: PublicStation
    profile: str = "tcec102-2016"
    path: str = "/evcs/v20161110"
    owner_id: str = ""
    orders_from: str = ""
    ca_file: Path | None = None
    cabinets: tuple[Cabinet, ...] = ()
