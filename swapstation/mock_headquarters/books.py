"""What a headquarters keeps: its master data, every record once, what was asked. Its file survives it."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swapstation.contract.headquarters import Master, PermitAnswer, PermitQuestion, Record, RecordTaken


class Differs(Exception):
    """A record came again with another content; what counts is what came first."""


@dataclass(slots=True)
class Books:
    """`file`: records are added to it, one JSON object in a line, before they are answered; None: kept in memory."""

    file: Path | None = None
    master: Master | None = None
    refused_vins: dict[str, str] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    came: Counter[str] = field(default_factory=Counter)
    differing: set[str] = field(default_factory=set)
    permits: dict[str, PermitAnswer] = field(default_factory=dict)

    def load(self) -> None:
        """Read back what was kept; a line that was cut off was never answered."""
        if self.file is None or not self.file.exists():
            return
        whole, _, rest = self.file.read_bytes().rpartition(b"\n")
        if rest:
            os.truncate(self.file, len(whole) + 1 if whole else 0)
        for line in whole.splitlines():
            kept = json.loads(line)
            self.records[kept["record"]["record_id"]] = kept

    def take(self, record: Record, content: bytes) -> RecordTaken:
        """Keep a record, durably, once. Raises Differs."""
        digest = hashlib.sha256(content).hexdigest()
        known = self.records.get(record.record_id)
        self.came[record.record_id] += 1
        if known is None:
            self._keep({"record": record.model_dump(mode="json"), "sha256": digest})
        elif known["sha256"] != digest:
            self.differing.add(record.record_id)
            raise Differs(record.record_id)
        return RecordTaken(record_id=record.record_id, sha256=digest, first=known is None)

    def _keep(self, kept: dict[str, Any]) -> None:
        if self.file is not None:
            with self.file.open("ab") as lines:
                lines.write(json.dumps(kept, ensure_ascii=False).encode() + b"\n")
                lines.flush()
                os.fsync(lines.fileno())
        self.records[kept["record"]["record_id"]] = kept

    def permit(self, question: PermitQuestion) -> PermitAnswer:
        """Yes, unless the truck is one that is refused; the same request gets the same answer."""
        reason = self.refused_vins.get(question.vin)
        answer = PermitAnswer(
            request_id=question.request_id, vin=question.vin, granted=reason is None, reason=reason or ""
        )
        return self.permits.setdefault(question.request_id, answer)
