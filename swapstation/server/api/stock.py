"""The stock record as a whole: trucks that belong to the fleet, and what somebody counted in the rack."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from swapstation.model.request import Accepted, CountedPlace, StockCheck
from swapstation.model.truck_request import RegisterTruck
from swapstation.server.api.bodies import AssetId
from swapstation.server.context import By, Here, ask
from swapstation.server.problems import declared

router = APIRouter(tags=["stock"], responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))


class FleetTruck(BaseModel):
    """A truck and its model, which tells its batteries and how they are swapped."""

    model_config = ConfigDict(extra="forbid")
    vin: Annotated[str, Field(pattern=r"^[0-9A-HJ-NPR-Z]{17}$", examples=["LFWSRXSJ7M1F00001"])]
    model: Annotated[str, Field(min_length=1, max_length=60, examples=["tractor-6x4"])]


class Counted(BaseModel):
    """What somebody found in one place; no battery: it is empty."""

    model_config = ConfigDict(extra="forbid")
    place: Annotated[str, Field(pattern=r"^[!-~]{1,60}$", examples=["bay-3"])]
    battery: AssetId | None = None


class Count(BaseModel):
    """The places that were looked at."""

    model_config = ConfigDict(extra="forbid")
    counted: Annotated[tuple[Counted, ...], Field(min_length=1, max_length=200)]


@router.post("/trucks")
async def register_truck(here: Here, by: By, truck: FleetTruck) -> Accepted:
    """A truck that may be swapped from now on, or one whose model was wrong."""
    return await ask(here, by, RegisterTruck(truck.vin, truck.model))


@router.post("/stock-check")
async def enter_stock_check(here: Here, by: By, count: Count) -> Accepted:
    """The result of a count by people; differences put batteries in doubt, they move nothing."""
    return await ask(here, by, StockCheck(tuple(CountedPlace(each.place, each.battery) for each in count.counted)))
