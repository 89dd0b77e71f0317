"""Killing the writer at any moment loses no acknowledged record, leaves no half batch and no gap in the events."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from swapstation.inventory.database import open_writer
from swapstation.inventory.journal import open_station_database, write
from swapstation.inventory.queries import events_after, last_sequence, load_inventory
from swapstation.model.journal import BatteryMoved
from tests.inventory.stock import AT, station_config, stocked

CRASHES = 25
OUT_AND_BACK = (BatteryMoved("B1", "bay-1", "robot", ()), BatteryMoved("B1", "robot", "bay-1", ()))


def write_for_ever(url: str, acknowledge: Connection) -> None:
    """Write batches of two records and tell the last sequence number of each."""
    engine = open_writer(url)
    with engine.connect() as connection:
        sequence = last_sequence(connection)
    while True:
        write(engine, OUT_AND_BACK, AT, 1)
        sequence += len(OUT_AND_BACK)
        acknowledge.send(sequence)


def acknowledged(url: str, batches: int, then_s: float) -> int:
    """Kill a writer `then_s` after some batches and return the last sequence number it acknowledged."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__])
    ours, theirs = processes.Pipe(duplex=False)
    writer = processes.Process(target=write_for_ever, args=(url, theirs), daemon=True)
    writer.start()
    theirs.close()
    with ours:
        last = 0
        for _ in range(batches):
            last = ours.recv()
        writer.join(then_s)
        writer.kill()
        writer.join()
        try:
            while True:
                last = ours.recv()
        except EOFError:
            return last


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    config = station_config(tmp_path)
    engine = open_station_database(config)
    inventory = stocked(engine)
    engine.dispose()
    url = config.station_database_url
    random = Random(20260301)
    for _ in range(CRASHES):
        last = acknowledged(url, random.randint(1, 5), random.uniform(0, 0.02))
        engine = open_writer(url)
        with engine.connect() as connection:
            numbers = [event.sequence for event in events_after(connection, 0, limit=1_000_000)]
            assert load_inventory(connection) == inventory
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        engine.dispose()
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) in (last, last + len(OUT_AND_BACK))
