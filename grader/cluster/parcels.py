"""What travels: a submission with its files to a node, and what came of it back.

Only texts, numbers and bytes of ours, in records of ours. A report comes as JSON and is read as such.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.cluster.carriers import Carrier, Content, drop_all, send_file, write_file
from grader.limits import MIB, MOST
from grader.output import OUTPUTS, write_atomically
from grader.records import Report, Settings, Submission
from grader.report_json import from_json, to_json
from grader.worker import Grade, Write

LOG_BYTES = 100_000  # of the log of our own faults, per submission


@dataclass(frozen=True)
class Parcel:
    """A submission on its way: ``contents`` are its files, in the order of ``files_of``.

    ``given`` is the hash of what all submissions share (data, rubric), ``ground`` what decides verdicts
    on the machine that asks.
    """

    key: str
    submission: Submission
    contents: tuple[Content, ...]
    settings: Settings
    given: str
    ground: Ground
    grade: Grade
    write: Write

    def drop(self, carrier: Carrier) -> None:
        """Nobody will open it any more."""
        drop_all(self.contents, carrier)


@dataclass(frozen=True)
class Ground:
    """What must be equal wherever a class is graded: the hash of our own code, and Python's version.

    ``judging`` are the packages that decide verdicts, as (name, version); ``packages`` is the hash of all
    that are installed.
    """

    version: str
    code: str
    python: str
    judging: tuple[tuple[str, str], ...]
    packages: str


@dataclass(frozen=True)
class Outcome:
    """What came of a submission: its report as JSON, and its files by name.

    ``log`` is what a fault of ours has left, ``same_packages`` whether the node has all packages that the
    asking machine has.
    """

    report: bytes
    files: tuple[tuple[str, Content], ...]
    log: bytes
    same_packages: bool


def files_of(submission: Submission) -> list[Path]:
    """Every file of a submission, and of its earlier attempts."""
    own = [submission.notebook] if submission.notebook else []
    own += [path for _, path in submission.files]
    return own + [path for one in submission.earlier for path in files_of(one)]


def pack(submission: Submission, settings: Settings, carrier: Carrier) -> tuple[Content, ...]:
    """Send the files of a submission; of those beyond every limit only the length, since nobody opens them.

    Raises:
        OSError: a file cannot be read or sent.
    """
    helpers = {path for _, path in _helpers(submission)}
    most = float(settings.limits.get("files_mib", MOST["files_mib"]))
    found = []
    for path in files_of(submission):
        bound = most if path in helpers else MOST["notebook_mib"]
        size = path.stat().st_size
        found.append(Content(size) if size > bound * MIB else send_file(path, carrier))
    return tuple(found)


def _helpers(submission: Submission) -> list[tuple[str, Path]]:
    return [*submission.files, *(file for one in submission.earlier for file in _helpers(one))]


def unpack(parcel: Parcel, folder: Path, carrier: Carrier) -> Submission:
    """Write the files of a submission into ``folder``, and return it with their new places.

    Raises:
        OSError: a file cannot be fetched or written.
    """
    places: dict[Path, Path] = {}
    pairs = zip(files_of(parcel.submission), parcel.contents, strict=True)
    for number, (path, content) in enumerate(pairs):
        places[path] = folder / str(number) / path.name  # the name may count, and is one that a file had
        write_file(content, places[path], carrier)
    return _moved(parcel.submission, places)


def _moved(submission: Submission, places: Mapping[Path, Path]) -> Submission:
    return dataclasses.replace(
        submission,
        notebook=places[submission.notebook] if submission.notebook else None,
        files=tuple((name, places[path]) for name, path in submission.files),
        earlier=tuple(_moved(one, places) for one in submission.earlier),
    )


def outcome_of(report: Report, folder: Path, log: Path, *, carrier: Carrier, same_packages: bool) -> Outcome:
    """What came of a submission whose files lie in ``folder``.

    Raises:
        OSError: a file cannot be read or sent.
    """
    text = json.dumps(to_json(report), default=_plain)
    there = [name for name in OUTPUTS if (folder / name).is_file()]
    files = tuple((name, send_file(folder / name, carrier)) for name in there)
    told = log.read_bytes()[:LOG_BYTES] if log.is_file() else b""
    return Outcome(text.encode("ascii"), files, told, same_packages)


def report_in(outcome: Outcome) -> Report:
    """The report of an outcome.

    Raises:
        ValueError: it holds none.
    """
    return from_json(json.loads(outcome.report))


def write_files(outcome: Outcome, folder: Path, carrier: Carrier) -> None:
    """Write a student's files, each in one piece.

    Raises:
        OSError: one cannot be fetched, or the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in outcome.files:
        if name in OUTPUTS:
            data = b"".join(carrier.fetch(ticket) for ticket in content.tickets)
            write_atomically(folder / name, data.decode("utf-8", "replace"))
    drop_all([content for _, content in outcome.files], carrier)


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's own, since a check may have put one into its result."""
    return value.item() if hasattr(value, "item") else str(value)
