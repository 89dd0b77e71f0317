"""A private PostgreSQL server for tests."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

POSTGRES = Path("/usr/lib/postgresql/15/bin")


class PostgresCluster:
    """A throw-away server on a Unix socket; the kernel ends it when this process ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        as_postgres = []
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
            as_postgres = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self._run = ["setpriv", *as_postgres, "--pdeathsig=QUIT", "--"]
        initdb = [
            *self._run,
            str(POSTGRES / "initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
        ]
        subprocess.run(initdb, check=True, capture_output=True, timeout=60)
        self.start()

    def start(self) -> None:
        """Start the server on its data, also again after a stop."""
        settings = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}", "-c", "fsync=off"]
        with (self.folder / "log").open("ab") as log:
            server = [*self._run, str(POSTGRES / "postgres"), "-D", str(self.folder / "data"), *settings]
            self.server = subprocess.Popen(server, stdout=log, stderr=log)

    def execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                return self.execute("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self.server.poll() is not None:
                    raise
                time.sleep(0.05)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def stop(self) -> None:
        self.server.send_signal(signal.SIGINT)  # fast shutdown: clients are cut off, not waited for
        self.server.wait(timeout=30)


@contextmanager
def private_cluster() -> Iterator[PostgresCluster]:
    """A server that answers, as long as the context is open; skips the test where PostgreSQL is not installed."""
    if not (POSTGRES / "initdb").exists():
        pytest.skip(f"PostgreSQL is not installed in {POSTGRES}")
    folder = Path(tempfile.mkdtemp(prefix="swapstation-pg-"))
    cluster = PostgresCluster(folder)
    try:
        cluster.wait_until_ready()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)
