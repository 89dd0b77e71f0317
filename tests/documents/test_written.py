"""The documents that follow from code and data say what these say."""

from __future__ import annotations

import pytest

from tests.documents.written import DOCUMENTS, FOLDER


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_says_what_code_and_data_say(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == DOCUMENTS[name](), "write it anew: make documents"
