"""``junit``: the checks as test results, which every CI server shows.

It follows the XML Schema of Apache Ant's JUnit reports (windyroad/JUnit-Schema, JUnit.xsd), the strictest one
in use, so that Jenkins, GitLab, Azure and GitHub's reporters read it too. A student is a ``testsuite``, a
check a ``testcase`` of the class STUDENT.TASK. A failed check is a ``failure``; one that the grader failed on
is an ``error``; what depends on an earlier check, or waits for a person, is ``skipped``. Points stand in
``properties``. The time of a suite is that of the hand-in, or 1970 where it is not known, so that the same
results make the same file.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

from grader.exports.files import Export, number, text_file
from grader.exports.rows import CheckRow, ClassRows, Row

# What XML 1.0 cannot hold, not even as a number.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ELEMENTS = {"failed": "failure", "error": "error", "skipped": "skipped", "manual": "skipped"}
WAITS = "waits for a person"


def junit(marks: ClassRows, path: Path) -> Export:
    """The class as one file of test suites."""
    suites = Xml.Element("testsuites")
    for place, row in enumerate(marks.rows):
        suites.append(_suite(place, row))
    Xml.indent(suites)
    text = Xml.tostring(suites, encoding="unicode")
    return Export((text_file(path, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'),))


def _suite(place: int, row: Row) -> Xml.Element:
    kinds = [ELEMENTS.get(one.status, "") for one in row.checks] + _unreadable(row)
    suite = Xml.Element(
        "testsuite", id=str(place), name=_token(row.student), package=_token(row.lab or "labgrade"),
        timestamp=_timestamp(row), hostname="localhost", tests=str(len(kinds)),
        failures=str(kinds.count("failure")), errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")), time=_seconds(sum(one.seconds for one in row.checks)),
    )  # fmt: skip
    properties = Xml.SubElement(suite, "properties")
    for name, value in _properties(row).items():
        Xml.SubElement(properties, "property", name=name, value=_text(value))
    for check in row.checks:
        suite.append(_case(row, check))
    if _unreadable(row):
        case = Xml.SubElement(suite, "testcase", name="The notebook can be graded", time="0.000")
        case.set("classname", _token(row.student))
        _outcome(case, _unreadable(row)[0], row.status, row.problem)
    Xml.SubElement(suite, "system-out").text = _text("\n".join(row.reasons))
    Xml.SubElement(suite, "system-err").text = ""
    return suite


def _properties(row: Row) -> dict[str, str]:
    return {
        "status": row.status, "score": number(row.score, 6), "max_score": number(row.max_score, 6),
        "pending_manual": number(row.pending, 6), "final_score": number(row.points, 6),
    }  # fmt: skip


def _unreadable(row: Row) -> list[str]:
    """The kind of the one test of a hand-in that has no checks: the student's fault, or ours."""
    if row.checks:
        return []
    return ["failure" if row.status == "unreadable" else "error"]


def _case(row: Row, check: CheckRow) -> Xml.Element:
    case = Xml.Element("testcase", name=_token(f"{check.id}: {check.title}"), time=_seconds(check.seconds))
    case.set("classname", _token(f"{row.student}.{check.task}"))
    kind = ELEMENTS.get(check.status)
    if kind == "skipped":
        Xml.SubElement(case, kind)
    elif kind:
        _outcome(case, kind, check.status, "\n".join(filter(None, (check.message, check.hint))))
    return case


def _outcome(case: Xml.Element, kind: str, status: str, said: str) -> None:
    found = Xml.SubElement(case, kind, type=status, message=_text(said.partition("\n")[0]))
    found.text = _text(said)


def _timestamp(row: Row) -> str:
    """The time of the hand-in in UTC; the schema wants none of a zone."""
    known = row.origin.submitted
    when = datetime.fromisoformat(known).astimezone(UTC) if known else datetime.fromtimestamp(0, UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%S")


def _seconds(value: float) -> str:
    return f"{max(0.0, value):.3f}"


def _token(text: str) -> str:
    """A name: what XML can hold, in one line, never empty."""
    return " ".join(_text(text).split()) or "student"


def _text(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)
