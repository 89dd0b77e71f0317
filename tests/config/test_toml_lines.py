"""Line numbers of TOML keys."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from swapstation.toml_lines import KeyPath, key_lines

DOCUMENT = '''# comment with [brackets] and = signs
name = "a # no comment"
"quoted key" = 1
a.b."c d" = 2

[links]
robot = "x" # [[bays]]
text = """
[not.a.table]
key = 1
"""
list = [ 1, # one
  { inner = 5, other = "]" },
  "}",
]

[[bays]]
number = 1
[bays.extra]
deep = 1979-05-27 07:32:00
[[bays]]
number = 2
inline = { x = 1, y.z = 2 }
'''


def test_every_form_of_key_has_its_line() -> None:
    lines = key_lines(DOCUMENT)
    expected: dict[KeyPath, int] = {
        ("name",): 2,
        ("quoted key",): 3,
        ("a", "b", "c d"): 4,
        ("links",): 6,
        ("links", "robot"): 7,
        ("links", "text"): 8,
        ("links", "list"): 12,
        ("links", "list", 0): 12,
        ("links", "list", 1, "inner"): 13,
        ("links", "list", 2): 14,
        ("bays",): 17,
        ("bays", 0): 17,
        ("bays", 0, "number"): 18,
        ("bays", 0, "extra"): 19,
        ("bays", 0, "extra", "deep"): 20,
        ("bays", 1): 21,
        ("bays", 1, "number"): 22,
        ("bays", 1, "inline", "x"): 23,
        ("bays", 1, "inline", "y", "z"): 23,
    }
    assert {path: lines.get(path) for path in expected} == expected
    assert ("key",) not in lines
    assert ("not", "a", "table") not in lines


def test_windows_line_ends_count_once() -> None:
    assert key_lines("a = 1\r\nb = 2\r\n") == {("a",): 1, ("b",): 2}


_KEYS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x7f", exclude_categories=["C"]), min_size=1, max_size=6
)
_VALUES = st.sampled_from(
    ["1", '"x # y"', "'it = [1]'", "[1, [2, 3],\n 4]", "{ p = 1, q = { r = 2 } }", '"""a\nb = 1"""']
)


@given(st.lists(st.tuples(_KEYS, _VALUES), max_size=8, unique_by=lambda pair: pair[0]))
def test_finds_every_key_that_tomllib_finds(pairs: list[tuple[str, str]]) -> None:
    escaped = [(key.replace("\\", "\\\\").replace('"', '\\"'), value) for key, value in pairs]
    text, wanted, line = "", {}, 1
    for (key, _), (quoted, value) in zip(pairs, escaped, strict=True):
        statement = f'"{quoted}" = {value} # end\n'
        wanted[key] = line
        text += statement
        line += statement.count("\n")
    parsed: dict[str, Any] = tomllib.loads(text)
    lines = key_lines(text)
    assert parsed.keys() == wanted.keys()
    assert {key: lines[(key,)] for key in parsed} == wanted
