"""The console that is shipped is the one that its source gives, and its types are those of the API. No Node needed."""

from __future__ import annotations

import json
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.ui import openapi_file

ROOT = Path(__file__).parents[2]
fault: Callable[[Path], str] = runpy.run_path(str(ROOT / "tools" / "ui_stamp.py"))["fault"]


def _copy(folder: Path) -> Path:
    shutil.copytree(ROOT / "ops_ui", folder / "ops_ui", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(ROOT / "swapstation/server/static", folder / "swapstation/server/static")
    return folder


def test_the_shipped_console_belongs_to_its_source() -> None:
    assert fault(ROOT) == ""


def test_a_changed_source_a_changed_bundle_and_a_lost_stamp_are_found(tmp_path: Path) -> None:
    root = _copy(tmp_path)
    assert fault(root) == ""
    bundle = root / "swapstation/server/static/assets/app.js"
    kept = bundle.read_bytes()
    bundle.write_bytes(kept + b"\n")
    assert "changed by hand" in fault(root)
    bundle.write_bytes(kept)
    (root / "ops_ui/src/App.svelte").write_text("", encoding="utf-8")
    assert "ops_ui has changed" in fault(root)
    (root / "swapstation/server/static/build.json").unlink()
    assert "is missing" in fault(root)


def test_the_api_still_is_as_the_console_knows_it() -> None:
    kept = json.loads(openapi_file.FILE.read_text(encoding="utf-8"))
    assert openapi_file.lost(kept, openapi_file.console_description()) == [], "the API has changed: run `make ui`"


def test_only_what_is_lost_or_other_troubles_the_console() -> None:
    kept = {"Bay": {"properties": {"soc": {"type": "number"}}, "required": ["soc"]}, "State": {"enum": ["idle"]}}
    more = {"Bay": {"properties": {"soc": {"type": "number"}, "v": {}}, "required": ["v", "soc"]}, "New": {}}
    assert openapi_file.lost(kept, more | {"State": {"enum": ["idle"]}}) == []
    assert openapi_file.lost(kept, more | {"State": {"enum": ["idle", "held"]}}) == ["/State/enum"]
    assert openapi_file.lost(kept, {"Bay": kept["Bay"]}) == ["/State"]


def test_the_bundle_is_few_files_with_fixed_names_that_name_no_other_host() -> None:
    folder = ROOT / "swapstation/server/static"
    names = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert names == {"index.html", "icon.svg", "build.json", "assets/app.js", "assets/index.css"}
    lock = (ROOT / "ops_ui/package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
