"""What must be so before a truck's swap is asked of the station: who it is, and that it may be swapped."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

from swapstation.business import queue
from swapstation.business.permission import blocked, list_rules
from swapstation.model.headquarters import Permit, PermitBasis
from swapstation.server.context import Acting
from swapstation.server.parts import Context
from swapstation.server.problems import Problem


async def permitted(here: Context, by: Acting, vin: str, booking: str = "") -> Permit | None:
    """The permit that the controller wants to see, None where there is no headquarters.

    Raises Problem where a person has to decide who it is, a list blocks it, or the headquarters refuses it.
    """
    stays = await here.business.read(queue.entries_here)
    doubt = next((each for each in stays if not each.identity.vin and vin in each.identity.disagree), None)
    if doubt is not None:
        raise Problem(HTTPStatus.CONFLICT, "truck_not_certain", f"queue {doubt.number}")
    await not_blocked(here, vin)
    if here.headquarters is None:
        return None
    permit = await here.headquarters.permit(by.key, vin, booking)
    if not permit.granted:
        why = "; ".join(each for each in (permit.reason, permit.offline) if each)
        raise Problem(HTTPStatus.CONFLICT, permit.basis.refusal, why)
    return permit


async def not_blocked(here: Context, vin: str) -> None:
    """Raises Problem where a list blocks a truck."""
    block = blocked(await here.business.read(partial(list_rules, vin=vin)), datetime.now(UTC))
    if block is not None:
        raise Problem(HTTPStatus.CONFLICT, PermitBasis.BLOCK_LIST.refusal, block.reason)
