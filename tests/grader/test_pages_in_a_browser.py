"""The pages in a real browser: nothing of a student's runs, and everybody can read them."""

from __future__ import annotations

import dataclasses
import re

import pytest

from checks.kit import TableRow
from grader import pages
from tests.grader.browser import Opened, browser, needs_chromium
from tests.grader.page_reports import FAILED, FULL, MARKUP, MINIMAL, TASKS, UNREADABLE, UNSANDBOXED
from tests.grader.test_pages import HOSTILE, LONG, page_of

__all__ = ["browser"]  # a fixture


def opened(browser, tmp_path, html, **options):
    path = tmp_path / "page.html"
    path.write_bytes(html.encode("utf-8"))
    return Opened(browser, path, **options)


@needs_chromium
@pytest.mark.parametrize("policy", ["with the policy", "without it"])
@pytest.mark.parametrize("which", ["feedback", "class"])
def test_nothing_of_a_students_runs_or_leaves(browser, tmp_path, which, policy):
    """No script, request or dialog, and no layout of the student's; the policy is only the second wall."""
    html = pages.render_feedback(HOSTILE) if which == "feedback" else page_of(HOSTILE, FULL)
    if policy == "without it":
        html, removed = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
        assert removed == 1
    shown = opened(browser, tmp_path, html)
    assert shown.tried == []
    assert shown.page.locator("main").count() == 1
    assert (
        shown.page.locator(
            "iframe, form, input:not([data-filter]), object, embed, base, video, main [style*=fixed]"
        ).count()
        == 0
    )
    bad = "[...document.links].filter((a) => !/^(https?|file):/.test(a.href)).length"
    assert shown.page.evaluate(bad) == 0
    assert "49" not in shown.page.title()


@needs_chromium
def test_the_trap_springs(browser, tmp_path):
    """The test above can fail: the same text, unescaped and without a policy, does run and does reach out."""
    bare = f"<!doctype html><title>x{MARKUP}".replace("\ud800", "").replace("http-equiv=refresh", "")
    shown = opened(browser, tmp_path, bare)
    assert "script" in shown.tried
    assert any("evil.example" in url for url in shown.tried)


@needs_chromium
def test_the_policy_stops_what_would_slip_through(browser, tmp_path):
    """Were one place not escaped, the policy would still let nothing run and nothing leave."""
    html = pages.render_feedback(MINIMAL)
    hole = "<script>trap(1)</script><img src=https://evil.example/x onerror=trap(2)><svg onload=trap(3)>"
    shown = opened(browser, tmp_path, html.replace('<main id="main">', f'<main id="main">{hole}'))
    assert shown.page.evaluate("window.ran") == []
    assert shown.page.locator("main > img").evaluate("(image) => image.naturalWidth") == 0


@needs_chromium
def test_our_own_style_counts(browser, tmp_path):
    """Its hash is the one in the policy: bars have their lengths; a style that slipped through has none."""
    html = pages.render_feedback(FULL).replace("<main", "<style>main { display: none }</style><main", 1)
    page = opened(browser, tmp_path, html).page
    widths = page.evaluate(
        "[...document.querySelector('.bar.whole').children].map((part) => part.offsetWidth)"
    )
    whole = page.evaluate("document.querySelector('.bar.whole').offsetWidth")
    assert widths == pytest.approx([whole * 20 / 34, whole * 6 / 34], abs=whole / 60)
    assert page.locator("main").is_visible()


@needs_chromium
def test_our_own_script_runs(browser, tmp_path):
    """Its hash is the one in the policy: the copy button appears, copies, and a class can be sorted."""
    page = opened(browser, tmp_path, pages.render_feedback(FULL)).page
    button = page.locator("button[data-copy]").first
    assert button.is_visible()
    button.click()
    page.wait_for_function("document.querySelector('button[data-copy]').textContent !== 'Copy'")
    low = dataclasses.replace(FULL, student="Zoe", slug="zoe", score=1.0)
    page = opened(browser, tmp_path, page_of(low, FULL)).page
    names = "[...document.querySelectorAll('tbody .who')].map((cell) => cell.textContent)"
    assert page.evaluate(names) == ["Ada Lovelace", "Zoe"]
    for _ in range(2):
        page.get_by_role("button", name="Score").click()
    assert page.evaluate(names) == ["Zoe", "Ada Lovelace"]


@needs_chromium
def test_the_row_that_differs_is_in_view(browser, tmp_path):
    """A table of 60 layers scrolls in its box, and begins where the two differ."""
    rows = [TableRow(f"layer {n}", f"layer {n}", same=n != 50) for n in range(60)]
    failed = dataclasses.replace(FAILED, table=tuple(rows))
    report = dataclasses.replace(FULL, tasks=(dataclasses.replace(TASKS[0], checks=(failed,)),))
    page = opened(browser, tmp_path, pages.render_feedback(report)).page
    assert page.locator(".layers").evaluate("(box) => box.scrollTop > 0")
    inside = """(row) => {
      const [one, box] = [row, row.closest('.layers')].map((part) => part.getBoundingClientRect());
      return one.top > box.top && one.bottom < box.bottom;
    }"""
    assert page.locator(".layers .differs").evaluate(inside)


@needs_chromium
def test_a_link_to_a_cell_unfolds_the_notebook(browser, tmp_path):
    """Whoever follows "Cell 5" sees the cell."""
    page = opened(browser, tmp_path, pages.render_feedback(FULL)).page
    page.evaluate("document.querySelector('.notebook details').open = false")
    page.locator(".raised a").first.click()
    page.wait_for_function("document.querySelector('.notebook details').open")
    assert page.locator("#cell-5").is_visible()


@needs_chromium
@pytest.mark.parametrize(
    "report", [FULL, LONG, HOSTILE, UNREADABLE], ids=["full", "long", "hostile", "unreadable"]
)
def test_a_phone_never_scrolls_sideways(browser, tmp_path, report):
    """At 320 px the page fits, however long the words; wide tables and code scroll in their own boxes."""
    for html in (pages.render_feedback(report), page_of(report, FULL)):
        page = opened(browser, tmp_path, html, width=320).page
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    if report is LONG:
        page = opened(browser, tmp_path, pages.render_feedback(report), width=320).page
        assert page.locator(".layers").first.evaluate("(box) => box.scrollWidth > box.clientWidth")


CONTRASTS = """() => {
  const numbers = (text) => {
    const found = text.match(/[\\d.]+/g).map(Number);
    const srgb = text.startsWith('color(');
    const rgb = found.slice(0, 3).map((x) => (srgb ? x : x / 255));
    return [...rgb, found.length > 3 ? found[3] : 1];
  };
  const light = ([r, g, b]) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, n) => {
    const x = [r, g, b][n];
    return sum + weight * (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
  }, 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const back = numbers(getComputedStyle(node).backgroundColor);
      if (back[3] > 0) return back;
    }
    return [1, 1, 1, 1];
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const [a, b] = [light(numbers(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.add(`${ratio.toFixed(2)} ${element.className} ${walker.currentNode.data.trim()}`);
  }
  return [...poor];
}"""


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(browser, tmp_path, scheme):
    """At least 4.5 to 1 for every visible text, code included, in both colour schemes."""
    reports = (FULL, UNREADABLE, UNSANDBOXED)
    for html in (*map(pages.render_feedback, reports), page_of(*reports)):
        assert opened(browser, tmp_path, html, scheme=scheme).page.evaluate(CONTRASTS) == []


@needs_chromium
def test_paper_is_white_whatever_the_screen(browser, tmp_path):
    """Printed from a dark screen, the page is dark on white, and a folded notebook is left out."""
    page = opened(browser, tmp_path, pages.render_feedback(FULL), scheme="dark").page
    page.evaluate("document.querySelector('.notebook details').open = false")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".notebook").is_hidden()
    assert page.evaluate(CONTRASTS) == []
