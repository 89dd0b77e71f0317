"""What alarms say of the devices before the lane: silent, faulty, or not doing what they were told."""

from __future__ import annotations

from collections.abc import Iterator

from swapstation.station.draft import Draft
from swapstation.station.power_watch import Complaint

SILENT_S = 5.0
FAULT_S = 1.0
GATE_MOVES_S, SIGN_SHOWS_S = 20.0, 6.0
"""So long a boom may take to move, and a sign to show another word."""
DEVICES = ("gate", "weigher", "identifier", "guide")


def yard_complaints(draft: Draft) -> Iterator[Complaint]:
    """Each device that the station file gives a wire."""
    links = draft.rules.config.links
    for name in DEVICES:
        if getattr(links, name):
            yield from _complaints(draft, name)


def _complaints(draft: Draft, name: str) -> Iterator[Complaint]:
    device = getattr(draft.snapshot, name).good
    if device is None:
        yield Complaint("YARD_DEVICE_SILENT", name, "", SILENT_S)
    elif device.fault_code:
        yield Complaint("YARD_DEVICE_FAULT", name, str(device.fault_code), FAULT_S)
    elif name == "gate" and draft.memory.gate.asked:
        yield Complaint("YARD_DEVICE_FAULT", name, device.state.value, GATE_MOVES_S)
    elif name == "guide" and (sign := draft.memory.guide.sign) is not None and device.word != sign.word:
        yield Complaint("YARD_DEVICE_FAULT", name, f"{device.word} / {sign.word}", SIGN_SHOWS_S)
