"""`swapstation inventory`: commands that go to the running controller, what they ask and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from swapstation.cli.acting import acting_person
from swapstation.cli.inventory import inventory_app
from swapstation.contract.envelope import AnswerMessage, RequestMessage
from swapstation.model.bay_request import ChargeBay, EndLockOut, LockOutBay, ResetCharge, StopBayCharge
from swapstation.model.reasons import reason
from swapstation.model.request import (
    Accepted,
    AcceptUnevenSet,
    Answer,
    AttestIdentity,
    CloseSwap,
    ConfirmCloseSwap,
    Payload,
    ReconcileSwap,
    Refused,
    Request,
)
from tests.inventory.stock import VIN
from tests.inventory.test_submit import controller, line

SWAP = ("--fresh", "B1", "--returned", "B3", "--to-bay", "3", "--reason", "at the panel")


def asked(config: Path, answer: Answer, *arguments: str, language: str = "en") -> tuple[Result, list[Request]]:
    requests: list[Request] = []

    def reply(message: RequestMessage) -> list[bytes]:
        requests.append(message.request)
        return [line(AnswerMessage(message.id, answer))]

    options = ["--config", str(config), "--language", language]
    with controller(config.parent / "data" / "controller.sock", reply):
        return CliRunner().invoke(inventory_app, [*options, *arguments]), requests


@pytest.mark.parametrize(
    ("arguments", "payload"),
    [
        (("lock-out", "3", "--reason", "fan"), LockOutBay(3, "fan")),
        (("end-lock-out", "3", "--reason", "done"), EndLockOut(3, "done")),
        (("charge", "1", "--target-soc-pct", "100", "--max-power-kw", "60"), ChargeBay(1, 100.0, 60.0)),
        (("stop-charge", "1"), StopBayCharge(1)),
        (("reset-charge", "1"), ResetCharge(1)),
        (("accept-uneven-set", "S1", "--reason", "limps home"), AcceptUnevenSet("S1", "limps home")),
        (("attest", "S1", "B1", "--reason", "read the plate"), AttestIdentity("S1", "B1", "read the plate")),
        (("close-swap", "S1", "--reason", "crane dead"), CloseSwap("S1", "crane dead")),
        (("confirm-close-swap", "S1"), ConfirmCloseSwap("S1")),
        (("reconcile-swap", VIN, *SWAP), ReconcileSwap(VIN, "B1", "B3", 3, "at the panel")),
    ],
)
def test_a_command_asks_the_controller_in_the_person_s_name(
    config_file: Path,
    arguments: tuple[str, ...],
    payload: Payload,
) -> None:
    result, requests = asked(config_file, Accepted("k", {"swap": "S1"}), *arguments)
    assert (result.exit_code, result.stdout) == (0, "recorded\nswap: S1\n")
    assert [(request.person, request.payload) for request in requests] == [(acting_person(), payload)]


def test_a_refusal_exits_1_with_every_reason_in_the_language(config_file: Path) -> None:
    refusal = Refused("k", "robot_empty", "", ("robot_empty", "bay_occupied"))
    result, _ = asked(config_file, refusal, "reconcile-swap", VIN, *SWAP, language="zh")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [reason("robot_empty").zh, reason("bay_occupied").zh]


def test_bad_input_exits_2_and_says_what_is_allowed(config_file: Path) -> None:
    refusal = Refused("k", "bad_input", "target_soc_pct = 3: 5 to 100")
    result, _ = asked(config_file, refusal, "charge", "1", "--target-soc-pct", "3")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, "target_soc_pct = 3: 5 to 100")


def test_without_a_controller_the_command_says_so(config_file: Path) -> None:
    result = CliRunner().invoke(inventory_app, ["--config", str(config_file), "stop-charge", "1"])
    assert result.exit_code == 2
    assert "does not answer" in result.stderr
    assert "this needs the running controller" in result.stderr


def test_what_waits_for_a_second_person_says_so_in_the_language(config_file: Path) -> None:
    waits = Accepted("k", {"waits_for": "a second person", "minutes": "15"})
    result, _ = asked(config_file, waits, "close-swap", "S1", "--reason", "crane dead", language="zh")
    assert result.stdout.splitlines() == ["已记录", "等待: 另一个人", "分钟内有效: 15"]
