"""Routes of /api/v1, one module per resource."""

from swapstation.server.api import (
    alarms,
    batteries,
    bays,
    bookings,
    catalogues,
    events,
    jobs,
    live,
    snapshot,
    station,
    swaps,
)

ROUTERS = tuple(
    module.router
    for module in (snapshot, bays, batteries, swaps, jobs, bookings, alarms, station, events, catalogues, live)
)
