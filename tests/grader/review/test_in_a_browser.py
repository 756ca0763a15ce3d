"""Marking by keyboard, in Chromium, with the real server."""

import threading
import time
from urllib.parse import urljoin

import pytest

from grader.review.server import Address, Review
from tests.grader.browser import browser, needs_chromium

__all__ = ["browser"]

pytestmark = needs_chromium


@pytest.fixture
def link(site):
    """The pages, served."""
    review = Review(site.desk, Address("127.0.0.1", 0))
    thread = threading.Thread(target=review.serve)
    thread.start()
    while not review.server.started:
        time.sleep(0.02)
    yield review.link
    review.server.should_exit = True
    thread.join()


def at(page, name):
    """Wait until the page shows that student's answer."""
    page.locator("#answer", has_text=name).wait_for()
    page.wait_for_load_state()  # keys work once the script at the end of the page has run


@pytest.fixture
def page(browser, link):
    """A browser on the marking page of Q1."""
    opened = browser.new_page(viewport={"width": 1100, "height": 800})
    opened.told = []
    opened.on("console", lambda message: opened.told.append(message.text))
    opened.on("pageerror", lambda error: opened.told.append(str(error)))
    opened.goto(link)
    opened.get_by_role("link", name="Q1").click()
    at(opened, "Ada Lovelace")
    yield opened
    opened.close()


def test_marking_by_keyboard(page, site):
    """Digits choose, Enter saves and goes on; the comment takes digits as text; u undoes."""
    at(page, "Ada Lovelace")
    page.keyboard.press("Enter")
    assert "Choose the points first" in page.locator("[data-say]").inner_text()
    page.keyboard.press("4")
    assert page.locator("[name=points]:checked").get_attribute("value") == "1.0"
    page.keyboard.press("c")
    page.keyboard.type("See page 5.")
    page.keyboard.press("Control+Enter")
    at(page, "Bob")
    page.keyboard.press("0")
    page.keyboard.press("Enter")
    at(page, "Eve")
    assert site.points() == {("ada", "1.2/q1"): 1.0, ("bob", "1.2/q1"): 0.0}
    assert [one.comment for one in site.book.marks("cnn", "ada")] == ["See page 5."]
    assert page.locator(".saved").inner_text().startswith("Saved: Bob, 0 of 1.5.")
    page.keyboard.press("u")
    at(page, "Bob")
    assert site.points() == {("ada", "1.2/q1"): 1.0}
    page.keyboard.press("ArrowLeft")
    at(page, "Ada Lovelace")
    page.keyboard.press("u")
    page.locator("[data-undo]").wait_for(state="detached")
    assert site.points() == {}
    assert page.told == []


def test_buttons_do_the_same(page, site):
    """All that keys do can be done by pointing; a kept comment is put in by a click."""
    page.locator('label:has([data-key="2"])').click()
    page.get_by_label("Comment for the student").fill("Too short.")
    page.get_by_label("Keep the comment for use again").check()
    page.get_by_role("button", name="Save and next").click()
    at(page, "Bob")
    page.get_by_role("button", name="Too short.", exact=True).click()
    assert page.locator("textarea").input_value() == "Too short."
    page.get_by_label("Other number of points").fill("0.3")
    page.get_by_role("button", name="Save and next").click()
    at(page, "Eve")
    assert site.points() == {("ada", "1.2/q1"): 0.5, ("bob", "1.2/q1"): 0.3}


def test_the_end_of_a_question(page):
    """When all are marked, Enter goes on to the next question."""
    for name in ("Bob", "Eve", ""):
        page.keyboard.press("6")
        page.keyboard.press("Enter")
        if name:
            at(page, name)
    page.wait_for_selector("#following")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Q2')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_fits(browser, link, site, width, scheme):
    """No page scrolls sideways, and none breaks its own policy."""
    opened = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    told = []
    opened.on("console", lambda message: told.append(message.text))
    opened.goto(link)
    base, code = link.partition("/?")[0], site.desk.code("cnn", "ada")
    question = f"/question?lab=cnn&check=1.2%2Fq3&who={code}"
    for path in (
        "/",
        question,
        f"/student?lab=cnn&who={code}",
        "/history",
        "/publish",
        f"/feedback?lab=cnn&who={code}",
    ):
        told.clear()
        opened.goto(base + path)
        if "feedback" in path:  # a student's page: no script runs in it, so it cannot be asked either
            assert told, "the page has a script, which Chromium must say that it has blocked"
            continue
        opened.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        assert opened.evaluate("document.documentElement.scrollWidth") <= width, path
        assert told == [], path
    opened.close()


PAGES = ("/", "/history", "/publish", "/question?lab=cnn&check=1.2/q3")


def test_axe_finds_nothing_serious(browser, link):
    """axe-core's rules of WCAG 2.2 AA on the pages of a person who marks, on a phone; the desk dark, too."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    told = []
    for scheme in ("light", "dark"):
        opened = browser.new_page(viewport={"width": 320, "height": 800}, color_scheme=scheme)
        opened.goto(link)
        student = opened.locator("a[href*='/student']").first.get_attribute("href")
        for place in (*PAGES, student) if scheme == "light" else PAGES[-1:]:
            opened.goto(urljoin(link, place))
            found = axe.Axe().run(opened, options={"runOnly": {"type": "tag", "values": tags}}).response
            told += [
                f"{scheme} {place} {one['id']}: {[node['target'] for node in one['nodes'][:3]]}"
                for one in found["violations"]
                if one["impact"] in ("serious", "critical")
            ]
        opened.close()
    assert told == []
