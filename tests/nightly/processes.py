"""The processes that a night's work is spread over."""

from __future__ import annotations

import logging
import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from multiprocessing.pool import Pool

import structlog

from swapstation.config.settings import Charging, Exchange
from swapstation.twin.pool import settle
from swapstation.twin.yard import yard


def quiet() -> None:
    """No log: what schedules do to a station is no news."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@contextmanager
def processes(cores: int) -> Iterator[Pool]:
    """One for each core, ended at once with the context. They share the stations built here, and leave no files."""
    for exchange, charging in product(Exchange, Charging):
        yard(exchange, charging)
    with multiprocessing.get_context("fork").Pool(cores, _begin) as pool:
        yield pool


def _begin() -> None:
    quiet()
    settle()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the business of the one that began us
