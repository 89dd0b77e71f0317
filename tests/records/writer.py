"""A process that records an event without end and says after each cycle that it is written."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from tests.records.moments import raised, recorder, warmer

EVENT_S = 120.0


def main() -> None:
    box = recorder(Path(sys.argv[1]))
    for second in count():
        moment = warmer(float(second))
        box.take(replace(moment, records=(raised("BAY_SMOKE"),)) if second == EVENT_S else moment)
        print(second, box.error, flush=True)


if __name__ == "__main__":
    main()
