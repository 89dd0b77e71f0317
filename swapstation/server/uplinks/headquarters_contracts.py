"""Contracts that a headquarters sends: checked before they take the place of those before."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from swapstation.business.contract_file import load_contracts
from swapstation.config.contracts_source import contracts_file, headquarters_contracts
from swapstation.config.settings import Config
from swapstation.errors import ConfigurationError, SwapstationError
from swapstation.records.segments import sync_folder


class ContractsNotKept(SwapstationError):
    """The disk does not take them now."""


def keep_contracts(config: Config, text: str | None) -> tuple[str, ...]:
    """Keep contracts in their file, whole or not at all; None changes nothing. Returns what is wrong with them.

    Raises ContractsNotKept.
    """
    file = headquarters_contracts(config)
    if text is not None and contracts_file(config) != file:
        return (f"contracts: the station has its own, {config.money.contracts}",)
    try:
        if text is None or (file.exists() and file.read_bytes() == text.encode()):
            return ()
        return _kept(file, text)
    except OSError as error:
        raise ContractsNotKept(f"{file}: {error.strerror}") from error


def _kept(file: Path, text: str) -> tuple[str, ...]:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, prefix=file.name, delete=False) as written:
        new = Path(written.name)
        try:
            written.write(text)
            written.flush()
            os.fsync(written.fileno())
            load_contracts(new)
            new.replace(file)
        except ConfigurationError as error:
            return tuple(mistake.replace(str(new), "contracts") for mistake in error.mistakes)
        finally:
            new.unlink(missing_ok=True)
    sync_folder(file.parent)  # the revision that is written down next must not be newer than the file
    return ()


def expect_contracts(config: Config) -> None:
    """Where the headquarters' contracts count there is a file for them from the first start on."""
    file = headquarters_contracts(config)
    if contracts_file(config) == file and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
