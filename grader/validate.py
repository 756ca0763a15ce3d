"""The reference solutions as one more submission; the only part of the grader that opens ``reference/``."""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path

import jupytext
import nbformat

from grader.errors import UsageProblem
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

    ``reference/<lab>/__init__.py`` says in ``HAND_IN`` under which name each module is handed in;
    ``notebook.py`` beside it is the notebook as text.

    Raises:
        UsageProblem: this installation has no reference for the lab.
    """
    try:
        package = importlib.import_module(f"reference.{lab}")
    except ModuleNotFoundError as error:
        raise UsageProblem(f"there is no reference solution of lab {lab!r} in this installation") from error
    source = Path(str(package.__file__)).parent
    files = []
    for module, name in package.HAND_IN.items():
        target = folder / name
        target.write_text((source / module).read_text(encoding="utf-8"), encoding="utf-8")
        files.append((name, target))
    notebook = folder / f"{lab}.ipynb"
    nbformat.write(jupytext.read(source / "notebook.py", fmt="py:percent"), notebook)
    return Submission(student="reference", slug="reference", notebook=notebook, files=tuple(files))
