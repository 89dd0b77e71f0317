"""Webhooks: signed, in order, again until taken, told again on demand, and never to where they may not go."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from swapstation.business import webhooks
from swapstation.model.webhook_signature import WrongSignature, new_secret, signed, verify
from swapstation.server.webhook_targets import TargetRefused, check_address, parse_target
from tests.server.conftest import wait_until
from tests.server.fleet_rig import API, FleetRig, fleet_rig

HOOK = f"{API}/webhooks/dispatch"


class Receiver:
    """A fleet's own server: what it got, and how it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status, self.location = 200, ""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers.items()), body))
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    @property
    def kinds(self) -> list[str]:
        return [json.loads(body)["kind"] for _, body in self.got]


@contextmanager
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join(5)


@pytest.fixture(scope="module")
def shared() -> Iterator[FleetRig]:
    with (
        tempfile.TemporaryDirectory(prefix="swapstation-") as folder,
        fleet_rig(
            Path(folder),
            lambda config: replace(config, server=replace(config.server, webhook_networks=("127.0.0.0/8",))),
        ) as rig,
    ):
        yield rig


@pytest.fixture
def rig(shared: FleetRig, monkeypatch: pytest.MonkeyPatch) -> FleetRig:
    monkeypatch.setattr(webhooks, "FIRST_RETRY", timedelta(milliseconds=50))
    shared.renew()
    return shared


@pytest.fixture
def target() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def put(rig: FleetRig, url: str, **asked: object) -> Any:
    return rig.north.put(HOOK, json={"url": url, **asked})


def test_events_are_posted_in_order_and_signed(rig: FleetRig, target: Receiver) -> None:
    secret = put(rig, target.url).json()["secret"]
    booking = rig.book().json()["id"]
    rig.north.post(f"{API}/bookings/{booking}/cancel", json={})
    wait_until(lambda: len(target.got) == 2)
    assert target.kinds == ["booking.reserved", "booking.canceled"]
    headers, body = target.got[0]
    assert verify(headers, body, secret, time.time()).startswith("north.")
    assert json.loads(body)["data"]["id"] == booking
    with pytest.raises(WrongSignature):
        verify(headers, body + b" ", secret, time.time())
    assert put(rig, target.url).json()["secret"] == "", "told once"
    assert secret not in rig.north.get(f"{API}/webhooks").text


def test_what_was_not_taken_is_posted_again_before_anything_later(rig: FleetRig, target: Receiver) -> None:
    put(rig, target.url)
    target.status = 503
    booking = rig.book().json()["id"]
    rig.north.post(f"{API}/bookings/{booking}/cancel", json={})
    wait_until(lambda: len(target.got) >= 2)
    assert set(target.kinds) == {"booking.reserved"}
    assert rig.north.get(HOOK).json()["reason"] == "HTTP 503"
    target.status = 200
    wait_until(lambda: target.kinds[-1] == "booking.canceled")
    assert rig.north.get(HOOK).json()["failures"] == 0


def test_a_cursor_that_is_set_back_tells_everything_again(rig: FleetRig, target: Receiver) -> None:
    put(rig, target.url, kinds=["booking.reserved"])
    rig.book()
    wait_until(lambda: len(target.got) == 1)
    first = json.loads(target.got[0][1])["number"]
    wait_until(lambda: rig.north.get(HOOK).json()["cursor"] == first)
    assert rig.north.post(f"{HOOK}/replay", json={"after": first - 1}).status_code == 200
    wait_until(lambda: len(target.got) == 2)
    assert target.got[0][1] == target.got[1][1]


def test_a_replaced_secret_counts_beside_the_new_one_and_is_replaced_once(rig: FleetRig, target: Receiver) -> None:
    made = put(rig, target.url).json()
    rotation = {"replaces": made["webhook"]["secret_id"]}
    new = rig.north.post(f"{HOOK}/rotate", json=rotation).json()["secret"]
    assert rig.north.post(f"{HOOK}/rotate", json=rotation).status_code == 422
    rig.book()
    wait_until(lambda: len(target.got) == 1)
    headers, body = target.got[0]
    assert verify(headers, body, new, time.time()) == verify(headers, body, made["secret"], time.time())
    with pytest.raises(WrongSignature):
        verify(headers, body, new_secret(), time.time())


def test_a_redirect_is_not_followed_and_a_target_that_is_gone_is_left(rig: FleetRig, target: Receiver) -> None:
    put(rig, target.url)
    target.status, target.location = 302, "http://169.254.169.254/latest/meta-data/"
    rig.book()
    wait_until(lambda: rig.north.get(HOOK).json()["reason"] == "HTTP 302")
    target.status, target.location = 410, ""
    wait_until(lambda: rig.north.get(HOOK).json()["paused"])


def test_a_fleet_has_no_hand_in_another_fleet_s_webhooks(rig: FleetRig, target: Receiver) -> None:
    made = put(rig, target.url).json()["webhook"]
    tries = [
        rig.south.get(HOOK),
        rig.south.delete(HOOK),
        rig.south.post(f"{HOOK}/rotate", json={"replaces": made["secret_id"]}),
        rig.south.post(f"{HOOK}/replay", json={"after": 0}),
    ]
    assert [answer.status_code for answer in tries] == [404] * 4
    assert rig.south.get(f"{API}/webhooks").json() == []
    assert rig.south.put(HOOK, json={"url": "http://127.0.0.1:1/"}).json()["webhook"]["fleet"] == "south"
    rig.book()
    wait_until(lambda: target.kinds == ["booking.reserved"])
    assert rig.north.delete(HOOK).status_code == 200
    assert rig.north.get(HOOK).status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://[fe80::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://0.0.0.0/",
        "https://10.0.0.8/",
        "https://[::1]/",
        "https://100.64.0.1/",
        "https://2852039166/",
        "file" + ":///etc/passwd",
        "gopher://127.0.0.1:70/",
        "ftp://127.0.0.1/",
        "http://8.8.8.8/",
        "http://user:word@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "//127.0.0.1/hook",
        "http://127.0.0.1/a b",
    ],
)
def test_a_url_where_webhooks_may_not_go_is_refused(rig: FleetRig, url: str) -> None:
    answer = put(rig, url)
    assert answer.status_code == 422, answer.text
    assert rig.north.get(f"{API}/webhooks").json() == []


def test_a_name_is_judged_by_its_address_when_it_is_called() -> None:
    target = parse_target("https://dispatch.example.com:8443/hook?key=1")
    assert target.at(ip_address("2001:db8::1")) == "https://[2001:db8::1]:8443/hook?key=1"
    assert target.host_header == "dispatch.example.com:8443"
    check_address(target, ip_address("8.8.8.8"), ())
    check_address(target, ip_address("10.20.3.4"), ("10.20.0.0/16",))
    for address in ("127.0.0.1", "10.21.0.1", "169.254.169.254"):
        with pytest.raises(TargetRefused):
            check_address(target, ip_address(address), ("10.20.0.0/16", "169.254.0.0/16"))


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's reference libraries."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, [secret])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert verify(headers, body, secret, 1614265330.0)
    with pytest.raises(WrongSignature):
        verify(headers, body, secret, 1614265330.0 + 301)


def test_pauses_grow_up_to_an_hour() -> None:
    pauses = [webhooks.retry_after(failures).total_seconds() for failures in range(1, 40)]
    assert pauses[:4] == [5, 10, 20, 40]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 3600
