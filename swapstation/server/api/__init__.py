"""Routes of /api/v1, one module per resource."""

from swapstation.server.api import (
    alarms,
    batteries,
    bays,
    bookings,
    bypasses,
    catalogues,
    energy,
    events,
    fire,
    jobs,
    live,
    plan,
    platform,
    power,
    pv,
    snapshot,
    station,
    stock,
    swaps,
    tariff,
)

ROUTERS = tuple(
    module.router
    for module in (
        snapshot,
        bays,
        batteries,
        stock,
        swaps,
        jobs,
        bookings,
        plan,
        power,
        alarms,
        fire,
        station,
        bypasses,
        tariff,
        pv,
        energy,
        events,
        platform,
        catalogues,
        live,
    )
)
