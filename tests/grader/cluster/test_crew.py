"""A crew whose cluster is made up: what is lost is begun again, but not for ever, and all are told."""

import dataclasses
import json

import pytest

from grader import batch
from grader.batch import Finished, PhaseChanged
from grader.cluster import crew as crews
from grader.cluster.carriers import Inline, SharedFolder
from grader.cluster.crew import ClusterCrew, Lost
from grader.cluster.grounds import own_ground
from grader.cluster.node import BEGUN
from grader.cluster.parcels import Outcome, outcome_of
from grader.records import Submission
from grader.resume import Records, code_hash
from tests.grader import fakes
from tests.grader.fakes import report_on, settings_for, students


class FakeCluster:
    """Grades at once, and ends as the student's name says; ``lost`` counts down to a success."""

    def __init__(self, folder, losses=0, outcome=None):
        self.folder, self.losses, self.outcome = folder, losses, outcome
        self.parcels, self.ended, self.told = [], [], {}

    def places(self):
        """None at all."""
        return 0

    def submit(self, parcel):
        """Note it."""
        self.parcels.append(parcel)
        self.told[parcel.key] = BEGUN
        return parcel.key

    def wait(self, tasks, timeout_s):
        """All but those that hang."""
        return {task for task in tasks if not task.startswith("hang")}

    def take(self, task):
        """A report, a given outcome, or a loss."""
        parcel = next(one for one in self.parcels if one.key == task)
        if self.losses > 0:
            self.losses -= 1
            raise Lost("its node ended")
        if self.outcome is not None:
            return self.outcome
        report = report_on(parcel.submission)
        fakes.write(report, self.folder / task)
        return outcome_of(
            report, self.folder / task, self.folder / "log", carrier=Inline(), same_packages=True
        )

    def phases(self):
        """Each is told once."""
        told, self.told = self.told, {}
        return told

    def end(self, tasks, patience_s):
        """Note it."""
        self.ended += tasks


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(crews, "PAUSE_S", 0.0)


def run(cluster, out, names=("ada", "bob"), records=None, carrier=None, submissions=None):
    """The reports, and what was heard."""
    heard = []
    crew = ClusterCrew(cluster, carrier or Inline(), "0", own_ground())
    reports = batch.grade_all(
        submissions or students(*names), settings_for(out), 2, heard.append, records=records, crew=crew
    )
    return reports, heard


def test_the_same_events_and_files(tmp_path):
    """Reports come in order, without notebooks; each has its events, and its files as a node wrote them."""
    reports, heard = run(FakeCluster(tmp_path / "node"), tmp_path / "out")
    assert [(report.student, report.status, report.executed) for report in reports] == [
        ("ada", "graded", None), ("bob", "graded", None),
    ]  # fmt: skip
    assert next(type(event).__name__ for event in heard if event.slug == "ada") == "Started"
    assert sorted(event.number for event in heard if isinstance(event, Finished)) == [1, 2]
    assert (tmp_path / "out" / "ada" / "result.json").read_text() == "graded"


def test_a_lost_task_is_begun_again(tmp_path):
    """A task that is lost costs a try, which the progress tells, and no result."""
    cluster = FakeCluster(tmp_path / "node", losses=2)
    reports, heard = run(cluster, tmp_path / "out", ["ada"])
    assert [report.status for report in reports] == ["graded"]
    phases = [event.phase for event in heard if isinstance(event, PhaseChanged)]
    assert "lost because its node ended; try 2 of 4" in phases
    assert "lost because its node ended; try 3 of 4" in phases
    assert len({parcel.key for parcel in cluster.parcels}) == 3


def test_tries_are_bounded(tmp_path):
    """What is lost again and again ends as incomplete, with its reason, and no other submission does."""
    reports, _ = run(FakeCluster(tmp_path / "node", losses=crews.TRIES), tmp_path / "out", ["ada"])
    assert reports[0].status == "incomplete"
    assert "begun 4 times and lost each time, at last because its node ended" in reports[0].problem
    assert (tmp_path / "out" / "ada" / "result.json").exists()


@pytest.mark.parametrize(("jobs", "most"), [(2, 2), (9, 3)], ids=["jobs", "places"])
def test_tasks_in_flight_are_bounded(tmp_path, jobs, most):
    """No more are sent than --jobs says, nor than the cluster has places for."""

    class Counting(FakeCluster):
        seen = 0

        def places(self):
            return 3

        def wait(self, tasks, timeout_s):
            Counting.seen = max(Counting.seen, len(tasks))
            return set(tasks[:1])

    crew = ClusterCrew(Counting(tmp_path / "node"), Inline(), "0", own_ground())
    batch.grade_all(students(*"abcdef"), settings_for(tmp_path / "out"), jobs, lambda _: None, crew=crew)
    assert Counting.seen == most


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(b"{}", (), b"", True),
        Outcome(b"not JSON", (), b"", True),
        Outcome(b"[" * 100_000, (), b"", True),
    ],
    ids=["no report", "no JSON", "deep"],
)
def test_an_answer_that_is_no_report(tmp_path, outcome):
    """What is no report costs that submission only, and leaves no traceback."""
    reports, _ = run(FakeCluster(tmp_path / "node", outcome=outcome), tmp_path / "out", ["ada"])
    assert reports[0].status == "incomplete"


def test_files_under_other_names_are_not_written(tmp_path):
    """A node's answer cannot write outside a student's folder, nor other files into it."""
    outcome = outcome_of(
        report_on(students("ada")[0]), tmp_path, tmp_path / "log", carrier=Inline(), same_packages=True
    )
    bad = dataclasses.replace(
        outcome, files=(("../bad.html", outcome_files(b"bad")), ("x.py", outcome_files(b"x")))
    )
    run(FakeCluster(tmp_path / "node", outcome=bad), tmp_path / "out", ["ada"])
    assert not (tmp_path / "out" / "bad.html").exists()
    assert list((tmp_path / "out" / "ada").iterdir()) == []


def outcome_files(data):
    from grader.cluster.carriers import Content

    return Content(len(data), (data,))


def test_records_for_the_next_run(tmp_path):
    """A result is noted, unless the node's packages differ or the hand-in changed meanwhile."""
    (tmp_path / "lab.ipynb").write_text("{}")
    submission = Submission("ada", "ada", tmp_path / "lab.ipynb")
    records = Records(tmp_path / "out", "ground", code_hash())
    run(FakeCluster(tmp_path / "node"), tmp_path / "out", records=records, submissions=[submission])
    assert records.take(submission) is not None

    class Other(FakeCluster):
        def take(self, task):
            return dataclasses.replace(super().take(task), same_packages=False)

    run(Other(tmp_path / "node2"), tmp_path / "out", records=records, submissions=[submission])
    assert records.take(submission) is None

    class Late(FakeCluster):
        def take(self, task):
            submission.notebook.write_text("{} ")
            return super().take(task)

    run(Late(tmp_path / "node3"), tmp_path / "out", records=records, submissions=[submission])
    assert records.take(submission) is None


def test_a_shared_folder_is_left_empty(tmp_path):
    """What travelled through a shared folder is gone when all is done."""
    (tmp_path / "lab.ipynb").write_text("{}")
    (tmp_path / "way").mkdir()
    carrier = SharedFolder(tmp_path / "way")
    cluster = FakeCluster(tmp_path / "node", losses=1)
    run(
        cluster,
        tmp_path / "out",
        carrier=carrier,
        submissions=[Submission("ada", "ada", tmp_path / "lab.ipynb")],
    )
    assert [type(parcel.contents[0].tickets[0]) for parcel in cluster.parcels] == [str, str]
    assert list((tmp_path / "way").iterdir()) == []


def test_a_hand_in_that_cannot_be_read(tmp_path):
    """Files that are gone cost their own submission alone."""
    gone = Submission("gone", "gone", tmp_path / "none.ipynb")
    reports, _ = run(FakeCluster(tmp_path / "node"), tmp_path / "out", submissions=[gone, *students("ada")])
    assert [report.status for report in reports] == ["incomplete", "graded"]
    assert "FileNotFoundError" in reports[0].problem


def test_stopping_ends_the_tasks(tmp_path):
    """When the listener breaks off, tasks are ended, and what is done is handed over."""
    cluster = FakeCluster(tmp_path / "node")

    def listen(event):
        if isinstance(event, PhaseChanged) and event.student == "hang":
            raise KeyboardInterrupt

    crew = ClusterCrew(cluster, Inline(), "0", own_ground())
    with pytest.raises(batch.Interrupted) as caught:
        batch.grade_all(students("ada", "hang"), settings_for(tmp_path / "out"), 1, listen, crew=crew)
    assert [report.student for report in caught.value.reports] == ["ada"]
    assert cluster.ended == ["hang/1"]


def test_what_a_node_logs_comes_back(tmp_path):
    """Tracebacks of our own faults on a node stand in the log beside the results."""

    class Logging(FakeCluster):
        def take(self, task):
            return dataclasses.replace(super().take(task), log=b"2026 ada: broke\n\n")

    run(Logging(tmp_path / "node"), tmp_path / "out", ["ada"])
    assert "ada: broke" in (tmp_path / "out" / ".labgrade" / "log.txt").read_text()


def test_reports_travel_as_json(tmp_path):
    """A report crosses as JSON text, so nothing of a student's is unpickled."""
    outcome = outcome_of(
        report_on(students("ada")[0]), tmp_path, tmp_path / "log", carrier=Inline(), same_packages=True
    )
    assert json.loads(outcome.report)["student"] == "ada"
