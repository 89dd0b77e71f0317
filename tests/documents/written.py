"""Which documents follow from code and data, and what each one says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.documents.alarm_reference import alarm_reference
from tests.documents.api_reference import api_reference
from tests.documents.protocol_reference import protocol_reference

FOLDER = Path(__file__).parents[2] / "docs"
DOCUMENTS: dict[str, Callable[[], str]] = {
    "alarms.md": alarm_reference,
    "api.md": api_reference,
    "protocol.md": protocol_reference,
}
