"""How fast the marking page is with a whole class in, and whether two people at once lose a mark.

    python -m bench.marking [--students 100] [--marks 2000] [--db URL | --postgresql] [--keep DIR]

Makes a class of made-up hand-ins with all written questions of the lab, answered by the texts of
tests/answers, serves it as ``labgrade review`` does, and asks for pages as a browser would. Then two
people mark at once, each in a process of their own and both the same answers, and the history
is counted: every mark that was said to be saved must be there.
With --db the database is that one, which must be empty, with --postgresql a real server in a temporary
folder, run by a user who is not root; else SQLite in a temporary folder.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import multiprocessing
import re
import shutil
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from grader import labs
from grader.class_list import write_list
from grader.gradebook.problems import Conflict
from grader.gradebook.records import Target, Wish
from grader.gradebook.store import Gradebook
from grader.manual import judged, with_answers
from grader.output import write_class, write_report
from grader.questions import load_questions
from grader.records import Answer, CheckResult, Execution, Provenance, Report, Submission, TaskResult
from grader.review.desk import Desk
from grader.review.server import Address, Review
from tests.grader.gradebook.postgresql import server

LAB = "cnn"
FOLDER = Path(__file__).resolve().parents[1] / "tests" / "answers"
PAGES = 60
MARKS = 2000


def texts() -> dict[str, list[str]]:
    """Answers by question."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted(FOLDER.glob(f"{LAB}*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            entry = json.loads(line)
            found[entry["question"]].append(entry["text"])
    return found


def make_class(students: int) -> tuple[Report, ...]:
    """Reports with every check of the rubric passed and every question answered."""
    rubric, said = labs.load_rubric(labs.load_lab(LAB)), texts()
    tasks = tuple(_program(task.id, task.title, rubric.points) for task in rubric.tasks)
    return tuple(_report(n, tasks, rubric, said) for n in range(students))


def _program(task: str, title: str, points: Any) -> TaskResult:
    checks = tuple(
        CheckResult(id, task, f"The check {id} holds", "passed", worth, worth, "")
        for id, worth in points.items()  # noqa: A001 - it is one
        if id.partition("/")[0] == task
    )
    total = sum(check.points for check in checks)
    return TaskResult(task, title, "", total, total, checks)


def _report(n: int, tasks: tuple[TaskResult, ...], rubric: Any, said: dict[str, list[str]]) -> Report:
    answers = tuple(
        judged(LAB, _answer(question, said[question.id], n), ())
        for question in load_questions(LAB).items
        if question.id in rubric.answers
    )
    whole = with_answers(tasks, rubric, answers)
    provenance = Provenance("bench", "0" * 64, 0, "budget", "bubblewrap", "built-in")
    return Report(
        LAB, "2D CNN image classification", f"Student {n:03d}", f"student-{n:03d}", "lab.ipynb", f"{n:064d}",
        "graded", sum(task.points for task in whole), sum(task.max_points for task in whole),
        sum(task.pending for task in whole), Execution("ok", 74, 74, 31.0), whole, provenance,
        answers=answers,
    )  # fmt: skip


def _answer(question: Any, said: list[str], n: int) -> Answer:
    text = said[n % len(said)] if said else f"Made-up answer {n}."
    return Answer(question.id, question.task, question.text, text, 5, "unclear", "Waits for a person.")


def write_folder(out: Path, reports: tuple[Report, ...]) -> None:
    """The files of a graded class, as far as publishing needs them."""
    for report in reports:
        write_report(report, out / report.slug)
    write_list(out, "bench", [Submission(one.student, one.slug, None) for one in reports])
    write_class(reports, out, "bench")


@dataclass(frozen=True)
class Response:
    """What came back, and how long it took."""

    status: int
    text: str
    to: str
    seconds: float


class Browser:
    """One person's browser: a connection, a cookie, forms."""

    def __init__(self, link: str) -> None:
        parts = urlsplit(link)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        self._cookie = ""
        self.get(f"/?{parts.query}")

    def get(self, path: str) -> Response:
        """A page."""
        return self._ask("GET", path, None)

    def post(self, path: str, page: Response, **fields: str) -> Response:
        """The first form for ``path`` on a page, filled in."""
        form = re.search(rf'<form method="post" action="{path}".*?</form>', page.text, re.DOTALL)
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0] if form else "")
        return self._ask("POST", path, urlencode({**dict(hidden), **fields}))

    def _ask(self, method: str, path: str, body: str | None) -> Response:
        started = time.perf_counter()
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        self._connection.request(method, path, body, {"Cookie": self._cookie, **kind})
        reply = self._connection.getresponse()
        text = reply.read().decode()
        self._cookie = (reply.getheader("Set-Cookie") or self._cookie).partition(";")[0]
        return Response(reply.status, text, reply.getheader("Location") or "", time.perf_counter() - started)


@contextlib.contextmanager
def served(book: Gradebook, out: Path) -> Iterator[str]:
    """The review pages in a thread; their link."""
    review = Review(Desk(book, out), Address("127.0.0.1", 0))
    review.server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=review.serve)
    thread.start()
    while not review.server.started:
        time.sleep(0.02)
    try:
        yield review.link
    finally:
        review.server.should_exit = True
        thread.join()


def measure_pages(link: str) -> None:
    """Time the marking page, saving with the next page, and the overview."""
    browser, checks = Browser(link), [(one.task, one.id.lower()) for one in load_questions(LAB).items]
    places = itertools.cycle(f"/question?{urlencode({'lab': LAB, 'check': '/'.join(one)})}" for one in checks)
    browser.get(next(places))  # reads the reference's answers once
    pages = [browser.get(next(places)) for _ in range(PAGES)]
    assert {page.status for page in pages} == {200}, {page.status for page in pages}
    saved = []
    for page in pages[: PAGES // 2]:
        done = browser.post("/mark", page, points="0.5", comment="Good.")
        assert done.status == 303, done.text[:500]
        saved.append(done.seconds + browser.get(done.to).seconds)
    overview = [browser.get("/").seconds for _ in range(10)]
    _tell("marking page", [page.seconds for page in pages])
    _tell("save and next page", saved)
    _tell("overview", overview)
    size = statistics.mean(len(page.text.encode()) for page in pages) / 1024
    print(f"marking page: {size:.0f} KiB")


def _tell(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    median, most = statistics.median(ordered), ordered[int(len(ordered) * 0.95) - 1]
    rate = len(seconds) / sum(seconds)
    print(f"{what}: median {median * 1000:.0f} ms, 95 % within {most * 1000:.0f} ms, {rate:.0f} requests/s")


def mark_many(url: str, who: str, points: float, count: int, told: Any) -> None:
    """Mark ``count`` answers as one person does; says what was saved, and how often somebody was faster.

    Each question is looked at once and then marked, so that the other has often marked the same meanwhile;
    having seen that mark, this person saves another.
    """
    saved, conflicts = [], 0
    with Gradebook.open(url, busy_s=30) as book:
        questions = [(one.lab, one.check) for one in book.progress(LAB)]
        while len(saved) < count:
            for lab, check in questions:
                for answer in book.answers_to(lab, check)[: count - len(saved)]:
                    wish, seen = Wish(points, answer.basis.max_points), answer.version
                    while True:
                        try:
                            mark = book.mark(answer.target, wish, who, seen=seen, report=answer.report)
                            break
                        except Conflict as conflict:
                            conflicts += 1
                            seen = conflict.current.version if conflict.current else 0
                    saved.append((*_key(answer.target), mark.version))
    told.put((who, saved, conflicts))


def _key(target: Target) -> tuple[str, str, str]:
    return target.lab, target.student, target.check


def measure_markers(url: str, count: int) -> None:
    """Two processes mark at once; every mark that was saved is in the history."""
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    markers = [
        context.Process(target=mark_many, args=(url, who, 0.25 * n, count // 2, told))
        for n, who in enumerate(("Grace", "Alan"))
    ]
    started = time.perf_counter()
    for marker in markers:
        marker.start()
    results = [told.get(timeout=3600) for _ in markers]
    for marker in markers:
        marker.join()
    seconds = time.perf_counter() - started
    saved = [one for _, marks, _ in results for one in marks]
    with Gradebook.open(url) as book:
        students = {one.student for one in book.students(LAB)}
        there = {
            (*_key(target), entry.version): entry.who
            for lab, student in [(LAB, one) for one in students]
            for check in book.versions(lab, student)
            for target in [Target(lab, student, check)]
            for entry in book.history(target)
        }
    lost = [one for one in saved if one not in there]
    conflicts = sum(conflicts for _, _, conflicts in results)
    rate = len(saved) / seconds
    print(f"two markers: {len(saved)} marks saved in {seconds:.1f} s ({rate:.0f} per second)")
    print(f"shown to the other because somebody was faster: {conflicts}")
    assert len(set(saved)) == len(saved), "one version was given twice"
    assert not lost, f"lost: {lost[:5]}"
    assert len(saved) == count
    print(f"lost: {len(lost)}")


def measure(url: str, folder: Path, reports: tuple[Report, ...], marks: int) -> None:
    """All of it on one database."""
    with Gradebook.open(url) as book:
        started = time.perf_counter()
        book.record_run(reports, "bench")
        seconds, many = time.perf_counter() - started, len(reports[0].answers)
        print(f"{book.place.name}: {len(reports)} students, {many} answers each, noted in {seconds:.1f} s")
        with served(book, folder) as link:
            measure_pages(link)
    if marks:
        measure_markers(url, marks)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--marks", type=int, default=MARKS)
    parser.add_argument("--db", help="an empty database; by default SQLite in a temporary folder")
    parser.add_argument("--postgresql", action="store_true", help="a server that is started for it")
    parser.add_argument("--keep", type=Path, help="make the class folder there, and keep it")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="lg-marking-"))
    try:
        reports = make_class(options.students)
        write_folder(folder, reports)
        if options.postgresql:
            with server() as url:
                measure(url, folder, reports, options.marks)
        else:
            measure(options.db or f"sqlite:///{folder}/gradebook.db", folder, reports, options.marks)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
