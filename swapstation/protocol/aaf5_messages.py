"""Messages of the AA F5 protocol: one frozen dataclass each, laid out as firmware_proto/aaf5.toml says.

Field names are the names of the layout with their unit; the layout is checked against them when it is loaded. A None
was not known to the charger. Current is positive into the battery. Times are the charger's own clock, labels only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

STOP_ADDRESS, STOP_VALUE = 2, 0x55
POWER_LIMIT_ADDRESS, POWER_LIMIT_STEPS_PER_KW = 30, 10
STATUS_PERIOD_ADDRESS = 23
DONE = 0


class Action(StrEnum):
    """What is done with a parameter."""

    QUERY = "query"
    SET = "set"


class Strategy(StrEnum):
    """When a charge ends by itself."""

    FULL = "full"
    TIME = "time"
    MONEY = "money"
    ENERGY = "energy"
    SOC = "soc"


class PileState(StrEnum):
    """State of one connector."""

    IDLE = "idle"
    STARTING = "starting"
    CHARGING = "charging"
    FINISHED = "finished"
    START_FAILED = "start_failed"
    BOOKED = "booked"
    FAULT = "fault"
    STOPPING = "stopping"


class SignInResult(StrEnum):
    """The station's answer to a sign-in."""

    ACCEPTED = "accepted"
    UNKNOWN_CHARGER = "unknown_charger"


class AlarmChange(StrEnum):
    """Whether an alarm came or went."""

    GONE = "gone"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class IntegerParameter:
    """Query or set a number in the charger."""

    action: Action
    address: int
    count: int
    size: int
    value: int


@dataclass(frozen=True, slots=True)
class IntegerParameterAnswer:
    """What the charger did with a number."""

    charger_id: str
    action: Action
    address: int
    count: int
    result: int


@dataclass(frozen=True, slots=True)
class TextParameter:
    """Query or set a text in the charger, for example its clock."""

    action: Action
    address: int
    size: int
    value: bytes


@dataclass(frozen=True, slots=True)
class TextParameterAnswer:
    """What the charger did with a text, or what it is."""

    charger_id: str
    action: Action
    address: int
    result: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Control:
    """A control value: stop, or the power limit."""

    connector: int
    address: int
    count: int
    size: int
    value: int


@dataclass(frozen=True, slots=True)
class ControlAnswer:
    """What the charger did with a control value."""

    charger_id: str
    connector: int
    address: int
    count: int
    result: int


@dataclass(frozen=True, slots=True)
class Start:
    """Begin a charge; acted on once per `order_id`."""

    connector: int
    strategy: Strategy
    target_soc_pct: float
    order_id: str
    power_limit_kw: float


@dataclass(frozen=True, slots=True)
class StartAnswer:
    """Whether the charger takes a start."""

    charger_id: str
    connector: int
    result: int


@dataclass(frozen=True, slots=True)
class HeartbeatAnswer:
    """The station is there."""

    counter: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The charger is there."""

    charger_id: str
    counter: int


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The status was read."""

    connector: int


@dataclass(frozen=True, slots=True)
class Status:
    """State and output of one connector; energy is that of this charge."""

    charger_id: str
    connectors: int
    connector: int
    connector_type: int
    state: PileState
    soc_pct: float | None
    alarm_code: int
    connection: int
    voltage_v: float
    current_a: float
    wanted_voltage_v: float
    wanted_current_a: float
    remaining_min: int
    elapsed_s: int
    energy_kwh: float
    meter_start_kwh: float
    meter_kwh: float
    order_id: str
    power_kw: float


@dataclass(frozen=True, slots=True)
class SignInAnswer:
    """Whether the station knows the charger."""

    random: int
    result: SignInResult


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who the charger is."""

    charger_id: str
    software_version: int
    starts: int
    connectors: int
    heartbeat_period_s: int
    heartbeats_lost: int
    records: int
    local_time: str | None
    random: int
    protocol_version: int


@dataclass(frozen=True, slots=True)
class AlarmReport:
    """An alarm of the charger came or went."""

    charger_id: str
    connector: int
    alarm_code: int
    active: AlarmChange


@dataclass(frozen=True, slots=True)
class BatteryData:
    """What the battery says about itself."""

    charger_id: str
    connector: int
    battery_code: str
    voltage_v: float | None
    current_a: float | None
    soc_pct: float | None
    soh_pct: float | None
    max_cell_v: float | None
    min_cell_v: float | None
    max_temperature_c: float | None
    min_temperature_c: float | None


@dataclass(frozen=True, slots=True)
class CellVoltages:
    """Voltages of all cells in the order of the BMS."""

    charger_id: str
    connector: int
    voltages_v: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Temperatures:
    """Temperatures of all probes in the order of the BMS."""

    charger_id: str
    connector: int
    temperatures_c: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """A charge record was taken over."""

    connector: int
    record_number: int
    order_id: str


@dataclass(frozen=True, slots=True)
class Record:
    """One finished charge; repeated until answered."""

    charger_id: str
    connector_type: int
    connector: int
    order_id: str
    started: str | None
    ended: str | None
    duration_s: int
    soc_start_pct: float | None
    soc_end_pct: float | None
    end_reason: int
    energy_kwh: float
    meter_start_kwh: float
    meter_end_kwh: float
    record_number: int
    records: int
    vin: str


@dataclass(frozen=True, slots=True)
class BmsDataAnswer:
    """A mirrored message was read."""

    pgn: int


@dataclass(frozen=True, slots=True)
class BmsData:
    """A GB/T 27930 message of the battery as it was on the CAN bus."""

    charger_id: str
    connector: int
    pgn: int
    content: bytes


ChargerMessage: TypeAlias = (
    IntegerParameterAnswer
    | TextParameterAnswer
    | ControlAnswer
    | StartAnswer
    | Heartbeat
    | Status
    | SignIn
    | AlarmReport
    | BatteryData
    | CellVoltages
    | Temperatures
    | Record
    | BmsData
)
StationMessage: TypeAlias = (
    IntegerParameter
    | TextParameter
    | Control
    | Start
    | HeartbeatAnswer
    | StatusAnswer
    | SignInAnswer
    | RecordAnswer
    | BmsDataAnswer
)
Message: TypeAlias = ChargerMessage | StationMessage
