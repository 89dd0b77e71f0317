"""What the devices complain of: in their own words where they have them, else by their fault words and codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from swapstation.devices.adapter import Role, Update
from swapstation.devices.fault_texts import COMPLAINING, Texts, faults_of
from swapstation.model.vendor_alarm import DeviceComplaint, VendorAlarm, VendorAlarms

COMPLAINT_AGE_S = 15.0


def complaints(role: Role, updates: Sequence[Update], texts: Texts, now_s: float) -> Iterator[DeviceComplaint]:
    """The complaints of one adapter's devices, as long as they say so; one that names its own is taken at its word."""
    named = {update.bay for update in updates if type(update.state) is VendorAlarms}
    for update in updates:
        if now_s - update.received_s > COMPLAINT_AGE_S:
            continue
        found: tuple[VendorAlarm, ...] = ()
        if isinstance(update.state, VendorAlarms):
            found = update.state.alarms
        elif type(update.state) in COMPLAINING and update.bay not in named:
            found = faults_of(update.state, texts)
        for alarm in found:
            yield DeviceComplaint(role.value, update.bay, alarm)
