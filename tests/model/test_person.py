"""Who answers for a request, and who may be the same person as another one."""

from __future__ import annotations

import pytest

from swapstation.model.person import is_named, same_person


@pytest.mark.parametrize(
    ("person", "named"),
    [("li", True), ("os:li", True), ("key:vpp", False), ("console", False), (" Console ", False), ("", False)],
)
def test_whoever_stood_there_and_a_program_answer_for_nothing(person: str, named: bool) -> None:
    assert is_named(person) is named


def test_an_account_and_a_user_of_the_machine_of_one_name_are_not_two_people() -> None:
    assert same_person("li", "os:li")
    assert same_person(" Li", "li ")
    assert not same_person("li", "os:wang")
