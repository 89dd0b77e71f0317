"""A maker of recorders that closes what it made; hours of virtual time do not wait for the disk's own time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from swapstation.records.recorder import Recorder
from tests.records.moments import recorder

Make = Callable[..., Recorder]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Recorders in the test's folder; whether the disk has taken what it was given is no question here."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    made: list[Recorder] = []

    def new(folder: Path = tmp_path, **options: object) -> Recorder:
        made.append(partial(recorder, folder)(**options))  # type: ignore[arg-type]
        return made[-1]

    yield new
    for each in made:
        each.close()
