"""What people see and do on the review pages."""

import dataclasses
import re
import time

from tests.grader.gradebook.classes import with_answer, without_check
from tests.grader.gradebook.reports import FULL
from tests.grader.page_reports import MARKUP, with_every_text


def test_the_overview_says_how_far_they_are(grace, site):
    """Each question with its progress, each student with a link, and what is not published yet."""
    text = grace.get("/").text
    assert "<strong>0</strong> of 12 answers are marked; 12 wait." in text
    assert text.count('class="name"') == 4 and "Ada Lovelace" in text
    assert "Nothing is published yet; 0 changes are not on the students’ pages." in text


def test_a_question_has_all_that_one_needs(grace):
    """The answer, the proposal with its evidence marked, the model answer, points by key, the others."""
    text = grace.question().text
    assert "<mark>*blur*</mark>.\nAnd <mark>&lt;more&gt;</mark>." in text
    assert "Probably wrong" in text and "It is &lt;too&gt; little." in text
    assert "the Gaussian filter blurs" in text and "low-pass filter that averages" in text
    assert re.findall(r'data-key="(\d)"', text) == ["0", "1", "2", "3", "4", "5", "6"]
    assert [name in text for name in ("Ada Lovelace", "Bob", "Eve")] == [True] * 3


def test_marking_goes_on_to_the_next(grace, site):
    """Saving a mark leads to the next answer that waits, and round, and to the end when none does."""
    grace.question()
    assert "Nothing at all." in grace.post("/mark", points="1.0", comment="Nearly.").text
    assert "They blur." in grace.post("/mark", other="0,5").text
    done = grace.post("/mark", points="1.5").text
    assert "All 3 answers are marked." in done and "q2" in done
    assert site.points() == {("ada", "1.2/q1"): 1.0, ("bob", "1.2/q1"): 0.5, ("eve", "1.2/q1"): 1.5}
    assert {one.who for one in site.book.marks()} == {"Grace"}


def test_what_cannot_be_saved_is_said(grace, site):
    """Points that are missing, too many or no number are refused with what was written still there."""
    grace.question()
    for sent, said in (
        ({}, "Choose the points first."),
        ({"other": "7"}, "Points are a number from 0 to 1.5."),
        ({"other": "nan"}, "Points are a number"),
        ({"points": "-1"}, "Points are a number"),
    ):
        reply = grace.post("/mark", comment="Keep me.", **sent)
        assert (reply.status_code, said in reply.text, "Keep me." in reply.text) == (400, True, True)
    assert site.points() == {}


def test_the_second_of_two_chooses(site):
    """Who saves after somebody else is shown the other mark; nothing is overwritten until they choose."""
    grace, alan = site.browser(), site.browser()
    alan.get("/")
    alan.post("/session", nth=1, name="Alan")
    grace.question()
    alan.question()
    grace.post("/mark", points="1.5", comment="Fine.")
    met = alan.post("/mark", points="0.0", comment="No.")
    assert met.status_code == 409
    assert "<bdi>Grace</bdi> has marked this meanwhile" in met.text and "“Fine.”" in met.text
    assert site.points()["ada", "1.2/q1"] == 1.5
    alan.post("/mark", points="0.0", comment="No.")
    assert site.points()["ada", "1.2/q1"] == 0.0
    assert [one.who for one in site.book.recent()][:2] == ["Alan", "Grace"]


def test_comments_are_used_again(grace, site):
    """A comment that was kept is offered at the next answer, until it is removed."""
    grace.question()
    shown = grace.post("/mark", points="1.0", comment="Say <why>.", keep="1").text
    assert 'data-insert="Say &lt;why&gt;."' in shown
    assert "None yet" in grace.post("/comment").text


def test_names_can_be_hidden(grace, site):
    """Blind, no page names a student, not even in an address, and answers come in another order."""
    grace.get("/")
    grace.post("/session", blind="on")
    names = re.compile("ada|lovelace|bob|eve", re.IGNORECASE)
    assert not names.search(
        re.sub(r"<style>.*?</style>|<script>.*?</script>", "", grace.get("/").text, flags=re.S)
    )
    shown = grace.question().text
    body = re.sub(
        r"<style>.*?</style>|<script>.*?</script>|eventual|every|never|whatever|level\w*|even",
        "",
        shown,
        flags=re.S,
    )
    assert "Answer 1" in shown and not names.search(body)
    code = re.search(r"who=(\w{12})", shown)[1]
    assert grace.get("/student", params={"lab": "cnn", "who": code}).status_code == 403
    assert grace.get("/feedback", params={"lab": "cnn", "who": code}).status_code == 404
    grace.question()
    grace.post("/mark", points="1.0")
    history = re.sub(
        r"<style>.*?</style>|<script>.*?</script>|ever |never|every",
        "",
        grace.get("/history").text,
        flags=re.S,
    )
    assert "Student " in history and not names.search(history)
    grace.post("/session", blind="off")
    assert "Ada Lovelace" in grace.get("/").text


def student_page(grace, who="Ada"):
    found = re.search(rf'<a href="(/student[^"]*)"><bdi>{who}', grace.get("/").text)
    return grace.get(found[1].replace("&amp;", "&"))


def form_of(grace, check):
    """Which of the page's forms is that of a check."""
    forms = re.findall(r'<form method="post" action="/override".*?</form>', grace.shown.text, re.DOTALL)
    return next(place for place, form in enumerate(forms) if f'value="{check}"' in form)


def test_a_check_is_overridden_with_a_reason(grace, site):
    """Any check takes other points, but not without a reason; the page shows both verdicts."""
    student_page(grace)
    refused = grace.post("/override", form_of(grace, "4.1/architecture"), points="8")
    assert refused.status_code == 400 and "Say in a few words why" in refused.text
    shown = grace.post(
        "/override", form_of(grace, "4.1/architecture"), points="8", reason="Equal layers."
    ).text
    assert "Overridden" in shown and "the program had 2 / 8 (failed)" in shown and "Equal layers." in shown
    assert "<strong>26</strong> of 28 points decided" in shown
    assert site.book.marks("cnn", "ada")[0].kind == "override"


def test_overriding_what_changed_meanwhile(site):
    """The second of two who override is shown the first's."""
    grace, alan = site.browser(), site.browser()
    for browser in (grace, alan):
        student_page(browser)
    grace.post("/override", form_of(grace, "4.1/parameters"), points="2", reason="Right.")
    met = alan.post("/override", form_of(alan, "4.1/parameters"), points="1", reason="Half.")
    assert met.status_code == 409 and "has changed 4.1/parameters meanwhile" in met.text
    assert site.points() == {("ada", "4.1/parameters"): 2.0}


def test_undo_and_history(grace, site):
    """An undo brings back what was there, the history shows all, and an old mark can be brought back."""
    grace.question()
    grace.post("/mark", points="1.0", comment="First.")
    first = grace.question().text
    code = re.search(r'who=(\w{12})[^"]*"><bdi>Ada', first)[1]
    grace.question(who=code)
    grace.post("/mark", points="0.5", comment="Second.")
    grace.question(who=code)
    grace.post("/undo")
    assert site.points() == {("ada", "1.2/q1"): 1.0}
    whole = grace.get("/history", params={"lab": "cnn", "check": "1.2/q1", "who": code}).text
    assert [said in whole for said in ("First.", "Second.", "brought back")] == [True] * 3
    grace.post("/restore", 0)
    assert site.points() == {("ada", "1.2/q1"): 0.5}
    assert "Nobody has" not in grace.get("/history").text


def test_a_mark_that_no_longer_fits_is_shown(grace, site):
    """After a new answer the old mark and the old answer stand beside it; saving again makes it count."""
    grace.question()
    grace.post("/mark", points="1.0")
    site.book.record_run([with_answer(FULL, "Q1", "Quite new.")], "again")
    assert "1 mark no longer fits" in grace.get("/").text
    shown = grace.question().text
    assert "The answer has changed since it was marked." in shown
    assert "Quite new." in shown and "The answer when it was marked" in shown and "And &lt;more&gt;." in shown
    grace.post("/mark", points="1.0")
    assert "no longer fits" not in grace.get("/").text


def test_overrides_that_no_longer_fit_are_listed(grace, site):
    """The overview leads to every mark that does not count any more, on checks that are gone too."""
    for check in ("4.1/parameters", "7/photos"):
        student_page(grace)
        grace.post("/override", form_of(grace, check), points="1", reason="As I see it.")
    again = without_check(dataclasses.replace(FULL, sha256="f" * 64), "7/photos")
    site.book.record_run([again], "again")
    shown = grace.get("/").text
    assert "2 marks no longer fit." in shown and "another notebook" in shown and "no such check" in shown
    assert "Marks without a place" in student_page(grace).text
    assert "<dt>Marks that no longer fit, and do not count</dt><dd>2</dd>" in grace.get("/publish").text


def test_publishing(grace, site):
    """The page says what students do not see yet; the button makes their pages again."""
    grace.question()
    grace.post("/mark", points="1.0", comment="Fine.")
    assert "<dt>Changes that students do not see yet</dt><dd>1</dd>" in grace.get("/publish").text
    grace.post("/publish")
    site.desk.publisher.wait()
    shown = grace.get("/publish").text
    assert "<strong>Published.</strong> 3 pages were made again, of 3 students" in shown
    assert "<dd>0</dd>" in shown and "Last published by <bdi>Grace</bdi>" in shown
    assert "Fine." in (site.out / "ada" / "feedback.html").read_text()


def test_publishing_that_fails_says_why(grace, site):
    """A run that writes there keeps the pages from being made; the page says so in a sentence."""
    from grader.housekeeping import only_run_in

    with only_run_in(site.out):
        grace.get("/publish")
        grace.post("/publish")
        site.desk.publisher.wait()
    assert "another run" in grace.get("/publish").text
    deadline = time.monotonic() + 5
    while site.desk.publisher.state.running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert site.book.last_publication() is None


def test_a_hostile_class(grace, site):
    """Whatever a submission holds is shown as text: no tag of its own on any page."""
    evil = dataclasses.replace(with_every_text(FULL, MARKUP), lab="cnn", slug="evil")
    evil = dataclasses.replace(
        evil, tasks=FULL.tasks, answers=tuple(
            dataclasses.replace(one, id=real.id, task=real.task) for one, real in zip(evil.answers, FULL.answers, strict=True)
        )
    )  # fmt: skip
    site.book.record_run([evil], "class")
    pages = [grace.get("/").text, grace.question().text, grace.get("/history").text]
    codes = set(re.findall(r"who=(\w{12})", pages[1]))
    for code in codes:
        pages.append(grace.question(who=code).text)
        pages.append(grace.get("/student", params={"lab": "cnn", "who": code}).text)
    assert any("trap" in one for one in pages)
    for one in pages:
        assert "<img" not in one and "<iframe" not in one and "<svg onload" not in one
        assert one.count("<script>") == 1
