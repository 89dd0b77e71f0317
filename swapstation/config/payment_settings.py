"""`[payment]`: the payment service that priced orders are charged by; without the table it is the fleet's account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from swapstation.config.headquarters_rules import SecureUrl
from swapstation.config.rule_kinds import MapFile, Number, Rule


@dataclass(frozen=True, slots=True)
class PaymentSettings:
    """Address of the service, the file of its token, certificates of its own authority, seconds that it may take."""

    url: str
    token: Path
    ca_file: Path | None = None
    answer_s: float = 10.0


PAYMENT: Mapping[str, Rule] = {
    "url": SecureUrl(),
    "token": MapFile(),
    "ca_file": MapFile(),
    "answer_s": Number(0.5, 60.0, "s"),
}
