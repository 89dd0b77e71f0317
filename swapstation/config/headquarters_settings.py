"""Settings of the link to a headquarters: `[headquarters]`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Offline(StrEnum):
    """Which trucks are swapped while the headquarters does not answer; one on a block list never is.

    Those on an allow list; also those that the headquarters keeps; or any.
    """

    LISTED = "listed"
    KNOWN = "known"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Headquarters:
    """The link to a headquarters. `token`: a file with the token that it gave us, which only its owner can read.

    `ca_file`: certificates of an authority that is not among the usual ones. A permit is waited for `answer_s` at most;
    master data is asked for every `master_every_s`. Everything on record is told, once. `bills`: it bills the swaps, so
    that none is billed here. A loss of `alarm_minutes` is an alarm.
    """

    url: str
    station_id: str
    token: Path
    ca_file: Path | None = None
    offline: Offline = Offline.KNOWN
    answer_s: float = 3.0
    master_every_s: float = 60.0
    bills: bool = False
    alarm_minutes: float = 30.0
