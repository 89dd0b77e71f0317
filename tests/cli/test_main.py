"""The command line before any verb."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from swapstation import __version__
from swapstation.cli.main import VERBS, command_line

RUNNER = CliRunner()


def test_the_version_is_told() -> None:
    result = RUNNER.invoke(command_line(), ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"swapstation {__version__}\n")


def test_without_a_verb_the_help_lists_them_all() -> None:
    result = RUNNER.invoke(command_line(), ["--help"])
    assert result.exit_code == 0
    assert all(verb in result.stdout for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_helps_in_both_languages(verb: str) -> None:
    text = RUNNER.invoke(command_line(verb), [verb, "--help"], env={"COLUMNS": "120"}).stdout
    assert any("一" <= letter <= "鿿" for letter in text), text
    assert "Usage" in text
