"""Write every document that follows from code and data: `python -m tests.documents` (make documents)."""

from __future__ import annotations

from tests.documents.written import DOCUMENTS, FOLDER

for name, written in DOCUMENTS.items():
    (FOLDER / name).write_text(written(), encoding="utf-8")
    print(f"docs/{name}")
