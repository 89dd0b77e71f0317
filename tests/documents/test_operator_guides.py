"""Both operator guides say the same, and what the alarm catalogue, the console and the commands say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from swapstation.cli.main import command_line
from swapstation.contract.alarm_catalogue import alarm_catalogue
from tests.documents.written import FOLDER

GUIDES = {"en": FOLDER / "operator.md", "zh": FOLDER / "operator.zh.md"}
TEXTS = FOLDER.parent / "ops_ui" / "src" / "texts"
_CJK = "\u4e00-\u9fff"
_HEADING = {
    "en": re.compile(rf"^(#+) (?P<en>[^{_CJK}\n]+?) (?P<zh>[{_CJK}].*)$", re.MULTILINE),
    "zh": re.compile(rf"^(#+) (?P<zh>[{_CJK}]\S*) (?P<en>[^{_CJK}\n]+)$", re.MULTILINE),
}
_CODE = re.compile(r"\b[A-Z]{3,}(?:_[A-Z]+)+\b")
_CARD = re.compile(r"^> (.*)$", re.MULTILINE)
_KEY = re.compile(r"<kbd>(.*?)</kbd>")
_COMMAND = re.compile(r"(?:^|`|^ {4}|^\$ )swapstation ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#]*)(?:#([^)]*))?\)")


def read(language: str) -> str:
    return GUIDES[language].read_text(encoding="utf-8")


def headings(language: str) -> list[tuple[str, str, str]]:
    return [(found[1], found["en"], found["zh"]) for found in _HEADING[language].finditer(read(language))]


def anchor(heading: str) -> str:
    """The name under which a heading is reached: lower case, without punctuation, blanks as hyphens."""
    return re.sub(rf"[^a-z0-9{_CJK} -]", "", heading.lower()).replace(" ", "-")


def test_both_have_the_same_headings() -> None:
    assert headings("en") == headings("zh")
    for language in GUIDES:
        assert len(re.findall(r"^#", read(language), re.MULTILINE)) == len(headings(language)), language


@pytest.mark.parametrize("language", GUIDES)
def test_every_alarm_is_one_of_the_catalogue(language: str) -> None:
    assert set(_CODE.findall(read(language))) - set(alarm_catalogue()) == set()


@pytest.mark.parametrize("language", GUIDES)
def test_what_a_card_says_is_what_the_catalogue_says(language: str) -> None:
    cards = _CARD.findall(read(language))
    assert len(cards) > 15
    for card in cards:
        alarm = alarm_catalogue()[card.partition(" ")[0]]
        said = alarm.zh if language == "zh" else alarm.en
        assert card == f"{alarm.code} {said.title}: {said.action}"


@pytest.mark.parametrize("language", GUIDES)
def test_every_key_is_a_word_of_the_console(language: str) -> None:
    words = "".join(each.read_text(encoding="utf-8") for each in sorted(TEXTS.glob(f"*{language}.ts")))
    general = {"Keys", "按键"}
    assert [key for key in _KEY.findall(read(language)) if f': "{key}",' not in words and key not in general] == []


@pytest.mark.parametrize("language", GUIDES)
def test_every_link_leads_somewhere(language: str) -> None:
    marks = re.findall(r"^#+ (.*)$", read(language), re.MULTILINE)
    anchors = {anchor(each) for each in marks}
    for file, mark in _LINK.findall(read(language)):
        assert not file or (FOLDER / file).is_file(), file
        assert not mark or mark in anchors, mark


@pytest.mark.parametrize("document", sorted(FOLDER.glob("*.md")), ids=lambda path: path.name)
def test_every_command_of_a_document_is_one(document: Path) -> None:
    groups = get_command(command_line()).commands  # type: ignore[attr-defined]
    for verb, what in set(_COMMAND.findall(document.read_text(encoding="utf-8"))):
        assert verb in groups, f"swapstation {verb}"
        commands = getattr(groups[verb], "commands", None)
        assert not what or commands is None or what in commands, f"swapstation {verb} {what}"
