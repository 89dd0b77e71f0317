"""Contracts that a headquarters sends: checked before they take the place of those before."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from swapstation.business.contract_file import load_contracts
from swapstation.config.contracts_source import contracts_file, headquarters_contracts
from swapstation.config.settings import Config
from swapstation.errors import ConfigurationError


def keep_contracts(config: Config, text: str | None) -> tuple[str, ...]:
    """Keep contracts in their file, whole or not at all; None changes nothing. Returns what is wrong with them."""
    file = headquarters_contracts(config)
    if text is not None and contracts_file(config) != file:
        return (f"contracts: the station has its own, {config.money.contracts}",)
    if text is None or (file.exists() and file.read_text(encoding="utf-8") == text):
        return ()
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    new = Path(name)
    with os.fdopen(handle, "w", encoding="utf-8") as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())
    try:
        load_contracts(new)
    except ConfigurationError as error:
        new.unlink()
        return tuple(mistake.replace(str(new), "contracts") for mistake in error.mistakes)
    new.replace(file)
    return ()


def expect_contracts(config: Config) -> None:
    """Where the headquarters' contracts count there is a file for them from the first start on."""
    file = headquarters_contracts(config)
    if contracts_file(config) == file and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
