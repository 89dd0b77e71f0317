"""A real update and a real rollback: real releases in real folders, real processes, databases migrated and put back."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.config.server_settings import Server
from swapstation.config.settings import Charging, Exchange
from swapstation.demo.people import make_people
from swapstation.demo.processes import Processes
from swapstation.demo.run import Demo
from swapstation.demo.station_file import (
    CONTRACTS,
    TARIFF,
    TRUCKS,
    DemoOptions,
    free_ports,
    inventory_toml,
    station_toml,
)
from swapstation.inventory.database import STATION
from swapstation.inventory.import_file import import_inventory
from swapstation.inventory.journal import open_station_database
from swapstation.operations import update
from swapstation.operations.backup import BackupError
from swapstation.operations.bundle import BundleRefused, make_bundle, newer, unpack
from swapstation.operations.config_versions import TRUSTED, sign_version
from swapstation.operations.signing import SignatureRefused, make_key, trusted_keys
from swapstation.server.app import create_app
from tests.inventory.stock import station_config
from tests.operations.releases import PYTHON, lent_packages, release
from tests.server.platform_pair import free_port, served

START = """#!/bin/sh
for each in controller server; do
    setsid "{prefix}/current/bin/swapstation" $each "{station}" >>"{folder}/$each.log" 2>&1 </dev/null &
    echo $! >"{folder}/$each.pid"
done
"""
STOP = """#!/bin/sh
for each in server controller; do
    [ -e "{folder}/$each.pid" ] || continue
    pid=$(cat "{folder}/$each.pid")
    kill "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null && [ "$(ps -o stat= -p "$pid" | cut -c1)" != Z ]; do sleep 0.1; done
    rm -f "{folder}/$each.pid"
done
"""
MIGRATION = """revision = "station_9999"
down_revision = "{head}"

from alembic import op
import sqlalchemy as sa


def upgrade():
    op.create_table("later", sa.Column("number", sa.Integer, primary_key=True))
"""
BROKEN = """
async def run_controller(config, record=None):
    open_station_database(config).dispose()
    raise RuntimeError("planted")
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """A station that runs from slot a, with the key of its releases."""

    folder: Path
    prefix: Path
    station: Path
    key: Path
    demo: Demo
    environment: dict[str, str]

    def update(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        stop, start = (f"sh {self.folder / name}" for name in ("stop.sh", "start.sh"))
        how: list[str | Path] = [
            "--config",
            self.station,
            "--prefix",
            self.prefix,
            "--start",
            start,
            "--stop",
            stop,
            "--patience",
            "25",
        ]
        program: list[str | Path] = [self.prefix / "current" / "bin" / "swapstation", "update", *arguments, *how]
        return subprocess.run(program, env=self.environment, capture_output=True, text=True, check=False)

    @property
    def slot(self) -> str:
        return os.readlink(self.prefix / "current")

    def revision(self) -> str:
        engine = STATION.open_reader(load_config(self.station).station_database_url)
        with engine.connect() as connection:
            told = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        engine.dispose()
        return str(told)


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installed]:
    prefix, data = tmp_path / "opt", tmp_path / "etc"
    (data / "data" / "wires").mkdir(parents=True)
    options = DemoOptions(1, 20.0, "tcp", Exchange.STATION, Charging.DIRECT, 1)
    station = data / "station.toml"
    station.write_text(station_toml(options, data / "data", free_ports(1)[0]), encoding="utf-8")
    (data / "tariff.toml").write_text(TARIFF, encoding="utf-8")
    (data / "contracts.toml").write_text(CONTRACTS, encoding="utf-8")
    (data / "inventory.toml").write_text(inventory_toml(1, None, 1), encoding="utf-8")
    key = tmp_path / "release.pem"
    (data / TRUSTED).mkdir()
    make_key(key).rename(data / TRUSTED / "release.pub.pem")
    sign_version(station, key, "li", "first")
    config = load_config(station)
    engine = open_station_database(config)
    import_inventory(engine, config, data / "inventory.toml", "demo", datetime.now(UTC))
    engine.dispose()
    pins = make_people(config)
    environment = os.environ | {"PYTHONPATH": str(lent_packages(tmp_path / "lent"))}
    unpack(release(tmp_path / "0.1.0", "0.1.0", key), tmp_path / "first", trusted_keys(data / TRUSTED))
    prefix.mkdir()
    made: list[str | Path] = ["sh", tmp_path / "first" / "make_slot.sh", tmp_path / "first", prefix / "a", PYTHON]
    subprocess.run(made, env=environment, check=True)
    (prefix / "current").symlink_to("a")
    for name, text in (("start.sh", START), ("stop.sh", STOP)):
        (tmp_path / name).write_text(text.format(prefix=prefix, station=station, folder=tmp_path), encoding="utf-8")
    processes = Processes(tmp_path / "logs")
    simulate = ["--config", str(station), "--inventory", str(data / "inventory.toml"), "--speed", "20"]
    try:
        processes.start("simulator", "simulate", *simulate, "--control", str(config.data / "simulator.sock"))
        subprocess.run(["sh", tmp_path / "start.sh"], env=environment, check=True)
        demo = Demo(config, options, processes, pins, "")
        yield Installed(tmp_path, prefix, station, key, demo, environment)
    finally:
        subprocess.run(["sh", tmp_path / "stop.sh"], check=True)
        processes.end()


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("SWAPSTATION_TRIALS"), reason="minutes of real installations: make trials")
@pytest.mark.timeout(300)
def test_an_update_a_refusal_during_a_swap_and_a_rollback_by_itself(installed: Installed, tmp_path: Path) -> None:
    demo, head = installed.demo, STATION.head()
    good = release(tmp_path / "0.1.1", "0.1.1", installed.key)
    source = (Path(__file__).parents[2] / "swapstation" / "controller" / "process.py").read_text(encoding="utf-8")
    planted = {
        "controller/process.py": source + BROKEN,
        "inventory/migrations/versions/station_9999.py": MIGRATION.format(head=head),
    }
    bad = release(tmp_path / "0.1.2", "0.1.2", installed.key, planted)

    demo.start_up()
    swap = demo.begin(TRUCKS[0])
    refused = installed.update("install", good)
    assert (refused.returncode, installed.slot) == (2, "a"), refused.stderr
    assert "a swap or a job runs" in refused.stderr
    demo.finish(swap)

    done = installed.update("install", good)
    assert (done.returncode, installed.slot) == (0, "b"), done.stderr
    assert "0.1.0 -> 0.1.1" in done.stdout
    before = demo.snapshot()["boot"]

    failed = installed.update("install", bad)
    assert (failed.returncode, installed.slot) == (1, "b"), failed.stderr
    assert "the old one is back" in failed.stderr
    assert "planted" in (tmp_path / "controller.log").read_text(encoding="utf-8")
    assert installed.revision() == head
    assert demo.snapshot()["boot"] > before
    assert [each["place"] for each in demo.snapshot()["inventory"]["batteries"]]
    assert json.loads((installed.prefix / "update.json").read_text(encoding="ascii"))["state"] == "rolled back"

    older = installed.update("install", good)
    assert (older.returncode, installed.slot) == (2, "b")
    assert "not newer" in older.stderr


def test_an_altered_foreign_or_unsigned_bundle_is_refused(tmp_path: Path) -> None:
    key, foreign = tmp_path / "key.pem", tmp_path / "foreign.pem"
    (tmp_path / "trusted").mkdir()
    make_key(key).rename(tmp_path / "trusted" / "key.pub.pem")
    make_key(foreign)
    trusted = trusted_keys(tmp_path / "trusted")
    with pytest.raises(SignatureRefused):
        unpack(release(tmp_path / "foreign", "0.1.1", foreign), tmp_path / "out", trusted)
    bundle = release(tmp_path / "own", "0.1.1", key)
    assert unpack(bundle, tmp_path / "out", trusted).version == "0.1.1"
    altered = tmp_path / "altered.bundle"
    (tmp_path / "out" / "share" / "operations.md").write_text("rm -rf /")
    with tarfile.open(altered, "w") as tar:
        tar.add(tmp_path / "out", "")
    with pytest.raises(BundleRefused, match=r"share/operations\.md"):
        unpack(altered, tmp_path / "again", trusted)


def test_a_station_whose_backup_fails_runs_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update, "_LOOK_S", 0.1)
    config = station_config(tmp_path / "data")
    prefix, key, slot_maker = config.data / "opt", tmp_path / "key.pem", tmp_path / "make_slot.sh"
    prefix.mkdir(parents=True)
    (prefix / "current").symlink_to("a")
    (tmp_path / "trusted").mkdir()
    make_key(key).rename(tmp_path / "trusted" / "key.pub.pem")
    slot_maker.write_text(
        'mkdir -p "$2/bin"; printf "#!/bin/sh\n" >"$2/bin/swapstation"; chmod +x "$2/bin/swapstation"\n'
    )
    bundle = tmp_path / "next.bundle"
    make_bundle({"make_slot.sh": slot_maker}, "99.0.0", key, bundle)
    runs = tmp_path / "runs"
    runs.touch()
    place = update.Place(prefix, tmp_path / "station.toml", f"touch {runs}", f"rm {runs}")
    with pytest.raises(BackupError, match="not inside the data folder"):
        update.install(place, config, bundle, trusted_keys(tmp_path / "trusted"), "li")
    assert (runs.exists(), place.slot) == (True, "a")


def test_versions_are_compared_as_numbers() -> None:
    assert newer("0.10.0", "0.9.9")
    assert not newer("0.1.0", "0.1.0")
    with pytest.raises(BundleRefused):
        newer("next", "0.1.0")


def test_the_server_of_an_update_is_asked_at_its_own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever address it listens at, and whatever proxy the shell of who installs has."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    config = station_config(tmp_path)
    config = replace(config, server=Server(host="0.0.0.0", port=free_port()))
    with served(create_app(config), config.server.port):
        assert update._server_ill(config) == ""
    assert "server:" in update._server_ill(config)
    assert Server(host="::", port=80).address == "http://[::1]:80"
