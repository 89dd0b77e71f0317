"""What a swap handed over, by the SOC of both batteries when it was allocated: a bill per swap rests on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from swapstation.config.energy_settings import Ledger
from swapstation.energy.uncertainty import soc_kwh
from swapstation.model.inventory import PositionExchange


@dataclass(frozen=True, slots=True)
class SwapEnergy:
    """One battery position of a swap: kWh stored in the battery handed out and in the one returned.

    `energy_kwh` is their difference with its limit of error; None where a SOC or a battery's model is not known.
    """

    position: int
    fresh: str
    fresh_soc_pct: float | None
    fresh_kwh: float | None
    returned: str
    returned_soc_pct: float | None
    returned_kwh: float | None
    energy_kwh: float | None
    uncertainty_kwh: float | None


def swap_energy(exchange: PositionExchange, capacities_kwh: Mapping[str, float], ledger: Ledger) -> SwapEnergy:
    """The energy of one exchange; `capacities_kwh` is the energy of the batteries' models by battery."""
    told = [
        (capacities_kwh.get(battery), soc_pct)
        for battery, soc_pct in (
            (exchange.fresh, exchange.fresh_soc_pct),
            (exchange.returned, exchange.returned_soc_pct),
        )
    ]
    fresh_kwh, returned_kwh = (
        None if capacity_kwh is None or soc_pct is None else capacity_kwh * soc_pct / 100.0
        for capacity_kwh, soc_pct in told
    )
    energy_kwh = None if fresh_kwh is None or returned_kwh is None else fresh_kwh - returned_kwh
    off_kwh = None
    if energy_kwh is not None:
        capacity_kwh = max(capacities_kwh[exchange.fresh], capacities_kwh[exchange.returned])
        off_kwh = soc_kwh(ledger, capacity_kwh, energy_kwh / capacity_kwh * 100.0)
    return SwapEnergy(
        exchange.position,
        exchange.fresh,
        exchange.fresh_soc_pct,
        fresh_kwh,
        exchange.returned,
        exchange.returned_soc_pct,
        returned_kwh,
        energy_kwh,
        off_kwh,
    )
