"""`python -m tests.upgrades.make_release NAME`: keep the present schema with rows in it as the fixture of a release.

Run it at each release, with the release's version, and commit what it writes; never change a fixture afterwards.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from tests.upgrades.chain import STORES, first, revisions, upgrade


def main() -> None:
    folder = Path(__file__).parent / "releases" / sys.argv[1]
    folder.mkdir(parents=True)
    for name in STORES:
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / f"{name}.db"
            first(name, file)
            upgrade(name, file, revisions(name)[-1])
            with closing(sqlite3.connect(file)) as connection:
                (folder / f"{name}.sql").write_text("\n".join(connection.iterdump()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
