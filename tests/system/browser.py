"""A headless Chromium that looks at every page it visits: axe, the width, and what the browser complains of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
Scheme = Literal["light", "dark"]
PHONE, DESK = 360, 1366
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Person:
    """Someone of the cast at a screen of one width, in light or dark."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def goto(self, path: str) -> None:
        self.page.goto(self.url + path, wait_until="load")

    def sign_in(self, key: str) -> None:
        """Sign in by the form, as everybody does outside a demo."""
        self.goto("/accounts/login/")
        self.page.fill("input[name=login]", f"{key}@demo.example")
        self.page.fill("input[name=password]", "demo")
        self.follow(self.page.locator("main form:has(input[name=password]) button[type=submit]"))

    def follow(self, link: Locator) -> None:
        """Press a link or a button and wait for the page it leads to, also when a draft on its way is awaited first."""
        with self.page.expect_navigation():
            link.click()

    def look(self) -> None:
        """Say what is wrong with the page that is shown: axe, width, and browser complaints."""
        where = self.page.url.removeprefix(self.url)
        size = self.page.viewport_size or {"width": 0}
        report = Axe().run(self.page, options={"runOnly": RULES})
        for violation in report.response["violations"]:
            nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
            self.complaints.append(f"{where} {size['width']}: axe {violation['id']}: {nodes}")
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.complaints.append(f"{where} {size['width']}: {wide} px too wide")

    def text(self) -> str:
        return self.page.inner_text("main")


@contextmanager
def person(browser: Browser, url: str, width: int, scheme: Scheme) -> Iterator[Person]:
    """Give a fresh browser window. Foreign requests and console errors count as complaints."""
    height = 780 if width == PHONE else 768
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        locale="sv-SE",
        reduced_motion="reduce",
        timezone_id="Europe/Stockholm",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    someone = Person(page, url)
    page.on("console", lambda m: someone.complaints.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: someone.complaints.append(f"script: {error}"))
    page.on("request", lambda r: None if r.url.startswith((url, "data:")) else someone.complaints.append(r.url))
    try:
        yield someone
    except Exception:
        print(f"The last page of a story that broke off: {page.url}\n{page.inner_text('body')}")
        raise
    finally:
        context.close()
