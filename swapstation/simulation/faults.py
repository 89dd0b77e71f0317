"""Faults as named knobs: training, tests and the control socket switch them on and off."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from swapstation.errors import InputError


class Where(Enum):
    """What a knob applies to."""

    STATION = "nothing"
    BAY = "a bay number"
    SAFETY = "a safety input"
    FIRMWARE = "a bay number, robot or truck"
    MESSAGE = "a bay number and a message of its BMS"
    YARD = "a device before the lane"


BMS_MESSAGES = ("BRM", "BCP", "BRO", "BCL", "BCS", "BSM")
YARD_DEVICES = ("gate", "weigher", "identifier", "guide")
SAFETY_INPUTS = ("estop", "door", "curtain", "overtravel")
KNOBS = {
    "presence_stuck": Where.BAY,  # sensor A keeps what it showed
    "presence_on": Where.BAY,  # both sensors of the bay stuck: occupied
    "presence_off": Where.BAY,  # both sensors of the bay stuck: empty
    "connector_open": Where.BAY,  # the bay connector does not mate
    "bms_silent": Where.BAY,  # the BMS sends nothing
    "bms_message_silent": Where.MESSAGE,  # the BMS leaves one kind of message out, for example 6:BSM
    "charger_lies": Where.BAY,  # the charger says that it rests at 0 A with its contactor open, whatever it does
    "charger_counts_wrong": Where.BAY,  # the charger's counter of the charge shows 70 % of the truth
    "bay_link_cut": Where.BAY,  # the CAN segment of the bay is gone
    "module_fault": Where.BAY,  # the charging modules, or the charger, report a fault and give 0 A
    "equipment_hot": Where.BAY,  # the power electronics of the bay are 40 K hotter
    "smoke": Where.BAY,
    "fire_alarm": Where.STATION,  # the fire panel's own detectors
    "fire_panel_silent": Where.STATION,  # its state and its request input are gone from the wire; it still acts
    "transfer_forbidden": Where.STATION,  # the safety PLC permits no transfer to isolation
    "thermal_runaway": Where.BAY,  # the battery of the bay heats itself by 1 K/s, smoke above 90 degC
    "stays_live": Where.BAY,  # the charger or modules go on and the battery's contactors stay closed, whatever is said
    "other_version": Where.FIRMWARE,  # its firmware shows another version of the wire contract
    "safety_open": Where.SAFETY,
    "plc_heartbeat_frozen": Where.STATION,  # the PLC answers, but its heartbeat stands still
    "robot_fault": Where.STATION,  # drive fault
    "grip_no_confirm": Where.STATION,  # the spreader closes, its sensors do not say so
    "overweight": Where.STATION,  # load cells read 400 kg too much
    "truck_moves": Where.STATION,  # the truck has rolled 80 mm while on
    "lock_no_confirm": Where.STATION,  # the truck's locks never reach the end
    "hv_stays_on": Where.STATION,
    "brake_not_set": Where.STATION,
    "truck_silent": Where.STATION,  # the truck's radio link is gone
    "meter_silent": Where.STATION,
    "climate_silent": Where.STATION,  # the gateway of the climate units answers nothing
    "climate_fault": Where.BAY,  # the heater or chiller of the bay's climate unit has failed
    "store_silent": Where.STATION,  # the site's store answers nothing; what it hears is lost
    "store_fault": Where.STATION,  # the store reports a fault and gives and takes nothing
    "store_stuck": Where.STATION,  # the store goes on with its power, whatever it is told
    "yard_silent": Where.YARD,  # the device says nothing and hears nothing
    "yard_garbage": Where.YARD,  # what the device sends arrives damaged
    "yard_stuck": Where.YARD,  # the boom does not move; scale, sign and camera keep what they showed last
    "yard_fault": Where.YARD,  # the device reports a fault
    "wrong_plate": Where.STATION,  # the plate camera misreads: it says the plate of another truck
    "coolant_leak": Where.BAY,  # the coolant pressure of the bay's climate unit is low
}


@dataclass(slots=True)
class Faults:
    """The knobs that are on, each with its target: a bay number, a safety input, or empty."""

    on: set[tuple[str, str]] = field(default_factory=set)

    def set(self, name: str, target: str, on: bool, bays: tuple[int, ...]) -> None:
        """Turn a knob; InputError names what is allowed."""
        if name not in KNOBS:
            raise InputError("name", name, "one of " + ", ".join(KNOBS))
        allowed = _targets(KNOBS[name], bays)
        if target not in allowed:
            raise InputError("target", target, f"{KNOBS[name].value}: one of {', '.join(allowed) or 'nothing'}")
        if on:
            self.on.add((name, target))
        else:
            self.on.discard((name, target))

    def active(self, name: str, target: int | str = "") -> bool:
        return bool(self.on) and (name, str(target)) in self.on

    def count(self, name: str) -> int:
        """For how many targets a knob is on."""
        return sum(known == name for known, _ in self.on)


def knobs(bays: tuple[int, ...]) -> dict[str, tuple[str, ...]]:
    """Every knob with the targets that it may have."""
    return {name: _targets(where, bays) for name, where in KNOBS.items()}


def _targets(where: Where, bays: tuple[int, ...]) -> tuple[str, ...]:
    return {
        Where.STATION: ("",),
        Where.BAY: tuple(str(bay) for bay in bays),
        Where.SAFETY: SAFETY_INPUTS,
        Where.MESSAGE: tuple(f"{bay}:{message}" for bay in bays for message in BMS_MESSAGES),
        Where.YARD: YARD_DEVICES,
        Where.FIRMWARE: (*(str(bay) for bay in bays), "robot", "truck"),
    }[where]
