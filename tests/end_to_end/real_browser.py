"""Debian's Chromium, driven by Playwright: a person's browser that reports whatever its policy blocks and its console says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (1280, 390)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# What axe holds pages against: WCAG 2.2 to level AA, and what is good practice beside it.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# An answer of 4xx is a line of the console, and no fault of a page.
_EXPECTED = "Failed to load resource: the server responded with a status of 4"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; it ends with the block."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Chromium: tools/ensure-chromium.sh")
    if not AXE.is_file():
        pytest.fail(f"{AXE} is not there; run tools/fetch-vendor.sh")
    with sync_playwright() as playwright:
        # Containers have no room for its sandbox, and what it is shown here is our own.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Person:
    """Somebody before a page.

    Attributes:
        complaints: what the browser's console has said.
    """

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def sign_in(self, credential: str) -> None:
        self.page.get_by_label("Credential").fill(credential)
        self.page.get_by_role("main").get_by_role("button", name="Sign in with the credential").click()

    def sign_in_as(self, name: str, password: str) -> None:
        """With a name and a password, on a page that asks for them; whether it was taken is for the caller to see."""
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()

    def text(self) -> str:
        return self.page.get_by_role("main").inner_text()

    def look(self) -> list[str]:
        """What is wrong with the page as it stands, at both widths and in both colour schemes."""
        # A page that is just being left has no document for a moment.
        self.page.locator("body").wait_for()
        self.page.wait_for_load_state()
        found = []
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme)
            for width in WIDTHS:
                self.page.set_viewport_size({"width": width, "height": 900})
                found += [f"{self.page.url}, {scheme}, {width}: {fault}" for fault in self._faults(width)]
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        return found

    def _faults(self, width: int) -> list[str]:
        """Run axe outside the page's own policy, which lets no foreign script in."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth")
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8") + "; true")
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        violations: list[dict[str, Any]] = self.page.evaluate(
            "options => axe.run(options).then(it => it.violations)", options
        )
        told = [f"{item['id']}: {item['help']} ({item['nodes'][0]['html'][:200]})" for item in violations]
        return told + ([f"{wide} pixels wide"] if wide > width else [])

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_EXPECTED):
            self.complaints.append(f"{self.page.url}: {message.text}")


@contextmanager
def person(browser: Browser, base: str, *, javascript: bool = True) -> Iterator[Person]:
    """A person with a browser of their own."""
    context = browser.new_context(java_script_enabled=javascript, viewport={"width": WIDTHS[0], "height": 900})
    try:
        yield Person(context.new_page(), base)
    finally:
        context.close()
