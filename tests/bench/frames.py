"""Random and mutated input through every decoder: no exception, and nothing known changes by what is not valid."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Iterator

from tests.bench.figures import Figure, at_least
from tests.fuzz.corpus import corpus
from tests.fuzz.targets import TARGETS

ITEMS = 10_000_000
SLICE = 20_000
PIECES = 24


def inputs(target: str, draw: random.Random) -> Iterator[bytes]:
    """Vectors put one behind the other, most of them with a few bytes changed, dropped, doubled, or noise between."""
    known = list(corpus(target))
    while True:
        pieces = []
        for _ in range(PIECES):
            piece = bytearray(draw.choice(known))
            kind = draw.randrange(8)
            if kind == 0:
                piece = bytearray(draw.randbytes(draw.randrange(1, 24)))
            elif kind == 1:
                del piece[draw.randrange(len(piece)) :]
            elif kind == 2:
                piece *= 2
            elif kind < 7:
                for _ in range(draw.randrange(1, 4)):
                    piece[draw.randrange(len(piece))] = draw.randrange(256)
            pieces.append(bytes(piece))
        yield b"".join(pieces)


def try_items(target: str, items: int, seed: int) -> int:
    """Feed a target until it has tried so many frames or chunks; the input that breaks it is in the error."""
    run, tried = TARGETS[target], 0
    for data in inputs(target, random.Random(f"{target} {seed}")):
        try:
            tried += run(data)
        except Exception as error:
            raise AssertionError(f"{target} breaks on {data.hex()}") from error
        if tried >= items:
            return tried
    raise AssertionError("inputs never end")


def _try_slice(job: tuple[str, int]) -> int:
    return try_items(job[0], SLICE, job[1])


def measure(items: int = ITEMS) -> list[Figure]:
    """Try so many items in all, the targets in turn, on all cores."""
    slices = -(-items // (SLICE * len(TARGETS)))
    jobs = [(target, seed) for seed in range(slices) for target in TARGETS]
    begun_s = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        tried = sum(pool.imap_unordered(_try_slice, jobs))
    seconds = time.monotonic() - begun_s
    return [
        at_least("frames and chunks tried without an exception or a wrong change", tried / 1e6, items / 1e6, "million"),
        Figure("decoders tried", len(TARGETS)),
        Figure("time", seconds, "s"),
        Figure("items per second and core", tried / seconds / (os.cpu_count() or 1), "1/s"),
    ]
