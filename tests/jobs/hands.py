"""A person's hands at the console: every press is counted, and nothing is done but by them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

PATIENCE_MS = 60_000
ENABLED = ':not([aria-disabled="true"])'


@dataclass(slots=True)
class Hands:
    """At one page. `presses`: what was touched so far; `letters`: what was typed."""

    page: Page
    presses: int = 0
    letters: int = 0
    begun_s: float = field(default_factory=time.monotonic)
    waited_s: float = 0.0

    def press(self, selector: str, words: str = "") -> None:
        """Press what can be pressed as soon as it can be."""
        self._see(selector, words).click(timeout=PATIENCE_MS)
        self.presses += 1

    def hold(self, selector: str) -> None:
        """Keep a button pressed until its sheet has gone: two seconds."""
        self._see(f"{selector}{ENABLED}").hover()
        self.page.mouse.down()
        self.page.locator("#sheet").wait_for(state="hidden", timeout=PATIENCE_MS)
        self.page.mouse.up()
        self.presses += 1

    def write(self, selector: str, text: str) -> None:
        """Press a field and type into it."""
        self.press(selector)
        self.page.locator(selector).fill(text)
        self.letters += len(text)

    def watch(self, selector: str, words: str = "") -> None:
        """Wait for something to be on the screen; this time is the station's, not the person's."""
        began_s = time.monotonic()
        self._see(selector, words)
        self.waited_s += time.monotonic() - began_s

    def _see(self, selector: str, words: str = "") -> Locator:
        found = self.page.locator(selector, has_text=words).first if words else self.page.locator(selector).first
        found.wait_for(timeout=PATIENCE_MS)
        return found

    @property
    def seconds(self) -> float:
        """What the person took: all but what the station made it wait."""
        return time.monotonic() - self.begun_s - self.waited_s
