"""Device states: what each piece of equipment last told us, one frozen dataclass per role.

Units are in the names. Charging current is positive; a None field means the device said "not available".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

PROTOCOL_VERSION = 1
"""Version of the wire contract (firmware_proto) that this software speaks. A device of another one is not used."""


class Presence(StrEnum):
    """A battery in a place as told by two sensors (both must agree)."""

    PRESENT = "present"
    EMPTY = "empty"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class RackIo:
    """Sensors and contactor of one bay, from the rack I/O node.

    `presence` is what the two sensors say together, `presence_a` and `presence_b` what each of them says alone.
    """

    presence: Presence
    connector_mated: bool
    contactor_closed: bool
    smoke: bool | None
    temperature_c: float | None
    protocol_version: int
    presence_a: bool | None = None
    presence_b: bool | None = None


class ModuleState(StrEnum):
    """What a group of charging modules is doing."""

    OFF = "off"
    ON = "on"
    FAULT = "fault"
    WATCHDOG = "watchdog"


@dataclass(frozen=True, slots=True)
class ChargingModule:
    """Output of one bay's charging modules: voltage in V, current in A (positive into the battery)."""

    state: ModuleState
    voltage_v: float
    current_a: float
    temperature_c: float | None
    protocol_version: int = PROTOCOL_VERSION


class ChargePhase(StrEnum):
    """Phase of the GB/T 27930 charging process, words of the standard."""

    IDLE = "idle"
    HANDSHAKE = "handshake"
    RECOGNITION = "recognition"
    CONFIG = "config"
    CHARGING = "charging"
    STOP = "stop"
    END = "end"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class BatteryCharge:
    """What the battery in a bay says about itself and its charging process (GB/T 27930 BRM to BSD).

    The same state comes from a bay we drive (`direct`) and one we listen to (`charger`). `bms_age_s` is the age of the
    last valid BMS frame, None if none came yet. `..._limit_...` and `max_voltage_v`, `max_current_a` are what the
    battery allows (BCP), `max_cell_v` and the temperatures what it measures; cells and probes are counted from 1.
    `production_date` is "YYYY-MM-DD", as the BMS says it.
    """

    phase: ChargePhase = ChargePhase.IDLE
    bms_age_s: float | None = None
    maker: str | None = None
    serial: int | None = None
    vin: str | None = None
    nominal_energy_kwh: float | None = None
    max_voltage_v: float | None = None
    max_current_a: float | None = None
    soc_pct: float | None = None
    voltage_v: float | None = None
    current_a: float | None = None
    wanted_voltage_v: float | None = None
    wanted_current_a: float | None = None
    max_temperature_c: float | None = None
    min_temperature_c: float | None = None
    max_cell_v: float | None = None
    charge_permitted: bool | None = None
    faults: tuple[str, ...] = ()
    stop_reasons: tuple[str, ...] = ()
    session_energy_kwh: float | None = None
    timeouts: tuple[str, ...] = ()
    edition: str | None = None
    battery_type: str | None = None
    rated_capacity_ah: float | None = None
    rated_voltage_v: float | None = None
    production_date: str | None = None
    charge_count: int | None = None
    software_version: str | None = None
    cell_limit_v: float | None = None
    temperature_limit_c: float | None = None
    remaining_min: int | None = None
    max_cell_number: int | None = None
    max_cell_group: int | None = None
    min_cell_v: float | None = None
    cell_spread_v: float | None = None
    max_temperature_probe: int | None = None
    min_temperature_probe: int | None = None


@dataclass(frozen=True, slots=True)
class BatteryCells:
    """Cell voltages in V and probe temperatures in °C of one battery, in the order of the BMS; None: not available.

    From BMV and BMT (GB/T 27930) or the battery's own CAN; an empty tuple was never told.
    """

    voltages_v: tuple[float | None, ...] = ()
    temperatures_c: tuple[float | None, ...] = ()


class ChargerState(StrEnum):
    """State of a charger controller on a `charging = "charger"` bay."""

    OFFLINE = "offline"
    IDLE = "idle"
    STARTING = "starting"
    CHARGING = "charging"
    DISCHARGING = "discharging"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Charger:
    """What a charger controller reports over its Modbus map: V, A, kWh of this charge, and its own state.

    `power_limit_kw` is the limit that it obeys now, `temperature_c` that of its electronics; None for one that does not
    tell. `ac_meter_kwh` and `dc_meter_kwh` are registers of its own AC and DC meter, where it has one and shows it.
    """

    state: ChargerState
    voltage_v: float
    current_a: float
    energy_kwh: float
    soc_pct: float | None
    fault_code: int
    contactor_closed: bool
    power_limit_kw: float | None = None
    protocol_version: int = PROTOCOL_VERSION
    temperature_c: float | None = None
    ac_meter_kwh: float | None = None
    dc_meter_kwh: float | None = None


class RobotState(StrEnum):
    """State word of the robot PLC."""

    OFFLINE = "offline"
    IDLE = "idle"
    BUSY = "busy"
    PAUSED = "paused"
    FAULT = "fault"
    ESTOP = "estop"


class RobotStep(IntEnum):
    """Step word of the robot PLC; the numbers follow the order of a top-lift exchange (own design)."""

    STANDBY = 0
    LOCATE = 5
    GRIP_OLD = 10
    LIFT_OLD = 15
    PUT_OLD = 20
    PICK_FRESH = 25
    PLACE_FRESH = 30
    UNGRIP = 35
    PARK = 45
    HOME = 50
    MOVE_BAY = 55


class RobotRequest(IntEnum):
    """What a PLC that runs the exchange asks of us; answered by the request's id before its deadline."""

    NONE = 0
    TRUCK_POSE = 1
    UNLOCK_TRUCK = 2
    LOCK_TRUCK = 3
    BAY_DEAD = 4


class RobotResult(IntEnum):
    """Result word of the last finished order."""

    NONE = 0
    DONE = 1
    FAILED = 2
    ABORTED = 3


@dataclass(frozen=True, slots=True)
class Robot:
    """The swap robot as its PLC reports it: order bookkeeping, axes in mm and mrad, load in kg.

    `truck_position` is the battery position of the truck that it stands at, 0 while it is elsewhere or does not say.
    """

    state: RobotState
    step: RobotStep
    homed: bool
    payload: bool
    gripped: bool
    seated: bool
    load_kg: float
    weighed_kg: float
    x_mm: int
    y_mm: int
    z_mm: int
    accepted_id: int
    refusal_code: str
    running_id: int
    done_id: int
    result: RobotResult
    request: RobotRequest
    request_id: int
    request_bay: int
    truck_in_position: bool
    clear_of_truck: bool
    pose_x_mm: int
    pose_y_mm: int
    pose_yaw_mrad: int
    epoch: int
    fault_words: tuple[int, ...] = ()
    protocol_version: int = PROTOCOL_VERSION
    truck_position: int = 0


@dataclass(frozen=True, slots=True)
class Safety:
    """Safety chain as the safety PLC reports it: True is safe. Only observed: we claim no safety integrity.

    `transfer_permitted`: the PLC permits an automatic transfer to isolation now; it is no part of the chain.
    """

    estop_ok: bool
    doors_closed: bool
    light_curtain_clear: bool
    overtravel_ok: bool
    fire_ok: bool
    protocol_version: int = PROTOCOL_VERSION
    transfer_permitted: bool = False

    @property
    def ok(self) -> bool:
        return self.estop_ok and self.doors_closed and self.light_curtain_clear and self.overtravel_ok and self.fire_ok


@dataclass(frozen=True, slots=True)
class FirePanel:
    """The fire panel as it reports itself; read and recorded only. `zones` in alarm count from 1."""

    alarm: bool
    zones: tuple[int, ...]
    extinguishing_released: bool
    exhaust_running: bool
    cut_off_done: bool
    protocol_version: int = PROTOCOL_VERSION


class LockState(StrEnum):
    """Battery locks of the truck as its on-board swap controller reports them."""

    MOVING = "moving"
    UNLOCKED = "unlocked"
    LOCKED = "locked"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class TruckPosition:
    """One battery position of a truck: its locks, whether a battery is there and plugged, its codes and SOC (%)."""

    lock: LockState
    connector_mated: bool
    battery_present: bool
    codes: tuple[str, ...] = ()
    soc_pct: float | None = None


@dataclass(frozen=True, slots=True)
class Truck:
    """The truck in the lane as its on-board swap controller reports it.

    `vin` and `codes` arrive in several messages; None and () until complete. Locks, connector, presence, codes and SOC
    are those of the first battery position; `further` are the other ones of a truck with several batteries.
    """

    vin: str | None
    codes: tuple[str, ...]
    lock: LockState
    parking_brake_set: bool
    key_off: bool
    gear_neutral: bool
    hv_powered_down: bool
    connector_mated: bool
    battery_present: bool
    soc_pct: float | None
    receipt_id: int
    protocol_version: int = PROTOCOL_VERSION
    further: tuple[TruckPosition, ...] = ()

    @property
    def positions(self) -> tuple[TruckPosition, ...]:
        """Every battery position that the truck tells of, in their order."""
        first = TruckPosition(self.lock, self.connector_mated, self.battery_present, self.codes, self.soc_pct)
        return (first, *self.further)

    def position(self, number: int) -> TruckPosition | None:
        """The battery position of this number, counted from 1; None where the truck tells of none."""
        positions = self.positions
        return positions[number - 1] if 1 <= number <= len(positions) else None


@dataclass(frozen=True, slots=True)
class Meter:
    """The site energy meter (DL/T 645-2007): forward active energy, total power, phase voltages and currents."""

    address: str
    energy_kwh: float
    power_kw: float | None = None
    voltages_v: tuple[float, ...] = ()
    currents_a: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class AcMeter:
    """The AC meter of one bay, before its charging modules: forward active energy and power."""

    energy_kwh: float
    power_kw: float | None = None


@dataclass(frozen=True, slots=True)
class DcMeter:
    """The DC meter of one bay, behind its charging modules: energy into the battery and power."""

    energy_kwh: float
    power_kw: float | None = None


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """One link's health: counters since the process started, rates over the last second.

    `dropped` counts what left a full queue unsent and reads thrown away because the wire brought more than its budget;
    `unread_bytes_per_s` is what those amount to. `bus_load_pct` is of a CAN wire (estimated stuffing; None elsewhere),
    `bytes_per_s` of a byte stream; both ways together.
    """

    name: str
    connected: bool
    rx: int = 0
    tx: int = 0
    malformed: int = 0
    dropped: int = 0
    reconnects: int = 0
    timeouts: int = 0
    requests: int = 0
    last_error: str | None = field(default=None)
    malformed_per_s: float = 0.0
    unread_bytes_per_s: float = 0.0
    bus_load_pct: float | None = None
    bytes_per_s: float | None = None
