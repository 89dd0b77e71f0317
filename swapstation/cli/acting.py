"""Who acts on the command line: the operating system's user, never whom somebody claims to be."""

from __future__ import annotations

import os
import pwd

from swapstation.model.person import OF_A_TOOL


def acting_person() -> str:
    """`os:NAME`: the audit tells it from an account of the server."""
    return OF_A_TOOL + pwd.getpwuid(os.geteuid()).pw_name
