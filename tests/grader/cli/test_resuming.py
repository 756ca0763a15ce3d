"""``labgrade grade`` a second time: what it says about an earlier run, and what it does with it."""

import errno
import functools
import json
import os
import shutil
import signal
import threading
import time

import pytest

from grader import batch, cli, output
from grader.cli import options
from grader.housekeeping import only_run_in
from tests.grader import fakes


@pytest.fixture
def graded(tmp_path, monkeypatch):
    """A function that grades the class in ``class/`` and returns the exit status."""
    monkeypatch.chdir(tmp_path)
    quick = functools.partial(batch.grade_all, grade=fakes.grade, write=fakes.write)
    monkeypatch.setattr(batch, "grade_all", quick)
    monkeypatch.setattr(options, "settings_for", lambda out, **_: fakes.settings_for(out))
    return lambda *arguments: cli.run(["grade", "class", "--jobs", "1", *arguments])


def hand_in(folder, *names, source="{}"):
    """Notebooks of these students."""
    for name in names:
        (folder / "class" / name).mkdir(parents=True, exist_ok=True)
        (folder / "class" / name / "lab.ipynb").write_text(source)


def gradebook(folder):
    """The names in the gradebook."""
    return [
        line.partition(",")[0] for line in (folder / "grades" / "gradebook.csv").read_text().splitlines()[1:]
    ]


def test_a_second_run_takes_over(graded, capsys, tmp_path):
    """It says how many and how to avoid it, lists only what it grades, and shows the whole class."""
    hand_in(tmp_path, "ada", "bob")
    assert graded() == 0
    hand_in(tmp_path, "chen")
    capsys.readouterr()
    assert graded() == 0
    shown = capsys.readouterr()
    assert shown.err == "labgrade: 2 of 3 taken over from an earlier run; --no-cache grades all again\n"
    assert shown.out.startswith("[3/3] chen: graded 3.5 of 4 in 0 s\n")
    assert gradebook(tmp_path) == ["ada", "bob", "chen"]


def test_no_cache(graded, capsys, tmp_path):
    """With --no-cache all are graded again, and what comes of it is there for the next run."""
    hand_in(tmp_path, "ada")
    assert graded() == 0
    assert graded("--no-cache") == 0
    shown = capsys.readouterr()
    assert shown.out.count("[1/1] ada: graded") == 2 and shown.err == ""
    assert graded() == 0
    assert "1 of 1 taken over" in capsys.readouterr().err


def test_json_and_quiet(graded, capsys, tmp_path):
    """JSON lines tell of each that is taken over; nothing else is printed, and with --quiet nothing at all."""
    hand_in(tmp_path, "ada")
    assert graded("--quiet") == 0
    assert graded("--quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert graded("--json") == 0
    shown = capsys.readouterr()
    first, last = map(json.loads, shown.out.splitlines())
    assert (first["event"], first["slug"], first["taken_over"]) == ("finished", "ada", True)
    assert (last["event"], last["graded"]) == ("done", 1)
    assert shown.err == ""


def test_students_who_are_no_longer_there(graded, capsys, tmp_path):
    """Their files stay, and they are named and left out of the gradebook."""
    hand_in(tmp_path, "ada", "bob")
    assert graded() == 0
    shutil.rmtree(tmp_path / "class" / "bob")
    assert graded() == 0
    assert "grades also holds results of 1 not in this folder (bob)" in capsys.readouterr().err
    assert (tmp_path / "grades" / "bob" / "result.json").exists()
    assert gradebook(tmp_path) == ["ada"]


def test_two_runs_at_once(graded, capsys, tmp_path):
    """The second into the same folder is refused in one line and changes nothing."""
    hand_in(tmp_path, "ada")
    (tmp_path / "grades").mkdir()
    with only_run_in(tmp_path / "grades"):
        assert graded() == 2
    assert "is writing into grades: wait until it is done" in capsys.readouterr().err
    assert not (tmp_path / "grades" / "ada").exists()


def test_a_killed_run_shows_no_old_marks(graded, tmp_path, monkeypatch):
    """From its first moment the gradebook holds only what is known to be true, and so it stays if killed."""
    hand_in(tmp_path, "ada", "bob")
    assert graded() == 0
    hand_in(tmp_path, "bob", source="[]")
    (tmp_path / "grades" / ".index.html.1.0123456789abcdef.tmp").touch()
    seen = []
    monkeypatch.setattr(batch, "grade_all", lambda *_, **__: seen.append(gradebook(tmp_path)) or ())
    graded()
    assert seen == [["ada"]]
    assert not list((tmp_path / "grades" / "bob").iterdir())
    assert not list((tmp_path / "grades").glob(".index*"))


def signal_twice(event):
    if isinstance(event, batch.PhaseChanged) and event.phase == "deaf":
        for delay_s in (0.1, 0.4):
            threading.Timer(delay_s, os.kill, (os.getpid(), signal.SIGINT)).start()


def test_ctrl_c_twice(graded, capsys, tmp_path, monkeypatch):
    """The second ends at once, even while a child refuses to leave, and says how to go on."""
    hand_in(tmp_path, "stubborn")
    monkeypatch.setattr("grader.cli.progress.PlainDisplay.__call__", lambda _self, event: signal_twice(event))
    before = time.monotonic()
    assert graded() == 130
    assert time.monotonic() - before < 2.5  # the first alone would wait 3 s for the child
    assert capsys.readouterr().err == "labgrade: stopped at once; run the same command again to go on\n"


def test_a_full_disk_at_the_end(graded, capsys, tmp_path, monkeypatch):
    """Where the class's files cannot be written a sentence says so, with exit status 1; the next run mends it."""
    hand_in(tmp_path, "ada")
    real = output.write_atomically

    def full(path, text):
        if path.name == "gradebook.csv":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path, text)

    with monkeypatch.context() as disk:
        disk.setattr(output, "write_atomically", full)
        assert graded() == 1
    shown = capsys.readouterr()
    assert "could not be written (no space left on device); run the same" in shown.err
    assert "open grades" not in shown.out
    assert not (tmp_path / "grades" / "index.html").exists()
    assert graded() == 0
    assert "1 of 1 taken over" in capsys.readouterr().err
    assert gradebook(tmp_path) == ["ada"]
