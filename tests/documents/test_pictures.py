"""The pictures of docs/pictures stay small, and the text beside them names each of them and no other."""

from __future__ import annotations

import re

import pytest

from tests.documents.written import FOLDER

PICTURES = FOLDER / "pictures"
MOST_BYTES, MOST_BYTES_IN_ALL = 80_000, 4_000_000
_NAME = re.compile(r"^\* `([a-z-]+)`:", re.MULTILINE)
_VIEW = re.compile(r"-(?:desk|phone|wide)-(?:zh|en)$")


def test_each_is_small_and_all_are() -> None:
    sizes = {file.name: file.stat().st_size for file in PICTURES.glob("*.webp")}
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}
    assert sum(sizes.values()) <= MOST_BYTES_IN_ALL


def test_the_text_beside_them_names_each_and_no_other() -> None:
    readme = PICTURES / "README.md"
    if not readme.exists():
        pytest.skip("not taken as a whole: make pictures")
    names = {_VIEW.sub("", file.stem) for file in PICTURES.glob("*.webp")}
    assert set(_NAME.findall(readme.read_text(encoding="utf-8"))) == names
