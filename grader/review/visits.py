"""What each address of the review pages does: a visit in, a reply out; knows nothing of the web library."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from grader.gradebook.problems import Conflict
from grader.gradebook.records import Mark, Target, Wish
from grader.pages import Page, render_page
from grader.review.desk import Desk, Draft, QuestionView
from grader.review.scale import read_points
from grader.review.sessions import Session

COMMENT_LIMIT = 4_000  # characters
MOST_POINTS = 1_000.0  # where the rubric's maximum is not known: a bonus, or a check that was not counted


@dataclass(frozen=True)
class Visit:
    """A request that may be answered: who asks, and the fields of the address or the form."""

    session: Session
    fields: Mapping[str, str]

    def get(self, name: str) -> str:
        """A field, "" where it is missing."""
        return self.fields.get(name, "")

    def number(self, name: str) -> int:
        """A field that holds a whole number, 0 where it holds none."""
        text = self.get(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@dataclass(frozen=True)
class Reply:
    """A page with its status, or an address to go on to."""

    page: Page | None = None
    status: int = 200
    to: str = ""


Handler = Callable[[Desk, Visit], Reply]


def address(path: str, **fields: str) -> str:
    """An address of ours; fields that are "" are left out."""
    given = {name: value for name, value in fields.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def page(session: Session | None, template: str, *, status: int = 200, **context: Any) -> Reply:
    """A rendered page of the review."""
    shown = render_page(
        f"review/{template}.html", script="review/page.js", style="review/style.css",
        session=session, here=template, address=address, **context,
    )  # fmt: skip
    return Reply(shown, status)


def overview(desk: Desk, visit: Visit) -> Reply:
    """How far all labs are, and the students."""
    return page(
        visit.session, "overview", labs=desk.labs(visit.session), publication=desk.last_publication(),
        unpublished=desk.unpublished(), gradebook=desk.book.place.name,
    )  # fmt: skip


def question(desk: Desk, visit: Visit) -> Reply:
    """One question across all students."""
    return _question(desk, visit)


def _question(desk: Desk, visit: Visit, draft: Draft | None = None, status: int = 200) -> Reply:
    view = desk.question(visit.session, visit.get("lab"), visit.get("check"), visit.get("who"), draft)
    if view is None:
        return missing(visit.session, "No student has an answer to that question.")
    done = visit.get("done")
    saved = next((row for row in view.rows if done and row.code == done and row.answer.standing), None)
    return page(visit.session, "question", status=status, view=view, saved=saved)


def student(desk: Desk, visit: Visit) -> Reply:
    """One student whole."""
    return _student(desk, visit)


def _student(desk: Desk, visit: Visit, draft: Draft | None = None, status: int = 200) -> Reply:
    if visit.session.blind:
        return missing(
            visit.session, "Names are hidden, so no student is shown whole. Show names first.", 403
        )
    view = desk.student(visit.get("lab"), visit.get("who"))
    if view is None:
        return missing(visit.session, "There is no such student; the link may be of an earlier start.")
    return page(
        visit.session, "student", status=status, view=view, draft=draft or Draft(), at=visit.get("check")
    )


def history(desk: Desk, visit: Visit) -> Reply:
    """The last changes, or all of one check."""
    attempt = desk.attempt(visit.get("lab"), visit.get("who")) if visit.get("who") else None
    target = Target(attempt.lab, attempt.student, visit.get("check")) if attempt else None
    return page(
        visit.session, "history", entries=desk.history(visit.session, target), whole=target is not None
    )


def mark(desk: Desk, visit: Visit) -> Reply:
    """Save a mark on an answer, and go on to the next that waits."""
    view = desk.question(visit.session, visit.get("lab"), visit.get("check"), visit.get("who"))
    if view is None or view.row is None or view.row.code != visit.get("who"):
        return missing(visit.session, "There is no such answer any more; nothing was saved.")
    draft = _draft(visit)
    try:
        wish = _wish(draft, view.most, reason_needed=view.row.answer.basis.status != "manual")
        _save(desk, visit, view.row.answer.target, wish)
    except ValueError as problem:
        return _question(desk, visit, dataclasses.replace(draft, problem=str(problem)), 400)
    except Conflict as conflict:
        return _question(desk, visit, dataclasses.replace(draft, conflict=conflict.current), 409)
    if visit.get("keep") and draft.comment:
        desk.book.add_comment(view.lab, view.check, draft.comment, visit.session.name)
    to = address("/question", lab=view.lab, check=view.check, who=_next(view), done=view.row.code)
    return Reply(to=to)


def override(desk: Desk, visit: Visit) -> Reply:
    """Save another result than the program's for any check of a student."""
    view = None if visit.session.blind else desk.student(visit.get("lab"), visit.get("who"))
    checks = view.automatic.checks if view else ()
    check = next((one for one in checks if one.id == visit.get("check")), None)
    if view is None or check is None:
        return missing(visit.session, "There is no such check any more; nothing was saved.")
    draft = _draft(visit)
    try:
        most = check.max_points or read_points(visit.get("out_of") or draft.points, MOST_POINTS)
        wish = _wish(draft, most, reason_needed=check.status != "manual")
        _save(desk, visit, Target(view.report.lab, view.report.slug, check.id), wish)
    except ValueError as problem:
        return _student(desk, visit, dataclasses.replace(draft, problem=str(problem)), 400)
    except Conflict as conflict:
        return _student(desk, visit, dataclasses.replace(draft, conflict=conflict.current), 409)
    return Reply(to=_back(visit))


def undo(desk: Desk, visit: Visit) -> Reply:
    """Bring back what was before the mark in effect."""
    return _change(desk, visit, lambda target, who, seen: desk.book.undo(target, who, seen=seen))


def restore(desk: Desk, visit: Visit) -> Reply:
    """Bring back a mark of the history."""
    version = visit.number("version")
    return _change(desk, visit, lambda target, who, seen: desk.book.restore(target, version, who, seen=seen))


def comment(desk: Desk, visit: Visit) -> Reply:
    """No longer offer a comment."""
    desk.book.remove_comment(visit.number("remove"))
    return Reply(to=_back(visit))


def publishing(desk: Desk, visit: Visit) -> Reply:
    """What publishing would change, how far it is, or what came of it."""
    labs = desk.labs(visit.session)
    return page(
        visit.session, "publish", state=desk.publisher.state, unpublished=desk.unpublished(),
        publication=desk.last_publication(), waiting=sum(lab.waiting for lab in labs),
        unfit=len(desk.book.unfit()),
    )  # fmt: skip


def publish(desk: Desk, visit: Visit) -> Reply:
    """Begin to publish."""
    desk.publisher.start(visit.session.name)
    return Reply(to="/publish")


def missing(session: Session | None, said: str, status: int = 404) -> Reply:
    """A page that says in a sentence why there is nothing to show."""
    return page(session, "message", status=status, said=said)


def _change(desk: Desk, visit: Visit, change: Callable[[Target, str, int], Mark]) -> Reply:
    attempt = desk.attempt(visit.get("lab"), visit.get("who"))
    if attempt is None:
        return missing(visit.session, "There is no such student; nothing was changed.")
    target = Target(attempt.lab, attempt.student, visit.get("check"))
    try:
        change(target, visit.session.name, visit.number("seen"))
    except Conflict:
        said = "Somebody else has changed this mark meanwhile; nothing was undone. Look at it again."
        return missing(visit.session, said, 409)
    return Reply(to=_back(visit))


def _save(desk: Desk, visit: Visit, target: Target, wish: Wish) -> Mark:
    return desk.book.mark(
        target, wish, visit.session.name, seen=visit.number("seen"), report=visit.number("report")
    )


def _draft(visit: Visit) -> Draft:
    points = visit.get("other").strip() or visit.get("points")
    said, why = (
        visit.get(name).replace("\r\n", "\n").strip()[:COMMENT_LIMIT] for name in ("comment", "reason")
    )
    return Draft(points, said, why)


def _wish(draft: Draft, most: float, *, reason_needed: bool) -> Wish:
    """What a form asks for.

    Raises:
        ValueError: something in it is wrong or missing; the message says what.
    """
    if not draft.points:
        raise ValueError("Choose the points first.")
    points = read_points(draft.points, most)
    if reason_needed and not draft.reason:
        raise ValueError("Say in a few words why the program's verdict is overridden.")
    return Wish(points, most, draft.comment, draft.reason)


def _next(view: QuestionView) -> str:
    """The code of the next answer that waits after the one just marked, and round; "" if none does."""
    later = [row for row in view.rows[view.at + 1 :] if row.answer.waits]
    earlier = [row for row in view.rows[: view.at] if row.answer.waits]
    return next((row.code for row in [*later, *earlier]), "")


def _back(visit: Visit) -> str:
    """Where a form comes from."""
    about = {name: visit.get(name) for name in ("lab", "check", "who")}
    if visit.get("from") == "student":
        return address("/student", **about)
    if visit.get("from") == "history":
        return address("/history", **about) if visit.get("whole") else "/history"
    return address("/question", **about)


PAGES: Mapping[str, Handler] = {
    "/": overview, "/question": question, "/student": student, "/history": history, "/publish": publishing,
}  # fmt: skip
FORMS: Mapping[str, Handler] = {
    "/mark": mark, "/override": override, "/undo": undo, "/restore": restore, "/comment": comment,
    "/publish": publish,
}  # fmt: skip
