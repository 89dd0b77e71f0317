"""Every item of the list has its tests, the document says so, and what no test of a feature covers is tried here."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest
import sqlalchemy as sa

from swapstation.business.database import BUSINESS, DatabaseError, open_business_database
from swapstation.model.people import Role
from swapstation.server.access import ACCESS
from tests.attack.ports import listening
from tests.reliability.document import section_of
from tests.server import security_table, station_sample
from tests.server.conftest import wait_until
from tests.server.people import OPERATOR, add_people
from tests.server.security_items import ITEMS, OBJECTS
from tests.server.test_server_process import answers, free_port, station_file

ROOT = Path(__file__).parents[2]
LOOKED_AT = {
    "S102": {"protocol/can_reader.py": "compiles what was generated from our own message tables"},
    "S104": {"config/server_settings.py": "compared, not bound: where a server that listens everywhere is reached"},
    "S105": dict.fromkeys(("mock_platform/", "supervision/"), "names of steps and interfaces, no secrets"),
    "S108": dict.fromkeys(("study/site.py", "twin/yard.py"), "folders of a random name below it"),
    "S301": {"twin/": "checkpoints that the same run has written"},
    "S310": {"demo/": "the demo's own address"},
    "S323": {"operations/update.py": "only asks the own server whether it answers; nothing secret is sent"},
    "S603": {"": "programs and arguments of our own, no shell"},
    "S607": {"": "programs by name, arguments of our own"},
    "S608": dict.fromkeys(
        ("records/telemetry/", "database/examination.py"), "names of tables and columns are our own, texts are quoted"
    ),
}
"""Rule -> where its findings are known, and why they are none."""


@pytest.mark.parametrize("test", sorted({test for item in ITEMS for test in item.tests} | set(OBJECTS.values())))
def test_a_named_test_exists(test: str) -> None:
    path, _, name = test.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_table_of_the_document_is_this_one() -> None:
    told = section_of(security_table.SECTION, security_table.DOCUMENT)
    assert told == security_table.section().strip(), "run python -m tests.server.security_table"


def test_every_route_on_which_a_program_names_a_thing_has_its_test_of_objects() -> None:
    assert set(OBJECTS) == {route for route, rule in ACCESS.items() if "{" in route and Role.FLEET in rule.programs}


def test_what_bandit_s_rules_find_was_looked_at() -> None:
    """SQL from strings, shells, weak hashes, exec, passwords in code: a new finding needs its reason here."""
    command = [sys.executable, "-m", "ruff", "check", "--select", "S", "--ignore", "S101,S311", "--isolated"]
    command += ["--output-format", "json", "swapstation"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = {
        (each["code"], Path(each["filename"]).relative_to(ROOT / "swapstation").as_posix())
        for each in json.loads(run.stdout)
    }
    unknown = [
        (code, file) for code, file in found if not any(file.startswith(start) for start in LOOKED_AT.get(code, {}))
    ]
    assert unknown == []


@pytest.mark.slow
def test_a_station_s_server_listens_on_loopback_only(data: Path) -> None:
    port = free_port()
    program = "import typer; from swapstation.cli.server import server; typer.run(server)"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(station_file(data, port))], stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}"), timeout_s=30)
            told = listening(process.pid)
        finally:
            process.kill()
    assert (("127.0.0.1", port)) in told
    assert all(ip_address(address).is_loopback for address, _ in told)


def test_an_error_of_the_database_names_no_values(data: Path) -> None:
    """An account's row that is there already: its name and hash are in the statement's values."""
    config = station_sample.config(data)
    add_people(config, {OPERATOR: Role.ADMIN})
    engine = open_business_database(config)
    told = ""
    try:
        with BUSINESS.errors(), engine.begin() as connection:
            row = connection.execute(sa.text("SELECT * FROM accounts")).mappings().one()
            names = [str(name) for name in row]
            marks = ", ".join(f":{name}" for name in names)
            connection.execute(sa.text(f"INSERT INTO accounts ({', '.join(names)}) VALUES ({marks})"), dict(row))
    except DatabaseError as error:
        told = f"{error} {error.__cause__}"
    engine.dispose()
    assert "accounts" in told
    assert "argon2" not in told
