"""Contracts that a headquarters sends: checked before they take the place of those before."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from swapstation.business.contract_file import load_contracts
from swapstation.config.settings import Config
from swapstation.errors import ConfigurationError


def keep_contracts(file: Path, text: str | None) -> tuple[str, ...]:
    """Keep contracts in a file, whole or not at all; None changes nothing. Returns what is wrong with them."""
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
    """Where the station bills by the headquarters' contracts there is a file for them from the first start on."""
    file = config.headquarters_contracts
    if config.headquarters is not None and config.money.contracts == file and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
