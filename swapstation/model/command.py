"""Commands: everything this software may ask of equipment, imperative and frozen. Each passes one permit to leave.

`position` is the battery position of the truck that a command is about, counted from 1.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HomeRobot:
    """Reference all axes."""


@dataclass(frozen=True, slots=True)
class LocateTruck:
    """Drive above the truck and measure its pose; `seat_...` is how far its battery seat is off the nominal one."""

    position: int = 1
    seat_x_mm: int = 0
    seat_y_mm: int = 0
    seat_z_mm: int = 0


@dataclass(frozen=True, slots=True)
class GripBattery:
    """Lower the spreader onto the battery on the truck, seat and grip it; no lifting."""

    position: int = 1


@dataclass(frozen=True, slots=True)
class LiftBattery:
    """Lift the gripped battery a few centimetres, stop and weigh it, then raise it to transport height."""

    position: int = 1


@dataclass(frozen=True, slots=True)
class PutBattery:
    """Carry the load into an empty bay, set down, plug and release it."""

    bay: int


@dataclass(frozen=True, slots=True)
class PickBattery:
    """Fetch the battery of a bay."""

    bay: int


@dataclass(frozen=True, slots=True)
class PlaceBattery:
    """Carry the load to the truck and seat it there; it stays gripped until the truck has locked it."""

    position: int = 1


@dataclass(frozen=True, slots=True)
class UngripBattery:
    """Open the spreader and raise it, with the load standing on the locked truck."""

    position: int = 1


@dataclass(frozen=True, slots=True)
class ParkRobot:
    """Drive out of the truck's envelope to standby."""


@dataclass(frozen=True, slots=True)
class MoveBattery:
    """Carry a battery from one bay to another."""

    from_bay: int
    to_bay: int


@dataclass(frozen=True, slots=True)
class IsolateBattery:
    """Carry the abnormal battery of `bay` to the isolation place `to_bay`, if the PLC itself permits it."""

    bay: int
    to_bay: int


@dataclass(frozen=True, slots=True)
class ExchangeBattery:
    """Have the PLC run one whole exchange: old battery into `to_bay`, battery of `from_bay` onto the truck.

    `seat_...` is how far the truck's battery seat is off the nominal one.
    """

    from_bay: int
    to_bay: int
    truck_model: int
    position: int = 1
    seat_x_mm: int = 0
    seat_y_mm: int = 0
    seat_z_mm: int = 0


@dataclass(frozen=True, slots=True)
class AnswerRobot:
    """Answer what a PLC that runs the exchange asked."""

    request_id: int
    done: bool


@dataclass(frozen=True, slots=True)
class HoldRobot:
    """Stop motion in a controlled way and keep the load. Toward safety."""


@dataclass(frozen=True, slots=True)
class StopRobot:
    """Stop motion and drop the running order; the load stays gripped. Toward safety."""


@dataclass(frozen=True, slots=True)
class ResumeRobot:
    """Go on with a paused order."""


@dataclass(frozen=True, slots=True)
class ResetRobot:
    """Clear a fault whose cause is gone."""


@dataclass(frozen=True, slots=True)
class UnlockTruck:
    """Have the truck open its battery locks."""

    position: int = 1


@dataclass(frozen=True, slots=True)
class LockTruck:
    """Have the truck close its battery locks."""

    position: int = 1


@dataclass(frozen=True, slots=True)
class ReleaseTruck:
    """Tell the truck that it may leave."""


@dataclass(frozen=True, slots=True)
class StartCharge:
    """Begin charging the battery of a bay up to a SOC."""

    bay: int
    target_soc_pct: float
    power_limit_kw: float


@dataclass(frozen=True, slots=True)
class LimitCharge:
    """Limit the power of a running charge from now on. `raises`: it may take more than before."""

    bay: int
    power_limit_kw: float
    raises: bool = True


@dataclass(frozen=True, slots=True)
class PauseCharge:
    """Hold a running charge at no current with its contactors closed. Toward safety."""

    bay: int


@dataclass(frozen=True, slots=True)
class ResumeCharge:
    """Let a paused charge go on with so much power."""

    bay: int
    power_limit_kw: float


@dataclass(frozen=True, slots=True)
class StopCharge:
    """End charging of a bay: current to zero, then contactors open. Toward safety. `reached`: the target SOC is why."""

    bay: int
    reached: bool = False


@dataclass(frozen=True, slots=True)
class SetModules:
    """Set-point of a `direct` bay's charging modules, renewed every cycle; it lapses after 500 ms (a lease)."""

    bay: int
    voltage_v: float
    current_a: float


@dataclass(frozen=True, slots=True)
class ShutModules:
    """Disable a `direct` bay's charging modules: 0 A, then the contactor opens. Toward safety."""

    bay: int


@dataclass(frozen=True, slots=True)
class TripBay:
    """Second path to a bay that stays live after its stop: open its supply contactor under load. Toward safety."""

    bay: int


@dataclass(frozen=True, slots=True)
class RequestFeederCutOff:
    """Ask the fire panel to cut off the feeders of the chargers; a hanging load keeps its power. Toward safety."""


@dataclass(frozen=True, slots=True)
class DischargeBattery:
    """Let the battery of a bay give so much power to the site, down to a SOC; a lease to be renewed (experimental)."""

    bay: int
    power_kw: float
    least_soc_pct: float


@dataclass(frozen=True, slots=True)
class HeatBattery:
    """Have the climate unit of a bay warm its battery with coolant of this temperature (°C)."""

    bay: int
    supply_c: float


@dataclass(frozen=True, slots=True)
class CoolBattery:
    """Have the climate unit of a bay cool its battery with coolant of this temperature (°C)."""

    bay: int
    supply_c: float


@dataclass(frozen=True, slots=True)
class CirculateCoolant:
    """Have the climate unit of a bay pump its coolant round, so that the battery's temperatures even out."""

    bay: int


@dataclass(frozen=True, slots=True)
class StopClimate:
    """Switch the climate unit of a bay off. Toward safety."""

    bay: int


@dataclass(frozen=True, slots=True)
class SetStorePower:
    """Have the site's store take so much power (kW AC, below 0: give); a lease to be renewed."""

    power_kw: float


@dataclass(frozen=True, slots=True)
class StopStore:
    """Have the site's store rest at 0 kW. Toward safety."""


@dataclass(frozen=True, slots=True)
class OpenGate:
    """Have the barrier before the lane open for one truck that was admitted."""

    vin: str


@dataclass(frozen=True, slots=True)
class CloseGate:
    """Have the barrier before the lane close; it looks at its own loop as well."""


@dataclass(frozen=True, slots=True)
class ShowSign:
    """Have the drivers' sign show a word of the lane signs; `stop`: as a stop sign, `say`: speak it once."""

    word: str
    stop: bool
    say: bool
    zh: str
    en: str


RobotOrder = (
    HomeRobot
    | LocateTruck
    | GripBattery
    | LiftBattery
    | PutBattery
    | PickBattery
    | PlaceBattery
    | UngripBattery
    | ParkRobot
    | MoveBattery
    | IsolateBattery
    | ExchangeBattery
)
TruckOrder = UnlockTruck | LockTruck | ReleaseTruck
TowardSafety = (
    HoldRobot
    | StopRobot
    | PauseCharge
    | StopCharge
    | ShutModules
    | TripBay
    | RequestFeederCutOff
    | StopClimate
    | StopStore
)
ChargeOrder = StartCharge | LimitCharge | ResumeCharge | DischargeBattery | SetModules
ClimateOrder = HeatBattery | CoolBattery | CirculateCoolant
YardOrder = OpenGate | CloseGate | ShowSign
StationOrder = AnswerRobot | ResumeRobot | ResetRobot | SetStorePower
Command = RobotOrder | TruckOrder | TowardSafety | StationOrder | ChargeOrder | ClimateOrder | YardOrder
