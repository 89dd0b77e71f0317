"""What the table `[yard]` may hold, and how it must fit the wires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from swapstation.config.link_settings import Links
from swapstation.config.reading import Wrong
from swapstation.config.rule_kinds import Allowed, Number, Rule

YARD: Mapping[str, Rule] = {
    "least_confidence_pct": Number(0.0, 100.0, "%"),
    "weigh_above_kg": Number(100.0, 100_000.0, "kg"),
    "admission_s": Number(30.0, 3600.0, "s"),
    "gate_clear_s": Number(1.0, 60.0, "s"),
}
_NEEDS: Mapping[str, str] = {
    "least_confidence_pct": "identifier",
    "weigh_above_kg": "weigher",
    "admission_s": "gate",
    "gate_clear_s": "gate",
}


def check_yard(raw: Any, links: Links | None) -> Iterator[Wrong]:
    """A setting of a device that has no wire is a mistake: it would do nothing."""
    if not isinstance(raw, dict) or links is None:
        return
    for key in raw:
        device = _NEEDS.get(key)
        if device is not None and not getattr(links, device):
            zh, en = f"只在配置了 [links] {device} 时有意义", f"means something only with [links] {device}"
            yield Wrong(("yard", key), raw[key], Allowed(zh, en))
