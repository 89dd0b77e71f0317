"""`swapstation platform` and `mock-platform`: what people see, and what is refused with a word."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from swapstation.business import sessions
from swapstation.business.database import open_business_database
from swapstation.business.platform_outbox import PlatformOutbox
from swapstation.cli.main import command_line
from swapstation.cli.platform import KEY_VARIABLE
from swapstation.config.file import load_config
from swapstation.model.people import Role, Scope
from swapstation.model.platform_outbox import Draft, Lane
from swapstation.server.app import create_app
from tests.platform_day.processes import Processes
from tests.server.people import OPERATOR
from tests.server.platform_pair import served
from tests.server.test_platform_tls import certificate
from tests.server.test_server_process import free_port, station_file

AT = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
ORDER = "MA0SX0001" + "2026120116000000" + "01"


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """A station file whose business database holds one order that waits and one for people."""
    file = station_file(tmp_path, free_port())
    database = open_business_database(load_config(file))
    drafts = [
        Draft("notification_charge_order_info", Lane.RECORD, ORDER, {}, AT),
        Draft("notification_charge_order_info", Lane.RECORD, ORDER[:-1] + "2", {}, AT, "energy_kwh = None: no counter"),
    ]
    PlatformOutbox(database).queue(drafts, AT, 7)
    database.dispose()
    return file


def run(*words: str) -> tuple[int, str]:
    told = CliRunner().invoke(command_line(words[0]), list(words))
    return told.exit_code, told.output


def test_status_counts(station: Path) -> None:
    code, told = run("platform", "status", "--config", str(station), "--json")
    figures = json.loads(told)
    assert (code, figures["counts"]["pending"], figures["counts"]["dead"], figures["cursor"]) == (0, 1, 1, 7)
    assert run("platform", "status", "--config", str(station))[0] == 0


def test_messages_are_shown(station: Path) -> None:
    code, told = run("platform", "dead", "--config", str(station), "--json")
    (dead,) = json.loads(told)
    assert (code, dead["reason"]) == (0, "energy_kwh = None: no counter")
    code, told = run("platform", "outbox", "--config", str(station))
    assert code == 0
    assert ORDER in told


@pytest.mark.parametrize(
    "words", [("resend", "1"), ("retry",), ("reconcile", "--first", "2026-12-01"), ("reconcile", "--first", "soon")]
)
def test_without_a_server_nothing_is_done(station: Path, words: tuple[str, ...]) -> None:
    assert run("platform", *words, "--config", str(station))[0] == 2


def test_a_mock_with_secrets_that_others_can_read_does_not_start(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("")
    secrets.chmod(0o644)
    code, told = run("mock-platform", str(secrets))
    assert code == 2
    assert "chmod 600" in told


def test_a_server_with_secrets_that_others_can_read_does_not_start(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.write_files()
    (tmp_path / "platform_secrets.toml").chmod(0o640)
    code, told = run("server", str(processes.file))
    assert code == 2
    assert "chmod 600" in told


def test_a_server_with_a_certificate_is_asked_by_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public, private = certificate(tmp_path)
    processes = Processes(tmp_path)
    processes.write_files()
    port = f"port = {processes.station_port}"
    files = f'{port}\ncertificate = "{public}"\nkey = "{private}"'
    processes.file.write_text(processes.file.read_text(encoding="utf-8").replace(port, files, 1), encoding="utf-8")
    config = load_config(processes.file)
    database = open_business_database(config)
    with database.begin() as connection:
        made = sessions.add_key(connection, "tools", Role.PLATFORM, "", (Scope.UPLINK,), OPERATOR, datetime.now(UTC))
    database.dispose()
    with served(create_app(config), processes.station_port, public, private):
        assert run("platform", "retry", "--config", str(processes.file))[0] == 1
        monkeypatch.setenv(KEY_VARIABLE, made[1])
        assert run("platform", "retry", "--config", str(processes.file))[0] == 0
        assert run("platform", "resend", "7", "--config", str(processes.file))[0] == 1
