"""The gradebook as the rest of labgrade sees it: open it, note runs, read reports and marks, mark."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from grader.gradebook import asking, fitting, keeping, marking, publications
from grader.gradebook.engine import BUSY_S, WRITES, connect
from grader.gradebook.migrate import bring_up_to_date
from grader.gradebook.place import Place, default_place, place_of, plainly
from grader.gradebook.problems import GradebookProblem
from grader.gradebook.records import (
    Attempt,
    Comment,
    Mark,
    MarkKind,
    OpenAnswer,
    Progress,
    Publication,
    Standing,
    Target,
    Wish,
)
from grader.gradebook.tables import MARKS, REPORTS, RESULTS
from grader.records import Report


class Gradebook:
    """One open database. Its methods may be called from several threads.

    Every method raises ``GradebookProblem``, one line with the cure, where the database fails.
    """

    def __init__(self, place: Place, engine: sa.Engine) -> None:
        self.place = place
        self._engine = engine

    @classmethod
    def open(cls, url: str, *, busy_s: float = BUSY_S) -> Self:
        """The gradebook at a URL, made or brought up to date where needed.

        Raises:
            GradebookProblem: it cannot be used.
        """
        return cls.open_place(place_of(url), busy_s=busy_s)

    @classmethod
    def of_folder(cls, out: Path, *, busy_s: float = BUSY_S) -> Self:
        """The gradebook of a folder with results: ``OUT/gradebook.db``.

        Raises:
            GradebookProblem: it cannot be used.
        """
        return cls.open_place(default_place(out), busy_s=busy_s)

    @classmethod
    def open_place(cls, place: Place, *, busy_s: float = BUSY_S) -> Self:
        """The gradebook there.

        Raises:
            GradebookProblem: it cannot be used.
        """
        engine = connect(place, busy_s=busy_s)
        try:
            with plainly(place):
                bring_up_to_date(engine, place)
        except BaseException:
            engine.dispose()
            raise
        return cls(place, engine)

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Runs and reports

    def begin_run(self, title: str) -> int:
        """Note that a run begins; ``title`` is the class folder's. Returns its number for ``record``."""
        with self._writing() as connection:
            return keeping.begin_run(connection, title)

    def record(self, run: int, report: Report) -> int:
        """Note that a run had this report; its number. What was noted before is never changed."""
        with self._writing() as connection:
            return keeping.keep(connection, run, report)

    def has(self, report: Report) -> bool:
        """Whether the report is noted already."""
        digest = keeping.digest_of(keeping.document_of(report))
        with self._reading() as connection:
            return keeping.number_of(connection, report, digest) is not None

    def record_run(self, reports: Iterable[Report], title: str = "") -> int:
        """Note a whole run at once; its number."""
        with self._writing() as connection:
            run = keeping.begin_run(connection, title)
            for report in reports:
                keeping.keep(connection, run, report)
            return run

    def students(self, lab: str | None = None) -> tuple[Attempt, ...]:
        """The latest result of each student in each lab, or in one, sorted by name."""
        last = keeping.latest()
        statement = keeping.attempts().join(last, RESULTS.c.id == last.c.id)
        statement = statement if lab is None else statement.where(REPORTS.c.lab == lab)
        with self._reading() as connection:
            found = [keeping.attempt_from(row) for row in connection.execute(statement)]
        return tuple(sorted(found, key=lambda one: (one.lab, one.name.casefold(), one.student)))

    def attempts(self, lab: str, student: str) -> tuple[Attempt, ...]:
        """All results of a student in a lab, oldest first; a report of several runs once, with its last."""
        wanted = (RESULTS.c.lab == lab, RESULTS.c.student == student)
        statement = keeping.attempts().where(*wanted).order_by(RESULTS.c.id)
        with self._reading() as connection:
            found = {row.id: keeping.attempt_from(row) for row in connection.execute(statement)}
        return tuple(sorted(found.values(), key=lambda one: one.run))

    def report(self, number: int) -> Report | None:
        """The automatic report of that number (``Attempt.id``), without the executed notebook."""
        statement = sa.select(REPORTS.c.document).where(REPORTS.c.id == number)
        with self._reading() as connection:
            document = connection.execute(statement).scalar()
        try:
            return keeping.read_document(document) if document is not None else None
        except (ValueError, TypeError) as error:
            raise GradebookProblem(
                f"{self.place.name}: report {number} was written by another version of labgrade; "
                "grade the class again, which keeps all marks."
            ) from error

    def latest(self, lab: str, student: str) -> Report | None:
        """The automatic report of a student's latest result."""
        wanted = (RESULTS.c.lab == lab, RESULTS.c.student == student)
        statement = sa.select(RESULTS.c.report).where(*wanted).order_by(RESULTS.c.id.desc()).limit(1)
        with self._reading() as connection:
            number = connection.execute(statement).scalar()
        return self.report(number) if number is not None else None

    # Marks

    def marks(
        self, lab: str | None = None, student: str | None = None, *, published: bool = False
    ) -> tuple[Mark, ...]:
        """The marks in effect: of all, of a lab, of a student (slug). None that was taken back.

        With ``published``, those that were in effect when the class was last published.
        """
        given = ((MARKS.c.lab, lab), (MARKS.c.student, student))
        filters = [column == value for column, value in given if value is not None]
        with self._reading() as connection:
            if published:
                found = publications.published(connection, *filters)
            else:
                rows = connection.execute(marking.newest(*filters))
                found = tuple(marking.mark_from(row) for row in rows)
        return tuple(one for one in found if one.points is not None)

    def with_marks(self, report: Report, *, published: bool = False) -> Report:
        """The report with people's marks in, as far as they fit it (``grader.gradebook.fitting``)."""
        return fitting.with_marks(report, self.marks(report.lab, report.slug, published=published))

    def versions(self, lab: str, student: str) -> dict[str, int]:
        """The version of the last entry on each check of a student, those that take a mark back too."""
        wanted = (MARKS.c.lab == lab, MARKS.c.student == student)
        with self._reading() as connection:
            rows = connection.execute(marking.newest(*wanted))
            return {row.check_id: row.version for row in rows}

    def history(self, target: Target) -> tuple[Mark, ...]:
        """Every entry on one check, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(marking.of_target(target).order_by(MARKS.c.version))
            return tuple(marking.mark_from(row) for row in rows)

    def mark(self, target: Target, wish: Wish, who: str, *, seen: int, report: int) -> Mark:
        """Mark a check, or change its mark.

        Args:
            target: what is marked.
            wish: the points and what is said about them.
            who: the person's name.
            seen: the version of the mark that the person saw, 0 for none.
            report: the number of the report that the person saw.

        Raises:
            Conflict: somebody else has marked it since.
            GradebookProblem: the report has no such check.
        """
        with self._writing() as connection:
            basis = marking.basis_in(connection, target, report)
            if basis is None:
                raise GradebookProblem(f"{target.student} has no check {target.check} in that report.")
            kind: MarkKind = "mark" if basis.status == "manual" else "override"
            return marking.add(connection, marking.entry_for(target, wish, basis, who, seen + 1, kind))

    def restore(self, target: Target, version: int, who: str, *, seen: int) -> Mark:
        """Bring back the entry of that version, 0 for no mark, by a new entry.

        Raises:
            Conflict: somebody else has marked it since ``seen``.
            GradebookProblem: there is no such version.
        """
        entries = {entry.version: entry for entry in self.history(target)}
        old = entries.get(version) or entries.get(1)
        if old is None or (version and version not in entries):
            raise GradebookProblem(f"{target.check} of {target.student} has no version {version}.")
        wish = Wish(old.points if version else None, old.out_of, old.comment if version else "", old.reason)
        entry = marking.entry_for(target, wish, old.basis, who, seen + 1, "restore")
        with self._writing() as connection:
            return marking.add(connection, dataclasses.replace(entry, restores=version))

    def undo(self, target: Target, who: str, *, seen: int) -> Mark:
        """Bring back what was before the entry in effect; again, what was before that.

        Raises:
            Conflict: somebody else has marked it since ``seen``.
            GradebookProblem: there is nothing to undo.
        """
        entries = {entry.version: entry for entry in self.history(target)}
        at = _in_effect(entries, seen)
        if at == 0:
            raise GradebookProblem(f"{target.check} of {target.student} has no mark to undo.")
        return self.restore(target, _in_effect(entries, at - 1), who, seen=seen)

    # What people ask while they mark

    def answers_to(self, lab: str, check: str) -> tuple[OpenAnswer, ...]:
        """All students' answers to one question, in the order of their slugs."""
        with self._reading() as connection:
            return asking.answers_to(connection, lab, check)

    def progress(self, lab: str | None = None) -> tuple[Progress, ...]:
        """How far each question is marked."""
        with self._reading() as connection:
            return asking.progress(connection, lab)

    def unfit(self) -> tuple[Standing, ...]:
        """The marks that do not count any more, each with the reason."""
        with self._reading() as connection:
            return asking.unfit(connection)

    def recent(self, limit: int = 200) -> tuple[Mark, ...]:
        """The last entries of all, newest first."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(MARKS).order_by(MARKS.c.id.desc()).limit(limit))
            return tuple(marking.mark_from(row) for row in rows)

    def publish(self, who: str, labs: Iterable[str]) -> tuple[Mark, ...]:
        """Note that the marks now in effect on these labs are what students see; returns the entries."""
        with self._writing() as connection:
            return publications.publish(connection, who, labs)

    def last_publication(self) -> Publication | None:
        """When people's marks were last put on the students' pages, and by whom."""
        with self._reading() as connection:
            return publications.last_publication(connection)

    def comments(self, lab: str, check: str) -> tuple[Comment, ...]:
        """Comments to use again for a question."""
        with self._reading() as connection:
            return publications.comments(connection, lab, check)

    def add_comment(self, lab: str, check: str, text: str, who: str) -> None:
        """Keep a comment for use again; with ``check`` "" for every question of the lab."""
        with self._writing() as connection:
            publications.add_comment(connection, lab, check, text, who)

    def remove_comment(self, number: int) -> None:
        """No longer offer a comment."""
        with self._writing() as connection:
            publications.remove_comment(connection, number)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with plainly(self.place), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with plainly(self.place):
            connecting = self._engine.connect().execution_options(**{WRITES: True})
            with connecting as connection, connection.begin():
                yield connection


def _in_effect(entries: dict[int, Mark], version: int) -> int:
    """The version whose content the entry of that version has: its own, or the one it restores."""
    entry = entries.get(version)
    if entry is None:
        return 0
    return version if entry.restores is None else _in_effect(entries, entry.restores)
