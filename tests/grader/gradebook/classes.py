"""A class in a gradebook, for tests that mark it."""

import dataclasses
import threading

from grader.gradebook.problems import Conflict
from grader.gradebook.records import Target, Wish
from grader.records import TaskResult
from tests.grader.gradebook.reports import FULL


class Class:
    """Reports in a gradebook, and marks on the first of them."""

    def __init__(self, book, *reports):
        self.book, self.reports = book, reports
        book.record_run(reports, "class")
        self.first = reports[0]

    def target(self, check="1.2/q1"):
        """A check of the first report."""
        return Target(self.first.lab, self.first.slug, check)

    def mark(self, points=1.0, check="1.2/q1", *, seen=None, who="Grace", **said):
        """Mark a check of the first report, having seen what is there."""
        target = self.target(check)
        seen = self.version(check) if seen is None else seen
        out_of = next((one.max_points for one in self.first.checks if one.id == check), 1.0)
        return self.book.mark(target, Wish(points, out_of, **said), who, seen=seen, report=self.number())

    def undo(self, check="1.2/q1"):
        """Undo the last change."""
        return self.book.undo(self.target(check), "Grace", seen=self.version(check))

    def version(self, check="1.2/q1"):
        """The version of the last entry, 0 for none."""
        entries = self.book.history(self.target(check))
        return entries[-1].version if entries else 0

    def number(self):
        """The number of the first student's latest report."""
        (attempt,) = [one for one in self.book.students(self.first.lab) if one.student == self.first.slug]
        return attempt.id


def mark_at_once(book, count=20):
    """Two people mark the same ``count`` checks at the same moment; returns those who were told of the other."""
    students = [dataclasses.replace(FULL, slug=f"s{n}", student=f"s{n}") for n in range(count)]
    book.record_run(students, "class")
    numbers = {one.student: one.id for one in book.students("cnn")}
    told = []

    def mark_all(who):
        for student in students:
            target = Target("cnn", student.slug, "1.2/q1")
            try:
                book.mark(target, Wish(1.0, 1.5), who, seen=0, report=numbers[student.slug])
            except Conflict as conflict:
                told.append((who, conflict.current.who))

    markers = [threading.Thread(target=mark_all, args=(who,)) for who in ("Grace", "Alan")]
    for marker in markers:
        marker.start()
    for marker in markers:
        marker.join()
    return told


def with_check(report, check, **changes):
    """The report with one check changed."""
    tasks = tuple(
        TaskResult(
            task.id, task.title, task.asked, task.points, task.max_points,
            tuple(dataclasses.replace(one, **changes) if one.id == check else one for one in task.checks),
        )
        for task in report.tasks
    )  # fmt: skip
    return dataclasses.replace(report, tasks=tasks)


def with_answer(report, question, text):
    """The report with another text for one answer."""
    answers = tuple(
        dataclasses.replace(one, text=text) if one.id == question else one for one in report.answers
    )
    return dataclasses.replace(report, answers=answers)


def without_check(report, check):
    """The report without one check."""
    tasks = tuple(
        dataclasses.replace(task, checks=tuple(one for one in task.checks if one.id != check))
        for task in report.tasks
    )
    return dataclasses.replace(report, tasks=tasks)
