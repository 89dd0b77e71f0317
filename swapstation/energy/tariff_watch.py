"""The tariff of a running station: read again when its file or the market prices beside it change."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import structlog

from swapstation.config.settings import Config
from swapstation.energy.tariff import Tariff
from swapstation.energy.tariff_files import station_tariff
from swapstation.errors import ConfigurationError

log = structlog.get_logger("tariff")


class TariffWatch:
    """`tariff` is the last one that could be read; raises ConfigurationError only when the first one cannot.

    Watched are the TOML files beside the tariff file and the folders there: a new file changes the time of its folder.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._seen = self._signature()
        self.tariff: Tariff | None = station_tariff(config)

    def look(self) -> None:
        """Read the files again if any of them changed. A wrong one leaves the tariff as it was, and is logged."""
        seen = self._signature()
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self.tariff = station_tariff(self._config)
        except ConfigurationError as error:
            log.error("tariff not read again", reason="; ".join(error.mistakes))

    def _signature(self) -> Hashable:
        file = self._config.tariff.file
        if file is None:
            return None
        beside = sorted(path for path in file.parent.glob("*") if path.is_dir() or path.suffix == ".toml")
        return tuple(file_stamp(path) for path in (file, *beside, self._config.spot_price_folder))


def file_stamp(path: Path) -> tuple[str, int]:
    """Another one after the file has changed, come or gone."""
    try:
        return str(path), path.stat().st_mtime_ns
    except OSError:
        return str(path), 0
