"""States of the connectors from the snapshot: what a bay's own devices and holds say, the gravest first."""

from __future__ import annotations

from swapstation.model.device import ChargePhase, ChargerState, ModuleState, Presence
from swapstation.model.inventory import HoldKind
from swapstation.model.snapshot import BayState, Snapshot
from swapstation.supervision.codes import ConnectorStatus, LockStatus, ParkStatus
from swapstation.supervision.mapping.places import Places
from swapstation.supervision.messages import ConnectorState

_FLOWING = (ChargerState.STARTING, ChargerState.CHARGING, ChargerState.STOPPING)
_MODULE_FAULTS = (ModuleState.FAULT, ModuleState.WATCHDOG)


def connector_states(places: Places, snapshot: Snapshot | None) -> dict[int, ConnectorState]:
    """The state of every connector by bay; offline without a snapshot that is fresh and knows the bay."""
    return {
        bay: ConnectorState(
            connector_id=connector,
            status=_status(snapshot, bay),
            park=ParkStatus.UNKNOWN,
            lock=LockStatus.UNKNOWN,
        )
        for bay, connector in sorted(places.connectors.items())
    }


def _status(snapshot: Snapshot | None, number: int) -> ConnectorStatus:
    bay = None if snapshot is None else snapshot.by_number.get(number)
    return ConnectorStatus.OFFLINE if snapshot is None or bay is None else bay_status(snapshot, bay)


def bay_status(snapshot: Snapshot, bay: BayState) -> ConnectorStatus:
    """One bay: locked out, fire or fault before silence, a charge before a reservation before mere presence."""
    if _out_of_order(snapshot, bay):
        return ConnectorStatus.FAULT
    io = bay.io.good
    if io is None or (bay.charging == "charger" and bay.charger.good is None):
        return ConnectorStatus.OFFLINE
    if _charging(bay):
        return ConnectorStatus.CHARGING
    if _reserved(snapshot, bay):
        return ConnectorStatus.RESERVED
    return ConnectorStatus.OCCUPIED if io.presence is Presence.PRESENT else ConnectorStatus.IDLE


def _out_of_order(snapshot: Snapshot, bay: BayState) -> bool:
    io, charger, modules, charge = bay.io.good, bay.charger.good, bay.modules.good, bay.charge.good
    fire = snapshot.fire
    return (
        snapshot.inventory.locked_out(bay.place)
        or bay.number in fire.reaction.stopped_bays
        or bay.number in fire.tripped_bays
        or fire.reaction.confirmed
        or (io is not None and (io.smoke is True or io.presence is Presence.CONTRADICTION))
        or (charger is not None and charger.state is ChargerState.FAULT)
        or (modules is not None and modules.state in _MODULE_FAULTS)
        or (charge is not None and charge.phase is ChargePhase.ERROR)
    )


def _charging(bay: BayState) -> bool:
    """Whether a charge runs; one that is paused, or gives power back, is a battery that is present."""
    if bay.charging == "charger":
        charger = bay.charger.good
        return charger is not None and charger.state in _FLOWING
    charge = bay.charge.good
    return charge is not None and charge.phase is ChargePhase.CHARGING


def _reserved(snapshot: Snapshot, bay: BayState) -> bool:
    hold = snapshot.inventory.held(battery=bay.battery, place=bay.place)
    return hold is not None and hold.kind in (HoldKind.SWAP, HoldKind.BOOKING)
