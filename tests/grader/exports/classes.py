"""A graded class in a folder, and what learning platforms export of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from grader.class_list import write_list
from grader.output import result_json
from grader.records import Origin, Submission
from tests.grader.page_reports import FULL, MINIMAL, check

HOSTILE = '=cmd|" /C calc"!A1, "quoted"\nsecond\x00 line\u202e <b>&amp;</b> Å'
"""What a spreadsheet, a page or an XML reader must take as mere text."""

ADA = dataclasses.replace(
    FULL, student="lovelaceada_101", slug="lovelaceada_101", status="graded", score=20.005
)
BO = dataclasses.replace(FULL, student="ekbo_102", slug="ekbo_102", status="graded", score=28.0)
CY = dataclasses.replace(
    MINIMAL, student="cy_103", slug="cy_103", status="unreadable", max_score=34.0, problem=f"It is {HOSTILE}."
)


def graded_class(out: Path, *reports, lms="canvas"):
    """A folder with these results, 101 and so on at the end of a name being the platform's number."""
    reports = reports or (ADA, BO, CY)
    submissions = []
    for report in reports:
        (out / report.slug).mkdir(parents=True)
        (out / report.slug / "result.json").write_text(result_json(report), "utf-8")
        (out / report.slug / "feedback.html").write_text(f"<p>{report.slug}", "utf-8")
        number = report.student.rpartition("_")[2]
        origin = Origin(lms, number) if number.isdigit() and lms in ("canvas", "moodle") else Origin()
        submissions.append(Submission(report.student, report.slug, None, origin=origin))
    write_list(out, "lab 2", submissions)
    return out


def hostile(report=ADA):
    """The same with texts of a student's everywhere that might do harm."""
    bad = check("4.1/architecture", "failed", 2.0, 8.0, title=HOSTILE, message=HOSTILE, hint=HOSTILE)
    task = dataclasses.replace(report.tasks[0], checks=(bad, *report.tasks[0].checks[2:]))
    return dataclasses.replace(report, student=HOSTILE, slug="bad", tasks=(task, *report.tasks[1:]))


CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,Lab 1 (11),2D CNN image classification (12),Current Score,Final Grade
,,,,,,Manual Posting,,,
    Points Possible,,,,,,10.00,34.00,(read only),(read only)
"Lovelace, Ada",101,s101,ada@x.org,"DL, spring","=note ""x"" of Ada",9.50,,88,A
"Ek, Bo",102,s102,bo@x.org,"DL, spring",,EX,1.00,70,
"Öberg, Cy",103,s103,cy@x.org,DL,,,,,
"Away, Dana",104,s104,dana@x.org,DL,,,3.00,,
"Student, Test",999,,abc,DL,,,,,
"""

MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
Participant 101,Ada Lovelace,ada@x.org,Submitted for grading - ,,34.00,Yes,"Sunday, 1 March 2026, 10:00 AM",-,
Participant 102,Bo_Ek,bo@x.org,Submitted for grading - ,,34.00,Yes,"Sunday, 1 March 2026, 10:00 AM",-,
Participant 103,Cy Öberg,cy@x.org,Submitted for grading - ,5.00,34.00,No,-,-,old
Participant 104,Dana Away,dana@x.org,No submission - ,,34.00,Yes,-,-,
"""
