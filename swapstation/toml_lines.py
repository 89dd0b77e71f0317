"""Line numbers of the keys of a TOML text: tomllib reads values but does not say where they stood."""

from __future__ import annotations

import re
import tomllib

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRINGS = (r'"""(?:\\.|[^\\])*?"{3,5}', r"'''.*?'{3,5}", r'"(?:\\.|[^"\\])*"', r"'[^']*'")
_STRING = re.compile("|".join(_STRINGS), re.DOTALL)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN_VALUE = re.compile(r"[^,\]}#\n]+")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Map each key path of a TOML text that tomllib accepts to its line, counted from 1.

    Elements of arrays have their index in the path: `[[bays]]` gives `("bays", 0)`, its keys `("bays", 0, "number")`.
    """
    return _Scan(text).document()


class _Scan:
    """One pass over a valid document; it only has to find keys, not to judge them."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.position = 0
        self.lines: dict[KeyPath, int] = {}
        self.tables_seen: dict[KeyPath, int] = {}

    def document(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self.skip_blank():
            if self.take("[["):
                table = self.next_element(self.resolve(self.key()))
                self.expect("]]")
            elif self.take("["):
                table = self.resolve(self.key())
                self.mark(table)
                self.expect("]")
            else:
                self.pair(table)
        return self.lines

    def pair(self, table: KeyPath) -> None:
        path = (*table, *self.key())
        self.mark(path)
        self.expect("=")
        self.value(path)

    def value(self, path: KeyPath) -> None:
        self.skip_blank()
        if self.take("["):
            index = 0
            while not self.closes("]"):
                self.mark((*path, index))
                self.value((*path, index))
                index += 1
        elif self.take("{"):
            while not self.closes("}"):
                self.pair(path)
        elif string := _STRING.match(self.text, self.position):
            self.position = string.end()
        elif plain := _PLAIN_VALUE.match(self.text, self.position):
            self.position = plain.end()

    def closes(self, bracket: str) -> bool:
        self.skip_blank()
        if self.take(","):
            self.skip_blank()
        return self.position >= len(self.text) or self.take(bracket)

    def key(self) -> KeyPath:
        parts: list[str] = []
        while True:
            self.skip_blank()
            match = _STRING.match(self.text, self.position) or _BARE_KEY.match(self.text, self.position)
            if match is None:
                raise ValueError(f"no key at offset {self.position}")
            self.position = match.end()
            parts.append(next(iter(tomllib.loads(f"{match.group()} = 0"))))
            self.skip_blank()
            if not self.take("."):
                return tuple(parts)

    def resolve(self, header: KeyPath) -> KeyPath:
        """`[bays.limits]` after `[[bays]]` means the last element of `bays`."""
        path: KeyPath = ()
        for part in header[:-1]:
            path = (*path, part)
            if path in self.tables_seen:
                path = (*path, self.tables_seen[path])
        return (*path, header[-1])

    def next_element(self, array: KeyPath) -> KeyPath:
        self.mark(array)
        self.tables_seen[array] = self.tables_seen.get(array, -1) + 1
        element = (*array, self.tables_seen[array])
        self.mark(element)
        return element

    def mark(self, path: KeyPath) -> None:
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], self.text.count("\n", 0, self.position) + 1)

    def skip_blank(self) -> bool:
        blank = _BLANK.match(self.text, self.position)
        self.position = blank.end() if blank else self.position
        return self.position < len(self.text)

    def take(self, token: str) -> bool:
        if not self.text.startswith(token, self.position):
            return False
        self.position += len(token)
        return True

    def expect(self, token: str) -> None:
        self.skip_blank()
        if not self.take(token):
            raise ValueError(f"{token!r} expected at offset {self.position}")
