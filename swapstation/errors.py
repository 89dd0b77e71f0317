"""Errors of the product that are neither wire faults (values) nor refusals (values): bad input and bad set-up."""

from __future__ import annotations


class SwapstationError(Exception):
    """Base of every error this product raises on purpose; the CLI prints it without a traceback and exits 2."""


class ConfigurationError(SwapstationError):
    """A configuration, map or catalogue file is wrong; one message per mistake, each with file and line."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class InputError(SwapstationError):
    """A person's input is wrong: names the field, the value and what is allowed."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field} = {value!r}: {allowed}")
        self.field = field
        self.value = value
        self.allowed = allowed

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str]]:
        """So that a question asked in another process is told what is wrong with it."""
        return InputError, (self.field, self.value, self.allowed)
