"""What an earlier run has finished is taken over, as long as everything that decides its verdict is equal.

A record per submission lies in the grader's own folder in ``out``. It is written last, once the student's
files are whole, and holds the report, the hashes of these files, and two hashes of what made them: of the
hand-in, and of the ground on which all hand-ins are judged. What does not fit is graded again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grader
from checks import kit
from grader.housekeeping import own_folder
from grader.output import OUTPUTS, forget_report, write_atomically
from grader.pages import templates_folder
from grader.records import NOWHERE, Report, Settings, Submission
from grader.report_json import from_json, to_json
from grader.slim import Slimmer

SCHEMA = 1
DECIDE_NOTHING = ("out", "threads")  # of the settings


@dataclass(frozen=True)
class Records:
    """The records in ``out`` that this run may take over and makes; picklable.

    ``ground`` is the hash of all that is the same for every submission, ``code`` that of our own code.
    """

    out: Path
    ground: str
    code: str

    def take(self, submission: Submission) -> Report | None:
        """The report of an earlier run, or ``None`` where the submission must be graded (again)."""
        try:
            record = _read(self._place(submission))
            if (record["ground"], record["hand_in"]) != (self.ground, hand_in(submission)):
                return None
            if record["files"] != _files(self.out / submission.slug):
                return None
            report = from_json(record["report"])
        except _DAMAGE:
            return None
        return None if report.status == "incomplete" else report

    def keep(self, submission: Submission, report: Report, read: str, code: str = "") -> None:
        """Note that ``report`` is done and its files are written; call it last.

        Args:
            submission: what was graded.
            report: what came of it. One that is incomplete through our fault leaves no record.
            read: ``hand_in(submission)`` from before the grading. Where the files have changed since
                then, or our code has, nobody knows what was judged, and there is no record.
            code: ``code_hash()`` of a moment ago; taken now where it is not given.

        Raises:
            OSError: the record cannot be written.
        """
        if report.status == "incomplete" or not read:
            return
        if hand_in(submission) != read or (code or code_hash()) != self.code:
            return
        record = {
            "schema": SCHEMA, "ground": self.ground, "hand_in": read,
            "files": _files(self.out / submission.slug), "report": to_json(report),
        }  # fmt: skip
        place = self._place(submission)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, json.dumps({"sha256": _digest(record), **record}, default=_plain))

    def is_outdated(self, submission: Submission) -> bool:
        """Whether the files in ``out`` are those of an older hand-in of the same student."""
        try:
            return bool(_read(self._place(submission))["hand_in"] != hand_in(submission))
        except _DAMAGE:
            return False

    def drop(self, submission: Submission) -> None:
        """Forget what an earlier run noted about the student."""
        with suppress(OSError):
            self._place(submission).unlink()

    def _place(self, submission: Submission) -> Path:
        return _place(self.out, submission.slug)


def kept_report(out: Path, slug: str) -> Report | None:
    """The automatic report that a run has noted about a student, whatever hand-in and settings it had."""
    try:
        return from_json(_read(_place(out, slug))["report"])
    except _DAMAGE:
        return None


def shows(out: Path, slug: str, what: str) -> bool:
    """Whether the student's pages, as they lie there, are noted to show ``what``."""
    try:
        record = _read(_place(out, slug))
        return bool(record.get("shows", "") == what and record["files"] == _files(out / slug))
    except _DAMAGE:
        return False


def note_pages(out: Path, slug: str, what: str) -> None:
    """Note that the student's pages were made again, from the same report, and show ``what``.

    Without it the next run would take them for damaged, and grade the hand-in again.

    Raises:
        OSError: the record cannot be written.
    """
    try:
        record = _read(_place(out, slug))
    except _DAMAGE:
        return  # graded through a fault of ours, or no longer what was noted: graded again anyway
    record |= {"files": _files(out / slug), "shows": what}
    write_atomically(_place(out, slug), json.dumps({"sha256": _digest(record), **record}))


_DAMAGE = (OSError, ValueError, TypeError, KeyError, RecursionError)


def _place(out: Path, slug: str) -> Path:
    return own_folder(out) / "records" / f"{slug}.json"


def records_for(settings: Settings) -> Records:
    """The records that fit these settings, this version of ours, and this machine's packages.

    Raises:
        OSError: the data or the rubric cannot be read.
    """
    code = code_hash()
    ground = {
        "version": grader.__version__, "code": code, "settings": _settings(settings),
        "python": [sys.version, platform.machine()],
        "packages": packages(),
    }  # fmt: skip
    return Records(settings.out, _digest(ground), code)


@dataclass(frozen=True, eq=False)  # equal to any mapping that holds the same
class Earlier(Mapping[str, Report]):
    """The reports that can be taken over, by slug. Each is read again where it is asked for."""

    out: Path
    slim: Mapping[str, Report]  # what the class needs of them

    def __getitem__(self, slug: str) -> Report:
        return kept_report(self.out, slug) or self.slim[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self.slim)

    def __len__(self) -> int:
        return len(self.slim)

    def __contains__(self, slug: object) -> bool:
        return slug in self.slim


def take_all(records: Records, submissions: Sequence[Submission]) -> Earlier:
    """The reports that can be taken over."""
    slimmer = Slimmer()
    found = ((submission.slug, records.take(submission)) for submission in submissions)
    slim = {slug: slimmer.slim(report) for slug, report in found if report is not None}
    return Earlier(records.out, slim)


def forget_outdated(records: Records, submissions: Sequence[Submission]) -> None:
    """Remove the results of older hand-ins at once: who stops the run must not mistake them."""
    for submission in submissions:
        if records.is_outdated(submission):
            records.drop(submission)
            forget_report(records.out / submission.slug)


def hand_in(submission: Submission) -> str:
    """The hash of all that a student handed in, names and known times included; ``""`` where it cannot be
    read.
    """
    parts = [("", submission.notebook)] if submission.notebook else []
    try:
        files = [(name, path.name, _file_hash(path)) for name, path in (*parts, *submission.files)]
    except OSError:
        return ""
    told = [submission.student, submission.slug, submission.problem, files]
    terms = (submission.origin, submission.members, tuple(map(hand_in, submission.earlier)))
    return _digest(told if terms == (NOWHERE, (), ()) else [*told, terms])


def code_hash() -> str:
    """The hash of the grader, the checks with their rubrics, and the templates."""
    folders = [Path(grader.__file__).parent, Path(kit.__file__).parents[1], templates_folder()]
    return _digest([_folder_hash(folder) for folder in folders])


def no_longer_handed_in(submissions: Sequence[Submission], out: Path) -> tuple[str, ...]:
    """The folders with results in ``out`` that are none of these students'."""
    slugs = {submission.slug for submission in submissions}
    found = sorted(path.parent.name for path in out.glob("*/result.json"))
    return tuple(name for name in found if name not in slugs)


def packages() -> list[tuple[str, str]]:
    """Every package that is installed, with its version; a notebook may import any of them."""
    return sorted({(str(one.metadata["Name"]), one.version) for one in importlib.metadata.distributions()})


def _settings(settings: Settings) -> dict[str, Any]:
    """The settings that decide a verdict, with folders and files by their content."""
    found: dict[str, Any] = {}
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.name in DECIDE_NOTHING:
            continue
        if isinstance(value, Path):
            found[field.name] = _file_hash(value) if value.is_file() else _folder_hash(value)
        else:
            found[field.name] = value
    return found


def _folder_hash(folder: Path) -> str:
    return _digest([(path.relative_to(folder).as_posix(), _file_hash(path)) for path in _walk(folder)])


def _walk(folder: Path) -> list[Path]:
    """The files below ``folder``, sorted, without what Python makes of them."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> dict[str, str]:
    """The hashes of a student's files that are there."""
    return {name: _file_hash(folder / name) for name in OUTPUTS if (folder / name).is_file()}


def _read(place: Path) -> dict[str, Any]:
    """A record whose checksum is right.

    Raises:
        OSError, ValueError, TypeError, KeyError, RecursionError: there is none.
    """
    record = dict(json.loads(place.read_bytes()))
    if record.pop("sha256") != _digest(record) or record["schema"] != SCHEMA:
        raise ValueError("damaged, or of another version")
    return record


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's own, since a check may have put one into its result; a record as a dict."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value.item() if hasattr(value, "item") else str(value)
