"""Build hook: no wheel and no sdist with an operator console that does not belong to its source. Node is not needed."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleHook(BuildHookInterface):  # type: ignore[type-arg] - generic in the configuration of builders: none
    """Refuses a stale bundle; an editable install is for those who change it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        wrong = runpy.run_path(str(root / "tools" / "ui_stamp.py"))["fault"](root)
        if wrong:
            raise RuntimeError(wrong)
