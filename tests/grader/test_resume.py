"""What an earlier run has finished is taken over, and only that."""

import dataclasses
import errno
import multiprocessing
import os

import pytest

import grader
from grader import resume
from grader.batch import Finished, Interrupted, grade_all
from grader.output import OUTPUTS, write_report
from grader.records import Submission
from grader.resume import Records, forget_outdated, hand_in, no_longer_handed_in, records_for, take_all
from tests.grader import fakes
from tests.grader.fakes import report_on, settings_for

EXECUTED = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


@pytest.fixture
def place(tmp_path):
    """A folder with data and a rubric, and results to be written."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.npy").write_bytes(b"1234")
    (tmp_path / "rubric.toml").write_text("[points]")
    (tmp_path / "grades").mkdir()
    return tmp_path


def settings_in(place, **changes):
    """Settings whose data and rubric lie in ``place``."""
    values = {"visible": place / "data", "hidden": place / "data", "rubric": place / "rubric.toml", **changes}
    return settings_for(place / "grades", **values)


def submission_in(place, student="ada", source="x = 1", **files):
    """A hand-in of one notebook and helper files."""
    folder = place / "class" / student
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"lab.ipynb": source, **files}.items():
        (folder / name).write_text(text)
    return Submission(student, student, folder / "lab.ipynb", tuple((one, folder / one) for one in files))


def finish(records, submission, **changes):
    """What a run does at the end of one submission."""
    report = report_on(submission, executed=EXECUTED, **changes)
    write_report(report, records.out / submission.slug)
    records.keep(submission, dataclasses.replace(report, executed=None), hand_in(submission))
    return dataclasses.replace(report, executed=None)


def test_what_is_unchanged_is_taken_over(place):
    """The report of a finished submission comes back whole, also in another process's eyes."""
    ada, bob = submission_in(place), submission_in(place, "bob", utilities="pi = 3")
    records = records_for(settings_in(place))
    made = {one.slug: finish(records, one) for one in (ada, bob)}
    assert take_all(records_for(settings_in(place)), [ada, bob]) == made
    assert take_all(records, [submission_in(place, "eve")]) == {}


def rename_helper(place):
    (place / "class/ada/extra.py").rename(place / "class/ada/more.py")
    return submission_in(place, **{"more.py": "pi = 3"})


CHANGES = {
    "notebook": lambda place: submission_in(place, source="x = 2", **{"extra.py": "pi = 3"}),
    "helper": lambda place: submission_in(place, **{"extra.py": "pi = 4"}),
    "helper-missing": submission_in,
    "helper-renamed": rename_helper,
    "another-helper": lambda place: submission_in(place, **{"extra.py": "pi = 3", "b.py": ""}),
    "page-deleted": lambda place: (place / "grades/ada/feedback.html").unlink(),
    "page-edited": lambda place: (place / "grades/ada/feedback.html").write_text("full marks"),
    "result-edited": lambda place: (place / "grades/ada/result.json").write_text("{}"),
    "executed-deleted": lambda place: (place / "grades/ada/executed.ipynb").unlink(),
    "data": lambda place: (place / "data/x.npy").write_bytes(b"1235"),
    "data-renamed": lambda place: (place / "data/x.npy").rename(place / "data/y.npy"),
    "rubric": lambda place: (place / "rubric.toml").write_text("[titles]"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_has_changed_is_graded_again(place, change):
    """Any other byte in hand-in, results, data or rubric, and nothing is taken over."""
    ada = submission_in(place, **{"extra.py": "pi = 3"})
    finish(records_for(settings_in(place)), ada)
    changed = change(place)
    ada = changed if isinstance(changed, Submission) else ada
    assert records_for(settings_in(place)).take(ada) is None


OTHER_VALUES = {
    "lab": "cnn", "tasks": ("4.1",), "sandbox": "bubblewrap", "training": "full", "seed": 1, "data": "other",
    "limits": {"cell_s": 5.0}, "rubric": None, "hidden": None, "figures": False,
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_other_settings_grade_again(place, name):
    """Every setting decides, limits too."""
    ada = submission_in(place)
    finish(records_for(settings_in(place)), ada)
    assert records_for(settings_in(place, **{name: OTHER_VALUES[name]})).take(ada) is None


def test_every_setting_is_thought_of(place):
    """A setting that is added changes the ground as well, unless it only says where things lie, or how fast."""
    settings = settings_in(place)
    names = {field.name for field in dataclasses.fields(settings)} - {"out", "threads", "visible"}
    assert set(resume._settings(settings)) == names | {"visible"}
    elsewhere = dataclasses.replace(settings, out=place / "elsewhere", threads=1)
    assert records_for(elsewhere).ground == records_for(settings).ground


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ((grader, "__version__"), "9"),
        ((resume, "code_hash"), lambda: "9"),
        ((resume, "packages"), lambda: [("keras", "9")]),
        ((resume, "SCHEMA"), 9),
    ],
    ids=["version", "code", "packages", "schema"],
)
def test_other_code_grades_again(place, monkeypatch, target, value):
    """Another version, changed code of ours, or another package: nothing is taken over."""
    ada = submission_in(place)
    finish(records_for(settings_in(place)), ada)
    monkeypatch.setattr(*target, value)
    assert records_for(settings_in(place)).take(ada) is None


def test_code_is_all_that_judges(tmp_path, monkeypatch):
    """Grader, kernel, checks, rubrics and templates are in the hash; what Python makes of them is not."""
    hashed = []
    monkeypatch.setattr(resume, "_file_hash", lambda path: hashed.append(path) or "0")
    resume.code_hash()
    ends = ("grader/resume.py", "grader/kernel/server.py", "checks/kit/check.py", "feedback/page.html")
    assert all(any(str(path).endswith(end) for path in hashed) for end in ends)
    assert any(path.name == "rubric.toml" for path in hashed)
    assert not any(path.suffix == ".pyc" for path in hashed)


def spoilt(record):
    """Ways in which a file on a disk goes bad, by name."""
    text = record.read_bytes()
    return {
        "empty": b"", "truncated": text[: len(text) // 2], "zeros": b"\0" * len(text), "binary": b"\xff\xfe" * 9,
        "another-score": text.replace(b"3.5", b"4.0"), "list": b"[]", "null": b"null", "deep": b"[" * 200_000,
        "one-byte": text[:-20] + bytes([text[-20] ^ 1]) + text[-19:],
    }  # fmt: skip


def test_damaged_records_are_ignored(place):
    """Whatever has become of a record, the submission is graded again, and no exception gets out."""
    ada, records = submission_in(place), records_for(settings_in(place))
    finish(records, ada)
    (record,) = (place / "grades/.labgrade/records").iterdir()
    whole = record.read_bytes()
    for name, content in spoilt(record).items():
        assert content != whole, name
        record.write_bytes(content)
        assert records.take(ada) is None, name
        assert records.is_outdated(ada) in (False, True), name
    record.unlink()
    record.mkdir()
    assert records.take(ada) is None
    records.drop(ada)


def test_faults_of_ours_are_never_taken_over(place):
    """What is incomplete leaves no record, and one that says so is not believed."""
    ada, records = submission_in(place), records_for(settings_in(place))
    finish(records, ada, status="incomplete")
    assert not (place / "grades/.labgrade/records").exists()


def test_a_hand_in_that_changes_meanwhile_leaves_no_record(place):
    """Nobody knows which of the two was judged."""
    ada, records = submission_in(place), records_for(settings_in(place))
    before = hand_in(ada)
    submission_in(place, source="x = 2")
    records.keep(ada, report_on(ada), before)
    assert records.take(ada) is None
    ada.notebook.unlink()
    records.keep(ada, report_on(ada), hand_in(ada))
    assert records.take(ada) is None


def test_results_of_an_older_hand_in_go_at_once(place):
    """They could be taken for the new one's if the run is stopped before it comes to it; others stay."""
    ada, bob, records = submission_in(place), submission_in(place, "bob"), records_for(settings_in(place))
    for one in (ada, bob):
        finish(records, one)
    forget_outdated(records_for(settings_in(place, seed=1)), [submission_in(place, source="x = 2"), bob])
    assert list((place / "grades/ada").iterdir()) == []
    assert sorted(path.name for path in (place / "grades/bob").iterdir()) == sorted(OUTPUTS)


def test_who_is_no_longer_there(place):
    """Folders with results of nobody in the class are named, other folders are not."""
    ada, bob, records = submission_in(place), submission_in(place, "bob"), records_for(settings_in(place))
    for one in (ada, bob):
        finish(records, one)
    (place / "grades/notes").mkdir()
    assert no_longer_handed_in([ada], place / "grades") == ("bob",)


# ---- in a batch --------------------------------------------------------------------------------------


def run(place, submissions, write=write_report, listen=lambda _: None, **changes):
    """A run as the command line does it."""
    settings = settings_in(place, **changes)
    records = records_for(settings)
    earlier = take_all(records, submissions)
    return grade_all(
        submissions, settings, 2, listen, grade=fakes.grade, write=write, records=records, earlier=earlier
    )


def test_a_second_run_grades_what_the_first_did_not(place):
    """Reports keep the order of the submissions, and what is taken over is not written again."""
    students = [submission_in(place, name) for name in ("chen", "leave", "ada")]
    first = run(place, students)
    stamps = {path: path.stat().st_mtime_ns for path in (place / "grades").glob("*/result.json")}
    heard = []
    second = run(place, students, listen=heard.append)
    finished = [event for event in heard if isinstance(event, Finished)]
    assert [(event.slug, event.number, event.taken_over) for event in finished] == [
        ("chen", 1, True), ("ada", 2, True), ("leave", 3, False),
    ]  # fmt: skip
    assert [one.student for one in second] == ["chen", "leave", "ada"]
    assert [one for one in second if one.student != "leave"] == [
        one for one in first if one.student != "leave"
    ]
    changed = {path.parent.name for path, stamp in stamps.items() if path.stat().st_mtime_ns != stamp}
    assert changed == {"leave"}


def test_a_resubmission_that_fails_keeps_no_old_points(place):
    """Where the grader ends on the new hand-in, no file tells of the old one's marks."""
    run(place, [submission_in(place, "ada")])
    again = dataclasses.replace(submission_in(place, "ada", "x = 2"), student="leave")
    (report,) = run(place, [again])
    assert (report.status, report.score) == ("incomplete", 0.0)
    assert '"score": 0.0' in (place / "grades/ada/result.json").read_text()
    assert ">3.5<" not in (place / "grades/ada/feedback.html").read_text()
    assert not (place / "grades/ada/executed.ipynb").exists()


@dataclasses.dataclass(frozen=True)
class FullDisk:
    """Writes as the real one does until the disk is full, at the ``last``-th file that is to reach it."""

    last: int

    def __call__(self, report, folder):
        """Write one report."""
        if multiprocessing.parent_process() is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real, written = os.fsync, []

        def fsync(number):
            written.append(number)
            if len(written) >= self.last:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real(number)

        os.fsync = fsync
        write_report(report, folder)


@pytest.mark.parametrize("last", [1, 2, 3, 4])
def test_a_full_disk(place, last):
    """Whichever file is the first too many, the submission says why, nothing is half there, and all is
    made good by the next run. The fourth is the record.
    """
    ada = submission_in(place)
    (report,) = run(place, [ada], write=FullDisk(last))
    assert report.status == "incomplete"
    assert "The disk that holds the results is full" in report.problem
    assert list((place / "grades/ada").iterdir()) == []
    assert not list((place / "grades/.labgrade").glob("records/*"))
    assert "No space left on device" in (place / "grades/.labgrade/log.txt").read_text()
    (report,) = run(place, [ada])
    assert (report.status, report.score) == ("graded", 3.5)
    assert take_all(records_for(settings_in(place)), [ada]) == {"ada": report}


def test_stopped_in_the_middle(place):
    """What was done when the run was stopped is taken over, and what was not is graded."""
    students = [submission_in(place, name) for name in ("ada", "hang", "bob")]

    def stop(event):
        if isinstance(event, Finished):
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stopped:
        run(place, students, listen=stop)
    done = {report.slug for report in stopped.value.reports}
    records: Records = records_for(settings_in(place))
    assert done and set(take_all(records, students)) >= done
