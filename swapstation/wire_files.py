"""Where the wire contract (firmware_proto) lies: inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

from swapstation.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "firmware_proto", _PACKAGE.parent / "firmware_proto")


def wire_file(*parts: str) -> Path:
    """Path of one file of the wire contract, for example `wire_file("dbc", "station.dbc")`.

    Raises ConfigurationError naming every place looked at.
    """
    for place in _PLACES:
        path = place.joinpath(*parts)
        if path.is_file():
            return path
    looked_at = ", ".join(str(place.joinpath(*parts)) for place in _PLACES)
    raise ConfigurationError([f"wire contract file {'/'.join(parts)} not found; looked at {looked_at}"])
