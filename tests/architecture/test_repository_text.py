"""What the repository's text must not hold: machine paths, package hosts, over-long or undocumented modules."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_LINES = 400
_FOREIGN = re.compile(
    r"/(?:work|root|home)/[a-z]|file://|--(?:extra-)?index-url|--find-links|\b[a-z0-9.-]*(?:pypi|pythonhosted|npmjs)\.[a-z]+"
)


def _tracked(*patterns: str) -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True, text=True
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and path != Path(__file__)]


def test_no_machine_path_and_no_package_host() -> None:
    found = []
    for path in _tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in _FOREIGN.finditer(text)]
    assert found == []


def test_no_module_is_longer_than_one_idea_needs() -> None:
    modules = _tracked("swapstation/*.py", "tests/*.py")
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in _tracked("swapstation/*.py")
        if path.name != "__init__.py" and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_every_requirement_is_pinned() -> None:
    pins = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line]
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+(?: ; .+)?", pin)] == []


def test_every_decision_has_a_number_of_its_own() -> None:
    decisions = _tracked("docs/decisions/*.md")
    numbers = [path.name[:4] for path in decisions]
    assert sorted(numbers) == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    assert all(path.read_text(encoding="utf-8").startswith(f"# {int(path.name[:4])}. ") for path in decisions)
