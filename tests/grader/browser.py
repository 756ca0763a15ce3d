"""Chromium, with scripts on, for tests that open pages in it."""

from __future__ import annotations

import shutil

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH to open pages in")


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    quiet = ("background-networking", "component-update", "sync", "gpu")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in quiet)],
        )
        yield opened
        opened.close()


class Opened:
    """A page in Chromium, with all folds open, and what it tried to do meanwhile."""

    def __init__(self, browser, path, *, width=900, scheme="light"):
        self.tried = []
        self.said = []
        self.page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        self.page.add_init_script("window.ran = []; window.trap = (what) => window.ran.push(what);")
        self.page.on("request", lambda request: self.tried.append(request.url))
        self.page.on("dialog", lambda dialog: (self.tried.append(dialog.message), dialog.dismiss()))
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.goto(path.as_uri())
        self.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        self.page.wait_for_timeout(100)
        own = path.as_uri()
        self.tried = [url for url in self.tried if url != own and not url.startswith("data:image/")]
        self.tried += self.page.evaluate("window.ran")
