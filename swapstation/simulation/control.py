"""What a trainer or a test may ask of the simulation: trucks, speed, faults, the truth. One JSON object each way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any

from swapstation.errors import InputError
from swapstation.model.inventory import SeatOffset
from swapstation.simulation.external_bay import BayReport
from swapstation.simulation.faults import knobs
from swapstation.simulation.plant.truck import Pose, Truck
from swapstation.simulation.world import Simulation

HIGHEST_SPEED = 200.0
SPREAD_X_MM, SPREAD_Y_MM, SPREAD_YAW_MRAD = 60.0, 40.0, 20.0
POSE_LIMIT = 1000.0
LIGHTEST_KG, HEAVIEST_KG = 1000.0, 200_000.0
SEATS = tuple(each.name for each in fields_of(SeatOffset))
SEAT_LIMIT_MM = 300.0
COLDEST_C, HOTTEST_C = -40.0, 60.0


class Control:
    """Answers requests; a wrong one names the field, its value and what is allowed, and changes nothing."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._plant = simulation.plant
        self._do: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], frozenset[str]]] = {
            "truck_arrives": (
                self._truck_arrives,
                frozenset({"vin", "soc_pct", "battery", "pose_x_mm", "pose_y_mm", "pose_yaw_mrad", "gross_kg", *SEATS}),
            ),
            "truck_leaves": (self._truck_leaves, frozenset()),
            "set_speed": (self._set_speed, frozenset({"speed"})),
            "set_weather": (self._set_weather, frozenset({"ambient_c"})),
            "fault": (self._fault, frozenset({"name", "target", "on"})),
            "state": (self._state, frozenset()),
            "external_bay": (self._external_bay, frozenset({"bay", *(field.name for field in fields_of(BayReport))})),
        }

    def answer(self, line: bytes) -> bytes:
        """Answer one line of JSON with one line of JSON."""
        try:
            return _line({"ok": True, **self._carry_out(_object(line))})
        except InputError as error:
            refused = {"ok": False, "field": error.field, "value": error.value, "allowed": error.allowed}
            return _line(refused | {"error": str(error)})

    def _carry_out(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request.pop("do", None)
        if name not in self._do:
            raise InputError("do", name, "one of " + ", ".join(self._do))
        act, fields = self._do[name]
        for field, value in request.items():
            if field not in fields:
                raise InputError(field, value, "one of " + (", ".join(sorted(fields)) or "no fields"))
        return act(request)

    def _truck_arrives(self, request: dict[str, Any]) -> dict[str, Any]:
        truck = self._truck(request.get("vin"))
        self._check_free(truck)
        carried = [battery for position in truck.positions if (battery := self._plant.on_truck(truck, position))]
        assets = [battery.battery for battery in carried]
        if request.get("battery") not in (None, *assets):
            raise InputError("battery", request["battery"], f"{', '.join(assets) or 'none'}: of this truck")
        soc_pct = _number(request, "soc_pct", 0.0, 100.0)
        seat_mm = {name: _number(request, name, -SEAT_LIMIT_MM, SEAT_LIMIT_MM) for name in SEATS}
        pose = Pose(
            x_mm=self._offset(request, "pose_x_mm", SPREAD_X_MM),
            y_mm=self._offset(request, "pose_y_mm", SPREAD_Y_MM),
            yaw_mrad=self._offset(request, "pose_yaw_mrad", SPREAD_YAW_MRAD),
        )
        if soc_pct is not None:
            for battery in carried:
                battery.set_soc(soc_pct)
        gross_kg = _number(request, "gross_kg", LIGHTEST_KG, HEAVIEST_KG)
        truck.gross_kg = truck.gross_kg if gross_kg is None else gross_kg
        truck.seat = replace(truck.seat, **{name: round(mm) for name, mm in seat_mm.items() if mm is not None})
        entrance = self._plant.entrance
        if entrance is None:
            truck.arrive(pose)
        else:
            entrance.come(truck, pose)
        return {"vin": truck.vin, "battery": assets[0] if assets else None, "batteries": assets}

    def _check_free(self, truck: Truck) -> None:
        """A truck comes into the lane, or where there are devices before it, to that place."""
        entrance, standing = self._plant.entrance, self._plant.truck
        before = entrance.truck if entrance is not None else None
        if before is not None:
            raise InputError("vin", truck.vin, f"the place before the lane is taken by {before}")
        if standing is not None and (entrance is None or standing is truck):
            raise InputError("vin", truck.vin, f"the lane is taken by {standing.vin}")

    def _truck(self, vin: object) -> Truck:
        if not isinstance(vin, str) or vin not in self._plant.trucks:
            raise InputError("vin", vin, "one of " + ", ".join(self._plant.trucks))
        return self._plant.trucks[vin]

    def _offset(self, request: dict[str, Any], field: str, spread: float) -> float:
        given = _number(request, field, -POSE_LIMIT, POSE_LIMIT)
        return self._plant.chance.uniform(-spread, spread) if given is None else given

    def _truck_leaves(self, request: dict[str, Any]) -> dict[str, Any]:
        """The driver leaves on his own."""
        truck = self._plant.truck
        if truck is None or not self._plant.may_drive(truck):
            raise InputError("do", "truck_leaves", "a truck in the lane with its battery locked and the spreader off")
        truck.leave()
        return {"vin": truck.vin}

    def _set_speed(self, request: dict[str, Any]) -> dict[str, Any]:
        speed = _needed(request, "speed", 0.0, HIGHEST_SPEED)
        self._simulation.speed = speed
        return {"speed": speed}

    def _set_weather(self, request: dict[str, Any]) -> dict[str, Any]:
        self._plant.ambient_c = _needed(request, "ambient_c", COLDEST_C, HOTTEST_C)
        return {"ambient_c": self._plant.ambient_c}

    def _fault(self, request: dict[str, Any]) -> dict[str, Any]:
        on = _truth({"on": True} | request, "on")
        name, target = str(request.get("name", "")), str(request.get("target", ""))
        self._plant.faults.set(name, target, on, tuple(self._plant.bays))
        return {"faults": self._faults()}

    def _external_bay(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the program that plays a bay reports, ten times a second."""
        external = self._simulation.external
        if external is None or request.get("bay") != external.number:
            allowed = "no bay here" if external is None else str(external.number)
            raise InputError("bay", request.get("bay"), f"{allowed}: the bay that is played from outside")
        report = BayReport(
            battery=_text(request, "battery"),
            soc_pct=_needed(request, "soc_pct", 0.0, 100.0),
            temperature_c=_needed(request, "temperature_c", -273.0, 1000.0),
            enabled=_truth(request, "enabled"),
            voltage_v=_needed(request, "voltage_v", 0.0, 1500.0),
            current_a=_needed(request, "current_a", 0.0, 1000.0),
            contactor_closed=_truth(request, "contactor_closed"),
            battery_contactor_closed=_truth(request, "battery_contactor_closed"),
        )
        return external.exchange(report, self._simulation.speed)

    def _faults(self) -> list[str]:
        return sorted(f"{name}:{target}" if target else name for name, target in self._plant.faults.on)

    def _state(self, request: dict[str, Any]) -> dict[str, Any]:
        plant, plc = self._plant, self._simulation.plc
        truck, at = plant.truck, plant.robot.at
        return {
            "speed": self._simulation.speed,
            "batteries": [
                {
                    "battery": battery.battery,
                    "place": battery.place,
                    "soc_pct": round(battery.soc_pct, 2),
                    "current_a": round(battery.current_a, 1),
                    "temperature_c": round(battery.temperature_c, 1),
                    "contactor_closed": battery.contactor_closed,
                }
                for battery in plant.batteries.values()
            ],
            "robot": {
                "state": plc.state.value,
                "step": plc.step.name.lower(),
                "at_mm": [round(at.x_mm), round(at.y_mm), round(at.z_mm)],
                "grips": plant.robot.battery,
                "running_id": plc.running_id,
                "accepted_id": plc.kept.accepted_id,
                "refusal": plc.kept.refusal.name.lower(),
            },
            "truck": None
            if truck is None
            else {
                "vin": truck.vin,
                "phase": truck.phase.value,
                "lock": truck.lock.value,
                "locks": [locks.state.value for locks in truck.locks],
            },
            "before_lane": plant.entrance.truck if plant.entrance is not None else None,
            "trucks": {vin: self._assets(truck) for vin, truck in plant.trucks.items()},
            "meter_kwh": round(plant.meter_kwh, 3),
            "ambient_c": plant.ambient_c,
            "faults": self._faults(),
            "knobs": knobs(tuple(plant.bays)),
        }

    def _assets(self, truck: Truck) -> list[str | None]:
        batteries = (self._plant.on_truck(truck, position) for position in truck.positions)
        return [battery.battery if battery else None for battery in batteries]


def _object(line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except ValueError:
        request = None
    if not isinstance(request, dict):
        raise InputError("line", line.decode(errors="replace").strip(), "one JSON object per line")
    return request


def _number(request: dict[str, Any], field: str, least: float, most: float) -> float | None:
    value = request.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise InputError(field, value, f"{least:g} to {most:g}")
    return float(value)


def _needed(request: dict[str, Any], field: str, least: float, most: float) -> float:
    value = _number(request, field, least, most)
    if value is None:
        raise InputError(field, None, f"{least:g} to {most:g}")
    return value


def _truth(request: dict[str, Any], field: str) -> bool:
    value = request.get(field)
    if not isinstance(value, bool):
        raise InputError(field, value, "true or false")
    return value


def _text(request: dict[str, Any], field: str) -> str:
    value = request.get(field)
    if not isinstance(value, str):
        raise InputError(field, value, "a text")
    return value


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"
