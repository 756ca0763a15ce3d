"""A real Ray cluster of several nodes on this machine: nodes and processes end, and no result is lost."""

import os
import re
import signal
import socket
import sys
import threading
import time

import psutil
import pytest

from grader import batch, cli
from grader.batch import Finished, PhaseChanged
from grader.children import ECHO_S
from grader.cluster import crew as crews
from grader.cluster import joining, rays
from grader.errors import UsageProblem
from tests.grader.cluster.acts import grade
from tests.grader.fakes import settings_for, students, write

NODE = {"num_cpus": 1, "memory": 3 * 2**30, "object_store_memory": 80 * 2**20}


@pytest.fixture(scope="module")
def cluster():
    """A head that grades nothing, and two nodes with a core each."""
    utils = pytest.importorskip("ray.cluster_utils", reason="Ray, the optional extra cluster, is not here")
    started = utils.Cluster(
        initialize_head=True, head_node_args={**NODE, "num_cpus": 0, "include_dashboard": False}
    )
    for _ in range(2):
        started.add_node(**NODE, wait=False)
    started.wait_for_nodes()
    yield started
    started.shutdown()


@pytest.fixture
def settings(tmp_path):
    """Settings whose data are one file."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ascent.npy").write_text("data")
    return settings_for(tmp_path / "out", visible=tmp_path / "data")


def run(cluster, settings, *names, listen=lambda _: None, **more):
    """The reports of a class graded on the cluster, and what was heard."""
    heard = []

    def hear(event):
        heard.append(event)
        listen(event)

    with joining.crew_of(cluster.address, settings, **more) as crew:
        reports = batch.grade_all(students(*names), settings, 9, hear, grade=grade, write=write, crew=crew)
    return reports, heard


def phases(heard, slug):
    return [event.phase for event in heard if isinstance(event, PhaseChanged) and event.slug == slug]


def test_a_node_that_dies_costs_a_retry(cluster, settings):
    """With a node killed in the middle each submission has its result, and the progress tells of the retry."""
    begun = set()

    def listen(event):
        if isinstance(event, PhaseChanged) and event.phase == "begun on a node":
            begun.add(event.slug)
            if len(begun) == 2:  # one on each node
                cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)

    names = [f"slow-{number}" for number in range(4)]
    try:
        reports, heard = run(cluster, settings, *names, listen=listen)
    finally:
        cluster.add_node(**NODE)
    assert [(report.student, report.status) for report in reports] == [(name, "graded") for name in names]
    assert {report.note for report in reports} == {"ascent.npy"}
    told = [phase for name in names for phase in phases(heard, name)]
    assert [phase for phase in told if re.fullmatch("lost because its node.* ended; try 2 of 4", phase)]
    assert sorted(event.number for event in heard if isinstance(event, Finished)) == [1, 2, 3, 4]
    assert all((settings.out / name / "result.json").read_text() == "graded" for name in names)


def test_a_submission_that_kills_its_worker(cluster, settings, monkeypatch):
    """One that takes its worker with it each time is incomplete in the end, and costs no other its result."""
    monkeypatch.setattr(crews, "TRIES", 2)
    reports, _ = run(cluster, settings, "murder", "ada", "crash")
    assert [report.status for report in reports] == ["incomplete", "graded", "incomplete"]
    assert "begun 2 times and lost each time" in reports[0].problem
    assert "SIGSEGV" in reports[2].problem


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_stopping(cluster, settings, times, monkeypatch):
    """Ctrl-C ends the tasks with their processes and hands over what is done; the second time at once."""
    processes, done, asked = [], [], []
    own = rays.RayCluster._cancel

    def cancel(self, tasks, *, force):
        own(self, tasks, force=force)
        if times == 2 and not force:
            time.sleep(ECHO_S + 0.1)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)

    monkeypatch.setattr(rays.RayCluster, "_cancel", cancel)

    def send():
        asked.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    def listen(event):
        found = re.search(r"process (\d+)", getattr(event, "phase", ""))
        if found and event.slug == "hang":
            processes.append(int(found[1]))
        if isinstance(event, Finished):
            done.append(event.slug)
        if processes and done and not asked:
            threading.Thread(target=send).start()

    with pytest.raises(batch.Interrupted if times == 1 else KeyboardInterrupt) as caught:
        run(cluster, settings, "ada", "hang", listen=listen)
    if times == 1:
        assert [report.student for report in caught.value.reports] == ["ada"]
    assert time.monotonic() - asked[0] < 45
    assert gone(processes[0])


def gone(pid):
    """Whether the process has ended, or ends within five seconds."""
    for _ in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def test_through_a_shared_folder(cluster, settings, tmp_path):
    """With a folder named that all nodes see, files travel through it, and none stays there."""
    (tmp_path / "shared").mkdir()
    reports, _ = run(cluster, settings, "ada", folder=tmp_path / "shared")
    assert [report.status for report in reports] == ["graded"]
    assert (settings.out / "ada" / "result.json").read_text() == "graded"
    assert list((tmp_path / "shared").iterdir()) == []


def test_nodes_of_another_version(cluster, settings, monkeypatch):
    """Nodes that would not grade as this machine does are named before anything is graded."""
    ours = joining.own_ground()
    other = type(ours)("9.9", ours.code, ours.python, ours.judging, ours.packages)
    monkeypatch.setattr(joining, "own_ground", lambda: other)
    with pytest.raises(UsageProblem, match=r"\(\d+\.\d+\.\d+\.\d+\): labgrade .* instead of 9\.9"):
        run(cluster, settings, "ada")


def test_nodes_that_are_too_small(cluster, settings, monkeypatch):
    """Where a submission fits onto no node, that is said, instead of waiting for ever."""
    monkeypatch.setattr(rays, "Need", lambda: rays_need(2**40))
    with pytest.raises(UsageProblem, match=r"no node of the Ray cluster has a core and 1024 GiB"):
        run(cluster, settings, "ada")


rays_need = rays.Need


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("127.0.0.1:1", "no Ray cluster answers at 127.0.0.1:1"),
        ("ray://127.0.0.1:1", "no Ray cluster answers at ray://127.0.0.1:1"),
        ("no-such-host.invalid:6379", "no Ray cluster answers"),
        ("everywhere", "'everywhere' is no address"),
        ("http://a:1/b", "is no address"),
        ("host:99999", "no Ray cluster answers"),
    ],
)
def test_addresses_that_do_not_answer(tmp_path, capsys, monkeypatch, address, says):
    """An address at which nothing is costs a sentence with the cure and exit status 2, and no minute."""
    pytest.importorskip("ray", reason="Ray, the optional extra cluster, is not here")
    assert call(tmp_path, monkeypatch, "--ray", address) == 2
    told = capsys.readouterr().err
    assert says in told and "Traceback" not in told and told.count("\n") == 2


def test_a_server_of_another_kind(tmp_path, capsys, monkeypatch):
    """What answers and is no Ray is told from it, which Ray itself would take minutes to find out."""
    pytest.importorskip("ray", reason="Ray, the optional extra cluster, is not here")
    monkeypatch.setattr(rays, "ANSWER_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert call(tmp_path, monkeypatch, "--ray", address) == 2
    assert f"what answers at {address} is no Ray cluster" in capsys.readouterr().err


def test_without_ray(tmp_path, capsys, monkeypatch):
    """Where Ray is missing the message says how to install it."""
    monkeypatch.setitem(sys.modules, "ray", None)
    assert call(tmp_path, monkeypatch, "--ray", "auto") == 2
    assert "python -m pip install 'labgrade[cluster]'" in capsys.readouterr().err


def test_a_shared_folder_without_a_cluster(tmp_path, capsys, monkeypatch):
    """--shared alone is a mistake."""
    assert call(tmp_path, monkeypatch, "--shared", str(tmp_path)) == 2
    assert "name the cluster with --ray" in capsys.readouterr().err


def call(folder, monkeypatch, *arguments):
    """``labgrade grade`` on a class of one, without data."""
    monkeypatch.setattr("grader.cli.options.settings_for", lambda out, **_: settings_for(out))
    (folder / "class").mkdir()
    (folder / "class" / "ada.ipynb").write_text("{}")
    return cli.run(["grade", str(folder / "class"), "--out", str(folder / "grades"), *arguments])
