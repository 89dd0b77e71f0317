"""Where the wire contract (firmware_proto) lies: inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

from swapstation.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "firmware_proto", _PACKAGE.parent / "firmware_proto")


def shipped_file(*parts: str) -> Path | None:
    """Path of one file of the wire contract, None when it has no such file."""
    paths = (place.joinpath(*parts) for place in _PLACES)
    return next((path for path in paths if path.is_file()), None)


def wire_file(*parts: str) -> Path:
    """Path of one file of the wire contract, for example `wire_file("dbc", "station.dbc")`.

    Raises ConfigurationError naming every place looked at.
    """
    found = shipped_file(*parts)
    if found is not None:
        return found
    looked_at = ", ".join(str(place.joinpath(*parts)) for place in _PLACES)
    raise ConfigurationError([f"wire contract file {'/'.join(parts)} not found; looked at {looked_at}"])
