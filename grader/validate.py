"""The reference solutions as one more submission."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat

from grader.editions import reference_of, solution
from grader.records import Report, Settings, Submission
from grader.session import Progress, grade_submission


def validate_lab(lab: str, settings: Settings, progress: Progress = lambda _phase: None) -> Report:
    """Hand in the reference solution of a lab and grade it.

    Raises:
        UsageProblem: this installation has no reference for the lab.
    """
    with tempfile.TemporaryDirectory(prefix="labgrade-") as folder:
        return grade_submission(hand_in(lab, Path(folder)), settings, progress)


def hand_in(lab: str, folder: Path) -> Submission:
    """Write the reference solution into ``folder`` as a student would hand it in.

    Raises:
        UsageProblem: this installation has no reference for the lab.
    """
    reference = reference_of(lab)
    edition = solution(reference)
    for name, text in edition.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    notebook = folder / reference.notebook
    nbformat.write(edition.notebook, notebook)
    files = tuple((name, folder / name) for name in edition.files)
    return Submission(student="reference", slug="reference", notebook=notebook, files=files)
