"""The screens of the console, from its own source: a new one is in the next pictures by itself."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "ops_ui" / "src" / "lib" / "place.svelte.ts"


def screens() -> tuple[str, ...]:
    """The names behind `#/`, in the order of the source."""
    found = re.search(r"SCREENS = \[(.*?)\] as const", SOURCE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"{SOURCE}: no list SCREENS"
    return tuple(re.findall(r'"([a-z_-]+)"', found[1]))
