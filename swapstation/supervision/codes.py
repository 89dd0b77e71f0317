"""Numbers of T/CEC 102-2016 parts 2 and 3 that stand for words (interop.md 1.5, 1.6)."""

from __future__ import annotations

from enum import IntEnum


class SuccStat(IntEnum):
    """Whether what was asked for succeeded."""

    OK = 0
    FAILED = 1


class TokenFail(IntEnum):
    """Why no token was given."""

    NONE = 0
    NO_SUCH_OPERATOR = 1
    WRONG_SECRET = 2


class StationType(IntEnum):
    """For whom a station is. The standard of 2016 has no word for a swap station."""

    PUBLIC = 1
    PRIVATE = 50
    BUS = 100
    SANITATION = 101
    LOGISTICS = 102
    TAXI = 103
    OTHER = 255


class StationStatus(IntEnum):
    """What a station does."""

    UNKNOWN = 0
    CONSTRUCTION = 1
    CLOSED = 5
    MAINTENANCE = 6
    NORMAL = 50


class Construction(IntEnum):
    """Where a station is built."""

    RESIDENTIAL = 1
    PUBLIC_BODY = 2
    ENTERPRISE = 3
    OFFICE = 4
    INDUSTRIAL_PARK = 5
    TRANSPORT_HUB = 6
    CULTURE_SPORT = 7
    GREEN_SPACE = 8
    BUILDING_CAR_PARK = 9
    ROADSIDE = 10
    SERVICE_AREA = 11
    OTHER = 255


class EquipmentType(IntEnum):
    """What current a piece of equipment gives."""

    DC = 1
    AC = 2
    AC_DC = 3
    WIRELESS = 4
    OTHER = 5


class ConnectorType(IntEnum):
    """What a connector is."""

    HOUSEHOLD = 1
    AC_SOCKET = 2
    AC_PLUG = 3
    DC_GUN = 4
    WIRELESS = 5
    OTHER = 6


class NationalStandard(IntEnum):
    """Edition of the national connector standard."""

    EDITION_2011 = 1
    EDITION_2015 = 2


class ConnectorStatus(IntEnum):
    """State of a connector."""

    OFFLINE = 0
    IDLE = 1
    OCCUPIED = 2
    CHARGING = 3
    RESERVED = 4
    FAULT = 255


class ParkStatus(IntEnum):
    """Whether the parking space of a connector is taken."""

    UNKNOWN = 0
    FREE = 10
    OCCUPIED = 50


class LockStatus(IntEnum):
    """State of a ground lock."""

    UNKNOWN = 0
    UNLOCKED = 10
    LOCKED = 50


class Taken(IntEnum):
    """What the platform does with a pushed state: it takes it, or throws it away for good."""

    ACCEPTED = 0
    DISCARDED = 1


class DisputeReason(IntEnum):
    """What the other side finds wrong with an order; 4 to 99 are the platform's own."""

    MISSING = 1
    MONEY = 2
    ENERGY = 3


CONFIRMED = 0
"""`ConfirmResult` of an order that is accepted; 1: disputed, 2 to 99 are the platform's own."""
USER_STOP, PLATFORM_STOP, BMS_STOP, CHARGER_FAULT, DISCONNECTED = range(5)
"""`StopReason` of an order; 5 to 99 are the operator's own."""
