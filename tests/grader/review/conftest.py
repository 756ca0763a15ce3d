"""A class of three on the review pages, asked as a browser asks."""

import dataclasses
import re
import shutil
from html import unescape

import pytest
from starlette.testclient import TestClient

from grader.gradebook.store import Gradebook
from grader.output import write_class, write_report
from grader.records import Submission
from grader.review.app import build_app
from grader.review.desk import Desk
from grader.review.sessions import Sessions
from tests.grader.gradebook.classes import with_answer
from tests.grader.gradebook.reports import FULL

CLASS = (
    FULL,
    dataclasses.replace(
        with_answer(FULL, "Q1", "Nothing at all."), student="Bob", slug="bob", sha256="b" * 64
    ),
    dataclasses.replace(with_answer(FULL, "Q1", "They blur."), student="Eve", slug="eve", sha256="e" * 64),
)


class Browser:
    """One person's browser."""

    def __init__(self, app, sessions, *, enter=True):
        self.client = TestClient(app, base_url="http://127.0.0.1:8710", follow_redirects=False)
        self.shown = None
        if enter:
            self.get(f"/?token={sessions.token}")

    def get(self, path, **options):
        """Load a page."""
        self.shown = self.client.get(path, **options)
        return self.shown

    def post(self, path, nth=0, **fields):
        """Fill in and send the nth form for ``path`` of the page that is shown, and go where it leads."""
        forms = re.findall(rf'<form method="post" action="{path}".*?</form>', self.shown.text, re.DOTALL)
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', forms[nth])
        sent = {name: unescape(value) for name, value in hidden}
        self.shown = self.client.post(path, data={**sent, **fields})
        if self.shown.status_code == 303:
            return self.get(self.shown.headers["location"])
        return self.shown

    def question(self, check="1.2/q1", **more):
        """The marking page of a question."""
        return self.get("/question", params={"lab": "cnn", "check": check, **more})


class Site:
    """The pages of a folder, and browsers on them."""

    def __init__(self, book, out):
        self.book, self.out = book, out
        self.sessions = Sessions("Grace")
        self.desk = Desk(book, out)
        self.app = build_app(self.desk, self.sessions, "127.0.0.1")

    def browser(self, **options):
        """Another browser."""
        return Browser(self.app, self.sessions, **options)

    def points(self):
        """The marks in effect, by student and check."""
        return {(one.target.student, one.target.check): one.points for one in self.book.marks()}


@pytest.fixture(scope="session")
def class_folder(tmp_path_factory):
    """The files of a graded class and its gradebook, to be copied."""
    out = tmp_path_factory.mktemp("class")
    for report in CLASS:
        write_report(report, out / report.slug)
    write_class(CLASS, out, "class")
    from grader.class_list import write_list

    write_list(out, "class", [Submission(one.student, one.slug, None) for one in CLASS])
    with Gradebook.of_folder(out) as book:
        book.record_run(CLASS, "class")
    return out


@pytest.fixture
def site(tmp_path, class_folder):
    """The review of a class of three."""
    shutil.copytree(class_folder, tmp_path / "grades")
    with Gradebook.of_folder(tmp_path / "grades") as book:
        yield Site(book, tmp_path / "grades")


@pytest.fixture
def grace(site):
    """A browser that came by the start link."""
    return site.browser()
