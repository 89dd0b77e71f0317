"""A training station's instructor: faults, speed, weather and trucks of the simulator, drills and their results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from swapstation.business import drill_results
from swapstation.business.drill_results import DrillResult
from swapstation.server.actor import Actor
from swapstation.server.context import Context, Here, Who
from swapstation.server.problems import Problem, declared
from swapstation.server.training import Running, Training
from swapstation.training.drill import Needs, Text, drills

router = APIRouter(prefix="/training", tags=["training"])
NOT_HERE = declared(HTTPStatus.NOT_FOUND)


class Knob(BaseModel):
    """A fault of the simulator; `target` a bay number, a safety input, or empty."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", examples=["robot_fault"])]
    target: Annotated[str, Field(pattern=r"^[0-9A-Za-z:]{0,20}$")] = ""
    on: bool = True


class Pace(BaseModel):
    """How much faster than real the plant moves and charges; 0 stands still."""

    model_config = ConfigDict(extra="forbid")
    speed: Annotated[float, Field(ge=0.0, le=200.0)]


class Weather(BaseModel):
    """The air around station and batteries (°C)."""

    model_config = ConfigDict(extra="forbid")
    ambient_c: Annotated[float, Field(ge=-40.0, le=60.0)]


class Truck(BaseModel):
    """A truck that drives in, with the charge of its batteries."""

    model_config = ConfigDict(extra="forbid")
    vin: Annotated[str, Field(pattern=r"^[0-9A-Z]{17}$")]
    soc_pct: Annotated[float, Field(ge=0.0, le=100.0)] = 30.0


class Begin(BaseModel):
    """A drill to begin, and the bay for those that need one."""

    model_config = ConfigDict(extra="forbid")
    drill: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    bay: Annotated[int | None, Field(ge=1, le=99)] = None


@dataclass(frozen=True, slots=True)
class DrillCard:
    """A drill for the instructor."""

    drill: str
    needs: Needs
    needs_bay: bool
    full_s: float
    limit_s: float
    title: Text
    brief: Text
    why: Text
    right: tuple[tuple[str, ...], ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrainingState:
    """The simulator as it is, and the drill that runs."""

    speed: float
    ambient_c: float
    faults: tuple[str, ...]
    knobs: dict[str, tuple[str, ...]]
    trucks: tuple[str, ...]
    truck: str | None
    running: Running | None


def _training(here: Context) -> Training:
    if here.training is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_training_station")
    return here.training


async def _turned(here: Context, who: Actor, action: str, **arguments: Any) -> TrainingState:
    training = _training(here)
    await here.business.record(who.entry("training", action, arguments))
    await training.ask(action, **arguments)
    return await read_training(here)


@router.get("", responses=NOT_HERE)
async def read_training(here: Here) -> TrainingState:
    """The simulator as it is now, and the drill that runs. 404 at a real station."""
    state = await _training(here).ask("state")
    truck = state["truck"]
    return TrainingState(
        speed=state["speed"],
        ambient_c=state["ambient_c"],
        faults=tuple(state["faults"]),
        knobs={name: tuple(targets) for name, targets in state["knobs"].items()},
        trucks=tuple(state["trucks"]),
        truck=None if truck is None else truck["vin"],
        running=_training(here).running_drill,
    )


@router.post("/faults", responses=NOT_HERE)
async def turn_knob(here: Here, who: Who, knob: Knob) -> TrainingState:
    """Turn a fault on or off."""
    return await _turned(here, who, "fault", **knob.model_dump())


@router.post("/speed", responses=NOT_HERE)
async def set_speed(here: Here, who: Who, pace: Pace) -> TrainingState:
    """Let the plant run faster or slower. Drills are timed by the real clock whatever it is."""
    return await _turned(here, who, "set_speed", speed=pace.speed)


@router.post("/weather", responses=NOT_HERE)
async def set_weather(here: Here, who: Who, weather: Weather) -> TrainingState:
    """Make it cold or hot."""
    return await _turned(here, who, "set_weather", ambient_c=weather.ambient_c)


@router.post("/trucks", responses=NOT_HERE)
async def send_truck(here: Here, who: Who, truck: Truck) -> TrainingState:
    """Let a truck drive in."""
    return await _turned(here, who, "truck_arrives", **truck.model_dump())


@router.post("/trucks/leave", responses=NOT_HERE)
async def let_truck_leave(here: Here, who: Who) -> TrainingState:
    """Let the driver of the standing truck leave on his own."""
    return await _turned(here, who, "truck_leaves")


@router.get("/drills", responses=NOT_HERE)
async def list_drills(here: Here) -> list[DrillCard]:
    """What can be drilled."""
    _training(here)
    return [
        DrillCard(
            name,
            drill.needs,
            drill.needs_bay,
            drill.full_s,
            drill.limit_s,
            drill.title,
            drill.brief,
            drill.why,
            tuple(tuple(sorted(group)) for group in drill.right),
            tuple(sorted(drill.wrong)),
        )
        for name, drill in drills().items()
    ]


@router.post("/drills", status_code=HTTPStatus.CREATED, responses=NOT_HERE)
async def begin_drill(here: Here, who: Who, begin: Begin) -> Running:
    """Begin a drill; one runs at a time. Its clock starts with its alarm, and it ends by itself."""
    training = _training(here)
    await here.business.record(who.entry("drill_begun", begin.drill, {"bay": begin.bay}))
    return await training.begin(begin.drill, begin.bay, who.person)


@router.post("/drills/end", responses=NOT_HERE)
async def end_drill(here: Here) -> DrillResult | None:
    """End the drill that runs before it ends by itself; null when none ran."""
    return await _training(here).end()


@router.get("/results", responses=NOT_HERE)
async def list_results(
    here: Here,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=10**9)] = None,
) -> list[DrillResult]:
    """Results of drills, newest first."""
    _training(here)
    return await here.business.read(partial(drill_results.list_results, limit=limit, before=before))


@router.get("/results/{number}", responses=NOT_HERE)
async def read_result(here: Here, number: Annotated[int, Path(ge=1, le=10**9)]) -> DrillResult:
    """One result with everything that people did."""
    _training(here)
    found = await here.business.read(partial(drill_results.find, number=number))
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_result", str(number))
    return found
