"""Names and texts that would be markup, a log line, a path or a statement elsewhere: they stay what they are."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from swapstation.server.actor import API
from tests.server.conftest import standing
from tests.server.people import OPERATOR, PASSWORD, PIN
from tests.server.running_server import RunningServer, running_server

MARKUP = "<img src=x onerror=alert(1)>"
NASTY = (MARKUP, "B1\nli logged in", "B1\x1b[2J", "B1'; DROP TABLE batteries;--", "../B1", "B1\0", "=cmd|' /C calc'!A0")
PATHS = (
    "/../../../../etc/passwd",
    "/..%2f..%2f..%2fetc/passwd",
    "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/....//....//etc/passwd",
    "/static/..%5c..%5cetc%5cpasswd",
    "/%00",
    "/../app.py",
    "/%2e%2e/serve.py",
)
SOURCES = Path(__file__).parents[2] / "ops_ui" / "src"
WRITES_MARKUP = re.compile(
    r"\{@html|\.innerHTML|\.outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function"
)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with tempfile.TemporaryDirectory(prefix="swapstation-") as folder, standing(Path(folder)) as (client, _):
        yield client


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as server:
        yield server


@pytest.mark.parametrize("nasty", NASTY)
def test_a_battery_truck_or_account_cannot_have_such_a_name(client: TestClient, nasty: str) -> None:
    tries = [
        ("batteries", {"battery": nasty, "model": "LFP-282", "codes": [], "place": "bay-4", "reason": "new"}),
        ("trucks", {"vin": nasty, "model": "6x4-tractor"}),
        ("swaps", {"vin": nasty}),
        ("accounts", {"account": nasty, "role": "viewer"}),
        ("bookings", {"vin": nasty, "model": "LFP-282"}),
    ]
    for path, body in tries:
        assert client.post(f"{API}/{path}", json=body).status_code == HTTPStatus.UNPROCESSABLE_ENTITY, path


def test_a_text_of_a_person_comes_back_as_json_that_no_browser_takes_for_a_page(client: TestClient) -> None:
    made = client.post(f"{API}/accounts", json={"account": "zhao", "display": MARKUP, "role": "viewer"})
    assert made.status_code == HTTPStatus.CREATED
    answer = client.get(f"{API}/accounts")
    assert MARKUP in [each["display"] for each in answer.json()]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_console_s_sources_write_texts_and_never_markup() -> None:
    """The sources, of which the bundle is made byte for byte: the compiler's own templates hold no data."""
    sources = [file for file in SOURCES.rglob("*") if file.suffix in (".svelte", ".ts")]
    assert len(sources) > 50
    for source in sources:
        assert not WRITES_MARKUP.search(source.read_text(encoding="utf-8")), source.name


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leaves_the_page_s_folder(server: RunningServer, path: str) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    with httpx2.Client(trust_env=False) as client:
        request = client.build_request("GET", f"http://127.0.0.1:{port}/")
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = client.send(request)
    assert answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)
    assert "root:" not in answer.text
    assert "import" not in answer.text


def test_no_secret_is_in_the_log_nor_in_the_audit(capfd: pytest.CaptureFixture[str]) -> None:
    """Wrong guesses, log-ins, changed secrets, codes and keys: of what was typed or made only names are kept."""
    new_pin, wrong = "739104", "guess-of-somebody-771"
    with running_server() as server:
        url, session = f"{server.url}{API}", server.log_in()
        with httpx2.Client(headers=session, trust_env=False) as client:
            key = client.post(f"{url}/keys", json={"name": "vpp", "role": "platform", "scopes": ["read"]}).json()
            client.get(f"{url}/power", headers={"Authorization": f"Bearer {wrong}"})
            code = client.post(f"{url}/accounts", json={"account": "qian", "role": "viewer"}).json()["code"]
            totp = client.post(f"{url}/session/totp").json()["secret"]
            httpx2.post(f"{url}/session", json={"account": OPERATOR, "secret": wrong}, trust_env=False)
            changed = client.post(f"{url}/session/secrets", json={"current": PIN, "pin": new_pin})
            assert changed.status_code == HTTPStatus.OK, changed.text
            client.cookies.clear()
            again = {"Cookie": f"swapstation={changed.cookies['swapstation']}"}
            audit = json.dumps(httpx2.get(f"{url}/audit?limit=500", headers=again, trust_env=False).json())
    said = "".join(capfd.readouterr()) + audit
    assert "key_added" in said or "vpp" in said
    secrets = [PIN, PASSWORD, new_pin, wrong, key["token"], code, totp, session["Cookie"].partition("=")[2]]
    assert [secret for secret in secrets if secret in said] == []
