"""The contracts of a running station: read again when their file changes."""

from __future__ import annotations

from pathlib import Path

import structlog

from swapstation.business.contract_file import ContractBook, load_contracts
from swapstation.energy.tariff_watch import file_stamp
from swapstation.errors import ConfigurationError

log = structlog.get_logger("contracts")


class ContractWatch:
    """`book` is the last one that could be read; raises ConfigurationError only when the first one cannot."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = file_stamp(file)
        self.book: ContractBook = load_contracts(file)

    def look(self) -> None:
        """Read the file again if it changed. A wrong one leaves the contracts as they were, and is logged."""
        seen = file_stamp(self._file)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self.book = load_contracts(self._file)
        except ConfigurationError as error:
            log.error("contracts not read again", reason="; ".join(error.mistakes))
