"""docs/standards.md names every standard that the code names, and files that exist."""

from __future__ import annotations

import re

from tests.documents.written import FOLDER

TABLE = (FOLDER / "standards.md").read_text(encoding="utf-8")
ROOT = FOLDER.parent
_STANDARD = re.compile(r"\b(?:GB/T|GB|DL/T|T/CEC|IEC|ISO|RFC|SAE|EN|EEMUA|ISA) \d[\d.]*\d\b|\bISA-[\d.TR]+\d\b")
_PATH = re.compile(r"`((?:swapstation|firmware_proto|tests)/[^`]*)`")


def test_every_standard_of_the_code_is_in_the_table() -> None:
    code = [*(ROOT / "swapstation").rglob("*.py"), *(ROOT / "firmware_proto").rglob("*.toml")]
    named = {found for path in code for found in _STANDARD.findall(path.read_text(encoding="utf-8"))}
    assert {each for each in named if each not in TABLE} == set()


def test_every_file_of_the_table_exists() -> None:
    for path in _PATH.findall(TABLE):
        assert list(ROOT.glob(path)), path
