"""`swapstation inventory`: what it prints, in both languages, and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from swapstation.cli.acting import acting_person
from swapstation.cli.inventory import inventory_app
from swapstation.config.file import load_config
from swapstation.inventory.journal import open_station_database
from tests.inventory.stock import OTHER_VIN, VIN, pack_code

EXAMPLES = Path(__file__).parents[2] / "examples"
Run = Callable[..., Result]


@pytest.fixture
def run(config_file: Path) -> Run:
    """Run a command on the example stock."""

    def run(*arguments: str, language: str = "en") -> Result:
        options = ["--config", str(config_file), "--language", language]
        return CliRunner().invoke(inventory_app, [*options, *arguments])

    assert run("import", str(EXAMPLES / "inventory.toml")).exit_code == 0
    return run


def test_the_list_has_every_place_in_natural_order(run: Run) -> None:
    result = run("list")
    assert result.exit_code == 0
    places = [line.split()[0] for line in result.stdout.splitlines()[1:]]
    assert places[:10] == [*(f"bay-{n}" for n in range(1, 9)), "isolation", "robot"]
    assert [place[:6] for place in places[10:]] == ["truck:"] * 3
    assert "LFP-001" in result.stdout
    stock = json.loads(run("list", "--json").stdout)
    assert stock["batteries"][0] | {"soc_at": None} == {
        "battery": "LFP-001",
        "model": "LFP-282",
        "codes": [pack_code(42)],
        "place": "bay-1",
        "soc_pct": 95.0,
        "soc_at": None,
        "quarantined": False,
        "doubtful": False,
        "quarantine_reason": "",
        "doubt_reason": "",
        "release_asked_by": "",
        "release_reason": "",
        "release_asked_at": None,
        "full_at": None,
        "charges_since_full": 0,
    }


def test_a_battery_goes_through_its_life(run: Run) -> None:
    code = pack_code(900)
    for arguments in (
        ("receive", "LFP-900", "bay-8", "--model", "LFP-282", "--code", code, "--soc-pct", "50"),
        ("quarantine", "LFP-900", "--reason", "dented"),
        ("move", "LFP-900", "isolation"),
        ("correct", "LFP-900", "--reason", "typing error", "--soc-pct", "55"),
        ("send-away", "LFP-900", "--reason", "service"),
    ):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (0, "recorded\n"), arguments
    shown = json.loads(run("show", "LFP-900", "--json").stdout)
    assert (shown["place"], shown["soc_pct"], shown["codes"]) == ("away:LFP-900", 55.0, [code])
    history = json.loads(run("history", "LFP-900", "--json").stdout)
    assert [event["body"]["change"]["kind"] for event in history] == [
        "send_battery_away",
        "correct_battery",
        "move_battery_record",
        "quarantine_battery",
        "receive_battery",
    ]
    assert {event["body"]["person"] for event in history} == {acting_person()}


def test_a_refusal_exits_1_and_says_why_in_the_language(run: Run) -> None:
    result = run("move", "LFP-001", "bay-2", language="zh")
    assert (result.exit_code, result.stderr) == (1, "位置已占用: place = 'bay-2': occupied by LFP-002\n")
    assert run("move", "LFP-001", "bay-2").stderr.startswith("place occupied: ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("receive", "X", "bay-8", "--model", "LFP-282", "--code", "999"), "bad input: pack code = '999'"),
        (
            ("receive", "X", "bay-8", "--model", "NMC", "--code", pack_code(1)),
            "bad input: model = 'NMC': one of LFP-282",
        ),
        (("register-truck", "SHORT", "--model", "tractor-6x4"), "bad input: vin = 'SHORT'"),
        (("stock-check", "bay-1"), "bad input: counted = 'bay-1': PLACE=BATTERY"),
        (("show", "X"), "bad input: battery = 'X': not in the stock record"),
        (("import", "none.toml"), "none.toml:1: cannot open the file"),
        (("move", "LFP-001"), "Missing argument 'PLACE'"),
    ],
)
def test_bad_input_exits_2_and_names_field_value_and_what_is_allowed(
    run: Run, arguments: tuple[str, ...], told: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_stock_check_prints_the_differences_and_the_list_marks_them(run: Run) -> None:
    result = run("stock-check", "bay-1=LFP-002", "bay-3=LFP-003", "bay-8=")
    assert (result.exit_code, result.stdout) == (0, "recorded\nbay-1: recorded LFP-001, counted LFP-002\n")
    doubtful = [line for line in run("list", language="zh").stdout.splitlines() if "存疑" in line]
    assert [line.split()[1] for line in doubtful] == ["LFP-001", "LFP-002"]


def test_a_truck_with_a_strange_check_digit_is_registered_with_a_warning(run: Run) -> None:
    result = run("register-truck", "LSWAPTRK8T0000001", "--model", "tractor-6x4")
    assert result.exit_code == 0
    assert "warning: vin LSWAPTRK8T0000001" in result.stdout
    assert {VIN, OTHER_VIN, "LSWAPTRK8T0000001"} <= json.loads(run("list", "--json").stdout)["trucks"].keys()


def test_history_is_readable_in_chinese(run: Run) -> None:
    result = run("history", "LFP-001", language="zh")
    assert "事件" in result.stdout
    assert "InventoryChanged" in result.stdout


def test_import_needs_the_controller_stopped(run: Run, config_file: Path) -> None:
    engine = open_station_database(load_config(config_file))
    result = run("import", str(EXAMPLES / "inventory.toml"))
    engine.dispose()
    assert (result.exit_code, result.stderr) == (2, "another process owns the station database\n")


def test_before_the_first_import_there_is_nothing_to_list(config_file: Path) -> None:
    result = CliRunner().invoke(inventory_app, ["--config", str(config_file), "list"])
    assert result.exit_code == 2
    assert "there is no station database" in result.stderr


@pytest.mark.parametrize(("lang", "heading"), [("zh_CN.UTF-8", "位置"), ("en_US.UTF-8", "place"), ("", "place")])
def test_the_language_follows_the_system(run: Run, config_file: Path, lang: str, heading: str) -> None:
    environment = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": lang}
    result = CliRunner().invoke(inventory_app, ["--config", str(config_file), "list"], env=environment)
    assert heading in result.stdout
