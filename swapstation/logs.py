"""The log: one event per line on stderr, for people or as JSON, and into a file of its own that never fills the disk.

`SWAPSTATION_LOG=json` makes JSON lines of what goes to stderr; `SWAPSTATION_LOG_FOLDER` adds VERB.jsonl there, at most
ten files of 10 MB. Lines say which swap runs, once `about(swap=...)` was called. A line that cannot be written is lost:
a full disk, or a reader that has gone, ends no station.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

FILE_BYTES, FILES_KEPT = 10_000_000, 9

_about: dict[str, str] = {}


def about(**names: str) -> None:
    """What all lines of this process are about from now on; an empty text takes a name away."""
    for name, value in names.items():
        if value:
            _about[name] = value
        else:
            _about.pop(name, None)


def set_up_logs(verb: str, environment: Mapping[str, str] = os.environ) -> None:
    """Logs go to stderr, so that stdout carries results only."""
    as_json = environment.get("SWAPSTATION_LOG") == "json"
    shared: list[Processor] = [
        _with_about,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    folder = environment.get("SWAPSTATION_LOG_FOLDER", "")
    if folder and verb:
        shared.append(_Copy(Path(folder) / f"{verb}.jsonl", verb))
    for_people = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    structlog.configure(
        processors=[*shared, _json if as_json else for_people],
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Lossy(sys.stderr))),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


_json = structlog.processors.JSONRenderer(ensure_ascii=False)


def _with_about(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {**_about, **event}


class _Lossy:
    """A stream that loses what cannot be written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):  # full, gone, closed
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


class _Copy:
    """Passes each event on and writes it as a line of JSON. A disk that cannot be written costs the copy only."""

    def __init__(self, file: Path, verb: str) -> None:
        self._verb = verb
        self._file: logging.Handler | None = None
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._file = logging.handlers.RotatingFileHandler(file, "a", FILE_BYTES, FILES_KEPT, encoding="utf-8")
            self._file.handleError = lambda record: None  # type: ignore[method-assign]
        except OSError as error:
            sys.stderr.write(f"{file}: {error.strerror}\n")

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        if self._file is not None:
            line = _json(logger, name, {"process": self._verb, **event})
            self._file.handle(logging.LogRecord("", logging.INFO, "", 0, str(line), None, None))
        return event
