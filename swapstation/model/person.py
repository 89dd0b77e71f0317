"""The name of who acts, as every record keeps it: whether somebody answers for it, and whether two are the same.

The server gives the account of the session, `key:NAME` for the key of a program, UNNAMED for whoever stands in the
cabin without a log-in. A tool on the station's own machine gives the operating system's user as `os:NAME`.
"""

from __future__ import annotations

from swapstation.model.request import UNNAMED

OF_A_TOOL = "os:"
OF_A_KEY = "key:"


def is_named(person: str) -> bool:
    """Whether a person answers for what is done under this name: not a program, not whoever stood there."""
    return _folded(person) not in ("", UNNAMED) and not person.startswith(OF_A_KEY)


def same_person(one: str, other: str) -> bool:
    """Whether two names may be one person's: an account and an operating system's user of one name count as one."""
    return _folded(one) == _folded(other)


def _folded(person: str) -> str:
    return person.strip().casefold().removeprefix(OF_A_TOOL)
