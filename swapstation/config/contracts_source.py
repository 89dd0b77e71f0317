"""Where the contracts of a station lie, and who bills by them."""

from __future__ import annotations

from pathlib import Path

from swapstation.config.settings import Config


def headquarters_contracts(config: Config) -> Path:
    """Where the contracts lie that the headquarters sent."""
    return config.data / "headquarters_contracts.toml"


def contracts_file(config: Config) -> Path | None:
    """The station's own contracts, else those that its headquarters sends; None: it has neither."""
    if config.money.contracts is not None or config.headquarters is None:
        return config.money.contracts
    return headquarters_contracts(config)


def bills_here(config: Config) -> bool:
    """Whether swaps are billed by this station; else its headquarters does it, or nobody."""
    bills_there = config.headquarters is not None and config.headquarters.bills
    return contracts_file(config) is not None and not bills_there
