"""A browser with one page for each size and language, all at the same station, and small picture files of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.ui.conftest import SIZES

SETTLE_MS = 1500
PATIENCE_MS = 30_000
COLOURS = 64
LOST_CONNECTION = ("WebSocket", "net::ERR_", "Failed to load resource")
"""What the browser says where a scene ends a process, or where there is nothing yet (a health card)."""


@dataclass(frozen=True, slots=True, order=True)
class View:
    """One size in one language."""

    size: str
    language: str

    def __str__(self) -> str:
        return f"{self.size}-{self.language}"


DESK = (View("desk", "zh"), View("desk", "en"))
PHONE = (View("phone", "zh"),)
WIDE = (View("wide", "zh"),)
BOTH = (*DESK, *PHONE)
EVERY_VIEW = (*BOTH, *WIDE)
_WINDOWS = {"desk": SIZES["desk"], "phone": SIZES["phone"], "wide": SIZES["full"]}


@dataclass(slots=True)
class Camera:
    """Pages of one station. `shown`: what each picture shows; `wrong`: what the pages complained of."""

    pages: dict[View, Page]
    folder: Path
    shown: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def log_in(self, account: str, pin: str) -> None:
        """The same person at every page."""
        for page in self.pages.values():
            page.locator("#door-account").fill(account)
            page.locator("#door-secret").fill(pin)
            page.locator("#log-in button[type=submit]").click()
            page.locator("#account").wait_for(timeout=PATIENCE_MS)

    def shoot(
        self,
        name: str,
        shows: str,
        screen: str,
        views: tuple[View, ...] = DESK,
        first: Callable[[Page], None] | None = None,
    ) -> None:
        """Go to a screen in each view, do something there first if wanted, and take its picture."""
        pages = {view: self.pages[view] for view in views}
        for page in pages.values():
            page.evaluate(f"location.hash = '#/{screen}'")
        for page in pages.values():
            page.wait_for_timeout(SETTLE_MS / len(pages))
        for view, page in pages.items():
            if first is not None:
                first(page)
            _keep(page.screenshot(), self.folder / f"{name}-{view}.webp")
        self.shown[name] = shows


def _keep(png: bytes, file: Path) -> None:
    """As WebP without loss, of as few colours as the console needs: half of what a photograph of it would take."""
    image = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.convert("RGB").save(file, "WEBP", lossless=True, method=6)


@contextmanager
def camera(browser: Browser, url: str, folder: Path) -> Iterator[Camera]:
    """Open a page for each view at the station's door."""
    held = Camera({}, folder)
    contexts = []
    for view in EVERY_VIEW:
        width, height = _WINDOWS[view.size]
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        context.add_init_script(f"localStorage.setItem('swapstation.language', '{view.language}')")
        page = held.pages[view] = context.new_page()
        page.on("pageerror", lambda error: held.wrong.append(str(error)))
        page.on("console", lambda said: held.wrong.append(said.text) if said.type == "error" else None)
        page.goto(url)
        contexts.append(context)
    yield held
    held.wrong = [each for each in held.wrong if not any(word in each for word in LOST_CONNECTION)]
    for context in contexts:
        context.close()
