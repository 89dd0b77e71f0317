"""Names of the installed adapters: entry points `ROLE.NAME` of the group `swapstation.adapters`, of any package."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

GROUP = "swapstation.adapters"


def installed_adapters(role: str) -> dict[str, EntryPoint]:
    """The adapters of a role by name; none is loaded. Of two with one name the first on the path counts."""
    prefix = f"{role}."
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        if entry.name.startswith(prefix):
            found.setdefault(entry.name.removeprefix(prefix), entry)
    return dict(sorted(found.items()))
