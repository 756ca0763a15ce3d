"""A hand-in that was run once: what changes run it again, what changes judge it again, and what do neither."""

import dataclasses
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader import kernels, labs, sandbox
from grader.attachments import Attachments
from grader.cache.memory import StoredCache
from grader.cache.pages import StoredPages
from grader.cache.parts import StoredParts
from grader.cache.plan import Plan, plan_for
from grader.cache.store import Store, open_store
from grader.evidence import Evidence, LiveStudent
from grader.limits import Limits
from grader.notebooks import read_notebook
from grader.recall import AGAIN, TAKEN, Case
from grader.records import CellError, Origin, Report, Settings
from grader.session import grade_submission
from tests.grader.cache import hand_in

SANDBOX = sandbox.choose("auto")[0]
POINTS = '[checks."1.1/gaussian"]\npoints = 3\n[checks."1.1/sobel"]\npoints = 0.5\n'


class Ran(Exception):  # noqa: N818 - what is looked for, not an error
    """A kernel was about to start."""


@dataclass(frozen=True)
class Filled:
    """A hand-in in ``folder`` that was graded, with real kernels, into a cache that was empty."""

    folder: Path
    settings: Settings
    plan: Plan
    report: Report

    def again(self, submission=None, settings=None, **changes: Any) -> tuple[Report, list[str]]:
        """The report on a hand-in, this one by default, and the phases that were told."""
        told: list[str] = []
        settings = settings or self.settings
        cache = StoredCache(dataclasses.replace(self.plan, **changes))
        report = grade_submission(submission or hand_in.submission(self.folder), settings, told.append, cache)
        return report, told


@pytest.fixture(scope="module")
def once(given, tmp_path_factory):
    """The hand-in, graded once for all tests."""
    base = tmp_path_factory.mktemp("cached")
    hand_in.write(base / "ada")
    settings = hand_in.settings(base / "out", given, SANDBOX)
    plan = plan_for(settings, open_store(base / "store"))
    report = grade_submission(hand_in.submission(base / "ada"), settings, lambda _: None, StoredCache(plan))
    StoredPages(plan)(report, base / "pages")
    return Filled(base / "ada", settings, plan, report)


@pytest.fixture
def filled(once, tmp_path, monkeypatch):
    """The hand-in and its cache, copied for one test, in which no kernel may start."""

    def start(*_args: Any) -> None:
        raise Ran

    monkeypatch.setattr(kernels, "start", start)
    shutil.copytree(once.folder, tmp_path / "ada")
    shutil.copytree(once.plan.store.folder, tmp_path / "store")
    plan = dataclasses.replace(once.plan, store=Store(tmp_path / "store"))
    return dataclasses.replace(once, folder=tmp_path / "ada", plan=plan)


def files_of(store, kind):
    return [path for path in (store.folder / "v1" / kind).rglob("*") if path.is_file()]


def test_the_run_was_as_it_should_be(once):
    """All of task 1.1 passes, and the last cell's error is told."""
    statuses = {result.id: result.status for result in once.report.checks if result.task == "1.1"}
    assert set(statuses.values()) == {"passed"}
    assert [error.ename for error in once.report.execution.errors] == ["NameError"]
    assert once.report.phases


def test_unchanged(filled):
    """The report is equal in everything, times and the notebook as it ran included, and no kernel starts."""
    report, told = filled.again()
    assert report == filled.report
    assert report.executed == filled.report.executed
    assert told[-1] == TAKEN


def test_without_a_cache(once):
    """A run that nobody keeps gives the same report but for times."""
    report = grade_submission(hand_in.submission(once.folder), once.settings, lambda _: None)
    assert without_seconds(report) == without_seconds(once.report)


def test_pages_byte_for_byte(filled, once, tmp_path):
    """All three files are those that were written then, times included."""
    report, _ = filled.again()
    StoredPages(filled.plan)(report, tmp_path / "pages")
    for name in ("feedback.html", "result.json", "executed.ipynb"):
        then = once.folder.parent / "pages" / name
        assert (tmp_path / "pages" / name).read_bytes() == then.read_bytes()


def test_pages_of_other_templates_are_made_again(filled, tmp_path):
    """With another hash of templates and page code nothing is taken."""
    report, _ = filled.again()
    StoredPages(dataclasses.replace(filled.plan, showing="other"))(report, tmp_path / "pages")
    assert len(files_of(filled.plan.store, "pages")) == 2


def test_the_same_work_of_somebody_else(filled, tmp_path):
    """Under another name, at another time, as an attempt: nothing runs, and the person's own data are new."""
    shutil.copytree(filled.folder, tmp_path / "bob")
    (tmp_path / "bob/lab.ipynb").rename(tmp_path / "bob/final.ipynb")
    os.utime(tmp_path / "bob/final.ipynb", (1, 1))
    origin = Origin(submitted="2030-01-01T00:00:00+00:00")
    changes = {"note": "Of two notebooks this one.", "origin": origin, "members": ("bob", "eve")}
    bob = hand_in.submission(tmp_path / "bob", "bob", "final.ipynb", **changes)
    report, told = filled.again(bob)
    assert told[-1] == TAKEN
    assert (report.student, report.slug, report.notebook) == ("bob", "bob", "final.ipynb")
    assert (report.note, report.terms.members) == ("Of two notebooks this one.", ("bob", "eve"))
    for name in ("tasks", "findings", "score", "execution", "phases", "answers", "sha256"):
        assert getattr(report, name) == getattr(filled.report, name)


RUNS = {
    "a-code-cell": {"code": (*hand_in.CODE[:3], "another_name")},
    "a-cell-more": {"code": (*hand_in.CODE, "1")},
    "the-order-of-cells": {"code": (hand_in.CODE[1], hand_in.CODE[0], *hand_in.CODE[2:])},
    "a-module": {"helpers": hand_in.HELPERS.replace("32", "30")},
}


@pytest.mark.parametrize("change", RUNS.values(), ids=RUNS)
def test_other_code_runs(filled, change):
    """Another cell or helper file, and the notebook runs again."""
    hand_in.write(filled.folder, **change)
    with pytest.raises(Ran):
        filled.again()


def test_a_file_more_runs(filled):
    """Which files lie beside the notebook decides what it does."""
    (filled.folder / "data.csv").write_text("1")
    files = (("data.csv", filled.folder / "data.csv"), ("helpers.py", filled.folder / "helpers.py"))
    with pytest.raises(Ran):
        filled.again(hand_in.submission(filled.folder, files=files))


@pytest.mark.parametrize(
    "change", [{"limits": {"cell_s": 7.0}}, {"seed": 1}, {"training": "claimed"}, {"training": "full"}]
)
def test_other_settings_run(filled, change):
    """Limits, seed and training decide a run."""
    with pytest.raises(Ran):
        filled.again(settings=dataclasses.replace(filled.settings, **change))


def test_other_data_run(filled, tmp_path):
    """One byte of what the sandbox may read, and the notebook runs again."""
    for path in filled.settings.visible.glob("*.npy"):
        (tmp_path / "data").mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / "data")
    settings = dataclasses.replace(filled.settings, visible=tmp_path / "data")
    before = plan_for(settings, filled.plan.store).data
    with (tmp_path / "data/ascent.npy").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x07")
    assert plan_for(settings, filled.plan.store).data != before
    with pytest.raises(Ran):
        filled.again(data=plan_for(settings, filled.plan.store).data)


@pytest.mark.parametrize("name", ["data", "machine", "packages", "running"])
def test_another_ground_runs(filled, name):
    """Data, packages, machine, and our code that runs notebooks."""
    value = {"machine": ("other",), "packages": (("keras", "9"),)}.get(name, "other")
    with pytest.raises(Ran):
        filled.again(**{name: value})


def test_code_that_was_not_loaded_keeps_out(filled):
    """A process that has loaded other code than the plan's neither takes nor keeps anything."""
    with pytest.raises(Ran):
        filled.again(code="other")


# ---- what is only judged again -----------------------------------------------------------------------


def test_points_run_nothing(filled, tmp_path):
    """Another rubric's points, titles and policies: the verdicts stand, and are added up anew."""
    more = '[tasks."1.1"]\ntitle = "Filters"\n[policies]\ncap_percent = 50\n'
    (tmp_path / "points.toml").write_text(POINTS + more)
    report, told = filled.again(
        settings=dataclasses.replace(filled.settings, rubric=tmp_path / "points.toml")
    )
    before = {result.id: result for result in filled.report.checks}
    after = {result.id: result for result in report.checks}
    assert told[-1] == TAKEN
    assert (after["1.1/gaussian"].points, after["1.1/sobel"].max_points) == (3, 0.5)
    assert report.score == filled.report.score + sum(after[x].points - before[x].points for x in after)
    assert report.tasks[0].title == "Filters"
    assert report.terms.policy.cap_percent == 50
    assert after["1.1/convolution"] == before["1.1/convolution"]


def test_switched_off_and_on_again(filled, tmp_path):
    """A check that is switched off runs nothing, nor does the same when it counts again."""
    (tmp_path / "off.toml").write_text('[checks."1.1/sobel"]\nenabled = false\n')
    off, told = filled.again(settings=dataclasses.replace(filled.settings, rubric=tmp_path / "off.toml"))
    assert told[-1] == TAKEN
    assert "1.1/sobel" not in {result.id for result in off.checks}
    assert filled.again()[0] == filled.report


def modules(plan, **changed):
    return {**plan.modules, **{f"checks.cnn.{name}": value for name, value in changed.items()}}


def test_a_check_that_changed(filled, monkeypatch):
    """Its verdict is made again on the evidence that is kept, those of other modules are not."""
    report, told = filled.again(modules=modules(filled.plan, convolutions="other"))
    assert told[-1] == AGAIN
    assert without_seconds(report) == without_seconds(filled.report)
    again, told = filled.again(modules=modules(filled.plan, convolutions="other"))
    assert (again, told[-1]) == (report, TAKEN)


def without_seconds(report):
    checks = [dataclasses.replace(result, seconds=0.0) for result in report.checks]
    execution = dataclasses.replace(report.execution, seconds=0.0)
    cells = [(cell["source"], cell.get("outputs")) for cell in report.executed["cells"]]
    return checks, report.findings, report.accuracies, execution, cells, report.answers


@pytest.mark.parametrize("name", ["judging", "hidden", "tables"])
def test_another_ground_judges_again(filled, name):
    """Our code that judges, hidden data, a lab's tables: judged again without being run."""
    value = {"tables": {"cnn": "other"}}.get(name, "other")
    report, told = filled.again(**{name: value})
    assert told[-1] == AGAIN
    assert without_seconds(report) == without_seconds(filled.report)


@pytest.mark.parametrize(
    "change", [{"answer": "Question 1: …\n\nThey do nothing."}, {"saved": "the shape is (1, 1)"}]
)
def test_another_text_judges_again(filled, change):
    """Text and saved outputs are judged anew with the run that there was, and stand in the notebook."""
    hand_in.write(filled.folder, **change)
    report, told = filled.again()
    assert told[-1] == AGAIN
    texts = [cell["source"] for cell in report.executed["cells"]]
    assert texts[-1] == change.get("answer", hand_in.ANSWER)
    assert report.executed["cells"][3]["outputs"] == filled.report.executed["cells"][3]["outputs"]
    assert report.sha256 != filled.report.sha256


# ---- what is gone or damaged -------------------------------------------------------------------------


def spoil(store, *kinds):
    for path in [path for kind in kinds for path in files_of(store, kind)]:
        data, middle = path.read_bytes(), path.stat().st_size // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])


@pytest.mark.parametrize(
    "kinds", [("runs",), ("runs", "verdicts"), ("evidence", "verdicts"), ("arrays", "verdicts")]
)
def test_damage_runs_again(filled, kinds):
    """Where the rest is not enough, the notebook runs; a damaged file is never believed."""
    spoil(filled.plan.store, *kinds)
    with pytest.raises(Ran):
        filled.again()


@pytest.mark.parametrize("kinds", [("verdicts",), ("evidence", "arrays", "pages")])
def test_damage_that_the_rest_makes_good(filled, kinds):
    """Verdicts are made again from evidence, and hold without it."""
    spoil(filled.plan.store, *kinds)
    assert without_seconds(filled.again()[0]) == without_seconds(filled.report)


def test_eviction(filled):
    """When room is short the evidence goes; verdicts hold, and a changed check runs the notebook."""
    small = sum(
        path.stat().st_size for kind in ("runs", "verdicts") for path in files_of(filled.plan.store, kind)
    )
    Store(filled.plan.store.folder, small + 20_000).trim()
    assert files_of(filled.plan.store, "arrays") == []
    assert filled.again()[0] == filled.report
    with pytest.raises(Ran):
        filled.again(modules=modules(filled.plan, convolutions="other"))
    Store(filled.plan.store.folder, 1).trim()
    with pytest.raises(Ran):
        filled.again()


# ---- what is not kept --------------------------------------------------------------------------------


def kept_after(filled, report=None, **run: Any) -> bool:
    """Whether a report on a run with these changes is kept, in a cache that was empty."""
    plan = dataclasses.replace(filled.plan, store=open_store(filled.folder.parent / "empty"))
    case = Case(
        hand_in.submission(filled.folder), filled.settings, labs.load_lab("cnn"),
        labs.load_rubric(labs.load_lab("cnn")), Limits(), read_notebook(filled.folder / "lab.ipynb"),
        Attachments((("helpers.py", filled.folder / "helpers.py"),)),
    )  # fmt: skip
    parts = StoredCache(plan).recording(case)
    parts.watch(LiveStudent(Evidence(filled.folder / "x"), {}, 0, parts.wrapped(kernels.start), ()))
    parts.take("claims", tuple)
    parts.keep(
        report or filled.report, dataclasses.replace(filled.report.execution, **run), filled.report.executed
    )
    return bool(files_of(plan.store, "runs")) if (plan.store.folder / "v1").exists() else False


def test_a_good_run_is_kept(filled):
    """Or the tests below could not fail."""
    assert kept_after(filled)


@pytest.mark.parametrize(
    "run",
    [
        *({"status": status} for status in ("timeout", "out_of_memory", "died", "not_run")),
        *(
            {"errors": (CellError(1, name, ""),)}
            for name in ("MemoryError", "ResourceExhaustedError", "OSError")
        ),
    ],
    ids=lambda run: run.get("status") or run["errors"][0].ename,
)
def test_runs_that_another_day_would_change(filled, run):
    """Limits of time and memory may be met because the machine was busy, so nothing is kept."""
    assert not kept_after(filled, **run)


@pytest.mark.parametrize("status", ["incomplete", "unreadable"])
def test_faults_of_ours_are_not_kept(filled, status):
    """A report that is incomplete is made again next time."""
    assert not kept_after(filled, dataclasses.replace(filled.report, status=status))


def test_files_that_change_meanwhile(filled, monkeypatch):
    """Where a file of the hand-in is another one at the end of the run, nobody knows what ran."""
    take = StoredParts.take

    def edited(self: StoredParts, *arguments: Any) -> Any:
        (filled.folder / "helpers.py").write_text("changed = True")
        return take(self, *arguments)

    monkeypatch.setattr(StoredParts, "take", edited)
    assert not kept_after(filled)
