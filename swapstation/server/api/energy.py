"""The energy ledger: charges with their details, cases with their evidence; health cards of batteries."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime

from swapstation.energy.swap_energy import SwapEnergy
from swapstation.inventory.energy_queries import Charge, ChargePacket, KnownCase
from swapstation.model.energy_request import CloseEnergyCase
from swapstation.model.health import HealthCard
from swapstation.model.request import Accepted
from swapstation.server.api.bodies import Why
from swapstation.server.context import By, Context, Here, ask
from swapstation.server.problems import Problem, declared

router = APIRouter(tags=["energy"])

_ONE = declared(HTTPStatus.NOT_FOUND)
_MOST_CHARGES = 2**31 - 1
ChargeNumber = Annotated[int, Path(ge=1, le=_MOST_CHARGES, examples=[1])]
CaseId = Annotated[str, Path(pattern=r"^[!-~]{1,100}$", examples=["20260701T182500-bay-1-battery"])]
SwapId = Annotated[str, Path(pattern=r"^[!-~]{1,80}$")]
Asset = Annotated[str, Path(pattern=r"^[!-~]{1,40}$", examples=["B001"])]
Limit = Annotated[int, Query(ge=1, le=500)]
Before = Annotated[AwareDatetime | None, Query(description="Only earlier ones: the next page.")]


@router.get("/charges", responses=declared())
async def list_charges(
    here: Here, limit: Limit = 50, before: Before = None, battery: Annotated[str | None, Query()] = None
) -> tuple[Charge, ...]:
    """Charges, newest first, each with its details by tariff period once it is settled."""
    return await run_in_threadpool(here.history.charges, limit, before, battery)


@router.get("/charges/{charge}", responses=_ONE)
async def read_charge(here: Here, charge: ChargeNumber) -> Charge:
    """One charge by its number."""
    return await _charge(here, charge)


@router.get("/charges/{charge}/packet", responses=_ONE)
async def read_charge_packet(here: Here, charge: ChargeNumber) -> ChargePacket:
    """The dispute packet of a charge: readings, the charger's own record, cases, swaps before and after."""
    return await run_in_threadpool(here.history.charge_packet, await _charge(here, charge))


@router.get("/swaps/{swap}/energy", responses=_ONE)
async def read_swap_energy(here: Here, swap: SwapId) -> tuple[SwapEnergy, ...]:
    """What each exchange of a swap handed over, by the batteries' SOC at hand-out and return."""
    told = await run_in_threadpool(here.history.swap_energy, here.config, swap)
    if told is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_swap", swap)
    return told


@router.get("/energy/cases", responses=declared())
async def list_energy_cases(
    here: Here, limit: Limit = 50, before: Before = None, only_open: bool = False
) -> tuple[KnownCase, ...]:
    """Cases of missing or surplus energy, newest first."""
    return await run_in_threadpool(here.history.energy_cases, limit, before, only_open)


@router.get("/energy/cases/{case}", responses=_ONE)
async def read_energy_case(here: Here, case: CaseId) -> KnownCase:
    """One case with its evidence."""
    known = await run_in_threadpool(here.history.energy_case, case)
    if known is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_case", case)
    return known


@router.post("/energy/cases/{case}/close", responses=declared(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
async def close_energy_case(here: Here, by: By, case: CaseId, why: Why) -> Accepted:
    """A person has dealt with a case and says what became of it."""
    return await ask(here, by, CloseEnergyCase(case, why.reason))


@router.get("/batteries/{asset}/health", responses=_ONE)
async def read_battery_health(here: Here, asset: Asset) -> HealthCard:
    """The health card of a battery, from everything that its charges showed until now."""
    card = await run_in_threadpool(here.history.health, here.config, asset, datetime.now(UTC))
    if card is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_battery", asset)
    return card


async def _charge(here: Context, number: int) -> Charge:
    charge = await run_in_threadpool(here.history.charge, number)
    if charge is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no_such_charge", str(number))
    return charge
