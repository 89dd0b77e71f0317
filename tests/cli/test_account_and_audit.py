"""`swapstation account` and `swapstation audit` on the station's own machine."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from swapstation.business.database import open_business_database
from swapstation.cli.acting import acting_person
from swapstation.cli.main import command_line
from swapstation.config.file import load_config
from swapstation.config.settings import Config
from tests.config.test_config_file import TEXT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "station.toml"
    file.write_text(TEXT.replace('"/var/lib/swapstation"', '"data"'), encoding="utf-8")
    return file


@pytest.fixture
def config(file: Path) -> Config:
    return load_config(file)


def run(file: Path, *words: str) -> Result:
    split = [*words[0].split(), *words[1:]]
    return CliRunner().invoke(command_line(split[0]), [*split, "--config", str(file)])


def database(config: Config) -> Path:
    return Path(config.business_url.removeprefix("sqlite:///"))


def test_accounts_are_made_listed_locked_and_reset(file: Path, config: Config) -> None:
    made = run(file, "account", "add", "li", "--role", "admin", "--display", "李明")
    assert made.exit_code == 0, made.output
    assert "li: " in made.output
    assert {each.stat().st_mode & 0o077 for each in config.data.glob("business.db*")} == {0}
    assert run(file, "account", "add", "li", "--role", "admin").exit_code == 2
    assert run(file, "account", "add", "wang", "--role", "operator").exit_code == 0
    assert run(file, "account", "lock", "wang").exit_code == 0
    assert run(file, "account", "lock", "li").exit_code == 2
    known = json.loads(run(file, "account", "list", "--json").stdout)
    assert [(each["account"], each["role"], each["locked_at"] is None) for each in known] == [
        ("li", "admin", True),
        ("wang", "operator", False),
    ]
    assert run(file, "account", "unlock", "wang").exit_code == 0
    assert "otpauth://totp/" in run(file, "account", "totp", "wang").stdout
    assert run(file, "account", "totp", "wang", "--off").exit_code == 0
    assert run(file, "account", "reset", "wang").exit_code == 0
    assert run(file, "account", "reset", "zhao").exit_code == 2
    rows = json.loads(run(file, "audit", "list", "--json").stdout)
    assert {row["actor"] for row in rows} == {acting_person()}
    assert [row["kind"] for row in rows] == [
        "account_added",
        "account_added",
        "account_locked",
        "account_unlocked",
        "totp_set",
        "totp_ended",
        "reset_code_made",
    ]


def test_keys_are_made_listed_and_revoked(file: Path) -> None:
    made = run(file, "account key", "add", "vpp", "--role", "platform", "--scope", "read", "--scope", "dispatch")
    assert made.exit_code == 0, made.output
    key, token = made.stdout.split()
    assert token.startswith("swk_")
    assert run(file, "account key", "add", "x", "--role", "viewer", "--scope", "read").exit_code == 2
    assert run(file, "account key", "revoke", key).exit_code == 0
    listed = run(file, "account key", "list", "--json").stdout
    assert token not in listed
    assert json.loads(listed)[0]["revoked_at"] is not None


def test_while_the_server_runs_only_reading_works(file: Path, config: Config) -> None:
    engine = open_business_database(config)
    with engine.connect():
        refused = run(file, "account", "add", "li", "--role", "admin")
        assert refused.exit_code == 2
        assert "the server is running" in refused.stderr
        assert run(file, "account", "list").exit_code == 0
        assert run(file, "audit", "verify").exit_code == 0
    engine.dispose()


def test_a_chain_that_somebody_changed_is_named_row_by_row(file: Path, config: Config, tmp_path: Path) -> None:
    for name in ("li", "wang", "zhao", "qian"):
        assert run(file, "account", "add", name, "--role", "admin").exit_code == 0
    out = tmp_path / "audit.jsonl"
    assert run(file, "audit", "export", "--file", str(out)).exit_code == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    head = rows[-1]["hash"]
    assert run(file, "audit", "verify", "--head", head).exit_code == 0
    assert run(file, "audit", "verify", "--head", "f" * 64).exit_code == 1
    with closing(sqlite3.connect(database(config))) as connection, connection:
        for trigger in ("audit_no_update", "audit_no_delete"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE audit SET actor = 'os:nobody' WHERE number = 2")
        connection.execute("DELETE FROM audit WHERE number = 4")
    found = run(file, "audit", "verify", "--head", head, "--json")
    assert found.exit_code == 1
    assert [(each["fault"], each["number"]) for each in json.loads(found.stdout)["findings"]] == [
        ("altered", 2),
        ("unknown_head", 0),
    ]
    config.audit_heads_file.write_text(f"4 {head} 2026-12-01T08:00:00Z\n")
    told = run(file, "audit", "verify")
    assert told.exit_code == 1
    assert "4: " in told.stdout
    assert run(file, "audit", "list").exit_code == 0
