"""How labgrade, nbgrader and otter-grader grade a class, and nbclient runs it: files, commands, verdicts.

The tests are the same for all, each in the grader's own form: for nbgrader cells with ``assert``, which its
gradebook holds, for otter-grader test files in an autograder zip, for labgrade its own checks of task 1.1.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from bench.peers_class import CLAIMS, HELPER, NOTEBOOK, Claim, Work, notebook_of, write_hand_in
from bench.peers_install import Environment
from bench.peers_run import Trouble

ROOT = Path(__file__).resolve().parents[1]
DRIVERS = Path(__file__).resolve().parent / "drivers"
ASSIGNMENT = "part1"

Verdicts = dict[str, frozenset[str]]  # the names of the tests passed, by student


@dataclass(frozen=True)
class Tool:
    """A way to grade a class. ``folder`` is one run's own.

    ``variables`` are the environment of its commands. ``prepare`` writes what is there before a run, which is
    not measured; ``commands`` are. ``verdicts`` raises ``Trouble`` where a notebook was not run.
    """

    name: str
    variables: Mapping[str, str]
    prepare: Callable[[Sequence[Work], Path], None]
    commands: Callable[[Path], list[list[str]]]
    verdicts: Callable[[Sequence[Work], Path], Verdicts]


def write_class(works: Sequence[Work], folder: Path) -> None:
    """A folder per student in ``class``, as students hand in."""
    for work in works:
        write_hand_in(work, folder / "class" / work.student)


def class_in(folder: Path) -> list[str]:
    """Where the notebooks lie that ``write_class`` has written."""
    return [str(path) for path in sorted(folder.glob(f"class/*/{NOTEBOOK}"))]


# ---- labgrade ----------------------------------------------------------------------------------------


def labgrade(jobs: int, data: Path | None) -> Tool:
    """Our command, with its default options but for the number of jobs, and nothing from a cache."""
    own = [] if data is None else ["--data", str(data.resolve())]
    options = ["--out", "out", "--jobs", str(jobs), "--no-cache", "--quiet", *own]

    def verdicts(works: Sequence[Work], folder: Path) -> Verdicts:
        return {work.student: _ours(folder / "out" / work.student) for work in works}

    return Tool(
        f"labgrade --jobs {jobs}",
        {**os.environ, "PYTHONPATH": str(ROOT)},  # the code that lies here, whatever is installed
        write_class,
        lambda _: [[sys.executable, "-m", "grader", "grade", "class", *options]],
        verdicts,
    )


def _ours(folder: Path) -> frozenset[str]:
    result = json.loads((folder / "result.json").read_text("utf-8"))
    ran = result["execution"]
    if ran["cells_run"] != ran["cells"] or not ran["cells"]:
        raise Trouble(f"labgrade ran {ran['cells_run']} of the {ran['cells']} cells of {result['student']}.")
    passed = {check["id"] for check in result["checks"] if check["status"] == "passed"}
    return frozenset(claim.name for claim in CLAIMS if claim.check in passed)


# ---- nbgrader ----------------------------------------------------------------------------------------

NBGRADER_CONFIG = "c = get_config()\nc.Execute.timeout = None\n"
READ_GRADEBOOK = f"""
import json
from nbgrader.api import Gradebook
found = {{}}
with Gradebook("sqlite:///gradebook.db") as gradebook:
    for one in gradebook.assignment_submissions({ASSIGNMENT!r}):
        found[one.student.id] = {{grade.name: grade.score for book in one.notebooks for grade in book.grades}}
print(json.dumps(found))
"""


def nbgrader(environment: Environment, variables: Mapping[str, str], *, feedback: bool = False) -> Tool:
    """``nbgrader autograde`` on a course with its gradebook, and ``generate_feedback`` where asked."""
    program, variables = environment.program("nbgrader"), environment.activated(variables)
    steps = ["autograde", *(["generate_feedback"] if feedback else [])]

    def prepare(works: Sequence[Work], folder: Path) -> None:
        (folder / "nbgrader_config.py").write_text(NBGRADER_CONFIG, "utf-8")
        write_hand_in(works[0], folder / "source" / ASSIGNMENT, _nbgrader_notebook(works[0]))
        run_quietly([program, "generate_assignment", ASSIGNMENT], folder, variables)
        for work in works:
            write_hand_in(work, folder / "submitted" / work.student / ASSIGNMENT, _nbgrader_notebook(work))

    def verdicts(works: Sequence[Work], folder: Path) -> Verdicts:
        for work in works:
            place = folder / "autograded" / work.student / ASSIGNMENT / NOTEBOOK
            _require_run(place, f"nbgrader, {work.student}")
        told = run_quietly([environment.python, "-c", READ_GRADEBOOK], folder, variables)
        return {student: _full_marks(scores) for student, scores in json.loads(told).items()}

    name = "nbgrader autograde" + (" and feedback" if feedback else "")
    return Tool(name, variables, prepare, lambda _: [[program, step, ASSIGNMENT] for step in steps], verdicts)


def _nbgrader_notebook(work: Work) -> Any:
    """The hand-in with nbgrader's marks on its cells, and the tests as locked cells at its end."""
    notebook = notebook_of(work.hand_in.cells)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata["nbgrader"] = _mark(cell["id"], None)
    for claim in CLAIMS:
        cell = nbformat.v4.new_code_cell(f"{HELPER}\nassert {claim.holds}", id=claim.name)
        cell.metadata["nbgrader"] = _mark(claim.name, claim)
        notebook.cells.append(cell)
    return notebook


def _mark(name: str, claim: Claim | None) -> dict[str, Any]:
    """A cell's place in nbgrader's gradebook: a test with points, or a student's solution."""
    mark = {
        "grade_id": name, "schema_version": 3, "task": False, "grade": claim is not None,
        "locked": claim is not None, "solution": claim is None, "cell_type": "code",
    }  # fmt: skip
    return mark | ({"points": claim.points} if claim else {})


# ---- otter-grader ------------------------------------------------------------------------------------

OTTER_TEST = """from otter.test_files import test_case
OK_FORMAT = False
name = {name!r}
points = {points}
{helper}
@test_case()
def test({names}):
    assert {holds}
"""


def otter(environment: Environment, variables: Mapping[str, str], jobs: int) -> Tool:
    """otter-grader without containers, by the function behind ``otter run``, in so many processes."""
    variables = environment.activated(variables)
    generate = ["generate", "-t", "tests", "-o", "autograder.zip", "--no-requirements", "--no-environment"]
    driver = [environment.python, str(DRIVERS / "otter_class.py"), str(jobs)]

    def prepare(works: Sequence[Work], folder: Path) -> None:
        (folder / "tests").mkdir()
        for claim in CLAIMS:
            (folder / "tests" / f"{claim.name}.py").write_text(_otter_test(claim), "utf-8")
        run_quietly([environment.program("otter"), *generate], folder, variables)
        write_class(works, folder)

    def commands(folder: Path) -> list[list[str]]:
        return [[*driver, str(folder / "autograder.zip"), str(folder / "out"), *class_in(folder)]]

    def verdicts(works: Sequence[Work], folder: Path) -> Verdicts:
        return {work.student: _otters(folder / "out" / work.student) for work in works}

    return Tool(f"otter run, {jobs} at a time", variables, prepare, commands, verdicts)


def _otter_test(claim: Claim) -> str:
    names = ", ".join(claim.names)
    return OTTER_TEST.format(
        name=claim.name, points=claim.points, helper=HELPER, names=names, holds=claim.holds
    )


def _otters(folder: Path) -> frozenset[str]:
    tests = json.loads((folder / "results.json").read_text("utf-8"))["tests"]
    scores = {test["name"]: test["score"] for test in tests if "score" in test}
    if missing := sorted({claim.name for claim in CLAIMS} - scores.keys()):
        raise Trouble(f"otter did not judge {', '.join(missing)} of {folder.name}: did its notebook run?")
    return _full_marks(scores)


# ---- nbclient ----------------------------------------------------------------------------------------


def nbclient(environment: Environment, variables: Mapping[str, str]) -> Tool:
    """Plain nbclient, which grades nothing: what running the notebooks one after the other costs."""
    driver = [environment.python, str(DRIVERS / "nbclient_class.py"), "out"]

    def verdicts(works: Sequence[Work], folder: Path) -> Verdicts:
        for work in works:
            _require_run(folder / "out" / f"{work.student}.ipynb", f"nbclient, {work.student}")
        return {work.student: work.passes for work in works}  # it judges nothing

    return Tool(
        "plain nbclient", variables, write_class, lambda folder: [[*driver, *class_in(folder)]], verdicts
    )


# ---- for all -----------------------------------------------------------------------------------------


def _full_marks(scores: Mapping[str, float]) -> frozenset[str]:
    """The tests that have all of their points."""
    return frozenset(claim.name for claim in CLAIMS if scores.get(claim.name) == claim.points)


def _require_run(place: Path, what: str) -> None:
    cells = nbformat.read(place, as_version=4).cells if place.is_file() else []
    code = [cell for cell in cells if cell.cell_type == "code"]
    if not code or any(cell.execution_count is None for cell in code):
        raise Trouble(f"Not every cell was run ({what}).")


def run_quietly(command: list[str], folder: Path, variables: Mapping[str, str]) -> str:
    """What a command that is not measured prints; raises ``Trouble`` where it fails."""
    done = subprocess.run(
        command, cwd=folder, env={**variables}, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise Trouble(f"{Path(command[0]).name} {command[1]} ended with status {done.returncode}: {last}")
    return done.stdout


def wrong_verdicts(works: Sequence[Work], found: Verdicts) -> list[str]:
    """A sentence for each student whose tests did not pass as they must."""
    return [
        f"{work.student} must pass {sorted(work.passes)}, and passed {sorted(found.get(work.student, ()))}."
        for work in works
        if found.get(work.student) != work.passes
    ]


def fresh(folder: Path) -> Path:
    """An empty folder at this place."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
